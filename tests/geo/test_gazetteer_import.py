"""Published editions are read in every shape they come in, and nothing wrong changes the gazetteer in use."""

import csv
import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import ImportRejected, PostcodeNoLocation, PostcodeNotFound
from app.geo.distance import GridPoint
from app.geo.gazetteer import Gazetteer, Locality
from app.geo.gazetteer_columns import match_columns
from app.geo.gazetteer_import import import_gazetteer
from app.geo.gazetteer_sources import ImportLimits
from app.geo.gazetteer_write import ImportReport
from app.geo.postcodes import parse_postcode
from tests.geo.published import (
    CODE_POINT_HEADERS,
    CODE_POINT_METADATA,
    CV,
    NOWHERE,
    NSPL_2022,
    ONSPD_2018,
    ONSPD_2025,
    PLAIN,
    B,
    Row,
    code_point_csv,
    ons_csv,
    write_files,
    write_zip,
)


def imported(source: Path, path: Path, *, released: str | None = None) -> ImportReport:
    """An import of a few rows, which an operator's import would refuse for being few."""
    return import_gazetteer(source, path, released=released, minimum_rows=1, minimum_located=0.0)


def locate(path: Path, text: str) -> Locality:
    with Gazetteer.open(path) as gazetteer:
        return gazetteer.locate(parse_postcode(text))


def code_point_files(rows: tuple[Row, ...] = PLAIN) -> dict[str, bytes]:
    return {
        "Doc/Code-Point_Open_Column_Headers.csv": CODE_POINT_HEADERS.encode(),
        "Doc/metadata.txt": CODE_POINT_METADATA.encode(),
        "Doc/licence.txt": "© Crown".encode("latin-1"),
        "Data/CSV/b.csv": code_point_csv([row for row in rows if row.postcode.startswith("B")]),
        "Data/CSV/cv.csv": code_point_csv([row for row in rows if row.postcode.startswith("CV")]),
    }


# Shapes of publication


@pytest.mark.parametrize(
    ("name", "header", "edition"),
    [
        ("ONSPD_NOV_2025_UK.csv", ONSPD_2025, "ONS Postcode Directory 2025-11"),
        ("ONSPD_MAY_2018_UK.csv", ONSPD_2018, "ONS Postcode Directory 2018-05"),
        ("NSPL21_AUG_2022_UK.csv", NSPL_2022, "National Statistics Postcode Lookup 2022-08"),
        ("postcodes.csv", ONSPD_2025, "ONS Postcode Directory 2025"),
    ],
)
def test_a_single_file_is_read(tmp_path: Path, name: str, header: str, edition: str) -> None:
    source = write_files(tmp_path, {name: ons_csv(PLAIN, header=header)}) / name
    report = imported(source, tmp_path / "gazetteer.bin")
    assert report.edition == edition
    assert report.attribution_year == int(edition.rsplit(maxsplit=1)[-1][:4])
    assert (report.rows, report.live, report.terminated, report.without_location) == (4, 4, 0, 0)
    found = locate(tmp_path / "gazetteer.bin", "cv1 5fb")
    assert found.position == GridPoint(433_300, 279_000)
    assert [one.code for one in found.authorities] == ["E08000026"]


def test_gzip_zip_and_folder_give_the_same(tmp_path: Path) -> None:
    content = ons_csv(PLAIN)
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress(content))
    write_files(tmp_path / "folder", {"Data/ONSPD_NOV_2025_UK.csv": content})
    write_zip(tmp_path / "one.zip", {"Data/ONSPD_NOV_2025_UK.csv": content})
    for number, source in enumerate(("one.csv.gz", "folder", "one.zip")):
        path = tmp_path / f"{number}.bin"
        imported(tmp_path / source, path, released="2025-11")
        assert locate(path, "B2 4QA").position == GridPoint(407_025, 286_640)


