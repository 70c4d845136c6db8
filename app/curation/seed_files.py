"""The files in `seed_data/`, read and checked: what the directory knows before anybody has told it anything.

Whether a record may be published is decided in `publishing`, as for everything else that comes in. Here: the form of
every file, and that what one file names stands in another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from app.curation.submissions import RECORD_KEY, Code, OrganizationSubmission, Submission
from app.curation.yaml_files import read_yaml
from app.directory.contact_points import PublicUrl, parse_phone
from app.directory.freshness import NO_PLACE
from app.directory.plain_text import Line, Name, Paragraphs
from app.errors import FieldError, ImportRejected, InvalidInput

SOURCE = "seed"
"""Whose records they are in the directory: the real organizations, the vocabulary and the lists. The examples' are their own."""

Key = Annotated[str, Field(pattern=RECORD_KEY)]
Hours = Annotated[float, Field(ge=0, le=24 * 366)]
PrintedPhone = Annotated[str, Field(max_length=40), AfterValidator(lambda text: parse_phone(text).national)]
"""A telephone number by the rules of `contact_points`, as it is printed."""


class TermSubmission(Submission):
    """A code with its definition. `parent` is a broader code of the same list."""

    # HSDS has one code with a space, "temporarily closed".
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_ ]{0,59}$")]
    name: Name
    description: Line
    parent: Code | None = None


