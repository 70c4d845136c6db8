"""The insight as one page to read, print and pass on: complete in itself, without script, loading nothing from anywhere."""

import base64
import hashlib
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.curation.charts import Bar, bar_chart, tint
from app.curation.insight_shapes import Insight

_HERE: Final = Path(__file__).parent / "templates"
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_LONDON: Final = ZoneInfo("Europe/London")
_CALLS_SHOWN: Final = 10


def report_html(insight: Insight) -> tuple[str, str]:
    """(page, its Content-Security-Policy). The page has the policy in it too, for when it is a file on somebody's disk."""
    style = (_HERE / "insight.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    in_page = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ids = count(1)
    fresh = insight.freshness
    page = _TEMPLATES.get_template(
        "insight.html"
    ).render(
        insight=insight,
        style=Markup(style),  # noqa: S704 - a file of our own, which the policy names by its hash
        policy=in_page,
        tint=tint,
        when=_when,
        freshness_chart=bar_chart(
            "Capacity figures by freshness",
            [
                Bar("Fresh", fresh.fresh, "good"),
                Bar("Ageing", fresh.ageing, "ageing"),
                Bar("Expired", fresh.expired, "bad"),
                Bar("Never reported", fresh.never_reported, "bad"),
            ],
            ids=ids,
        ),
        needs_chart=bar_chart(
            "Boroughs without any service, by need",
            [
                Bar(row.name, missing, "bad")
                for row in insight.board
                if (missing := sum(cell.mark == "!!" for cell in row.cells))
            ],
            ids=ids,
        ),
        calls_chart=bar_chart(
            "Calls in vain in thirty days, by service",
            [
                Bar(one.service_name, one.no_answer + one.wrong_number, "bad")
                for one in insight.calls[:_CALLS_SHOWN]
                if one.no_answer + one.wrong_number
            ],
            ids=ids,
        ),
    )
    # A frame is nothing that a page can forbid from within itself.
    return page, f"{in_page}; frame-ancestors 'none'"


def _when(moment: datetime) -> str:
    """In civil time of England: "25 November 2026, 10:20"."""
    local = moment.astimezone(_LONDON)
    return f"{local.day} {local:%B %Y, %H:%M}"