def test_the_whole_zip_of_ons_has_the_rows_twice_and_lists_of_names_and_is_read_once(tmp_path: Path) -> None:
    source = write_zip(
        tmp_path / "ONSPD_NOV_2025.zip",
        {
            "Data/ONSPD_NOV_2025_UK.csv": ons_csv(PLAIN),
            "Data/multi_csv/ONSPD_NOV_2025_UK_B.csv": ons_csv(PLAIN[:3]),
            "Data/multi_csv/ONSPD_NOV_2025_UK_CV.csv": ons_csv(PLAIN[3:]),
            "Documents/LA_UA names and codes UK as at 04_25.csv": b"LAD25CD,LAD25NM\nE08000025,Birmingham\n",
            "Documents/Names in Welsh.csv": "code,name\nW06000001,Ynys Môn\n".encode("latin-1"),
            "User Guide/ONSPD User Guide.pdf": b"%PDF-1.7",
        },
    )
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.rows, report.repeated, report.edition) == (4, 0, "ONS Postcode Directory 2025-11")


def test_one_file_for_each_postcode_area_is_read_together(tmp_path: Path) -> None:
    source = write_zip(
        tmp_path / "multi.zip",
        {
            "multi/ONSPD_MAY_2025_UK_B.csv": ons_csv(PLAIN[:3]),
            "multi/ONSPD_MAY_2025_UK_CV.csv": ons_csv(PLAIN[3:]),
        },
    )
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.rows, report.edition) == (4, "ONS Postcode Directory 2025-05")


@pytest.mark.parametrize("packed", [True, False])
def test_code_point_open_is_read_by_its_own_column_headers(tmp_path: Path, packed: bool) -> None:
    files = code_point_files()
    source = write_zip(tmp_path / "codepo.zip", files) if packed else write_files(tmp_path / "codepo", files)
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.edition, report.attribution_year) == ("Code-Point Open 2024-04", 2024)
    assert (report.rows, report.live) == (4, 4)
    assert locate(tmp_path / "gazetteer.bin", "CV1 5FB").status == "live"


def test_columns_are_found_wherever_they_stand(tmp_path: Path) -> None:
    content = ons_csv(PLAIN).decode().splitlines()
    order = list(range(len(ONSPD_2025.split(","))))
    random.Random(1).shuffle(order)
    shuffled = "\n".join(",".join([line.split(",")[at] for at in order]) for line in content) + "\n"
    source = write_files(tmp_path, {"ONSPD_NOV_2025_UK.csv": shuffled.encode()}) / "ONSPD_NOV_2025_UK.csv"
    imported(source, tmp_path / "gazetteer.bin")
    assert locate(tmp_path / "gazetteer.bin", "CV1 5FB").position == GridPoint(433_300, 279_000)


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_windows_line_ends_byte_order_marks_and_a_missing_last_line_end_do_not_matter(
    tmp_path: Path, ending: str, mark: bytes
) -> None:
    text = ons_csv(PLAIN).decode().removesuffix("\n").replace("\n", ending)
    source = write_files(tmp_path, {"ONSPD_NOV_2025_UK.csv": mark + text.encode()}) / "ONSPD_NOV_2025_UK.csv"
    assert imported(source, tmp_path / "gazetteer.bin").rows == 4


# Meaning of rows


@pytest.mark.parametrize(
    "nowhere",
    [
        NOWHERE,
        {"authority": "M99999999", "east": "", "north": ""},
        {"authority": "L99999999"} | {"east": "", "north": "", "quality": "9"},
        {"quality": "9"},
        {"lat": "99.999999", "long": "0.000000"},
        {"east": "0", "north": "0000000"},
    ],
)
def test_what_has_no_grid_reference_is_known_and_has_no_place(
    tmp_path: Path, nowhere: dict[str, str]
) -> None:
    content = ons_csv((*PLAIN, B.but(postcode="B9 9QY", **nowhere)))
    source = write_files(tmp_path, {"ONSPD_NOV_2025_UK.csv": content}) / "ONSPD_NOV_2025_UK.csv"
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.rows, report.without_location) == (5, 1)
    for text in ("B9 9QY", "B9 9", "B9"):
        with pytest.raises(PostcodeNoLocation):
            locate(tmp_path / "gazetteer.bin", text)
    with pytest.raises(PostcodeNotFound):
        locate(tmp_path / "gazetteer.bin", "B9 9QZ")


