"""The widget's words in each language, of which only reviewed ones are offered: nobody's safety hangs on a machine's guess.

A catalogue is a file of `static/widget/messages/`. It is taken when it says that a person has reviewed it, in which role
and when, and when it has every message of the English one with the same places to fill in. Whatever else lies there is
work in progress, and is not served.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

SOURCE = "en"
PLACES = re.compile(r"\{(\w+)\}")
Text = Annotated[str, Field(min_length=1, max_length=400)]
Plurals = dict[Literal["zero", "one", "two", "few", "many", "other"], Text]
"""One text per plural form of the language (CLDR); the browser knows which number takes which."""


class Catalogue(BaseModel):
    """One language. `reviewed_by` is a role, never a name; `reviewed_on` the day on which the texts were read as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})?$")]
    autonym: Text
    direction: Literal["ltr", "rtl"]
    status: Literal["draft", "reviewed"]
    reviewed_by: Text | None = None
    reviewed_on: date | None = None
    messages: Mapping[str, Text | Plurals]

    @model_validator(mode="after")
    def _says_who_reviewed_it(self) -> Self:
        if self.status == "reviewed" and (self.reviewed_by is None or self.reviewed_on is None):
            raise ValueError("a reviewed catalogue says in which role it was reviewed, and when")
        return self

    @cached_property
    def places(self) -> Mapping[str, frozenset[str]]:
        """The places to fill in of every message; a text for one thing alone need not say that it is one."""
        return {
            key: frozenset(PLACES.findall(said if isinstance(said, str) else said.get("other", "")))
            for key, said in self.messages.items()
        }

    def lacks(self, source: "Catalogue") -> str | None:
        """Why it cannot stand in for the source, or None."""
        if self.status != "reviewed":
            return "is not reviewed"
        if self.places != source.places:
            wrong = sorted(
                key
                for key in {*self.places, *source.places}
                if self.places.get(key) != source.places.get(key)
            )
            return f"differs from the source in {', '.join(wrong[:5])}"
        return next(
            (
                f"has forms of {key} where the source has none, or none where it has"
                for key, said in self.messages.items()
                if isinstance(said, str) != isinstance(source.messages[key], str)
                or (not isinstance(said, str) and "other" not in said)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Catalogues:
    """What is offered, by language, English among it; and what is not, by file name, with the reason."""

    offered: Mapping[str, Catalogue]
    refused: Mapping[str, str]

    @property
    def source(self) -> Catalogue:
        return self.offered[SOURCE]


def read_catalogues(folder: Path) -> Catalogues:
    """Every `*.json` of the folder. Raises ValueError when the English one, which stands behind all, cannot be taken."""
    source = Catalogue.model_validate_json((folder / f"{SOURCE}.json").read_bytes())
    if (why := source.lacks(source)) is not None:
        raise ValueError(f"the English catalogue {why}")
    offered, refused = {SOURCE: source}, {}
    for path in sorted(folder.glob("*.json")):
        if path.stem == SOURCE:
            continue
        try:
            found = Catalogue.model_validate_json(path.read_bytes())
        except ValidationError as failure:
            refused[path.name] = f"cannot be read: {failure.errors()[0]['msg']}"
            continue
        why = "is named for another language" if found.language != path.stem else found.lacks(source)
        if why is None:
            offered[found.language] = found
        else:
            refused[path.name] = why
    return Catalogues(offered, refused)
