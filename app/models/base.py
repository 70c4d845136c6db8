"""What every table shares: the naming convention of constraints, identifiers, and code lists as CHECKs.

Names of constraints are fixed before the first table is declared, so that migrations can name what they drop on
both databases.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Identified(SQLModel):
    """A row named by a random UUID, so that ids tell nothing about order or number."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)


def now_utc() -> datetime:
    return datetime.now(UTC)


def one_of(column: str, codes: Iterable[str]) -> CheckConstraint:
    """The column holds one of the codes (or null, where the column allows it)."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_code")


def check(name: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)


def begins_like_a_landline(column: str) -> str:
    """SQL: whether a number (E.164) is a British landline, 01 or 02 (Ofcom, National Telephone Numbering Plan)."""
    return f"substr({column}, 1, 4) IN ('+441', '+442')"


def belongs_to_service() -> ForeignKeyConstraint:
    """Ties a row to its service *and* to the service's confidentiality.

    `service_confidential` follows the service by ON UPDATE CASCADE, so a CHECK in the row's own table can refuse what a
    confidential service may not have, and a service that still has it cannot be flagged (SAFETY.md, promise 1).
    """
    return ForeignKeyConstraint(
        ["service_id", "service_confidential"],
        ["service.id", "service.confidential"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    )
