"""The questions that are asked: real postcodes of the home area and of the whole country, in the same order every time."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.config import Settings
from app.errors import Problem
from app.geo.areas import Areas, read_areas
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import INWARD_LETTERS, parse_postcode
from bench.directories import GAZETTEER, PROJECT, gazetteer_folder
from bench.load import post

PATH = "/v1/services/search"
POSTCODES_OF_EACH = 150

# What an officer sends: the page asks for the age first, so that the child card is not worked out for an adult.
PERSONS: Sequence[dict[str, Any]] = (
    {"sex": "women", "age_group": "adult", "referrer": "police"},
    {"sex": "men", "age_group": "adult", "referrer": "council"},
    {"sex": "women", "age_group": "adult", "exploitation": "sexual"},
    {"sex": "men", "age_group": "adult", "exploitation": "labour"},
)


def home_areas() -> tuple[Areas, str]:
    """All areas, and the code of the home area: what the settings say when nothing is set."""
    home: str = Settings.model_fields["home_area"].default
    return Areas(read_areas(PROJECT / "seed_data" / "areas" / "areas.csv")), home


def real_postcodes(folder: Path | None = None) -> list[str]:
    """Postcodes that the gazetteer knows: half of them in the home area, half anywhere in Great Britain, taken in turn."""
    areas, home_area = home_areas()
    home = areas.authorities_in(home_area)
    chance = random.Random(2026)
    with Gazetteer.open((folder or gazetteer_folder()) / GAZETTEER) as gazetteer:
        everywhere = list(gazetteer.districts())
        at_home = [
            one
            for one in everywhere
            if any(share.code in home for share in gazetteer.authorities_of_district(one))
        ]
        found: list[str] = []
        for _ in range(POSTCODES_OF_EACH):
            found.extend(_any_postcode(gazetteer, districts, chance) for districts in (at_home, everywhere))
    return found


def _any_postcode(gazetteer: Gazetteer, districts: Sequence[str], chance: random.Random) -> str:
    while True:
        inward = f"{chance.randrange(10)}{chance.choice(INWARD_LETTERS)}{chance.choice(INWARD_LETTERS)}"
        text = f"{chance.choice(districts)} {inward}"
        try:
            gazetteer.locate(parse_postcode(text))
        except Problem:
            continue
        return text


def main_questions(postcodes: Sequence[str]) -> list[dict[str, Any]]:
    """The main search: a postcode and three filters."""
    return [
        {"postcode": postcode, **PERSONS[number % len(PERSONS)]} for number, postcode in enumerate(postcodes)
    ]


def variants(postcodes: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Other searches, by what they are."""
    return {
        "with a need as fourth filter": [
            {**question, "need": "casework_advocacy"} for question in main_questions(postcodes)
        ],
        "no age given: child card beside the results": [
            {name: value for name, value in question.items() if name != "age_group"}
            for question in main_questions(postcodes)
        ],
        "postcode alone": [{"postcode": postcode} for postcode in postcodes],
        "filters without a place": [dict(person) for person in PERSONS],
        "a district, B31": [{"postcode": "B31", **person} for person in PERSONS],
        "an area, Birmingham": [{"area": "E08000025", **person} for person in PERSONS],
    }


def as_requests(questions: Sequence[dict[str, Any]]) -> list[bytes]:
    """The searches as they go over the wire."""
    return [post(PATH, question) for question in questions]