def test_quality_90_of_code_point_has_no_place_and_60_takes_the_nearest_authority(tmp_path: Path) -> None:
    far = Row("B3 3AA", authority="", quality="60", east="500000", north="500000")
    mean = B.but(postcode="B4 4AA", authority="", quality="60", east="433200", north="279100")
    none = Row("B5 5AA", authority="", quality="90", east="0", north="0")
    source = write_zip(tmp_path / "codepo.zip", code_point_files((*PLAIN, far, mean, none)))
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.rows, report.without_location, report.authority_from_nearest) == (7, 2, 1)
    # 141 m from the postcode in Coventry, 27 km from those in Birmingham.
    assert [one.code for one in locate(tmp_path / "gazetteer.bin", "B4 4AA").authorities] == ["E08000026"]
    for text in ("B3 3AA", "B5 5AA"):
        with pytest.raises(PostcodeNoLocation):
            locate(tmp_path / "gazetteer.bin", text)


def test_a_month_of_termination_makes_it_terminated(tmp_path: Path) -> None:
    content = ons_csv((*PLAIN, B.but(postcode="B8 8AA", doterm="200006")))
    source = write_files(tmp_path, {"ONSPD_NOV_2025_UK.csv": content}) / "ONSPD_NOV_2025_UK.csv"
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.live, report.terminated) == (4, 1)
    assert locate(tmp_path / "gazetteer.bin", "B8 8AA").status == "terminated"
    assert locate(tmp_path / "gazetteer.bin", "B1 1BB").status == "live"


def test_northern_ireland_is_dropped_and_counted(tmp_path: Path) -> None:
    irish = (Row("BT1 1AA", authority="N09000003", east="333600", north="374500"), Row("BT99 9ZZ", **NOWHERE))
    source = (
        write_files(tmp_path, {"ONSPD_NOV_2025_UK.csv": ons_csv((*irish, *PLAIN))}) / "ONSPD_NOV_2025_UK.csv"
    )
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.rows, report.dropped_northern_ireland) == (4, 2)
    with Gazetteer.open(tmp_path / "gazetteer.bin") as gazetteer:
        assert "N09000003" not in {
            one.code for name in gazetteer.districts() for one in gazetteer.authorities_of_district(name)
        }
        assert b"BT1" not in (tmp_path / "gazetteer.bin").read_bytes()


def test_the_one_row_of_ons_that_is_no_postcode_is_left_out(tmp_path: Path) -> None:
    odd = Row("NPT 0VA", authority="W06000022", doterm="198001", east="331600", north="188300")
    source = (
        write_files(tmp_path, {"ONSPD_NOV_2025_UK.csv": ons_csv((*PLAIN, odd))}) / "ONSPD_NOV_2025_UK.csv"
    )
    assert imported(source, tmp_path / "gazetteer.bin").rows == 4


def test_a_row_that_says_the_same_twice_counts_once(tmp_path: Path) -> None:
    source = (
        write_files(tmp_path, {"ONSPD_NOV_2025_UK.csv": ons_csv((*PLAIN, *PLAIN[:2]))})
        / "ONSPD_NOV_2025_UK.csv"
    )
    report = imported(source, tmp_path / "gazetteer.bin")
    assert (report.rows, report.repeated) == (4, 2)


