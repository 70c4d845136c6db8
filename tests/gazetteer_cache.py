"""The gazetteer of Great Britain for the tests: built once, and again when the package or the code that builds it changes."""

import hashlib
from pathlib import Path

from app.geo.gazetteer_build import build_gazetteer, package_folder

ROOT = Path(__file__).parents[1]


def cached_gazetteer() -> Path:
    """The file, built in `.cache/` when it is not there. Workers that build it at the same time do not disturb each other."""
    version, _ = package_folder()
    digest = hashlib.sha256()
    for module in sorted((ROOT / "app" / "geo").glob("*.py")):
        if module.stem.startswith(("gazetteer", "cells", "postcodes")):
            digest.update(module.read_bytes())
    path = ROOT / ".cache" / f"gazetteer-{version}-{digest.hexdigest()[:12]}.bin"
    if not path.exists():
        # Takes its name only when it is whole.
        build_gazetteer(path)
        for old in path.parent.glob("gazetteer-*.bin"):
            if old != path:
                old.unlink(missing_ok=True)
    return path
