"""Whole layers as GeoJSON files, with where they are from and under which licence, for map programs and for keeping."""

from pydantic_core import to_json

from app.directory.snapshot import Directory
from app.feed.features import FeatureLayer, coverage_layer, location_layer
from app.geo.attribution import LICENCE_URL, attribution

MEDIA_TYPE = "application/geo+json"


def coverage_geojson(directory: Directory) -> bytes:
    """What every service covers. An area without a stored shape has a null geometry: its code decides."""
    return _collection(coverage_layer(directory), directory)


def locations_geojson(directory: Directory) -> bytes:
    """Places open to the public. There is none of a confidential service, and no office that could lead to one."""
    return _collection(location_layer(directory), directory)


def _collection(layer: FeatureLayer, directory: Directory) -> bytes:
    year = directory.catalogue.gazetteer.edition.attribution_year
    # Members of our own are allowed (RFC 7946, section 6.1), and readers that do not know them pass them over.
    about = {
        "licence": LICENCE_URL,
        "attribution": attribution(year),
        "demonstration": directory.demonstration,
    }
    features = b",\n".join([one.json for one in layer.features])
    return b'{"type":"FeatureCollection",' + to_json(about)[1:-1] + b',"features":[\n' + features + b"\n]}\n"