@pytest.mark.parametrize("packed", [True, False])
def test_progress_comes_to_its_end(tmp_path: Path, packed: bool) -> None:
    source = write_zip(tmp_path / "codepo.zip", code_point_files())
    if packed:
        source = tmp_path / "ONSPD_NOV_2025_UK.csv.gz"
        source.write_bytes(gzip.compress(ons_csv(PLAIN)))
    told: list[tuple[int, int]] = []
    import_gazetteer(
        source,
        tmp_path / "gazetteer.bin",
        minimum_rows=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == sorted(told)
    assert len({total for _, total in told}) == 1
    assert told[-1][0] == told[-1][1] > 0


# Nothing wrong changes anything

GOOD = ons_csv(PLAIN)
ZIP_NAME = "Data/ONSPD_NOV_2025_UK.csv"


def _csv(content: bytes) -> Callable[[Path], Path]:
    return lambda folder: write_files(folder, {"ONSPD_NOV_2025_UK.csv": content}) / "ONSPD_NOV_2025_UK.csv"


def _file(name: str, content: bytes) -> Callable[[Path], Path]:
    return lambda folder: write_files(folder, {name: content}) / name


def _zip(files: dict[str, bytes], *, cut: int = 0, spoilt_at: int | None = None) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = write_zip(folder / "ONSPD_NOV_2025.zip", files)
        content = bytearray(path.read_bytes())
        if spoilt_at is not None:
            content[spoilt_at] ^= 0xFF
        path.write_bytes(content[: len(content) - cut])
        return path

    return write


def _folder(files: dict[str, bytes]) -> Callable[[Path], Path]:
    return lambda folder: write_files(folder / "source", files)


def _row(**changed: str) -> bytes:
    return ons_csv((*PLAIN, B.but(**({"postcode": "B7 7AA"} | changed))))


LONG = ons_csv(
    [B.but(postcode=f"B{district} {digit}AA") for district in range(1, 90) for digit in range(10)] * 5
)

WRONG: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no such file": (lambda folder: folder / "absent.csv", "cannot be read"),
    "empty file": (_csv(b""), "line 1"),
    "empty folder": (_folder({"readme.txt": b"x", "b/c.txt": b"y"}), "None of the files"),
    "a header and no rows": (_csv(GOOD.splitlines()[0] + b"\n"), "0 postcodes"),
    "a picture": (_csv(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9), "line 1: "),
    "another table": (_csv(b"id,name\n1,x\n"), "no column for the postcode"),
    "UTF-16": (_csv(GOOD.decode().encode("utf-16")), "line 1"),
    "Latin-1 in a row": (_csv(GOOD + b"\xe9" + GOOD.splitlines(keepends=True)[1]), "line 6: the text is not UTF-8"),
    "cut in a field": (_csv(GOOD[:-40]), "line 5"),
    "cut behind a field": (_csv(GOOD[: GOOD.rindex(b",")]), "line 5: not 11 fields"),
    "an empty line": (_csv(GOOD + b"\n" + GOOD.splitlines(keepends=True)[1]), "line 6: not 11 fields"),
    "a quotation mark too many": (_csv(GOOD.replace(b'"E08000026"', b'"E08000026')), "line 5: a quotation mark"),
    "a comma in quotation marks": (_csv(GOOD.replace(b'"E08000026"', b'"E080,00026"')), "line 5: not 11 fields"),
    "a comma in quotation marks and a field less": (_csv(GOOD.replace(b'"E08000026","', b'"E08000026,')), "line 5: a quotation mark"),
    "a line end in quotation marks": (_csv(GOOD.replace(b'"E08000026"', b'"E080\n00026"')), "line 5: not 11 fields"),
    "NUL in a postcode": (_csv(GOOD.replace(b"CV1 5FB", b"CV1\x005FB")), "line 5"),
    "a column missing": (_csv(GOOD.replace(b"lad25cd", b"area25")), "no column for the authority"),
    "a column twice": (_csv(GOOD.replace(b"parncp25cd", b"lad24cd")), "more than one column for the authority"),
    "months missing": (_csv(GOOD.replace(b"doterm", b"until")), "no column for the terminated"),
    "small letters": (_csv(_row(postcode="b7 7aa")), "line 6: not the form of a British postcode"),
    "a letter no inward code has": (_csv(_row(postcode="B7 7AC")), "line 6: not the form"),
    "an outward code of no form": (_csv(_row(postcode="B777 7AA")), "line 6: not the form"),
    "an overseas code": (_csv(_row(postcode="9021 0AA")), "line 6: not the form"),
    "a position in degrees": (_csv(_row(east="52.48")), "line 6: the position is not in whole metres"),
    "a negative position": (_csv(_row(east="-1")), "line 6: the position is not in whole metres"),
    "half a position": (_csv(_row(north="")), "line 6: the position has only one"),
    "a position off the grid": (_csv(_row(east="700000")), "line 6: the position is not on the grid"),
    "a position far off": (_csv(_row(north="99999999")), "line 6: the position is not on the grid"),
    "a position too long": (_csv(_row(north="999999999999")), "line 6: the northing is too long"),
    "a name for an authority": (_csv(_row(authority="Birming")), "line 6: not the code of a local authority"),
    "a code of another land": (_csv(_row(authority="F08000025")), "line 6: not the code of a local authority"),
    "a month of 13": (_csv(_row(doterm="200013")), "line 6: the month of termination"),
    "a year for a month": (_csv(_row(doterm="2000")), "line 6: the month of termination"),
    "a postcode with two positions": (_csv(_row(postcode="CV1 5FB")), "line 6: the postcode stands with other facts in line 5"),
    "a postcode with two states": (_csv(ons_csv((*PLAIN, CV.but(doterm="200006")))), "line 6: the postcode stands with other"),
    "gzip cut short": (_file("ONSPD_NOV_2025_UK.csv.gz", gzip.compress(GOOD)[:-20]), "damaged or incomplete"),
    "gzip with a wrong sum": (_file("ONSPD_NOV_2025_UK.csv.gz", gzip.compress(GOOD)[:-8] + b"\0" * 8), "damaged or incomplete"),
    "not gzip": (_file("ONSPD_NOV_2025_UK.csv.gz", GOOD), "line 1"),
    "zip cut short": (_zip({ZIP_NAME: GOOD}, cut=30), "not a whole zip"),
    "zip with a changed byte": (_zip({ZIP_NAME: GOOD}, spoilt_at=120), "damaged or incomplete"),
    "an empty zip": (_zip({}), "None of the files"),
    "zip of documents": (_zip({"a.csv": b"x,y\n1,2\n", "b.csv": b"x,y\n1,2\n"}), "None of the files"),
    "two editions in a folder": (_folder({"a.csv": GOOD, "b.csv": ons_csv(PLAIN, header=ONSPD_2018)}), "different editions"),
    "Code-Point Open without its headers": (_folder({f"{x}.csv": code_point_csv(PLAIN) for x in "ab"}), "None of the files"),
    "Code-Point Open without its rows": (_folder({"Doc/Code-Point_Open_Column_Headers.csv": CODE_POINT_HEADERS.encode()}), "no rows"),
    "Code-Point Open with other headers": (
        _folder(code_point_files() | {"Doc/Code-Point_Open_Column_Headers.csv": b"A,B,C\nA,B,C\n"}),
        "no column for the postcode",
    ),
    "a zip bomb": (_zip({ZIP_NAME: GOOD + b" " * 3_000_000}), "inflates to more than"),
    "a gzip bomb": (_file("ONSPD_NOV_2025_UK.csv.gz", gzip.compress(GOOD + b"\n" * 3_000_000)), "larger than it can rightly be"),
    "too many members": (_zip({f"{number}.csv": b"x,y\n" for number in range(60)}), "more than 50 members"),
    "too large together": (_zip({ZIP_NAME: LONG, "b.csv": LONG, "c.csv": LONG, "d.csv": LONG}), "larger than"),
    "a line without an end": (_csv(GOOD + b"x" * 5_000_000), "too long"),
    "a name to deceive": (_file("ONSPD_NOV_2025\u202e\x1b[2J.csv", GOOD[:-40]), "ONSPD_NOV_2025??[2J.csv, line 5"),
}  # fmt: skip
LIMITS = ImportLimits(members=50, total_bytes=1_500_000)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_changes_nothing_and_says_why(tmp_path: Path, wrong: str) -> None:
    write, reason = WRONG[wrong]
    path = tmp_path / "kept" / "gazetteer.bin"
    imported(_csv(GOOD)(tmp_path / "before"), path)
    before = path.read_bytes()
    (tmp_path / "in").mkdir()
    source = write(tmp_path / "in")
    limits = LIMITS if wrong != "a line without an end" else None
    with pytest.raises(ImportRejected) as refused:
        import_gazetteer(source, path, minimum_rows=1, minimum_located=0.0, limits=limits)
    assert reason in refused.value.detail
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["gazetteer.bin"]
    # What a row says stays in the file.
    assert not any(text in refused.value.detail for text in ("B7", "b7", "CV1", "E08000026", "Birming"))


