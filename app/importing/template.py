"""The workbook that is handed out to be filled in: headers, an example, words to choose from, and how to do it."""

import io
from datetime import date
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app.curation.submissions import OrganizationSubmission
from app.directory.sheet_columns import (
    MAIN_SHEET,
    PARTS,
    Column,
    flat_columns,
    shown,
)
from app.importing.mapping import main_targets, part_targets
from app.importing.sheet_writing import Sheet, numbered, sheets_of
from app.importing.words import SheetWords
from app.importing.workbook_writing import OPTIONS, write_sheet

HOW_TO, WORDS = "How to fill this in", "Words"
VALIDATED_ROWS = 2_000

INSIDE = (
    numbered("organization_phone", 1, "description"),
    numbered("phone", 2, "type", "description"),
    numbered("location", 1, "address", "city", "postcode"),
    numbered("route", 1, "channel", "phone", "email", "form", "referrers", "consent", "response_time"),
    numbered("organization_source", 1, "url", "mark", "confirmed_on", "review_by"),
    numbered("source", 1, "url", "mark", "confirmed_on", "review_by"),
)
"""What most services have one or two of stands in the main sheet; the rest has sheets of its own."""

_HOW = (
    "One row is one service: one thing that can be referred to on its own. A helpline, a refuge and an outreach team are three rows.",
    "Write the organization in every row, the same way. What is said about it (website, description …) is needed once.",
    "An empty cell says nothing: what the directory has stays as it is. The word none empties a field. Nothing is removed because a row is missing.",
    "A list (phones, needs, areas) is given whole: if you fill in one phone of two, the service has one phone.",
    "Several words in one cell are written with ; between. Words are chosen from the sheet “Words”.",
    "Leave the cells formatted as text. A telephone number that has become a number has lost its zero, and is refused.",
    "A refuge or safe house: yes under Confidential, and no address, postcode or local number anywhere. What would lead to it is not taken.",
    "Names of people do not belong here: roles and shared mailboxes only.",
    "More phones, places, ways to refer or sources than there are columns: write all of that service's in the sheet of that name.",
    "Row 2 is an example. Delete it before you send the sheet.",
)  # fmt: skip


