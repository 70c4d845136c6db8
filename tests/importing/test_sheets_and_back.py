"""What the sheet can say survives: records written as a workbook or CSV are read as the same records."""

import csv
import io
import re
from datetime import date
from typing import Any
from uuid import uuid4

import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from app.curation.seed_files import read_organizations
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.directory.plain_text import plain_line, plain_paragraphs
from app.directory.sheet_cells import cell_text, copied_cell, safe_cell
from app.importing.annotating import annotated
from app.importing.bounded import parse_file
from app.importing.parsed import ParsedFile
from app.importing.reading import parse
from app.importing.sheet_writing import csv_of
from app.importing.template import EXAMPLE, INSIDE, template_workbook
from app.importing.workbook_writing import workbook_of
from app.models import codes as code_lists
from tests.importing.sheets import SEED_DATA, csv_file, plain, same, words, workbook
from tests.importing.test_hours_words import schedules

DANGER = re.compile(r"[=+\-@\t\r＝＋－＠]")


def comes_back(parsed: ParsedFile, submissions: tuple[OrganizationSubmission, ...]) -> bool:
    return parsed.problems == () and same(parsed.submissions, submissions)


def test_the_template_is_read_as_its_example() -> None:
    parsed = parse_file(template_workbook(words()), words())

    assert comes_back(parsed, (EXAMPLE,))
    assert parsed.warnings == ()


def test_every_seeded_organization_comes_back_from_a_workbook_and_from_csv() -> None:
    found = (*read_organizations(SEED_DATA / "organizations"), *read_organizations(SEED_DATA / "examples"))
    seeded = tuple(
        one.model_copy(
            update={
                "services": tuple(
                    # Whoever says that a service is confidential says that it has no place.
                    s.model_copy(
                        update={"confidential": s.confidential}
                        | ({"locations": ()} if s.confidential else {})
                    )
                    for s in one.services
                )
            }
        )
        for one in found
    )

    for content in (
        workbook_of(seeded, words()),
        workbook_of(seeded, words(), inside=INSIDE),
        csv_of(seeded, words()),
    ):
        assert comes_back(parse(content, words()), seeded)


def plain_text(most: int, *, paragraphs: bool = False) -> st.SearchStrategy[str]:
    read = plain_paragraphs if paragraphs else plain_line

    def is_plain(text: str) -> bool:
        try:
            return read(text, max_length=most) == text
        except ValueError:
            return False

    alphabet = st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]) | st.sampled_from(
        " =+-@'\",;\n\u0175"
    )
    words_of_danger = st.sampled_from(
        [
            "none",
            "None",
            "'none",
            "=1+1",
            "'=1",
            "''=",
            "+x",
            "@a",
            "-b",
            "＝1",
            "_x000D_",
            "0123",
            "1e9",
            "'4.4E+11",
            "TRUE",
        ]
    )
    return (st.text(alphabet, min_size=1, max_size=30) | words_of_danger).filter(is_plain).filter(_is_text)


def _is_text(text: str) -> bool:
    """A text that speaks of a refuge may not locate it."""
    return re.search(r"refuge|safe|shelter|address", text, re.IGNORECASE) is None


NAME, TEXT = plain_text(200), plain_text(4000, paragraphs=True)
CODES = {name: [code for code, _ in terms] for name, terms in words().terms.items()}
PHONE = st.integers(0, 999).map(lambda last: f"0121 496 0{last:03}") | st.sampled_from(
    ["999", "+33 1 42 68 53 00", "08081 570 123"]
)
DATE = st.dates(date(2025, 1, 1), date(2035, 1, 1))
ANSWER = st.sampled_from(["yes", "no", "ask"])
KEY = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True).filter(lambda key: key != "none")
URL = st.sampled_from(
    ["https://example.org", "https://example.org/help?a=b#c", "https://www.example.net/a-b"]
)
EMAIL = st.sampled_from(["referrals@example.org", "help.desk@example.net"])
HOURS = st.just("24/7") | st.lists(schedules(), max_size=3).map(tuple)
DURATION = st.sampled_from(["now", "PT4H", "P1D", "P1DT2H30M", "PT04H", "P14D", "PT90M"])
VISIBILITY = st.sampled_from(code_lists.VISIBILITIES)


def some(name: str, most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(CODES[name]), max_size=most, unique=True)


