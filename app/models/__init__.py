"""Every table of the directory, as SQLModel classes, one module per part of the domain."""

from sqlmodel import SQLModel

from app.models import (
    capacity,
    confidentiality,
    guidance,
    history,
    locations,
    organizations,
    places,
    referral,
    reminders,
    services,
    taxonomies,
)

metadata = SQLModel.metadata

__all__ = [
    "capacity",
    "confidentiality",
    "guidance",
    "history",
    "locations",
    "metadata",
    "organizations",
    "places",
    "referral",
    "reminders",
    "services",
    "taxonomies",
]
