"""The parameters of OGC API Features: a box, a time, and which part of the list, as the standard writes them.

Source: OGC API – Features – Part 1: Core, version 1.0.1 (OGC 17-069r4), sections 7.15.2 to 7.15.5.
"""

import math
from datetime import datetime
from typing import Annotated

import shapely
from pydantic import BaseModel, ConfigDict, Field

from app.errors import FieldError, ValidationFailed

DEFAULT_LIMIT, MOST_FEATURES = 100, 1000

# [0-9], not \d, which takes the digits of every script.
_NUMBER = r"[+-]?([0-9]{1,20}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?"
_INSTANT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class ItemsQuery(BaseModel):
    """Which features of a collection."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    bbox: Annotated[
        str | None,
        Field(
            pattern=rf"^{_NUMBER}(,{_NUMBER}){{3}}((,{_NUMBER}){{2}})?$",
            max_length=300,
            description="Only features that touch this box: west, south, east, north in degrees (WGS84), or six numbers with "
            "heights, which are not looked at. West may be greater than east: then the box crosses 180°.",
        ),
    ] = None
    datetime: Annotated[
        str | None,
        Field(
            pattern=rf"^({_INSTANT}(/({_INSTANT}|\.\.)?)?|(\.\.)?/{_INSTANT})$",
            max_length=80,
            description="A moment or an interval (RFC 3339). No feature has a time of its own, so all of them match any.",
        ),
    ] = None
    limit: Annotated[
        int,
        Field(
            ge=1,
            description=f"Number of features. More than {MOST_FEATURES} are not sent at once, whatever is asked.",
        ),
    ] = DEFAULT_LIMIT
    offset: Annotated[int, Field(ge=0, description="Number of features to leave out at the beginning.")] = 0


def box_of(bbox: str) -> shapely.Geometry:
    """The box as a geometry in degrees; without area where two sides fall together. Raises ValidationFailed."""
    numbers = [float(part) for part in bbox.split(",")]
    west, south, *_, east, north = numbers[:2] + (numbers[2:4] if len(numbers) == 4 else numbers[3:5])
    if not all(math.isfinite(one) for one in numbers):
        raise _wrong("/bbox", "finite numbers are expected")
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise _wrong(
            "/bbox", "longitudes from -180 to 180 and latitudes from -90 to 90 are expected, longitude first"
        )
    if south > north:
        raise _wrong(
            "/bbox", "the second number is the southern edge, and the last but heights the northern one"
        )
    if west > east:
        return shapely.union(_rectangle(west, south, 180, north), _rectangle(-180, south, east, north))
    return _rectangle(west, south, east, north)


def _rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    # A polygon without area is not valid, and nothing touches it.
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def check_datetime(text: str) -> None:
    """Raise ValidationFailed for a day that is in no calendar, and for an interval that ends before it begins."""
    try:
        moments = [datetime.fromisoformat(part.upper()) for part in text.split("/") if part not in ("", "..")]
        in_order = moments == sorted(moments)
    except (ValueError, OverflowError):
        raise _wrong(
            "/datetime", "a moment with offset, or two with / between them, is expected (RFC 3339)"
        ) from None
    if not in_order:
        raise _wrong("/datetime", "the interval ends before it begins")


def _wrong(pointer: str, detail: str) -> ValidationFailed:
    return ValidationFailed(errors=(FieldError(pointer, detail),))
