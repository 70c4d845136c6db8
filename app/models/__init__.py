"""Every table of the directory, as SQLModel classes, one module per part of the domain."""

from sqlmodel import SQLModel

from app.models import (
    access,
    audit,
    calls,
    capacity,
    confidentiality,
    curation,
    guidance,
    history,
    imports,
    locations,
    organizations,
    places,
    proposals,
    referral,
    reminders,
    services,
    taxonomies,
)

metadata = SQLModel.metadata

__all__ = [
    "access",
    "audit",
    "calls",
    "capacity",
    "confidentiality",
    "curation",
    "guidance",
    "history",
    "imports",
    "locations",
    "metadata",
    "organizations",
    "places",
    "proposals",
    "referral",
    "reminders",
    "services",
    "taxonomies",
]