def template_workbook(words: SheetWords) -> bytes:
    """The template with its example, which our own reader takes as it stands."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, OPTIONS) as book:
        sheets = sheets_of([EXAMPLE], words, inside=INSIDE)
        pages = [(sheet, write_sheet(book, sheet)) for sheet in sheets]
        _write_how_to(book, sheets)
        ranges = _write_words(book, words)
        for sheet, page in pages:
            _offer_words(sheet, page, ranges)
        pages[0][1].activate()
    return made.getvalue()


def _offer_words(sheet: Sheet, page: Worksheet, ranges: dict[str, str]) -> None:
    """Drop-down lists where one word is chosen. A cell takes one word from a list only, so lists of several have none."""
    part = next((one for one in PARTS if one.sheet == sheet.name), None)
    targets = main_targets() if part is None else part_targets(part)
    for position, name in enumerate(sheet.columns):
        column = targets[name].column
        source = ranges.get(_list_name(column))
        if source is not None:
            page.data_validation(
                1, position, VALIDATED_ROWS, position,
                {"validate": "list", "source": source, "error_type": "warning", "error_title": "Not in the list",
                 "error_message": "Choose from the list, or write none to empty the field."},
            )  # fmt: skip


def _list_name(column: Column) -> str:
    if column.kind == "code":
        return column.words or ""
    return {"yes_no": "yes or no", "yes_no_ask": "yes, no or ask", "area": "areas"}.get(column.kind, "")


def _write_how_to(book: xlsxwriter.Workbook, sheets: list[Sheet]) -> None:
    page = book.add_worksheet(HOW_TO)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 34, wrapped)
    page.set_column(1, 1, 100, wrapped)
    number = 0
    for line in _HOW:
        page.write_string(number, 1, line, wrapped)
        number += 1
    number += 1
    for name, column in _explained(sheets):
        page.write_string(number, 0, shown(name), bold)
        page.write_string(number, 1, column.meaning, wrapped)
        number += 1


def _explained(sheets: list[Sheet]) -> list[tuple[str, Column]]:
    targets = main_targets()
    flat = [(column.name, column) for column in flat_columns()]
    known = {name for name, _ in flat}
    return flat + [(name, targets[name].column) for name in sheets[0].columns if name not in known]


def _write_words(book: xlsxwriter.Workbook, words: SheetWords) -> dict[str, str]:
    """A column of words for each list; the range of each, for drop-down lists."""
    page = book.add_worksheet(WORDS)
    bold = book.add_format({"bold": True})
    lists: dict[str, list[str]] = {"yes or no": ["yes", "no"], "yes, no or ask": ["yes", "no", "ask"]}
    lists |= {
        name: [words.name(name, code) for code, _ in terms]
        for name, terms in sorted(words.terms.items())
        if name in _used()
    }
    lists["areas"] = [words.area_name(area.code) for area in words.areas]
    ranges = {}
    for position, (name, said) in enumerate(lists.items()):
        page.set_column(position, position, 34)
        page.write_string(0, position, shown(name), bold)
        for number, word in enumerate(said, 1):
            page.write_string(number, position, word)
        letter = xl_col_to_name(position, col_abs=True)
        ranges[name] = f"={WORDS}!{letter}$2:{letter}${len(said) + 1}"
    page.freeze_panes(1, 0)
    return ranges


def _used() -> set[str]:
    everywhere = (*flat_columns(), *(column for part in PARTS for column in part.columns))
    return {column.words for column in everywhere if column.words}


def _source(**changed: Any) -> dict[str, Any]:
    return {
        "mark": "invented",
        "source": "Invented, to show how a row is filled in",
        "review_by": date(2027, 5, 31),
        **changed,
    }


EXAMPLE = OrganizationSubmission.model_validate(
    {
        "key": "example-advice-trust",
        "name": "Example Advice Trust",
        "description": "An invented charity that stands for a real one in this template.",
        "website": "https://example.org",
        "phones": [{"number": "0121 496 0100", "description": "Office"}],
        "assurance": [_source()],
        "services": [
            {
                "key": "example-advice-trust-example-casework",
                "name": "Example Casework",
                "description": "One worker for adults in Birmingham and Solihull, for as long as it takes.",
                "reach": "outreach_area",
                "confidential": False,
                "url": "https://example.org/casework",
                "email": "referrals@example.org",
                "needs": ["casework_advocacy", "welfare_benefits_money"],
                "coverage": {"areas": ["E08000025", "E08000029"]},
                "eligibility": {
                    "sex_accepted": "any",
                    "minimum_age": 18,
                    "with_children": "yes",
                    "no_recourse_to_public_funds": "yes",
                    "step_free": "ask",
                },
                "languages": ["eng", "pol", "ron"],
                "interpreter": "yes",
                "phones": [
                    {
                        "number": "0121 496 0101",
                        "phone_type": "voice",
                        "description": "Monday to Friday, 9am to 5pm",
                    }
                ],
                "hours": [
                    {
                        "byday": ["MO", "TU", "WE", "TH", "FR"],
                        "opens_at": "09:00",
                        "closes_at": "17:00",
                        "bank_holidays": "closed",
                    }
                ],
                "information_flow": {"police": "with_consent", "home_office_enforcement": "never"},
                "anonymous_contact": True,
                "routes": [
                    {
                        "key": "ring",
                        "name": "Ring",
                        "channel": "phone",
                        "phone": "0121 496 0101",
                        "referrers": ["police", "council", "nhs"],
                        "consent": "required",
                        "response_time": "PT4H",
                    }
                ],
                "assurance": [_source()],
            }
        ],
    }
)
"""One service, as the template shows it. The numbers are of a range that Ofcom keeps free for drama."""

__all__ = ["EXAMPLE", "HOW_TO", "INSIDE", "MAIN_SHEET", "WORDS", "template_workbook"]