def made(
    required: dict[str, st.SearchStrategy[Any]], optional: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


SOURCE = made(
    {"mark": st.sampled_from(CODES["source_mark"]), "source": NAME, "review_by": DATE},
    {"fact": st.sampled_from(["record", "phones", "information_flow"]), "state": st.sampled_from(CODES["assurance_state"]),
     "source_url": st.none() | URL, "confirmed_on": st.none() | DATE},
)  # fmt: skip
PHONES = st.lists(
    made({"number": PHONE}, {"phone_type": st.sampled_from(["voice", "sms", "text", "whatsapp"]), "description": st.none() | NAME,
                             "is_public_office": st.booleans(), "visibility": VISIBILITY}), max_size=3)  # fmt: skip
ROUTE = made(
    {"key": KEY, "name": NAME, "channel": st.sampled_from(code_lists.CHANNELS)},
    {"via_service": st.none() | KEY, "phone": st.none() | PHONE, "phone_is_public_office": st.booleans(), "email": st.none() | EMAIL,
     "form_url": st.none() | URL, "referrers": some("referrer"), "stages": some("stage"),
     "consent": st.none() | st.sampled_from(CODES["consent"]), "age_group": st.sampled_from([None, "adult", "child"]),
     "response_time": st.none() | DURATION, "information_needed": st.none() | TEXT, "notes": st.none() | TEXT, "hours": HOURS,
     "visibility": VISIBILITY},
)  # fmt: skip
POLYGON = {"type": "Polygon", "coordinates": [[[-1.9, 52.4], [-1.8, 52.4], [-1.8, 52.5], [-1.9, 52.4]]]}
COVERAGE = st.just({"everywhere": True}) | made(
    {
        "areas": st.lists(
            st.sampled_from([area.code for area in words().areas]), min_size=1, max_size=3, unique=True
        )
    },
    {"postcode_districts": st.just(["B29", "WV1"]), "polygons": st.just([POLYGON])},
)
AGE = st.none() | st.integers(0, 120)
SERVICE = made(
    {"key": KEY, "name": NAME, "description": TEXT, "reach": st.sampled_from(code_lists.REACHES), "confidential": st.just(False),
     "needs": some("need").filter(lambda needs: needs and "safe_house" not in needs), "coverage": COVERAGE,
     "assurance": st.lists(SOURCE, min_size=1, max_size=2)},
    {"host_area": st.none() | st.sampled_from(["E23000014", "E12000005"]), "narrow_coverage_consent_on": st.none() | DATE,
     "status": st.sampled_from(CODES["service_status"]), "url": st.none() | URL, "email": st.none() | EMAIL,
     "exploitation": some("exploitation"), "languages": st.lists(st.sampled_from(["eng", "pol", "tir", "zho", "mlt", "prs"]), unique=True),
     "eligibility": made({}, {"sex_accepted": st.none() | st.sampled_from(CODES["sex_accepted"]), "trans_inclusive": ANSWER,
                              "minimum_age": AGE, "maximum_age": AGE, "with_children": ANSWER, "no_recourse_to_public_funds": ANSWER,
                              "couples": ANSWER, "pets": ANSWER, "step_free": ANSWER, "description": st.none() | TEXT}).filter(bool),
     "interpreter": st.none() | ANSWER, "phones": PHONES,
     "contacts": st.lists(made({"role": NAME}, {"email": st.none() | EMAIL, "visibility": VISIBILITY}), max_size=2),
     "hours": HOURS,
     "locations": st.lists(made({"key": KEY, "name": NAME}, {"address_1": st.none() | NAME, "city": st.none() | NAME,
                                 "postal_code": st.just("B1 1BB"), "is_public_office": st.booleans()}), max_size=2),
     "routes": st.lists(ROUTE, max_size=2),
     "information_flow": made({}, {name: st.sampled_from(CODES["information_condition"]) for name in code_lists.FLOW_RECIPIENTS}).filter(bool),
     "anonymous_contact": st.none() | st.booleans(), "privacy_url": st.none() | URL, "application_process": st.none() | TEXT,
     "fees_description": st.none() | NAME, "child_card_role": st.sampled_from([None, "childrens_services", "guardianship"]),
     "counts_public": st.booleans()},
)  # fmt: skip
ORGANIZATION = made(
    {"key": KEY, "name": NAME, "description": TEXT, "assurance": st.lists(SOURCE, min_size=1, max_size=2),
     "services": st.lists(SERVICE, max_size=3, unique_by=lambda service: str(service["key"]))},
    {"website": st.none() | URL, "email": st.none() | EMAIL, "phones": PHONES,
     "identifiers": st.lists(made({"identifier_scheme": st.just("GB-CHC"), "identifier_type": NAME, "identifier": NAME},
                                  {"is_public_office": st.booleans()}), max_size=2)},
)  # fmt: skip


@st.composite
def directories(draw: st.DrawFn) -> tuple[OrganizationSubmission, ...]:
    found = draw(st.lists(ORGANIZATION, min_size=1, max_size=3, unique_by=lambda one: str(one["key"])))
    for number, organization in enumerate(found):
        for service in organization["services"]:
            service["key"] = f"{number}-{service['key']}"[:60]
    return tuple(OrganizationSubmission.model_validate(one) for one in found)


@settings(max_examples=40)
@given(directories(), st.sampled_from(["workbook", "template", "csv"]))
def test_any_directory_comes_back(submissions: tuple[OrganizationSubmission, ...], kind: str) -> None:
    if kind == "csv":
        content = csv_of(submissions, words())
    else:
        content = workbook_of(submissions, words(), inside=INSIDE if kind == "template" else ())

    parsed = parse(content, words())

    assert parsed.problems == ()
    assert same(parsed.submissions, submissions)


def test_ids_of_the_directory_are_written_and_read() -> None:
    ids = {"/0": uuid4(), "/0/services/0": uuid4()}

    assert parse(workbook_of((EXAMPLE,), words(), ids=ids), words()).ids == ids
    assert parse(csv_of((EXAMPLE,), words(), ids=ids), words()).ids == ids


def test_a_partial_record_comes_back_as_partial() -> None:
    said: dict[str, Any] = {"key": "a", "name": "A", "email": None}
    whole: dict[str, Any] = {
        "key": "o",
        "name": "O",
        "services": (ServiceSubmission.model_construct(set(said), **said),),
    }
    bare = OrganizationSubmission.model_construct(set(whole), **whole)

    assert comes_back(parse(workbook_of((bare,), words()), words()), (bare,))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20))
