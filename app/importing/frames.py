"""What the process that reads a file says to the one that asked, as a stream of pickled tuples.

The reader works on bytes from a stranger, so what it says is not trusted either: only the plain classes of records and
reports can be built from it. One pickler for many frames keeps shared values shared: equal hours or phones of hundreds
of services are one object on this side too. It holds on to all that it has written, so now and then a new one begins.
"""

import pickle
from collections.abc import Iterator
from typing import IO, Any, Final

AFRESH_AFTER = 500
"""Frames for which one pickler is used."""
RECORDS = "app.curation.submissions"
ALLOWED = frozenset(
    {
        ("app.directory.contact_points", "PhoneNumber"),
        ("app.importing.parsed", "Cell"),
        ("app.importing.parsed", "RowProblem"),
        ("app.importing.places", "Columns"),
        ("app.importing.mapping", "ColumnMapping"),
        ("app.importing.mapping", "MappedColumn"),
        ("datetime", "date"),
        ("uuid", "UUID"),
        ("uuid", "SafeUUID"),
    }
)


class CutShort(Exception):
    """The stream ended before it was done, or holds what no reader of ours says."""


class FrameWriter:
    """Writes frames; what `flush` has returned for is on its way."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._pickler = pickle.Pickler(stream, protocol=5)
        self._frames = 0

    def send(self, *frame: object) -> None:
        self._frames += 1
        if self._frames % AFRESH_AFTER == 0:
            self._pickler.dump((_AFRESH,))
            self._pickler = pickle.Pickler(self._stream, protocol=5)
        self._pickler.dump(frame)

    def flush(self) -> None:
        self._stream.flush()


def read_frames(stream: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    """Frames one by one. Raises CutShort, also at the end: whoever reads knows which frame is the last."""
    reader = _PlainRecords(stream)
    while True:
        try:
            frame = reader.load()
        except _UNREADABLE:
            raise CutShort from None
        if not isinstance(frame, tuple) or not frame:
            raise CutShort
        if frame[0] == _AFRESH:
            reader = _PlainRecords(stream)
        else:
            yield frame


class _PlainRecords(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        is_record = module_name == RECORDS and global_name.endswith("Submission")
        if is_record or (module_name, global_name) in ALLOWED:
            return super().find_class(module_name, global_name)
        raise pickle.UnpicklingError("not a class of records")


_AFRESH: Final = "afresh"
_UNREADABLE = (EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError, KeyError, OSError, TypeError, ValueError)  # fmt: skip
"""All that a broken or invented pickle raises (Python's documentation of `pickle.UnpicklingError`)."""
