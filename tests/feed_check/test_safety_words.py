"""What is taken for a place where people hide, and what is not: a false alarm every night is soon switched off."""

import pytest

from app.feed_check.checks.safety import describes_hiding

HIDING = [
    {"name": "Example Women's Refuge"},
    {"name": "Example Safe House (men)"},
    {"name": "Example Safehouse"},
    {"name": "Example Bluebird Refuge"},
    {"description": "We run a refuge for women."},
    {"description": "Our safe house has six beds."},
    {"description": "Refuge accommodation for families who flee abuse."},
    {"description": "Provides refuge spaces."},
    {"description": "This is a women's refuge in the town."},
    {"description": "We offer safe accommodation."},
    {"description": "The address is confidential."},
    {"description": "Confidential location, please do not share."},
    {"description": "We do not say where our refuge is."},
    {"attributes": [{"taxonomy_term": {"name": "Refuge"}}]},
]

NOT_HIDING = [
    {"name": "Example Refugee Centre"},
    {"name": "Example Wildlife Refuge"},
    {"name": "Example Bin Collection"},
    {"name": "Not a refuge"},
    {"description": "We can refer you to a refuge."},
    {"description": "Help to find a refuge place."},
    {"description": "Support for people moving on from a refuge."},
    {"description": "A drop-in; we are not a refuge."},
    {"description": "Helps refugees and people who seek asylum."},
    {"description": "Information about refuges and safe houses."},
    {"description": "Advice on housing, refuge spaces and benefits."},
    {"description": "Links with local refuge accommodation."},
    {"description": "Flats for people who leave a safe house."},
    {"description": "Your call is confidential. The address is above."},
    {"attributes": [{"taxonomy_term": {"name": "Safe Housing"}}]},
    {},
    {"name": 7, "description": None, "attributes": "refuge"},
]


@pytest.mark.parametrize("service", HIDING, ids=str)
def test_a_hiding_place_is_recognised(service: dict[str, object]) -> None:
    assert describes_hiding("service", service)


@pytest.mark.parametrize("service", NOT_HIDING, ids=str)
def test_what_only_speaks_of_hiding_places_is_left_alone(service: dict[str, object]) -> None:
    assert not describes_hiding("service", service)