def test_a_file_with_few_rows_or_few_places_is_refused_unless_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.bin"
    few = _csv(GOOD)(tmp_path / "few")
    with pytest.raises(ImportRejected, match="import-rejected") as refused:
        import_gazetteer(few, path)
    assert "4 postcodes" in refused.value.detail
    empty = _csv(ons_csv((B, CV.but(**NOWHERE))))(tmp_path / "empty")
    with pytest.raises(ImportRejected) as refused:
        import_gazetteer(empty, path, minimum_rows=1)
    assert "no grid reference" in refused.value.detail
    assert not path.exists()


def test_an_edition_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    files = {name: content for name, content in code_point_files().items() if name != "Doc/metadata.txt"}
    source = write_zip(tmp_path / "codepo.zip", files)
    with pytest.raises(ImportRejected) as refused:
        imported(source, tmp_path / "gazetteer.bin")
    assert "which month and year" in refused.value.detail
    assert imported(source, tmp_path / "gazetteer.bin", released="2024-05").attribution_year == 2024
    with pytest.raises(ImportRejected):
        imported(source, tmp_path / "gazetteer.bin", released="May 2024")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept" / "gazetteer.bin"
    source = _csv(GOOD)(tmp_path)
    imported(source, path)
    before = path.read_bytes()

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        imported(_csv(_row())(tmp_path / "new"), path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["gazetteer.bin"]


# The editions in the reference data


REAL_ROWS = {
    "onspd_may2018_real_rows.csv": ("ONS Postcode Directory 2018-05", 4, 2),
    "onspd_aug2024_real_rows.csv": ("ONS Postcode Directory 2024-08", 4, 2),
    "onspd_nov2025_real_rows.csv": ("ONS Postcode Directory 2025-11", 4, 1),
    "nspl_2025_real_rows.csv": ("National Statistics Postcode Lookup 2025", 3, 0),
    "nspl_aug2022_real_rows.csv": ("National Statistics Postcode Lookup 2022-08", 19, 5),
}


@pytest.mark.parametrize("name", REAL_ROWS)
def test_real_rows_of_every_generation_are_read(reference: Path, tmp_path: Path, name: str) -> None:
    report = imported(reference / "fixtures" / name, tmp_path / "gazetteer.bin")
    assert (report.edition, report.rows, report.without_location) == REAL_ROWS[name]


def test_a_whole_directory_and_code_point_open_of_the_same_month_agree(
    reference: Path, tmp_path: Path
) -> None:
    directory, points = tmp_path / "onspd.bin", tmp_path / "codepo.bin"
    of_directory = imported(reference / "fixtures" / "ONSPD_shaped_WM.csv.gz", directory)
    of_points = imported(reference / "fixtures" / "codepo_gb", points)
    assert (of_directory.rows, of_directory.live) == (136_526, of_points.rows)
    assert (of_points.rows, of_points.without_location, of_points.authority_from_nearest) == (95_136, 161, 17)
    with gzip.open(reference / "postcodes_wm.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))[::7]
    with Gazetteer.open(directory) as one, Gazetteer.open(points) as other:
        for row in rows:
            postcode = parse_postcode(row["postcode"])
            if not row["easting"]:
                with pytest.raises(PostcodeNoLocation):
                    one.locate(postcode)
                continue
            found = one.locate(postcode)
            assert found.status == row["status"]
            assert found.position == GridPoint(int(row["easting"]), int(row["northing"]))
            assert found.authorities[0].code == row["lad_code"]
            if row["status"] == "live":
                assert other.locate(postcode).position == found.position
                assert other.locate(postcode).authorities == found.authorities


def test_columns_of_a_header_seen_second_hand_are_found(reference: Path) -> None:
    header = (
        (reference / "fixtures" / "nspl_aug2026_header_only.csv")
        .read_text(encoding="utf-8")
        .strip()
        .split(",")
    )
    layout = match_columns(header, "header")
    assert {role: header[at] for role, at in layout.columns.items()} == {
        "postcode": "pcd7",
        "terminated": "doterm",
        "authority": "lad26cd",
        "easting": "east1m",
        "northing": "north1m",
        "quality": "gridind",
        "latitude": "lat",
    }
    assert layout.year == 2026
