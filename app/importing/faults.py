"""What can be wrong with a row, in words: what is the matter, and how to mend it.

The texts are a catalogue and never hold what a cell holds: a report of faults is read, sent on and stored by people
who should not see an address that was refused. `docs/imports.md` lists every code.
"""

from pydantic_core import PydanticCustomError

from app.importing.parsed import Cell, RowProblem

PROBLEMS: dict[str, tuple[str, str]] = {
    "ambiguous-cell": (
        "The cell can be read in more than one way.",
        "Format the column as text and type the value again.",
    ),
    "unknown-word": (
        "That word is not in the list for this column.",
        "Choose a word from the sheet “Words” of the template.",
    ),
    "unknown-area": (
        "No area has that name or code.",
        "Write the name or the GSS code of a council area, police force area, region or country; several with ; between.",
    ),
    "ambiguous-area": (
        "Several areas have that name.",
        "Write the GSS code, or the kind of area in brackets after the name.",
    ),
    "not-yes-no": ("The cell is neither yes nor no.", "Write yes or no, or leave it empty."),
    "not-a-number": ("A whole number is expected.", "Write digits only, or leave the cell empty."),
    "age-unclear": ("The ages cannot be read in one way only.", "Write 18+, 16-25, under 18 or all ages."),
    "not-a-date": ("A date is expected.", "Write it as 2026-11-30."),
    "duration-unclear": (
        "The time cannot be read in one way only.",
        "Write now, 30 minutes, 4 hours or 2 days.",
    ),
    "hours-unclear": (
        "The hours cannot be read in one way only.",
        "Write them as Mon-Fri 9am-5pm; Sat 10:00-13:00, or 24/7.",
    ),
    "text-not-plain": (
        "The text holds a character that cannot be seen, or too many marks on one letter.",
        "Type the text again instead of pasting it.",
    ),
    "text-too-long": ("The text is too long for this column.", "Shorten it."),
    "phone-invalid": (
        "That is not a telephone number in full.",
        "Write it with its area code, as text, such as 0800 808 3733; one number to a cell.",
    ),
    "phone-not-allowed": (
        "Premium rate, personal and pager numbers are not taken.",
        "Give a number that costs no more than usual.",
    ),
    "email-invalid": (
        "That is not one e-mail address.",
        "Write one address such as referrals@example.org, and nothing else.",
    ),
    "url-not-allowed": (
        "That is not a public web address.",
        "Write the whole address, beginning with https:// and the name of the site.",
    ),
    "key-invalid": (
        "A key has small letters, digits and hyphens only, at most 100.",
        "Change it, or leave it empty to have it made from the name.",
    ),
    "id-invalid": (
        "An id is the UUID that the directory gave the record.",
        "Copy it from an export, or leave it empty for a new record.",
    ),
    "not-accepted": ("The value does not have the form that is expected.", "See what the column holds in the template."),
    "not-empty": (
        "This field cannot be emptied.",
        "Leave the cell empty to keep what is stored, or write what it should be.",
    ),
    "incomplete": (
        "Something that belongs to this is missing.",
        "Fill in the other columns of the same entry, or empty all of them.",
    ),
    "missing-organization": (
        "The row does not say which organization it is about.",
        "Write the organization's name in every row.",
    ),
    "missing-service": (
        "The row does not say which service it is about.",
        "Write the service's name in every row.",
    ),
    "unknown-service": (
        "The main sheet has no such organization or service.",
        "Write the name or key exactly as on the main sheet.",
    ),
    "ambiguous-service": (
        "Several services on the main sheet have that name.",
        "Write the organization as well, or the service's key.",
    ),
    "duplicate-key": (
        "Another row is about the same record.",
        "Put everything about one service in one row, or give the second service a name of its own.",
    ),
    "organization-conflict": (
        "Another row says something else about the same organization.",
        "Say it the same way in all rows of the organization, or once and leave the others empty.",
    ),
    "refuge-not-confidential": (
        "A safe house is confidential, and the row says that it is not.",
        "Write yes under confidential, or name another need if it is not a safe house.",
    ),
    "confidential-fact": (
        "The text would help to find a confidential place.",
        "Leave out streets, postcodes, buildings, directions and local numbers; name the council area or force instead.",
    ),
    "column-twice": (
        "Two columns of the sheet are for the same thing.",
        "Remove one, or say by a column mapping which one counts.",
    ),
    "duplicate-member": ("A member of a JSON object appears twice.", "Keep the one that is meant."),
    "unknown-member": ("A member is not one of ours.", "Remove it, or spell it as the documentation does."),
    "missing-member": ("A member that is needed is missing.", "Add it."),
    "too-many-problems": (
        "There are more problems than are listed.",
        "Mend those that are listed and read the file again.",
    ),
}  # fmt: skip
"""With any of these a file cannot be applied."""

