"""Areas and their hierarchy, and the seed that every installation starts with."""

import csv
from pathlib import Path

import pytest

from app.errors import ImportRejected, UnknownArea
from app.geo.areas import Area, Areas, read_areas
from app.geo.gazetteer import Gazetteer

WEST_MIDLANDS_FORCE = "E23000014"
BOROUGHS = {f"E080000{number}" for number in range(25, 32)}

ENGLAND = Area("E92000001", "England", area_type="country", police_force=None, region=None, country=None)
REGION = Area(
    "E12000005", "West Midlands", area_type="region", police_force=None, region=None, country="E92000001"
)
FORCE = Area(
    "E23000014",
    "West Midlands",
    area_type="police_force",
    police_force=None,
    region="E12000005",
    country="E92000001",
)
SANDWELL = Area(
    "E08000028",
    "Sandwell",
    area_type="local_authority",
    police_force="E23000014",
    region="E12000005",
    country="E92000001",
)
HEADER = "code,name,type,police_force,region,country\n"


def test_an_authority_lies_in_its_force_region_and_country() -> None:
    areas = Areas([ENGLAND, REGION, FORCE, SANDWELL])
    assert areas.ancestors("E08000028") == ("E23000014", "E12000005", "E92000001")
    assert areas.ancestors("E23000014") == ("E12000005", "E92000001")
    assert areas.ancestors("E92000001") == ()
    for code in ("E08000028", "E23000014", "E12000005", "E92000001"):
        assert areas.authorities_in(code) == {"E08000028"}


def test_an_area_without_authorities_has_none() -> None:
    assert Areas([ENGLAND]).authorities_in("E92000001") == frozenset()


def test_a_parent_that_is_not_in_use_is_not_an_ancestor() -> None:
    assert Areas([ENGLAND, SANDWELL]).ancestors("E08000028") == ("E92000001",)


@pytest.mark.parametrize("code", ["", "E08000099", "e08000028", "Sandwell"])
def test_an_unknown_code_is_refused_without_being_repeated(code: str) -> None:
    areas = Areas([ENGLAND, SANDWELL])
    assert code not in areas
    for ask in (areas.__getitem__, areas.ancestors, areas.authorities_in):
        with pytest.raises(UnknownArea) as refused:
            ask(code)
        assert refused.value.detail == UnknownArea.explanation


def test_the_name_of_a_code_of_another_year_is_the_code() -> None:
    areas = Areas([SANDWELL])
    assert areas.name_of("E08000028") == "Sandwell"
    assert areas.name_of("E07000187") == "E07000187"


def test_names_are_found_by_any_part_in_any_case_the_closest_first(areas: Areas) -> None:
    assert areas.named("  SAND ")[0].name == "Sandwell"
    found = [area.name for area in areas.named("dudley")]
    assert found == ["Dudley"]
    wolverhampton = [area.name for area in areas.named("hampton")]
    assert {"Wolverhampton", "Southampton"} <= set(wolverhampton)
    midlands = areas.named("west midlands")
    assert {area.code for area in midlands} >= {"E12000005", "E23000014"}
    assert areas.named("") == areas.named("  ") == areas.named("Atlantis") == ()


def test_an_equal_name_stands_before_longer_ones(areas: Areas) -> None:
    assert areas.named("durham")[0].name == "Durham"
    assert areas.named("essex")[0].name == "Essex"


# The seed


def test_the_seed_has_the_areas_of_the_united_kingdom(areas: Areas) -> None:
    count = {
        kind: sum(area.area_type == kind for area in areas)
        for kind in ("country", "region", "police_force", "local_authority")
    }
    # ONS, end of 2025: 361 authorities; 43 forces of England and Wales, and Police Scotland.
    assert count == {"country": 4, "region": 9, "police_force": 44, "local_authority": 361}


def test_the_seed_has_the_seven_boroughs_in_the_force(areas: Areas) -> None:
    assert areas.authorities_in(WEST_MIDLANDS_FORCE) == BOROUGHS
    assert {areas[code].name for code in BOROUGHS} == {
        "Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton",
    }  # fmt: skip
    assert areas.authorities_in("E12000005") > BOROUGHS


def test_the_city_of_london_has_a_force_of_its_own(areas: Areas) -> None:
    assert areas.authorities_in("E23000034") == {"E09000001"}
    assert "E09000001" not in areas.authorities_in("E23000001")
    assert len(areas.authorities_in("E23000001")) == 32


def test_every_authority_of_great_britain_has_a_force_and_a_country(areas: Areas) -> None:
    for area in areas:
        if area.area_type == "local_authority":
            assert area.country is not None
            assert (area.police_force is None) == (area.code[0] == "N")
            assert (area.region is None) == (area.code[0] != "E")


def test_every_authority_of_the_gazetteer_is_in_the_seed(areas: Areas, gazetteer: Gazetteer) -> None:
    assert [code for code in gazetteer.authority_codes if code not in areas] == []


def test_the_seed_agrees_with_the_reference_data(areas: Areas, reference: Path) -> None:
    with (reference / "lad_lookup.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 361
    for row in rows:
        area = areas[row["lad_code"]]
        assert (area.name, area.country) == (row["lad_name"], row["country_code"])
        if area.code[0] != "N":
            assert area.police_force == row["pfa_code"]
        if area.code[0] == "E":
            assert area.region == row["region_code"]


# The file


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("", "has no areas"),
        ("E9200001,England,country,,,\n", "Line 2: not a GSS code"),
        ("K92000001,England,country,,,\n", "Line 2: not a GSS code"),
        ("E92000001,England,land,,,\n", "Line 2: the type"),
        ("E92000001, ,country,,,\n", "Line 2: the name"),
        ("E92000001,England,country,,\n", "Line 2: not 6 columns"),
        ("E92000001,England,country,,,,\n", "Line 2: not 6 columns"),
        ("E92000001,England,country,,,\nE92000001,England,country,,,\n", "Line 3: the code is given twice"),
        (
            "E12000005,West Midlands,region,,,E92000001\nE92000001,England,country,,,\n",
            "Line 2: an area it lies in",
        ),
        ('E92000001,"England,country,,,\n', "Line 2: not CSV"),
    ],
)
def test_a_wrong_file_of_areas_says_where(tmp_path: Path, rows: str, reason: str) -> None:
    (tmp_path / "areas.csv").write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(ImportRejected) as refused:
        read_areas(tmp_path / "areas.csv")
    assert reason in refused.value.detail


@pytest.mark.parametrize("content", [b"", b"name,code\n", b"\xff\xfec\0o\0"])
def test_another_file_is_not_read_as_areas(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "areas.csv").write_bytes(content)
    with pytest.raises(ImportRejected):
        read_areas(tmp_path / "areas.csv")
