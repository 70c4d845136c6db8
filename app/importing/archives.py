"""The zip file that a workbook is, checked before anything is made of it.

What the directory of a zip file says about it may be false, so each part is unpacked by what is there, counted while it
is unpacked, and compared with what was said. Only the parts that hold sheets go on, in a new archive: whatever else the
file holds (pictures, printer settings, a second directory) is not looked at by anybody.
"""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from app.errors import ArchiveInvalid, ArchiveTooLarge

MOST_PARTS = 200
MOST_UNPACKED = 100_000_000
MOST_RATIO = 100
"""A sheet of repeated text packs twenty- to fortyfold; a bomb a thousandfold."""
SMALL = 1_000_000
"""Below this many bytes a part may be packed as tightly as it likes: an empty sheet of a million spaces hurts nobody."""

_CHUNK = 1 << 18
_LOCAL_HEADER = b"PK\x03\x04"
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/sharedStrings\.xml|xl/styles\.xml"
    r"|xl/worksheets/[A-Za-z0-9_.-]+\.xml"
)
_REFUSED = (
    (re.compile(r"vbaProject|vbaData|macrosheets/|intlMacrosheets/|activeX/|ctrlProps/", re.IGNORECASE), "macros or controls"),
    (re.compile(r"externalLinks?/|/connections\.xml|queryTables?/|webExtensions?/|ddeLink", re.IGNORECASE), "links to other files or sources"),
    (re.compile(r"/embeddings/|oleObject", re.IGNORECASE), "embedded files"),
)  # fmt: skip
_MACRO_TYPES = re.compile(rb"macroEnabled|vnd\.ms-office\.vbaProject", re.IGNORECASE)
_RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>", re.IGNORECASE)
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External[\"']", re.IGNORECASE)
_HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']")


def is_zip(content: bytes) -> bool:
    return content.startswith(_LOCAL_HEADER)


def checked_workbook(content: bytes) -> dict[str, bytes]:
    """The XML parts of a workbook that hold its sheets, by name, each well-formed and without a document type.

    Raises ArchiveTooLarge or ArchiveInvalid.
    """
    members = _members(content)
    _refuse_foreign(members)
    parts: dict[str, bytes] = {}
    unpacked = 0
    for member in members:
        found = bytearray()
        is_needed = _NEEDED.fullmatch(member.filename) is not None
        is_described = member.filename.endswith((".rels", "[Content_Types].xml"))
        for chunk in _inflated(content, member):
            unpacked += len(chunk)
            if unpacked > MOST_UNPACKED:
                raise ArchiveTooLarge
            if not found and chunk.startswith(_LOCAL_HEADER):
                raise _invalid("an archive inside it")
            if is_needed or is_described:
                found += chunk
            elif not found:
                found += chunk[:4]
        if is_described:
            _refuse_links(bytes(found))
        if is_needed:
            parts[member.filename] = bytes(found)
            _check_xml(parts[member.filename])
    if "xl/workbook.xml" not in parts or "[Content_Types].xml" not in parts:
        raise _invalid("no workbook")
    return parts


