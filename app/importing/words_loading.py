"""Where the words of a sheet come from: the database, or the seed files where there is none.

Apart from `words`, so that the process that reads a file loads no database code.
"""

from pathlib import Path

from sqlmodel import Session, col, select

from app.curation.seed_files import read_vocabulary
from app.directory.loading import load_areas
from app.geo.areas import read_areas
from app.importing.words import SheetWords
from app.models.taxonomies import Taxonomy, TaxonomyTerm


def words_from(session: Session) -> SheetWords:
    """The words of the directory as it is stored."""
    terms = session.exec(
        select(Taxonomy.code, TaxonomyTerm.code, TaxonomyTerm.name)
        .join(TaxonomyTerm, col(TaxonomyTerm.taxonomy_id) == col(Taxonomy.id))
        .order_by(col(Taxonomy.code), col(TaxonomyTerm.position), col(TaxonomyTerm.id))
    )
    return SheetWords.of(load_areas(session), terms)


def words_of_seed(folder: Path) -> SheetWords:
    """The words of `seed_data/`, where there is no database."""
    terms = (
        (one.code, term.code, term.name)
        for one in read_vocabulary(folder / "vocabulary.yaml")
        for term in one.terms
    )
    return SheetWords.of(read_areas(folder / "areas" / "areas.csv"), terms)
