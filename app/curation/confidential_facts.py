"""What a submission may not say where a service is confidential (SAFETY.md, promise 1), refused before anything is stored."""

from collections.abc import Collection, Iterator

from app.curation.submissions import OrganizationSubmission, ServiceSubmission, texts_of
from app.directory.confidentiality import require_unlocatable
from app.errors import ConfidentialFact, FieldError
from app.geo.areas import Areas

WITHOUT_PROSE = frozenset(
    {
        "areas", "closes_at", "confirmed_on", "host_area", "identifiers", "key", "locations", "narrow_coverage_consent_on",
        "number", "opens_at", "phone", "polygons", "postcode_districts", "response_time", "review_by", "valid_from",
        "valid_to", "via_service",
    }
)  # fmt: skip
"""Members whose own types leave no room for an address, or that are looked at one by one below."""

TRAVELLING_NUMBER = "a mobile, 03 or freephone number: a local one leads to the town"


def require_confidential(submission: OrganizationSubmission, areas: Areas, *, runs_refuge: bool) -> None:
    """Raise ConfidentialFact, naming each field, where a confidential service could be located by what is said.

    The texts of the organization and of its other services count as well: a refuge is found through the house that runs
    it. Only a place or number that is marked a public office may say where the organization is. `runs_refuge`: a
    confidential service of it is stored, whether or not the submission has one. Areas are known ones.
    """
    confidential = [
        (f"/services/{position}", service)
        for position, service in enumerate(submission.services)
        if service.confidential
    ]
    if not confidential and not runs_refuge:
        return
    wrong = tuple(error for at, service in confidential for error in _locating_fields(service, at, areas))
    if wrong:
        raise ConfidentialFact(errors=wrong)
    require_unlocatable({pointer: text for pointer, text in texts_of(submission) if _is_prose(pointer)})


def require_ways_unlocatable(submission: OrganizationSubmission, refuges: Collection[str]) -> None:
    """Raise ConfidentialFact, naming each field, where a way in that leads through a confidential service says where that is:
    it bears the name of the refuge, whoever's it is. `refuges` are keys of confidential services.
    """
    require_unlocatable(
        {
            f"/services/{position}/routes/{number}{pointer}": text
            for position, service in enumerate(submission.services)
            for number, route in enumerate(service.routes)
            if route.via_service in refuges
            for pointer, text in texts_of(route)
            if _is_prose(pointer)
        }
    )


def _locating_fields(service: ServiceSubmission, at: str, areas: Areas) -> Iterator[FieldError]:
    if service.host_area is None or not areas.is_wide(service.host_area):
        yield FieldError(f"{at}/host_area", "a police force area, region or country of several councils")
    elif service.narrow_coverage_consent_on is None:
        for position in _narrow_areas(service, areas):
            expected = "areas that together cover the host area, or the provider's consent to narrower ones"
            yield FieldError(f"{at}/coverage/areas/{position}", expected)
    for position, _ in enumerate(service.locations):
        yield FieldError(f"{at}/locations/{position}", "no place: a confidential service has no location")
    for name in ("postcode_districts", "polygons"):
        if getattr(service.coverage, name):
            yield FieldError(
                f"{at}/coverage/{name}", "none of these: a confidential service covers whole areas only"
            )
    if service.counts_public:
        yield FieldError(
            f"{at}/counts_public", "`false`: the counts of a confidential service are not public"
        )
    yield from _contact_fields(service, at)


def _contact_fields(service: ServiceSubmission, at: str) -> Iterator[FieldError]:
    for position, phone in enumerate(service.phones):
        if phone.number.is_geographic:
            yield FieldError(f"{at}/phones/{position}/number", TRAVELLING_NUMBER)
    for position, route in enumerate(service.routes):
        if route.phone is not None and route.phone.is_geographic:
            yield FieldError(f"{at}/routes/{position}/phone", TRAVELLING_NUMBER)
        if route.channel == "walk_in":
            yield FieldError(
                f"{at}/routes/{position}/channel", "another channel: nobody walks in to a confidential place"
            )


def _narrow_areas(service: ServiceSubmission, areas: Areas) -> list[int]:
    """Positions of covered areas that touch the host area, where together they are only a part of it."""
    host = areas.authorities_in(service.host_area) if service.host_area else frozenset()
    touching = {
        position: areas.authorities_in(code) & host
        for position, code in enumerate(service.coverage.areas)
        if areas.authorities_in(code) & host
    }
    return [] if frozenset().union(*touching.values()) == host else list(touching)


def _is_prose(pointer: str) -> bool:
    return WITHOUT_PROSE.isdisjoint(pointer.split("/"))
