"""A workbook of a whole country's services, laid out as the template is, made once.

The services are those of the synthetic directory, so that their cells repeat as those of a real sheet do.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from python_calamine import CalamineWorkbook

from app.curation.submissions import AssuranceSubmission, OrganizationSubmission
from app.curation.synthetic_records import synthetic_organizations
from app.geo.areas import Areas
from app.geo.gazetteer import Gazetteer
from app.importing.template import INSIDE
from app.importing.words_loading import words_of_seed
from app.importing.workbook_writing import workbook_of
from bench.directories import CACHE, GAZETTEER, PROJECT, gazetteer_folder

REVIEW_BY = date(datetime.now(UTC).year + 1, 1, 1)
"""Within a year, as an import wants it."""


def sheet_file(services: int) -> Path:
    """The workbook with that many services."""
    path = CACHE / f"services_{services}_{REVIEW_BY.year}.xlsx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        words = words_of_seed(PROJECT / "seed_data")
        with Gazetteer.open(gazetteer_folder() / GAZETTEER) as gazetteer:
            made = synthetic_organizations(services, Areas(words.areas), gazetteer)
            organizations = [_reviewed(one) for one in made]
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(workbook_of(organizations, words, inside=INSIDE))
        unfinished.rename(path)
    return path


def _reviewed(organization: OrganizationSubmission) -> OrganizationSubmission:
    """With reviews on a day that an import takes: the synthetic directory's are so late that none of it is ever overdue."""

    def dated(said: tuple[AssuranceSubmission, ...]) -> tuple[AssuranceSubmission, ...]:
        return tuple(one.model_copy(update={"review_by": REVIEW_BY}) for one in said)

    services = tuple(
        one.model_copy(update={"assurance": dated(one.assurance)}) for one in organization.services
    )
    return organization.model_copy(update={"assurance": dated(organization.assurance), "services": services})


def filled_rows(path: Path) -> int:
    """Rows below the headers of all sheets: services, their places, their referral routes."""
    with path.open("rb") as file:
        workbook = CalamineWorkbook.from_filelike(file)
        sheets = [workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names]
    return sum(len(rows) - 1 for rows in sheets if rows)
