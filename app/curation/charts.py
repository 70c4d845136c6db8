"""Two charts for a page that runs no script and loads nothing: bars as SVG, and the tint of a cell in a heat table.

Colour never says anything alone: every bar bears its number, every cell its text, and the SVG has a title and a description
that say the same in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from markupsafe import Markup

_LABEL_WIDTH, _BAR_WIDTH, _ROW_HEIGHT = 230, 300, 28
_CHARACTERS = 32
"""As many as fit into the width of a label."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A label, its number, and the class that colours it (`good`, `ageing`, `bad`, `plain`)."""

    label: str
    value: int
    kind: str = "plain"


def bar_chart(title: str, bars: Sequence[Bar], *, ids: "count[int]") -> Markup:
    """Horizontal bars, one under the other. `ids` numbers the charts of a page, so that each is described by its own words."""
    number = next(ids)
    most = max((bar.value for bar in bars), default=0) or 1
    height = _ROW_HEIGHT * len(bars) + 8
    width = _LABEL_WIDTH + _BAR_WIDTH + 60
    rows = Markup("").join(_row(bar, position, most) for position, bar in enumerate(bars))
    words = "; ".join(f"{bar.label}: {bar.value}" for bar in bars) or "nothing to show"
    return Markup(
        '<svg role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-labelledby="chart-{n}-title chart-{n}-words">'
        '<title id="chart-{n}-title">{title}</title><desc id="chart-{n}-words">{words}</desc>{rows}</svg>'
    ).format(w=width, h=height, n=number, title=title, words=words, rows=rows)


def _row(bar: Bar, position: int, most: int) -> Markup:
    top = position * _ROW_HEIGHT + 4
    length = round(bar.value / most * _BAR_WIDTH)
    return Markup(
        '<text x="0" y="{middle}">{label}</text>'
        '<rect class="{kind}" x="{left}" y="{top}" width="{length}" height="{height}"/>'
        '<text x="{end}" y="{middle}">{value}</text>'
    ).format(
        label=_short(bar.label),
        kind=bar.kind,
        left=_LABEL_WIDTH,
        top=top,
        length=length,
        height=_ROW_HEIGHT - 8,
        middle=top + 15,
        end=_LABEL_WIDTH + length + 8,
        value=bar.value,
    )


def _short(label: str) -> str:
    return label if len(label) <= _CHARACTERS else f"{label[: _CHARACTERS - 1]}…"


def tint(free: int, services: int) -> str:
    """The class of a heat table's cell: `none` of all, `full`, then four steps of the share that is free."""
    if not services:
        return "none"
    if not free:
        return "full"
    return f"share-{min(4, 1 + 4 * free // (services + 1))}"
