"""Moments that people and machines send: RFC 3339 with seconds and offset, and nothing else that looks like one."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _only_rfc_3339(value: object) -> object:
    # Pydantic also reads a number, or the digits of one, as seconds since 1970: nobody means that here.
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise ValueError("a date and time with offset is expected (RFC 3339)")


def _of_this_century(moment: datetime) -> datetime:
    # Arithmetic at the ends of the calendar overflows, and a report of the year 9999 would never expire.
    if not 2020 <= moment.year <= 2099:
        raise ValueError("a moment between 2020 and 2099")
    return moment


Instant = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_only_rfc_3339), AfterValidator(_of_this_century)
]
"""A moment as RFC 3339 writes it, between 2020 and 2099."""
