"""Areas with a GSS code, and their shapes for display."""

from sqlmodel import Field, SQLModel

from app.models.base import check, one_of
from app.models.codes import AREA_TYPES


class AreaRow(SQLModel, table=True):
    """A local authority, police force area, region or country, with what it lies in (ONS GSS codes)."""

    __tablename__ = "area"
    __table_args__ = (one_of("area_type", AREA_TYPES), check("code_length", "length(code) = 9"))

    code: str = Field(primary_key=True, max_length=9)
    name: str = Field(max_length=200)
    area_type: str = Field(max_length=20)
    police_force_code: str | None = Field(default=None, foreign_key="area.code", max_length=9)
    region_code: str | None = Field(default=None, foreign_key="area.code", max_length=9)
    country_code: str | None = Field(default=None, foreign_key="area.code", max_length=9)


class AreaShape(SQLModel, table=True):
    """A shape for display, as GeoJSON text in WGS84 (RFC 7946). Coverage is decided by code, never by this."""

    __tablename__ = "area_shape"

    area_code: str = Field(primary_key=True, foreign_key="area.code", max_length=9)
    geojson: str
    source: str = Field(max_length=500)
    approximate: bool
