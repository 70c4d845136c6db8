"""Dated texts: duties and prompts, and the numbers that stand in every answer."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.models.base import Identified, check, one_of
from app.models.codes import AUDIENCES


class Guidance(Identified, table=True):
    """A duty or prompt with its source and the day by which it has to be looked at again."""

    __tablename__ = "guidance"
    __table_args__ = (
        UniqueConstraint("slug"),
        one_of("audience", AUDIENCES),
        check("reviewed_after_confirmed", "review_by >= confirmed_on"),
    )

    slug: str = Field(max_length=80)
    audience: str = Field(max_length=20)
    position: int = 0
    title: str = Field(max_length=200)
    body: str
    source: str = Field(max_length=500)
    source_url: str | None = Field(default=None, max_length=2000)
    confirmed_on: date
    review_by: date


class Helpline(Identified, table=True):
    """A number of the `always` list, which stands in every search answer and every search problem."""

    __tablename__ = "helpline"
    __table_args__ = (
        UniqueConstraint("name"),
        check("reviewed_after_confirmed", "review_by >= confirmed_on"),
    )

    position: int
    name: str = Field(max_length=200)
    phone: str = Field(max_length=40)
    description: str | None = Field(default=None, max_length=500)
    source: str = Field(max_length=500)
    source_url: str | None = Field(default=None, max_length=2000)
    confirmed_on: date
    review_by: date
