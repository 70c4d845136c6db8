"""The four taxonomies of the feed, with their terms: what attributes link to and what `taxonomy_term_id` filters by.

Open Eligibility, for consumers who know it; our support needs, with forms of exploitation as a branch; referral routes (who
may refer, by which channel, at which stage); and the areas of the Office for National Statistics. The ids are UUIDs of
version 5 of the terms' own addresses, so they are the same in every copy and after every restart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from app.directory.texts import CodeList, SharedTexts
from app.feed.oruk_open_eligibility import OPEN_ELIGIBILITY
from app.feed.oruk_shapes import Taxonomy, TaxonomyTerm
from app.geo.areas import Area, Areas

GSS_URI = "http://statistics.data.gov.uk/id/statistical-geography"
"""Addresses of areas as the Office for National Statistics gives them; they are names, and are not fetched."""
OPEN_ELIGIBILITY_CURIE = "openEligibility"
TERM_URN = "urn:support-directory:term"
TAXONOMY_URN = "urn:support-directory:taxonomy"

_AREA_TYPES = {
    "local_authority": "Local authority",
    "police_force": "Police force area",
    "region": "Region",
    "country": "Country",
}


def term_uri(code_list: str, code: str) -> str:
    """The address of a term of our vocabulary, such as urn:support-directory:term:need/safe_house."""
    return f"{TERM_URN}:{code_list}/{code.replace(' ', '_')}"


def gss_uri(code: str) -> str:
    return f"{GSS_URI}/{code}"


def _taxonomy(name: str, description: str, *, slug: str, uri: str | None = None) -> Taxonomy:
    address = uri or f"{TAXONOMY_URN}:{slug}"
    known_as = None if slug == "open-eligibility" else address
    return Taxonomy(id=uuid5(NAMESPACE_URL, address), name=name, description=description, uri=known_as)


OPEN_ELIGIBILITY_TAXONOMY = _taxonomy(
    "Open Eligibility",
    "A public list of human services and human situations (CC BY-SA 3.0). Here are the terms that services of this "
    "directory have; the definitions are ours.",
    slug="open-eligibility",
)
NEEDS_TAXONOMY = _taxonomy(
    "Support needs",
    "What survivors of modern slavery need, and so what services offer; and which forms of exploitation a service works with.",
    slug="support-needs",
)
ROUTES_TAXONOMY = _taxonomy(
    "Referral routes",
    "How a referral is made: who may refer, by which channel, and at which stage of the process the person may be.",
    slug="referral-routes",
)
GSS_TAXONOMY = _taxonomy(
    "ONS statistical geographies",
    "Areas by the codes of the Government Statistical Service: local authorities, police force areas, regions, countries.",
    slug="gss",
    uri=GSS_URI,
)
_BRANCHES = {
    NEEDS_TAXONOMY.id: ("need", "exploitation"),
    ROUTES_TAXONOMY.id: ("referrer", "channel", "stage"),
}
"""The code lists of the vocabulary that a taxonomy is made of, each of them under a term of its own."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Taxonomies and terms of one snapshot, each in the order of their names, and terms by their address."""

    taxonomies: tuple[Taxonomy, ...]
    terms: tuple[TaxonomyTerm, ...]
    by_uri: Mapping[str, TaxonomyTerm]

    @classmethod
    def of(cls, texts: SharedTexts, areas: Areas) -> "Terms":
        lists = {one.code: one for one in texts.vocabulary}
        found = [
            *_open_eligibility_terms(),
            *_vocabulary_terms(NEEDS_TAXONOMY, lists),
            *_vocabulary_terms(ROUTES_TAXONOMY, lists),
            *(_area_term(area, areas) for area in areas),
        ]
        taxonomies = (OPEN_ELIGIBILITY_TAXONOMY, NEEDS_TAXONOMY, ROUTES_TAXONOMY, GSS_TAXONOMY)
        return cls(
            tuple(sorted(taxonomies, key=lambda one: (one.name, str(one.id)))),
            tuple(sorted(found, key=lambda one: (one.name, str(one.id)))),
            {one.term_uri: one for one in found},
        )

    def of_list(self, code_list: str, codes: Sequence[str]) -> Iterator[TaxonomyTerm]:
        """The terms of codes of one list of the vocabulary; a code that the vocabulary does not have has none."""
        for code in codes:
            found = self.by_uri.get(term_uri(code_list, code))
            if found is not None:
                yield found

    def of_open_eligibility(self, code: str) -> TaxonomyTerm:
        return self.by_uri[f"{OPEN_ELIGIBILITY_CURIE}:{code}"]

    def of_area(self, code: str) -> TaxonomyTerm | None:
        return self.by_uri.get(gss_uri(code))

    def within(self, taxonomy_id: UUID) -> tuple[TaxonomyTerm, ...]:
        return tuple(one for one in self.terms if one.taxonomy_id == taxonomy_id)


def _term(
    taxonomy: Taxonomy, uri: str, *, code: str, name: str, description: str, parent: str | None = None
) -> TaxonomyTerm:
    return TaxonomyTerm(
        id=uuid5(NAMESPACE_URL, uri),
        code=code,
        name=name,
        term=name,
        description=description,
        parent_id=None if parent is None else uuid5(NAMESPACE_URL, parent),
        taxonomy=taxonomy.name,
        taxonomy_id=taxonomy.id,
        term_uri=uri,
    )


def _open_eligibility_terms() -> Iterator[TaxonomyTerm]:
    for one in OPEN_ELIGIBILITY:
        uri = f"{OPEN_ELIGIBILITY_CURIE}:{one.code}"
        yield _term(OPEN_ELIGIBILITY_TAXONOMY, uri, code=one.code, name=one.name, description=one.description)


def _vocabulary_terms(taxonomy: Taxonomy, lists: Mapping[str, CodeList]) -> Iterator[TaxonomyTerm]:
    for code in _BRANCHES[taxonomy.id]:
        branch = lists.get(code)
        if branch is None:
            continue
        top = f"{TERM_URN}:{code}"
        yield _term(taxonomy, top, code=code, name=branch.name, description=branch.description)
        for term in branch.terms:
            yield _term(
                taxonomy,
                term_uri(code, term.code),
                code=term.code,
                name=term.name,
                description=term.description,
                parent=top if term.parent is None else term_uri(code, term.parent),
            )


def _area_term(area: Area, areas: Areas) -> TaxonomyTerm:
    around = next((code for code in (area.region, area.country) if code in areas), None)
    return _term(
        GSS_TAXONOMY,
        gss_uri(area.code),
        code=area.code,
        name=area.name,
        description=_AREA_TYPES[area.area_type],
        parent=None if around is None else gss_uri(around),
    )
