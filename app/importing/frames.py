"""What the process that reads a file says to the one that asked, as a stream of pickled tuples.

The reader works on bytes from a stranger, so what it says is not trusted either: only the plain classes of records and
reports can be built from it. One pickler for the whole stream keeps shared values shared: equal hours or phones of
50,000 services are one object on this side too.
"""

import pickle
from typing import IO, Any

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


class FrameReader(pickle.Unpickler):
    """Reads frames one by one: EOFError at the end, `pickle.UnpicklingError` for anything that is not a plain record."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        is_record = module_name == RECORDS and global_name.endswith("Submission")
        if is_record or (module_name, global_name) in ALLOWED:
            return super().find_class(module_name, global_name)
        raise pickle.UnpicklingError("not a class of records")


class FrameWriter:
    """Writes frames; each is on its way when `send` returns."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._pickler = pickle.Pickler(stream, protocol=5)

    def send(self, *frame: object) -> None:
        self._pickler.dump(frame)

    def flush(self) -> None:
        self._stream.flush()
