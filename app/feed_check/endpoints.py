"""The lists of Open Referral UK 3.0, what their records are, and how much the standard asks for each."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A list at `path` with whole records at `path/{id}`, of a kind of `app.feed_check.fields`."""

    path: str
    kind: str
    status: Literal["required", "recommended", "optional"]

    @property
    def of_one(self) -> str:
        return f"{self.path}/{{id}}"


SERVICES = Endpoint("/services", "service", "required")
SERVICE_AT_LOCATIONS = Endpoint("/service_at_locations", "service_at_location", "recommended")
TAXONOMIES = Endpoint("/taxonomies", "taxonomy", "recommended")
TAXONOMY_TERMS = Endpoint("/taxonomy_terms", "taxonomy_term", "recommended")
ORGANIZATIONS = Endpoint("/organizations", "organization", "optional")

ENDPOINTS = (SERVICES, SERVICE_AT_LOCATIONS, TAXONOMIES, TAXONOMY_TERMS, ORGANIZATIONS)
"""`/organizations` belongs to HSDS; the profile for the United Kingdom leaves it out, so it is read where it is served."""
