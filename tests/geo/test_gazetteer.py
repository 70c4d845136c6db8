"""The look-up against a naive reading of the same rows, and against the reference data."""

import csv
import gzip
import math
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import ImportRejected, PostcodeNoLocation, PostcodeNotFound, Problem, Unavailable
from app.geo import gazetteer_build
from app.geo.distance import GridPoint, hypotenuse_m
from app.geo.gazetteer import Gazetteer
from app.geo.gazetteer_build import build_gazetteer
from app.geo.gazetteer_import import import_gazetteer
from app.geo.postcodes import Postcode, Precision, parse_postcode
from tests.geo.published import Row, ons_csv

AUTHORITIES = ("E08000025", "E08000026", "E07000199", "W06000015")


@dataclass(frozen=True, slots=True)
class Known:
    """A made-up row, as a person would write it down."""

    authority: str
    east: int | None
    north: int
    terminated: bool


known_rows = st.dictionaries(
    st.tuples(
        st.sampled_from(("B1", "B11", "B2", "CV1", "SW1A", "E1W")),
        st.sampled_from([f"{digit}{pair}" for digit in "019" for pair in ("AA", "AZ", "BB", "ZZ")]),
    ),
    st.builds(
        Known,
        st.sampled_from(AUTHORITIES),
        # Close together and on the lines between cells of the index, so that ties and corners come up.
        st.one_of(st.none(), st.integers(398_000, 402_000), st.sampled_from([0, 399_999, 400_000, 699_999])),
        st.one_of(st.integers(298_000, 302_000), st.sampled_from([0, 299_999, 300_000, 1_299_999])),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


def written(rows: dict[tuple[str, str], Known], folder: Path) -> Path:
    lines = [
        Row(
            f"{outward} {inward}",
            authority=row.authority,
            east="" if row.east is None else str(row.east),
            north="" if row.east is None else str(row.north),
            doterm="200001" if row.terminated else "",
        )
        for (outward, inward), row in rows.items()
        # Zero and zero means no grid reference.
        if (row.east, row.north) != (0, 0)
    ]
    lines.append(Row("ZE1 0AA", authority="S12000027", east="447000", north="1141000"))
    (folder / "ONSPD_NOV_2025_UK.csv").write_bytes(ons_csv(lines))
    import_gazetteer(
        folder / "ONSPD_NOV_2025_UK.csv", folder / "gazetteer.bin", minimum_rows=1, minimum_located=0.0
    )
    return folder / "gazetteer.bin"


@settings(max_examples=40)
@given(known_rows, st.integers(397_000, 403_000), st.integers(297_000, 303_000))
def test_every_answer_is_that_of_a_naive_reading(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[tuple[str, str], Known], east: int, north: int
) -> None:
    rows = {key: row for key, row in rows.items() if (row.east, row.north) != (0, 0)}
    with Gazetteer.open(written(rows, tmp_path_factory.mktemp("gazetteer"))) as gazetteer:
        for (outward, inward), row in rows.items():
            postcode = Postcode(outward, inward, Precision.UNIT)
            if row.east is None:
                with pytest.raises(PostcodeNoLocation):
                    gazetteer.locate(postcode)
                continue
            found = gazetteer.locate(postcode)
            assert found.position == GridPoint(row.east, row.north)
            assert [(one.code, one.share) for one in found.authorities] == [(row.authority, 1.0)]
            assert found.status == ("terminated" if row.terminated else "live")
        for outward in {outward for outward, _ in rows}:
            _check_mean(gazetteer, rows, outward, None)
            for digit in "0159":
                _check_mean(gazetteer, rows, outward, digit)
        _check_nearest(gazetteer, rows, GridPoint(east, north))


def _check_mean(
    gazetteer: Gazetteer, rows: dict[tuple[str, str], Known], outward: str, digit: str | None
) -> None:
    precision = Precision.DISTRICT if digit is None else Precision.SECTOR
    members = [
        row for (out, inward), row in rows.items() if out == outward and (digit is None or inward[0] == digit)
    ]
    located = [row for row in members if row.east is not None]
    counted = [row for row in located if not row.terminated] or located
    if not counted:
        with pytest.raises(PostcodeNoLocation if members else PostcodeNotFound):
            gazetteer.locate(Postcode(outward, digit, precision))
        return
    found = gazetteer.locate(Postcode(outward, digit, precision))
    assert found.precision is precision
    assert found.position.easting == pytest.approx(sum(row.east or 0 for row in counted) / len(counted))
    assert found.position.northing == pytest.approx(sum(row.north for row in counted) / len(counted))
    assert {one.code: one.share for one in found.authorities} == {
        code: pytest.approx(count / len(counted))
        for code, count in Counter(row.authority for row in counted).items()
    }
    assert [one.share for one in found.authorities] == sorted(
        (one.share for one in found.authorities), reverse=True
    )
    assert math.fsum(one.share for one in found.authorities) == pytest.approx(1)
    assert found.status == ("terminated" if all(row.terminated for row in counted) else "live")
    if digit is None:
        assert gazetteer.authorities_of_district(outward) == found.authorities
        assert outward in set(gazetteer.districts())


def _check_nearest(gazetteer: Gazetteer, rows: dict[tuple[str, str], Known], point: GridPoint) -> None:
    distances = [
        hypotenuse_m(point, GridPoint(row.east, row.north)) for row in rows.values() if row.east is not None
    ]
    for within_m in (2000.0, 700.0):
        found = gazetteer.nearest(point, within_m=within_m)
        near = [distance for distance in distances if distance <= within_m]
        assert (found is None) == (not near)
        if found is not None:
            assert found.precision == "point"
            assert hypotenuse_m(point, found.position) == min(near)
            assert any(
                (row.east, row.north, row.authority)
                == (found.position.easting, found.position.northing, found.authorities[0].code)
                and outward == found.outward
                for (outward, _), row in rows.items()
            )


def test_an_unknown_postcode_is_not_found_at_any_precision(gazetteer: Gazetteer) -> None:
    for text in ("ZZ99 9ZZ", "AA1 1AA", "B1 9ZZ", "ZZ99", "ZZ99 9", "B1 8"):
        with pytest.raises(PostcodeNotFound):
            gazetteer.locate(parse_postcode(text))


def test_nothing_given_back_shows_where_in_a_traceback(gazetteer: Gazetteer) -> None:
    found = gazetteer.locate(parse_postcode("B69 3DE"))
    assert "B69" not in repr(found)
    assert "3DE" not in repr(found)
    assert not any("3DE" in str(getattr(found, name)) for name in found.__slots__)
    assert not set(repr(found.position)) & set("0123456789")


def test_points_of_a_box_are_those_inside(gazetteer: Gazetteer) -> None:
    everything = gazetteer.points_in_box(GridPoint(0, 0), GridPoint(700_000, 1_300_000))
    assert len(everything.easting) == gazetteer.counts.rows - gazetteer.counts.without_location
    west, south, east, north = 404_321, 285_123, 409_876, 288_765
    inside = (everything.easting >= west) & (everything.easting <= east)
    inside &= (everything.northing >= south) & (everything.northing <= north)
    found = gazetteer.points_in_box(GridPoint(west, south), GridPoint(east, north))
    expected = np.column_stack(
        [everything.easting[inside], everything.northing[inside], everything.authority[inside]]
    )
    got = np.column_stack([found.easting, found.northing, found.authority])
    assert len(got) > 1_000
    assert np.array_equal(np.unique(expected, axis=0), np.unique(got, axis=0))
    assert len(expected) == len(got)


def test_a_box_off_the_grid_has_no_points(gazetteer: Gazetteer) -> None:
    for south_west, north_east in (
        (GridPoint(-9e5, -9e5), GridPoint(-8e5, -8e5)),
        (GridPoint(8e5, 2e6), GridPoint(9e5, 3e6)),
        (GridPoint(400_000, 300_000), GridPoint(399_000, 299_000)),
    ):
        assert len(gazetteer.points_in_box(south_west, north_east).easting) == 0


def test_authorities_within_a_polygon_are_those_with_a_postcode_in_it(gazetteer: Gazetteer) -> None:
    birmingham = shapely.box(406_000, 286_000, 407_000, 287_000)
    assert gazetteer.authorities_within(birmingham) == {"E08000025"}
    # From the middle of Birmingham to the middle of Coventry by way of Solihull.
    assert gazetteer.authorities_within(shapely.box(406_000, 278_500, 433_500, 280_500)) >= {
        "E08000025",
        "E08000026",
        "E08000029",
    }
    # A garden has no postcode of its own.
    assert gazetteer.authorities_within(shapely.box(406_600, 286_900, 406_601, 286_901)) == {"E08000025"}
    assert gazetteer.authorities_within(shapely.box(1_000, 1_299_000, 2_000, 1_299_900)) == frozenset()
    assert gazetteer.authorities_within(shapely.Polygon()) == frozenset()


def test_an_unknown_district_has_no_authorities(gazetteer: Gazetteer) -> None:
    assert gazetteer.authorities_of_district("ZZ99") == ()


def test_northern_ireland_and_islands_are_not_among_the_districts(gazetteer: Gazetteer) -> None:
    assert not [name for name in gazetteer.districts() if name[:2] in {"BT", "JE", "GY", "IM"}]


def test_a_look_up_may_be_closed_and_its_results_stay(tmp_path: Path) -> None:
    path = written({("B1", "1BB"): Known(AUTHORITIES[0], 406_654, 286_948, terminated=False)}, tmp_path)
    with Gazetteer.open(path) as opened:
        points = opened.points_in_box(GridPoint(0, 0), GridPoint(700_000, 1_300_000))
    assert sorted(points.easting.tolist()) == [406_654, 447_000]


def test_replacing_the_file_leaves_the_open_one_as_it_was(tmp_path: Path) -> None:
    path = written({("B1", "1BB"): Known(AUTHORITIES[0], 406_654, 286_948, terminated=False)}, tmp_path)
    with Gazetteer.open(path) as opened:
        written({("B2", "1AA"): Known(AUTHORITIES[1], 433_300, 279_000, terminated=False)}, tmp_path)
        assert opened.locate(parse_postcode("B1 1BB")).position == GridPoint(406_654, 286_948)
        with pytest.raises(PostcodeNotFound):
            opened.locate(parse_postcode("B2 1AA"))
    with Gazetteer.open(path) as reopened:
        # A plain copy writes into the very file that is open.
        path.write_bytes(bytes(path.stat().st_size))
        assert reopened.locate(parse_postcode("B2 1AA")).position == GridPoint(433_300, 279_000)


def test_a_file_of_before_there_was_a_sum_is_opened(tmp_path: Path) -> None:
    path = written({("B1", "1BB"): Known(AUTHORITIES[0], 406_654, 286_948, terminated=False)}, tmp_path)
    path.write_bytes(path.read_bytes()[:-4].replace(b'"summed": true', b'"summed": null'))
    with Gazetteer.open(path) as opened:
        assert opened.locate(parse_postcode("B1 1BB")).position == GridPoint(406_654, 286_948)


def test_what_is_no_gazetteer_is_not_opened(tmp_path: Path) -> None:
    whole = written(
        {("B1", "1BB"): Known(AUTHORITIES[0], 406_654, 286_948, terminated=False)}, tmp_path
    ).read_bytes()
    header_length = int.from_bytes(whole[8:16], "little")
    wrong = {
        "absent": None,
        "empty": b"",
        "another": b"SQLite format 3\0" * 100,
        "magic only": whole[:8],
        "cut in the header": whole[: 16 + header_length // 2],
        "cut in the columns": whole[:-64],
        "one bit of a place": whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:],
        "another layout": whole.replace(b'"layout": 1', b'"layout": 0'),
        "another machine": whole.replace(sys.byteorder.encode(), b"middle"),
        "a length beyond the file": whole[:8] + (1 << 40).to_bytes(8, "little") + whole[16:],
    }
    for name, content in wrong.items():
        path = tmp_path / f"{name}.bin"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(Unavailable, match="unavailable"):
            Gazetteer.open(path)


# The package it is built from


def test_the_build_tells_what_it_is_and_what_it_made(gazetteer: Gazetteer) -> None:
    assert gazetteer.edition.name == "ONS Postcode Directory 2025-11"
    assert gazetteer.edition.attribution_year == 2025
    # 2,720,556 rows in the package less 63,132 of Northern Ireland and the one that is no postcode.
    assert gazetteer.counts.rows == 2_720_556 - 63_132 - 1
    assert (gazetteer.counts.live, gazetteer.counts.terminated) == (0, 0)
    assert gazetteer.locate(parse_postcode("B1 1BB")).status == "unknown"


def test_without_the_package_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer_build, "PACKAGE", "no-such-package-here")
    with pytest.raises(ImportRejected, match="import-rejected") as refused:
        build_gazetteer(tmp_path / "gazetteer.bin")
    assert "not installed" in refused.value.detail
    assert not list(tmp_path.iterdir())


def test_a_version_of_the_package_nobody_has_looked_at_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gazetteer_build, "EDITIONS", {"2099.1.1": "2098-11"})
    with pytest.raises(ImportRejected) as refused:
        build_gazetteer(tmp_path / "gazetteer.bin")
    assert "not known here" in refused.value.detail


