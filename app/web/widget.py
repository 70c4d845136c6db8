"""`/widget/…`: the widget's script and words for other people's pages, the page that explains it, and a page that has it.

Its script is open to every page and is kept by no cookie, no storage and no third party; what it asks for is the public
snapshot, the same for everybody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from app.api.conditional import accepts_gzip, gzipped, tagged
from app.api.state import Moment, moment_of
from app.api.strict import refuse_parameters
from app.directory.texts import AlwaysLine
from app.errors import NotFound
from app.geo.attribution import attribution
from app.web.catalogues import Catalogues, read_catalogues
from app.web.pages import HERE, TEMPLATES
from app.web.widget_script import PINNED_NAME, WidgetScript, make_script, read_earlier

router = APIRouter(include_in_schema=False)

FOLDER = HERE / "static" / "widget"
NEWEST = "public, max-age=300, stale-while-revalidate=86400"
"""A fix reaches every page within minutes, and a page does not wait for the question whether there is one."""
FOR_EVER = "public, max-age=31536000, immutable"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
BRANDS = ("#2b3a67", "#00703c", "#5b2a6e", "#7a1f2b")
LINKS = ("#1a4a8a", "#00563b", "#5b2a6e", "#7a1f2b")
"""Colours to choose from in the builder: each is readable on white and under white (WCAG 2.2, 1.4.3), as a test checks."""


@dataclass(frozen=True, slots=True)
class Released:
    """What is served: the newest script, every script by its pinned name, and the languages."""

    newest: WidgetScript
    pinned: Mapping[str, WidgetScript]
    catalogues: Catalogues


@cache
def released(folder: Path = FOLDER) -> Released:
    """Read once: it changes with a release only."""
    catalogues = read_catalogues(folder / "messages")
    newest = make_script((folder / "widget.js").read_text(encoding="utf-8"), catalogues)
    pinned = {**read_earlier(folder / "earlier"), newest.pinned_name: newest}
    return Released(newest, pinned, catalogues)


def fallback(host: str, always: Iterable[AlwaysLine]) -> str:
    """What stands inside the element for browsers without scripts, and when the service cannot be reached: HTML to copy."""
    lines = [
        f'  <p>{escape(line.name)}: <a href="tel:{line.phone.replace(" ", "")}">{escape(line.phone)}</a></p>'
        for line in always
    ]
    return "\n".join([*lines, f'  <p><a href="{host}/find">Find support</a></p>'])


@router.get("/widget/{name}")
async def widget_script(request: Request, name: str) -> Response:
    """`v1.js`, which is always the newest, or `v1.<sha>.js`, which never changes."""
    refuse_parameters(request)
    if name == "v1.js":
        return _script(request, released().newest, kept=NEWEST)
    script = released().pinned.get(name) if PINNED_NAME.fullmatch(name) else None
    if script is None:
        raise NotFound
    return _script(request, script, kept=FOR_EVER)


def _script(request: Request, script: WidgetScript, *, kept: str) -> Response:
    packed = accepts_gzip(request)
    return tagged(
        request,
        _compressed(script) if packed else script.body,
        media_type="text/javascript",
        kept=kept,
        encoding="gzip" if packed else None,
    )


@cache
def _compressed(script: WidgetScript) -> bytes:
    return gzipped(script.body)


@router.get("/widget/v1/messages/{language}")
async def widget_messages(request: Request, language: str) -> Response:
    """The words of one reviewed language; the others are not there."""
    refuse_parameters(request)
    catalogue = released().catalogues.offered.get(language)
    if catalogue is None:
        raise NotFound
    return tagged(request, to_json(catalogue), media_type="application/json", kept=NEWEST)


@router.get("/widget")
async def widget_page(request: Request) -> Response:
    """How to have the widget on a page of one's own: snippets to copy, a live preview, accessibility.

    As on all pages, marks that others put on the link are not looked at.
    """
    moment = moment_of(request)
    catalogue = moment.directory.catalogue
    needs = next((one.terms for one in catalogue.texts.vocabulary if one.code == "need"), ())
    return _page(request, moment, "widget.html", needs=needs, brands=BRANDS, links=LINKS)


@router.get("/demo")
async def demo_page(request: Request) -> Response:
    """An invented page of a commissioner's, with the widget in it as others embed it."""
    return _page(request, moment_of(request), "demo.html")


def _page(request: Request, moment: Moment, template: str, **named: Any) -> Response:
    directory, release = moment.directory, released()
    areas, host = directory.catalogue.areas, request.app.state.public_url
    inside = fallback(host, directory.catalogue.texts.always)
    newest = f'<script src="{host}/widget/v1.js" async referrerpolicy="no-referrer"></script>'
    pinned = (
        f'<script src="{host}/widget/{release.newest.pinned_name}" async crossorigin="anonymous"\n'
        f'  integrity="{release.newest.integrity}"></script>'
    )
    page = TEMPLATES.get_template(template).render(
        host=host,
        inside=inside,
        newest=newest,
        pinned=pinned,
        languages=release.catalogues.offered,
        always=directory.catalogue.texts.always,
        home=areas[directory.home_area],
        boroughs=sorted(
            (areas[code] for code in areas.authorities_in(directory.home_area)), key=lambda one: one.name
        ),
        demonstration=directory.demonstration,
        attribution=attribution(directory.catalogue.gazetteer.edition.attribution_year),
        **named,
    )
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": POLICY})