class TaxonomySubmission(Submission):
    """A code list; a term stands after its parent."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Name
    description: Paragraphs
    uri: PublicUrl | None = None
    terms: tuple[TermSubmission, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        known: set[str] = set()
        for term in self.terms:
            if term.code in known:
                raise ValueError("a code stands once in a list")
            if term.parent is not None and term.parent not in known:
                raise ValueError("a parent stands before its terms")
            known.add(term.code)
        return self


class DatedFact(Submission):
    """What has a source, the day on which the source was read, and the day by which it has to be read again."""

    source: Line
    source_url: PublicUrl | None = None
    confirmed_on: date
    review_by: date

    @model_validator(mode="after")
    def _reviewed_after_confirmed(self) -> Self:
        if self.review_by < self.confirmed_on:
            raise ValueError("review_by is not before confirmed_on")
        return self


class GuidanceSubmission(DatedFact):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    audience: Literal["visitor", "officer", "professional"]
    position: Annotated[int, Field(ge=1, le=999, strict=True)]
    title: Name
    body: Paragraphs


class HelplineSubmission(DatedFact):
    """A number of the `always` list."""

    position: Annotated[int, Field(ge=1, le=99, strict=True)]
    name: Name
    phone: PrintedPhone
    description: Line | None = None


class FirstResponderSubmission(DatedFact):
    """A body, or kind of body, that may refer to the NRM. `organization` is the key of one of our organizations."""

    name: Name
    category: Literal["statutory", "non_statutory"]
    organization: Key | None = None


class ExampleCapacity(Submission):
    """An invented figure, with times relative to the moment of seeding so that a demonstration is always fresh."""

    service: Key
    unit: Literal[
        "bed_space", "household_unit", "caseworker_place", "appointment", "class_place", "call_line"
    ]
    applies_to: Literal["anyone", "women", "men", "families", "children"]
    status: Literal[
        "accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown"
    ]
    available: Annotated[int, Field(ge=0, le=10_000, strict=True)] | None = None
    maximum: Annotated[int, Field(ge=0, le=10_000, strict=True)] | None = None
    waits_days: Annotated[int, Field(ge=0, le=3650, strict=True)] | None = None
    observed_hours_ago: Hours
    valid_for_hours: Annotated[Hours, Field(gt=0)]
    source: Literal["key", "page", "telephone", "import"]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.available is not None and self.maximum is not None and self.available > self.maximum:
            raise ValueError("available is not more than maximum")
        if self.available == 0 and self.status in ("accepting", "limited"):
            raise ValueError("with none available the status is neither accepting nor limited")
        if self.available and self.status in NO_PLACE:
            raise ValueError("with a status by which nobody is taken, none is available")
        return self


@dataclass(frozen=True, slots=True)
class Seed:
    """Everything in `seed_data/`, apart from areas."""

    organizations: tuple[OrganizationSubmission, ...]
    examples: tuple[OrganizationSubmission, ...]
    example_capacity: tuple[ExampleCapacity, ...]
    vocabulary: tuple[TaxonomySubmission, ...]
    guidance: tuple[GuidanceSubmission, ...]
    helplines: tuple[HelplineSubmission, ...]
    first_responders: tuple[FirstResponderSubmission, ...]


def read_seed(folder: Path) -> Seed:
    """Every seed file under `folder`, each read and checked, and then against each other.

    Raises ImportRejected naming the file and the field, or the key that nothing stands behind.
    """
    organizations = read_organizations(folder / "organizations")
    examples = read_organizations(folder / "examples")
    seed = Seed(
        organizations=organizations,
        examples=examples,
        example_capacity=read_example_capacity(folder / "example_capacity.yaml"),
        vocabulary=read_vocabulary(folder / "vocabulary.yaml"),
        guidance=read_guidance(folder / "guidance.yaml"),
        helplines=read_helplines(folder / "helplines.yaml"),
        first_responders=read_first_responders(folder / "first_responders.yaml"),
    )
    _once("organizations and examples", _keys(organizations) + _keys(examples))
    _known(
        "first_responders.yaml: /organization",
        (one.organization for one in seed.first_responders if one.organization is not None),
        {one.key for one in organizations},
    )
    _known(
        "example_capacity.yaml: /service",
        (one.service for one in seed.example_capacity),
        {service.key for one in examples for service in one.services},
    )
    return seed


def read_organizations(folder: Path) -> tuple[OrganizationSubmission, ...]:
    """The organizations in a folder, one to a file named by its key, in the order of their keys.

    Raises ImportRejected when a file is not of the form, is not named by its key, when two records have one key, or
    when a referral route leads through a service that is not in the folder.
    """
    found = []
    for path in sorted(folder.glob("*.yaml")):
        organization = _checked(path, TypeAdapter(OrganizationSubmission))
        if organization.key != path.stem:
            raise _rejected(path.name, "/key", "the name of the file without .yaml")
        found.append(organization)
    if not found:
        raise ImportRejected(f"{folder.name}: there is no .yaml file in that folder")
    _once(folder.name, _keys(found))
    services = {service.key for organization in found for service in organization.services}
    for organization in found:
        for position, service in enumerate(organization.services):
            for number, route in enumerate(service.routes):
                if route.via_service is not None and route.via_service not in services:
                    at = f"/services/{position}/routes/{number}/via_service"
                    raise _rejected(f"{organization.key}.yaml", at, "the key of a service in this folder")
    return tuple(found)


def read_vocabulary(path: Path) -> tuple[TaxonomySubmission, ...]:
    """The code lists, in their order. Raises ImportRejected."""
    taxonomies = _checked(path, TypeAdapter(tuple[TaxonomySubmission, ...]))
    _once(path.name, [one.code for one in taxonomies])
    return taxonomies


def read_guidance(path: Path) -> tuple[GuidanceSubmission, ...]:
    """The texts, by audience and position. Raises ImportRejected."""
    texts = _checked(path, TypeAdapter(tuple[GuidanceSubmission, ...]))
    _once(path.name, [one.slug for one in texts])
    _once(path.name, [f"{one.audience} {one.position}" for one in texts])
    return tuple(sorted(texts, key=lambda one: (one.audience, one.position)))


def read_helplines(path: Path) -> tuple[HelplineSubmission, ...]:
    """The numbers of the `always` list, in the order in which they are shown. Raises ImportRejected."""
    helplines = _checked(path, TypeAdapter(tuple[HelplineSubmission, ...]))
    _once(path.name, [one.name for one in helplines])
    _once(path.name, [str(one.position) for one in helplines])
    return tuple(sorted(helplines, key=lambda one: one.position))


def read_first_responders(path: Path) -> tuple[FirstResponderSubmission, ...]:
    """The First Responder list. Raises ImportRejected."""
    responders = _checked(path, TypeAdapter(tuple[FirstResponderSubmission, ...]))
    _once(path.name, [one.name for one in responders])
    return responders


def read_example_capacity(path: Path) -> tuple[ExampleCapacity, ...]:
    """The invented figures. Raises ImportRejected."""
    figures = _checked(path, TypeAdapter(tuple[ExampleCapacity, ...]))
    _once(path.name, [f"{one.service} {one.unit} {one.applies_to}" for one in figures])
    return figures


Shape = TypeVar("Shape")


def _checked(path: Path, shape: TypeAdapter[Shape]) -> Shape:
    content = read_yaml(path)
    try:
        return shape.validate_python(content)
    except ValidationError as failure:
        errors = tuple(
            FieldError("".join(f"/{part}" for part in error["loc"]), error["msg"])
            for error in failure.errors(include_url=False, include_input=False, include_context=False)
        )
        more = "" if len(errors) == 1 else f" (and {len(errors) - 1} more)"
        raise ImportRejected(
            f"{path.name}: {errors[0].pointer}: {errors[0].detail}{more}", errors=errors
        ) from None
    except InvalidInput as failure:
        raise ImportRejected(f"{path.name}: {failure.title}", errors=failure.errors) from None


def _rejected(file: str, pointer: str, expected: str) -> ImportRejected:
    return ImportRejected(f"{file}: {pointer}: {expected}", errors=(FieldError(pointer, expected),))


def _keys(organizations: Iterable[OrganizationSubmission]) -> list[str]:
    listed = tuple(organizations)
    # One source id names one record of its kind: organizations and services are counted apart.
    return [f"organization {one.key}" for one in listed] + [
        f"service {service.key}" for one in listed for service in one.services
    ]


def _once(where: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ImportRejected(f"{where}: {name} stands twice")
        seen.add(name)


def _known(where: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise ImportRejected(f"{where}: there is no {name}")
