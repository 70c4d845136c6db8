"""What is made from a whole catalogue is made once: when somebody first asks, and again when the catalogue is another."""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar, cast

from app.directory.snapshot import Catalogue, Directory

Made = TypeVar("Made")


class EncodedOnce:
    """Things made from the newest catalogue that was asked about, by the function that makes them.

    Only for what depends on nothing but the catalogue: neither on capacity, nor on the time, nor on a question.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._catalogue: Catalogue | None = None
        self._made: dict[Callable[[Directory], Any], Any] = {}

    def of(self, directory: Directory, make: Callable[[Directory], Made]) -> Made:
        """What `make` gives for this directory. Threads that ask at once wait for one of them to make it."""
        with self._lock:
            if self._catalogue is not directory.catalogue:
                self._catalogue = directory.catalogue
                self._made = {}
            if make not in self._made:
                self._made[make] = make(directory)
            return cast(Made, self._made[make])
