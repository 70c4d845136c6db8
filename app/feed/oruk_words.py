"""What the standard has only prose for, said in plain words where the service has not written any itself.

HSDS has one text for how to apply, one for whom a service is, one for interpreters. Consumers that know no extension show
these; a reader that knows them is told by `x_composed_fields` that the words are ours.
"""

from collections.abc import Iterator, Mapping

from app.directory.records import PublicEligibility, PublicRoute, PublicService, is_written_to
from app.directory.snapshot import Catalogue
from app.directory.wording import ACCEPTED_WORDS

INTERPRETER = {"yes": "An interpreter can be had.", "no": "There are no interpreters."}

_SEX = {"women": "For women.", "men": "For men.", "any": "For people of any sex."}


def application_process(record: PublicService, catalogue: Catalogue) -> str | None:
    """Every route as a numbered line; None where no route is known."""
    lines = (
        f"{number}. {_route_in_words(route, catalogue)}"
        for number, route in enumerate(record.referral_routes, start=1)
    )
    return "\n".join(lines) or None


def _route_in_words(route: PublicRoute, catalogue: Catalogue) -> str:
    names = catalogue.term_names
    parts = [f"{route.name}."]
    if route.channel == "via_service" and route.via_service_id is not None:
        row = catalogue.row_of.get(route.via_service_id)
        if row is not None:
            via = catalogue.entries[row].record
            rung = [one.number for one in via.phones if not is_written_to(one.phone_type)]
            parts.append(f"Through {', '.join([via.name, *rung[:1]])}.")
    else:
        channel = names.get("channel", {}).get(route.channel, route.channel)
        parts.append(f"{channel}: {route.contact}." if route.contact else f"{channel}.")
    if route.referrers:
        parts.append(f"For: {_listed(route.referrers, names.get('referrer', {}))}.")
    if route.stages and "any" not in route.stages:
        parts.append(
            f"At this stage: {'; or '.join(names.get('stage', {}).get(one, one) for one in route.stages)}."
        )
    if route.age_group is not None:
        parts.append("Adults only." if route.age_group == "adult" else "Under 18 only.")
    if route.consent is not None:
        parts.append(f"{names.get('consent', {}).get(route.consent, route.consent)}.")
    return " ".join(parts)


def _listed(codes: tuple[str, ...], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(code, code) for code in codes)


def eligibility_description(eligibility: PublicEligibility) -> str | None:
    """Whom the service accepts, as far as that is known."""
    return " ".join(_eligibility_in_words(eligibility)) or None


def _eligibility_in_words(eligibility: PublicEligibility) -> Iterator[str]:
    if eligibility.sex_accepted is not None:
        yield _SEX[eligibility.sex_accepted]
    lowest, highest = eligibility.minimum_age, eligibility.maximum_age
    if lowest is not None and highest is not None:
        yield f"Aged {lowest} to {highest}."
    elif lowest is not None:
        yield f"Aged {lowest} or over."
    elif highest is not None:
        yield f"Aged {highest} or under."
    for name, (said_yes, said_no) in ACCEPTED_WORDS.items():
        answer = getattr(eligibility, name)
        if answer != "ask":
            yield said_yes if answer == "yes" else said_no