def test_no_cell_is_written_that_a_spreadsheet_would_run_and_every_text_comes_back(text: str) -> None:
    assert not DANGER.match(safe_cell(text))
    assert not DANGER.match(copied_cell(text))
    assert cell_text(safe_cell(text)) == text


def test_every_cell_of_what_is_written_is_text() -> None:
    dangerous = EXAMPLE.model_copy(update={"description": "=cmd|' /C calc'!A0"})
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook_of((dangerous,), words())))
    cells = [
        cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    ]

    assert "'=cmd|' /C calc'!A0" in cells
    assert {type(cell) for cell in cells} == {str}
    rows = list(csv.reader(io.StringIO(csv_of((dangerous,), words()).decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if DANGER.match(cell)]


def test_a_copy_with_notes_says_in_words_what_is_wrong_and_runs_nothing() -> None:
    content = csv_file(
        plain(), plain(Service="=1+1", Ages="over 18", Phone_1="'+44 121 496 0001", Email="none")
    )
    parsed = parse(content, words())

    rows = list(
        csv.reader(io.StringIO(annotated(content, parsed.problems, parsed.warnings).decode("utf-8-sig")))
    )

    assert rows[0][-1].startswith("Notes")
    assert rows[1][-1] == ""
    assert "Ages: The ages cannot be read in one way only." in rows[2][-1]
    assert "To look at: Service:" in rows[2][-1]
    assert "'=1+1" in rows[2]
    assert "none" in rows[2]
    assert not [cell for row in rows for cell in row if DANGER.match(cell)]


def test_a_copy_of_a_workbook_keeps_its_sheets_and_colours_what_is_wrong() -> None:
    content = workbook(
        Services=[
            ["Organization", "Service", "Phone 1"],
            ["Example", "One", 1214960001],
            ["Example", "Two", "0121 496 0001"],
        ],
        Phones=[["Organization", "Service", "Phone"], ["Example", "Three", "0121 496 0001"]],
    )
    parsed = parse(content, words())
    copy = annotated(content, parsed.problems, parsed.warnings)

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(copy))
    services, phones = (book.get_sheet_by_name(name).to_python() for name in ("Services", "Phones"))
    assert services[0][-1] == "Notes"
    assert str(services[1][-1]).startswith("Phone 1: The cell can be read in more than one way.")
    assert services[2][-1] == ""
    assert str(phones[1][-1]).startswith("Service: The main sheet has no such")
    again = parse(copy, words())
    assert {one.code for one in again.problems} == {"ambiguous-cell", "unknown-service"}
