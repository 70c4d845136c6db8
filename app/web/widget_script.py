"""The widget's script as it is served: the readable source with its words put in, under a name that says what is in it.

There is nothing to build. Comments and indentation, which are for whoever reads the source, are left out of what visitors
download, and the reviewed words are put in; the same function does it for the server and for the tests.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.web.catalogues import Catalogues

COMMENT = ("//", "/*", "* ", "*/")
"""What a line that is nothing but a comment begins with."""
PINNED_NAME = re.compile(r"v1\.([0-9a-f]{16})\.js")


@dataclass(frozen=True)
class WidgetScript:
    """One release of the script."""

    body: bytes

    @cached_property
    def sha(self) -> str:
        """Names the bytes in an address: an address with it always gives these very bytes."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def integrity(self) -> str:
        """For the `integrity` attribute (Subresource Integrity)."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.body).digest()).decode()}"

    @property
    def pinned_name(self) -> str:
        return f"v1.{self.sha}.js"


def make_script(source: str, catalogues: Catalogues) -> WidgetScript:
    """The script with the English words and the names of the reviewed languages."""
    lines = [line.strip() for line in source.splitlines()]
    plain = "\n".join(line for line in lines if line not in ("", "*") and not line.startswith(COMMENT))
    languages = {code: one.autonym for code, one in catalogues.offered.items()}
    plain = _put_in(plain, "LANGUAGES", languages)
    return WidgetScript(_put_in(plain, "ENGLISH", catalogues.source.messages).encode() + b"\n")


def _put_in(text: str, name: str, value: Mapping[str, object]) -> str:
    empty = f"const {name} = {{}};"
    if text.count(empty) != 1:
        raise ValueError(f"the script has no place for {name}")
    return text.replace(
        empty, f"const {name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};"
    )


def read_earlier(folder: Path) -> dict[str, WidgetScript]:
    """Earlier releases by the name under which pages load them. Raises ValueError for one that is not what it is named."""
    found = {path.name: WidgetScript(path.read_bytes()) for path in sorted(folder.glob("*.js"))}
    for name, script in found.items():
        if name != script.pinned_name:
            raise ValueError(f"{name} is not the release that its name says")
    return found