def packed(parts: dict[str, bytes]) -> io.BytesIO:
    """The parts as an archive again, not compressed."""
    packed_again = io.BytesIO()
    with zipfile.ZipFile(packed_again, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    packed_again.seek(0)
    return packed_again


def _members(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        ValueError,
        OverflowError,
        EOFError,
        OSError,
    ):
        raise _invalid("no directory that can be read") from None
    if len(members) > MOST_PARTS:
        raise ArchiveTooLarge(f"It has more than {MOST_PARTS} parts. {ArchiveTooLarge.explanation}")
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise ArchiveTooLarge
    for member in members:
        _refuse_name(member)
        if member.flag_bits & 0x1:
            raise _invalid("a password")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _invalid("a part packed in an unusual way")
        if member.file_size > max(SMALL, member.compress_size * MOST_RATIO):
            raise ArchiveTooLarge
    if len({member.filename.casefold() for member in members}) != len(members):
        raise _invalid("two parts of one name")
    _refuse_overlap(content, members)
    return members


def _refuse_name(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename
    unsafe = name.startswith(("/", "\\")) or "\\" in name or ":" in name or not name.isprintable()
    if unsafe or ".." in name.split("/") or stat.S_ISLNK(member.external_attr >> 16):
        raise _invalid("a part with a name that leads out of it")


def _refuse_overlap(content: bytes, members: list[zipfile.ZipInfo]) -> None:
    """Parts that share bytes unpack to far more than the file holds (D. Fifield, "A better zip bomb")."""
    spans = sorted(
        (member.header_offset, _body_start(content, member) + member.compress_size) for member in members
    )
    ends = 0
    for begins, following in spans:
        if begins < ends:
            raise _invalid("parts that overlap")
        ends = following
    if ends > len(content):
        raise _invalid("parts that are cut off")


def _body_start(content: bytes, member: zipfile.ZipInfo) -> int:
    """Where the packed bytes begin: after the local header of 30 bytes, a name and an extra field (APPNOTE 4.3.7)."""
    header = content[member.header_offset : member.header_offset + 30]
    if len(header) != 30 or not header.startswith(_LOCAL_HEADER):
        raise _invalid("a part that is not where it says")
    name_length, extra_length = (
        int.from_bytes(header[26:28], "little"),
        int.from_bytes(header[28:30], "little"),
    )
    name = content[member.header_offset + 30 : member.header_offset + 30 + name_length]
    if name.decode("utf-8" if member.flag_bits & 0x800 else "cp437", "replace") != member.orig_filename:
        raise _invalid("a part with two names")
    return member.header_offset + 30 + name_length + extra_length


def _inflated(content: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a part really unpacks to, in chunks. Raises ArchiveInvalid where that is not what was said."""
    start = _body_start(content, member)
    body = memoryview(content)[start : start + member.compress_size]
    size = checksum = 0
    for chunk in _unpacked(body, member.compress_type):
        size += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
        if size > member.file_size:
            raise _invalid("a part that is larger than it says")
        yield chunk
    if size != member.file_size or checksum != member.CRC:
        raise _invalid("a part that is not what it says")


def _unpacked(body: memoryview, compress_type: int) -> Iterator[bytes]:
    if compress_type == zipfile.ZIP_STORED:
        for at in range(0, len(body), _CHUNK):
            yield bytes(body[at : at + _CHUNK])
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    packed_bytes: bytes | memoryview = body
    try:
        while not inflate.eof:
            chunk = inflate.decompress(packed_bytes, _CHUNK)
            packed_bytes = inflate.unconsumed_tail
            if chunk:
                yield chunk
            elif not packed_bytes:
                break
    except zlib.error:
        raise _invalid("a part that does not unpack") from None
    if not inflate.eof or inflate.unused_data:
        raise _invalid("a part that is cut off or too long")


def _refuse_foreign(members: list[zipfile.ZipInfo]) -> None:
    for member in members:
        for form, what in _REFUSED:
            if form.search(member.filename):
                raise _invalid(what)


def _refuse_links(described: bytes) -> None:
    if _MACRO_TYPES.search(described):
        raise _invalid("macros or controls")
    for found in _RELATIONSHIP.finditer(described):
        # A web address in a cell is a link too, and harmless: it is never followed.
        if _EXTERNAL.search(found[0]) and not _HYPERLINK.search(found[0]):
            raise _invalid("links to other files or sources")


def _check_xml(part: bytes) -> None:
    if part.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in part[:8]:
        raise _invalid("text that is not UTF-8")
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _refuse_encoding
    try:
        parser.Parse(part, True)  # noqa: FBT003 - the last piece; the parser takes no names
    except expat.ExpatError:
        raise _invalid("a part that is not well-formed XML") from None


def _refuse_doctype(*_declared: object) -> None:
    raise _invalid("a document type in its XML")


def _refuse_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.casefold() not in ("utf-8", "us-ascii"):
        raise _invalid("text that is not UTF-8")


def _invalid(what: str) -> ArchiveInvalid:
    return ArchiveInvalid(f"The workbook has {what}. {ArchiveInvalid.explanation}")