WARNINGS: dict[str, tuple[str, str]] = {
    "looks-like-formula": (
        "The text begins as a formula does. It is kept as text and never worked out.",
        "Look whether the text is meant.",
    ),
    "organization-spelling": (
        "The organization is spelt differently in another row. The first spelling is taken.",
        "Write the name the same way in every row.",
    ),
    "organization-alike": (
        "Two organizations of the file have nearly the same name. They are kept apart.",
        "Write the name the same way if they are one.",
    ),
    "confidential-by-default": (
        "The row speaks of a refuge or safe house, so the service is taken as confidential.",
        "Write yes or no under confidential.",
    ),
    "says-refuge": (
        "The row speaks of a refuge or safe house, and says that it is not confidential.",
        "Look at it again: an address that is shown once cannot be taken back.",
    ),
    "not-checked-here": (
        "A file cannot say that a curator of ours has checked a fact. It was taken as what its source says, unverified.",
        "Leave the state empty, or write unverified; a curator confirms it in the directory.",
    ),
    "dropped-confidential": (
        "This would lead to a confidential place. It was left out and goes no further.",
        "Remove it from the sheet.",
    ),
    "unknown-column": (
        "No column of ours has that name, so it was not read.",
        "Rename it as in the template, or say by a column mapping what it holds.",
    ),
    "unknown-sheet": (
        "No sheet of ours has that name, so it was not read.",
        "Rename it as in the template if it should be read.",
    ),
    "hidden-sheet": ("The sheet is hidden, so it was not read.", "Show it if it should be read."),
    "one-sheet": (
        "A CSV file holds the main sheet only.",
        "Use a workbook (.xlsx) for what has a sheet of its own; nothing of it is changed by this file.",
    ),
}  # fmt: skip
"""These are only shown."""

_BY_TYPE = {
    "text_invisible": "text-not-plain",
    "text_marks": "text-not-plain",
    "text_too_long": "text-too-long",
    "text_empty": "text-not-plain",
    "phone_invalid": "phone-invalid",
    "phone_not_allowed": "phone-not-allowed",
    "email_invalid": "email-invalid",
    "url_not_allowed": "url-not-allowed",
    "string_too_long": "text-too-long",
}


class Fault(Exception):
    """A cell that cannot be read. `fix` replaces the catalogue's where more can be said."""

    def __init__(self, code: str, fix: str | None = None) -> None:
        self.code, self.fix = code, fix
        super().__init__(code)


def problem(code: str, cell: Cell, *, fix: str | None = None) -> RowProblem:
    """The catalogue's entry for a code, at a place in the file."""
    detail, usual_fix = PROBLEMS.get(code) or WARNINGS[code]
    return RowProblem(code, cell, detail, fix or usual_fix)


def code_of(error_type: str) -> str:
    """The code for a type of Pydantic's error."""
    return _BY_TYPE.get(error_type, "not-accepted")


def fault_of(failure: ValueError) -> Fault:
    """A field type's refusal as a fault; the message of one from our own catalogues is its fix."""
    if isinstance(failure, PydanticCustomError):
        code = code_of(failure.type)
        if code == "text-too-long":
            return Fault(code, f"Shorten it to {failure.message()}.")
        return Fault(code)
    return Fault("not-accepted")
