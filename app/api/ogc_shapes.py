"""The shapes of OGC API Features as `/ogc` declares them. The bytes are made in `app.feed.ogc`; tests hold them against these."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class OgcShape(BaseModel):
    """Base of the shapes of the standard, which other publishers may add members to and we do not."""

    model_config = ConfigDict(extra="forbid")


class Link(OgcShape):
    """A link of RFC 8288."""

    href: str
    rel: str
    type: str
    title: str


class Landing(OgcShape):
    """Where everything else is."""

    title: str
    description: str
    attribution: str
    links: list[Link]


class Conformance(OgcShape):
    """The conformance classes, by address."""

    conforms_to: list[str] = Field(alias="conformsTo")


class SpatialExtent(OgcShape):
    """The box around all shapes: west, south, east, north."""

    bbox: list[list[float]]
    crs: str


class Extent(OgcShape):
    spatial: SpatialExtent


class CollectionOut(OgcShape):
    """A collection; without `extent` when none of its features has a shape."""

    id: str
    title: str
    description: str
    extent: Extent | None = None
    item_type: str = Field(alias="itemType")
    crs: list[str]
    links: list[Link]


class Collections(OgcShape):
    links: list[Link]
    collections: list[CollectionOut]


class OgcFeature(OgcShape):
    """A GeoJSON feature (RFC 7946)."""

    type: str
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class OgcItem(OgcFeature):
    links: list[Link]


class OgcItems(OgcShape):
    """A page of features. Follow the link `next` to the end."""

    type: str
    number_matched: int = Field(alias="numberMatched")
    number_returned: int = Field(alias="numberReturned")
    links: list[Link]
    attribution: str
    demonstration: bool
    features: list[OgcFeature]
