"""Every table of the directory, as SQLModel classes, one module per part of the domain."""

from app.models import capacity, guidance, history, locations, organizations, places, referral, services, taxonomies
from app.models.base import SQLModel

metadata = SQLModel.metadata

__all__ = [
    "capacity",
    "guidance",
    "history",
    "locations",
    "metadata",
    "organizations",
    "places",
    "referral",
    "services",
    "taxonomies",
]
