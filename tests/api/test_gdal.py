"""GDAL reads what is published for maps from a real server: the interface by its address, and the files as they are."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.api.addresses import EXPORTS, OGC_COLLECTIONS
from tests.api.served import Server
from tests.machine import NO_GDAL, do_without, find_ogrinfo

BOX = (-2.0, 52.42, -1.8, 52.5)


@pytest.fixture(scope="session")
def ogrinfo() -> str:
    found = find_ogrinfo()
    if found is None:
        do_without(NO_GDAL, unless="REQUIRE_GDAL")
    return str(found)


def read(ogrinfo: str, source: str, *options: str, layer: str | None = None) -> str:
    """What ogrinfo says of a source, or of one layer of it. Proxies of whoever runs the tests are left out."""
    done = subprocess.run(
        [ogrinfo, "-ro", *options, source, *([layer] if layer else [])],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout


def layers(said: str) -> dict[str, str]:
    """What is said of each layer, by name."""
    parts = said.split("Layer name: ")[1:]
    return {part.partition("\n")[0]: part for part in parts}


def number(said: str) -> int:
    return int(said.partition("Feature Count: ")[2].partition("\n")[0])


def get(server: Server, target: str) -> Any:
    return json.loads(server.request("GET", target).body)


def test_gdal_finds_every_collection_with_all_its_features_and_their_extent(
    server: Server, ogrinfo: str
) -> None:
    found = layers(read(ogrinfo, f"OAPIF:http://127.0.0.1:{server.port}/ogc", "-al", "-so"))
    assert tuple(found) == OGC_COLLECTIONS
    for name, said in found.items():
        assert number(said) == get(server, f"/ogc/collections/{name}/items?limit=1")["numberMatched"] > 0
        west, south, east, north = get(server, f"/ogc/collections/{name}")["extent"]["spatial"]["bbox"][0]
        assert f"Extent: ({west:.6f}, {south:.6f}) - ({east:.6f}, {north:.6f})" in said
        assert "service_id: String" in said or name == "areas"
    assert "Geometry: Point" in found["service_locations"]
    assert "Geometry: Polygon" in found["areas"]


@pytest.mark.parametrize("collection", OGC_COLLECTIONS)
def test_gdal_reads_the_features_in_a_box(server: Server, ogrinfo: str, collection: str) -> None:
    # With the slash at the end that some programs put there.
    source = f"OAPIF:http://127.0.0.1:{server.port}/ogc/"
    said = read(ogrinfo, source, "-so", "-spat", *map(str, BOX), layer=collection)
    whole = get(server, f"/ogc/collections/{collection}/items?limit=1")["numberMatched"]
    inside = get(server, f"/ogc/collections/{collection}/items?limit=1&bbox={','.join(map(str, BOX))}")
    assert number(said) == inside["numberMatched"]
    assert 0 < inside["numberMatched"] < whole


def test_gdal_goes_on_to_the_last_page(server: Server, ogrinfo: str) -> None:
    said = read(
        ogrinfo, f"OAPIF:http://127.0.0.1:{server.port}/ogc", "-al", "-q", "-geom=NO", "-oo", "PAGE_SIZE=3"
    )
    wanted = sum(
        get(server, f"/ogc/collections/{name}/items?limit=1")["numberMatched"] for name in OGC_COLLECTIONS
    )
    assert said.count("OGRFeature(") == wanted


@pytest.mark.parametrize("path", [path for path in EXPORTS if path.endswith(".geojson")])
def test_gdal_reads_the_files(server: Server, ogrinfo: str, path: str) -> None:
    (said,) = layers(read(ogrinfo, f"http://127.0.0.1:{server.port}{path}", "-al", "-so")).values()
    assert number(said) == len(get(server, path)["features"])
    assert 'ID["EPSG",4326]' in said
