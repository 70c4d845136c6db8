"""The codes of services and referral routes, which are links to terms of the vocabulary: by far the most rows there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm

Links = Mapping[tuple[UUID, str], tuple[str, ...]]
"""Codes by owner (the id of a service or of a route) and taxonomy, in the order in which the vocabulary lists them."""


@dataclass(frozen=True, slots=True)
class TermCodes:
    """Codes of terms by id, and the place of each in the vocabulary by taxonomy and code."""

    codes: Mapping[UUID, str]
    places: Mapping[tuple[str, str], int]

    @classmethod
    def load(cls, session: Session) -> Self:
        listed = session.exec(
            select(TaxonomyTerm.id, Taxonomy.code, TaxonomyTerm.code)
            .join(Taxonomy, col(Taxonomy.id) == col(TaxonomyTerm.taxonomy_id))
            .order_by(col(TaxonomyTerm.position), col(TaxonomyTerm.code))
        ).all()
        return cls(
            {term_id: code for term_id, _, code in listed},
            {(taxonomy, code): place for place, (_, taxonomy, code) in enumerate(listed)},
        )

    def in_order(self, taxonomy: str, codes: Iterable[str]) -> tuple[str, ...]:
        last = len(self.places)
        return tuple(sorted(codes, key=lambda code: self.places.get((taxonomy, code), last)))

    def links_of(self, rows: Iterable[Attribute]) -> Links:
        """What rows in memory link."""
        linked: dict[tuple[UUID, str], list[str]] = defaultdict(list)
        for one in rows:
            owner_id = one.service_id or one.referral_route_id
            if owner_id is not None:
                linked[owner_id, one.link_type].append(self.codes[one.taxonomy_term_id])
        return {owner: self.in_order(owner[1], codes) for owner, codes in linked.items()}

    def read_links(self, session: Session, *of_these: ColumnElement[bool]) -> Links:
        """What stored rows link, all or those under a condition. Codes have no commas, so the database may join them."""
        found: dict[tuple[UUID, str], tuple[str, ...]] = {}
        codes = func.aggregate_strings(col(TaxonomyTerm.code), ",")
        for owner in (col(Attribute.service_id), col(Attribute.referral_route_id)):
            joined = (
                select_columns(owner, col(Attribute.link_type), codes)
                .join(TaxonomyTerm, col(TaxonomyTerm.id) == col(Attribute.taxonomy_term_id))
                .where(owner.is_not(None), *of_these)
                .group_by(owner, col(Attribute.link_type))
            )
            rows: Iterable[Any] = session.connection().execute(joined)
            for owner_id, taxonomy, text in rows:
                found[owner_id, taxonomy] = (
                    self.in_order(taxonomy, text.split(",")) if "," in text else (text,)
                )
        return found
