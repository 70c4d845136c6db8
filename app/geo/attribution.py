"""What has to be said wherever data of the Ordnance Survey, Royal Mail and the ONS is shown, and the licence of it all."""

from typing import Final

LICENCE_URL: Final = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
"""Open Government Licence v3.0, under which the directory itself is given on (LICENSE-DATA.md)."""

_ATTRIBUTION: Final = (
    "Contains OS data © Crown copyright and database right {year} · Contains Royal Mail data © Royal Mail copyright and "
    "database right {year} · Contains National Statistics data © Crown copyright and database right {year} · "
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0"
)


def attribution(year: int) -> str:
    """The acknowledgement for the edition of the postcode directory of that year."""
    return _ATTRIBUTION.format(year=year)