# Reference data


def test_every_postcode_of_the_seven_boroughs_is_found_in_its_authority_and_place(
    gazetteer: Gazetteer, reference: Path
) -> None:
    boroughs = {f"E080000{number}" for number in range(25, 32)}
    wrong = []
    count = 0
    with gzip.open(reference / "postcodes_wm.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["status"] != "live" or row["lad_code"] not in boroughs or not row["easting"]:
                continue
            count += 1
            found = gazetteer.locate(parse_postcode(row["postcode"]))
            there = GridPoint(float(row["easting"]), float(row["northing"]))
            if found.authorities[0].code != row["lad_code"] or hypotenuse_m(found.position, there) > 3:
                wrong.append(row["postcode"])
    assert count > 58_000
    assert wrong == []


def test_edge_cases_of_the_reference_data(gazetteer: Gazetteer, reference: Path) -> None:
    answers = {
        "special-no-location": "postcode-no-location",
        "crown-dependency": "postcode-no-location",
        "non-geographic": "postcode-no-location",
        "overseas": "postcode-no-location",
        "invalid": "postcode-invalid",
        "unknown": "postcode-not-found",
    }
    with (reference / "postcode_edge_cases.csv").open(encoding="utf-8", newline="") as lines:
        cases = list(csv.DictReader(lines))
    assert len(cases) > 20
    for case in cases:
        if case["kind"] in answers:
            with pytest.raises(Problem) as refused:
                gazetteer.locate(parse_postcode(case["input"]))
            assert refused.value.slug == answers[case["kind"]], case
            continue
        found = gazetteer.locate(parse_postcode(case["input"]))
        assert found.precision == ("sector" if case["kind"] == "sector" else "unit"), case
        if case["lad_code"]:
            assert found.authorities[0].code == case["lad_code"], case
