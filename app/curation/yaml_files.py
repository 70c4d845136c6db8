"""YAML read with the scalars of YAML 1.2, so that `no` stays a word and `24:00` stays a time, and no key is lost.

PyYAML follows YAML 1.1, where `no` is false, `24:00` is the number 1440 and a second `key:` silently wins.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, ScalarNode

from app.errors import ImportRejected

if TYPE_CHECKING:
    from yaml import SafeLoader as FastestLoader
else:
    # Ten times the speed where PyYAML was built with libyaml.
    FastestLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SeedLoader(FastestLoader):
    """Plain scalars are null, true, false, whole and decimal numbers, calendar dates, and otherwise text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML keeps them on the class

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """As PyYAML's, but a key that stands twice is an error."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, ScalarNode):
                if key.value in seen:
                    raise ConstructorError(None, None, "a key stands twice", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_SCALARS = (
    # YAML 1.2.2, section 10.3.2 (core schema); a number with a leading zero is text: it may be a telephone number.
    ("null", r"~|null|", "~n\0"),
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
    # Not of the core schema: RFC 3339 full-date.
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
)
for _name, _form, _first in _SCALARS:
    SeedLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}",
        re.compile(rf"(?:{_form})\Z", re.ASCII),
        ["" if character == "\0" else character for character in _first],
    )


def read_yaml(path: Path) -> object:
    """What the file holds: dicts, lists, text, numbers, booleans, dates and None.

    Raises ImportRejected naming the file, and the line where there is one, never what stands there.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=SeedLoader)  # noqa: S506 - a safe loader
    except OSError:
        raise ImportRejected(f"{path.name}: the file cannot be read") from None
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        where = "" if mark is None else f", line {mark.line + 1}"
        why = "a key stands twice" if failure.problem == "a key stands twice" else "not well-formed YAML"
        raise ImportRejected(f"{path.name}{where}: {why}") from None
    except (yaml.YAMLError, RecursionError):
        raise ImportRejected(f"{path.name}: not well-formed YAML") from None
    except ValueError:
        # Bytes that are not UTF-8, or a date such as 2026-02-30.
        raise ImportRejected(f"{path.name}: not UTF-8 text, or a date that does not exist") from None
