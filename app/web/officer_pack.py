"""The offline pack of `/officer/`: a page of public facts that a service worker keeps, and shows when the network does not.

It says when it was made and until when to rely on it, and has no capacity at all: without a network nobody can know whether
a bed is still free. The worker is confined to `/officer/`, asks the network first, and never keeps an answer to a question.
"""

import hashlib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from app.api.reference import LONDON
from app.api.state import Moment, moment_of
from app.api.strict import refuse_parameters
from app.directory.columns import ACCOMMODATION, CHILD_ROLES
from app.directory.records import PublicService
from app.directory.snapshot import Directory, Entry
from app.directory.wording import whom_words
from app.errors import NotFound
from app.web.officer import ASKED_BY, numbers_of, shown
from app.web.pages import TEMPLATES, overdue_since

router = APIRouter(include_in_schema=False)

HOLDS_FOR = timedelta(hours=24)
"""Numbers and hours change seldom; a pack of yesterday is better than none, and one of last week says that it is old."""
STATIC = Path(__file__).parent / "static"
FILES = {
    "officer.css": (STATIC / "officer" / "officer.css", "text/css"),
    "officer.js": (STATIC / "officer" / "officer.js", "text/javascript"),
    "ageing.js": (STATIC / "ageing.js", "text/javascript"),
    "icon.svg": (STATIC / "officer" / "icon.svg", "image/svg+xml"),
}
KEPT = ("/officer/offline", *(f"/officer/{name}" for name in FILES), "/officer/manifest.webmanifest")
"""What the worker keeps: made from the same list as the routes, so that none is forgotten."""


@router.get("/officer/offline")
async def offline_page(request: Request) -> Response:
    """Every public service that runs on one page, to be kept. Public facts only, whoever asks for it."""
    refuse_parameters(request)
    moment = moment_of(request)
    directory = moment.directory
    areas = directory.catalogue.areas
    boroughs = sorted(
        (areas[code] for code in areas.authorities_in(directory.home_area)), key=lambda area: area.name
    )
    cards = [
        _card(entry, moment, {area.code for area in boroughs})
        for entry in directory.catalogue.entries
        if entry.record.is_running
    ]
    return shown(
        moment,
        "officer_offline.html",
        until=(moment.now + HOLDS_FOR).astimezone(LONDON),
        boroughs=boroughs,
        needs=[
            term for one in directory.catalogue.texts.vocabulary if one.code == "need" for term in one.terms
        ],
        # A list is for ringing: what has no number stands last.
        services=sorted(cards, key=lambda card: (not card["phones"], card["service"].name.casefold())),
        children=sorted(
            (card for card in cards if card["service"].child_card_role is not None),
            key=lambda card: (card["child_role"], card["service"].name.casefold()),
        ),
        duties=[one for one in directory.catalogue.texts.guidance if one.audience == "officer"],
    )


@router.get("/officer/sw.js")
async def service_worker(request: Request) -> Response:
    """The worker, with the list of what it keeps and a version that moves when any of it does."""
    refuse_parameters(request)
    script = TEMPLATES.get_template("officer_sw.js").render(kept=KEPT, version=_version())
    # What a worker may fetch is said by its own policy, not by that of the page.
    policy = {"Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
    return Response(script, media_type="text/javascript", headers=policy)


@router.get("/officer/manifest.webmanifest")
async def manifest(request: Request) -> Response:
    """What a phone needs to put the page on its home screen, under a name that says nothing to others."""
    refuse_parameters(request)
    body = to_json(
        {
            "name": "Duty finder",
            "short_name": "Finder",
            "start_url": "/officer/",
            "scope": "/officer/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#2b3a67",
            "icons": [
                {
                    "src": "/officer/icon.svg",
                    "sizes": "any",
                    "type": "image/svg+xml",
                    "purpose": "any maskable",
                }
            ],
        }
    )
    return Response(body, media_type="application/manifest+json")


@router.get("/officer/{name}")
async def officer_file(request: Request, name: str) -> Response:
    """The few files of this room."""
    refuse_parameters(request)
    if name not in FILES:
        raise NotFound
    path, media_type = FILES[name]
    return Response(path.read_bytes(), media_type=media_type)


@lru_cache(maxsize=1)
def _version() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path, _ in FILES.values():
        digest.update(path.read_bytes())
    digest.update(TEMPLATES.get_template("officer_sw.js").render(kept=KEPT, version="").encode())
    return digest.hexdigest()


def _card(entry: Entry, moment: Moment, home: set[str]) -> dict[str, Any]:
    """One service of the saved list, with the way in for the police where there is one."""
    directory = moment.directory
    usable = entry.routes.usable_by(ASKED_BY, None)
    # One for everybody first: how old the person is, nobody asked.
    chosen = min(usable, key=lambda one: (one.age_group is not None, not one.is_usable), default=None)
    route = None if chosen is None else chosen.record
    via = directory.catalogue.service_through(route)
    return {
        "service": entry.record,
        "overdue_since": overdue_since(entry.record, moment.now),
        "boroughs": _boroughs(entry.record, directory, home),
        "who": whom_words(entry.record.eligibility),
        "route": route,
        "conditions": directory.catalogue.conditions_of(route),
        "for_others": route is None and bool(entry.routes.all),
        "via": via,
        "phones": numbers_of(entry.record, via),
        "child_role": CHILD_ROLES[entry.record.child_card_role],
        "sheltering": not ACCOMMODATION.isdisjoint(entry.record.needs),
    }


def _boroughs(record: PublicService, directory: Directory, home: set[str]) -> str:
    """Codes of the home boroughs that the service covers or may cover, for choosing in the browser."""
    if record.coverage.everywhere or record.coverage.polygons:
        return " ".join(sorted(home))
    areas, gazetteer = directory.catalogue.areas, directory.catalogue.gazetteer
    covered = {code for area in record.coverage.areas for code in areas.authorities_in(area.code)}
    for district in record.coverage.postcode_districts:
        covered |= {one.code for one in gazetteer.authorities_of_district(district)}
    return " ".join(sorted(covered & home))
