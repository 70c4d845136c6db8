"""Maps on pages: small pictures that say nothing which the table beside them does not, made of coverage alone."""

import gzip
import re
import shutil
from html import unescape
from pathlib import Path

import httpx
import pytest

from app.db import Database
from tests.api.served import Client, served
from tests.factories import BIRMINGHAM, SANDWELL
from tests.web.test_find_page import find, page
from tests.web.test_service_page import of

MOST_BYTES = 1024
"""Gzipped, of a whole picture: it comes with every page of results."""
BOROUGHS = ("Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton")


def picture(response: httpx.Response) -> str:
    [found] = re.findall(r'<svg class="map".*?</svg>', response.text, re.DOTALL)
    return str(found)


def table(response: httpx.Response) -> dict[str, list[str]]:
    """What the rows of the area's table say, by borough."""
    [area] = re.findall(r'<details class="area">.*?</details>', response.text, re.DOTALL)
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", area, re.DOTALL)
    cells = [[plain(cell) for cell in row.split("<td>")] for row in rows]
    return {name: rest for name, *rest in cells}


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def codes_of_boroughs(client: Client) -> dict[str, str]:
    """By name, as the form has them."""
    options = re.findall(r'<option value="(E08\d+)">([^<]+)</option>', client.get("/find").text)
    assert tuple(name for _, name in options) == BOROUGHS
    return {name: code for code, name in options}


@pytest.fixture(params=["landing", "results", "a wrong postcode"])
def shown(request: pytest.FixtureRequest, client: Client) -> httpx.Response:
    fields = {"results": {"area": SANDWELL}, "a wrong postcode": {"postcode": "nowhere"}}.get(request.param)
    return client.get("/find") if fields is None else find(client, **fields)


def test_the_picture_is_one_image_with_a_name_and_is_small(shown: httpx.Response) -> None:
    svg = picture(shown)
    assert len(gzip.compress(svg.encode(), 9)) <= MOST_BYTES
    assert 'role="img"' in svg
    [label] = re.findall(r'aria-label="([^"]+)"', svg)
    assert re.fullmatch(
        r"Map of the 7 council areas of West Midlands: each is covered by \d+ to \d+ services\.", label
    )
    assert svg.count("<path") - svg.count("<pattern") == len(BOROUGHS)
    assert not re.search(r"<(?:circle|image|script|style|foreignObject|a)\b|style=|on\w+=|https?:", svg)
    assert set(re.findall(r"url\(([^)]*)\)", svg)) <= {"#striped"}


def test_the_picture_and_the_table_say_the_same(shown: httpx.Response) -> None:
    said = {
        plain(re.sub(r"</?tspan>", "", name)): figure
        for name, figure in re.findall(r"<text[^>]*>(.*?)<tspan x[^>]*>(\d+)</tspan>", picture(shown))
    }
    rows = table(shown)
    assert tuple(said) == BOROUGHS
    assert said == {name.removesuffix(" you searched here"): cells[0] for name, cells in rows.items()}


def test_as_many_services_are_said_to_cover_a_borough_as_a_search_finds(client: Client) -> None:
    rows = table(client.get("/find"))
    for name, code in codes_of_boroughs(client).items():
        found = client.post("/v1/services/search", json={"area": code}).json()["total"]
        assert rows[name][0] == str(found)
        assert f"{found} services found" in page(find(client, area=code)).words


def test_what_was_searched_is_marked_in_words_too(client: Client) -> None:
    response = find(client, postcode="B69 3DE")
    assert [name for name in table(response) if name.endswith("you searched here")] == [
        "Sandwell you searched here"
    ]
    assert picture(response).count('class="striped"') == 1
    assert "striped" not in picture(client.get("/find"))
    outside = find(client, postcode="B77 1AG")
    assert "you searched here" not in page(outside).words


def test_a_borough_is_found_by_a_form_which_keeps_what_was_chosen(client: Client) -> None:
    response = find(client, postcode="B69 3DE", need="casework_advocacy", age_group="child")
    [form] = re.findall(
        r'<form id="by-area" method="post" action="/find".*?</form>', response.text, re.DOTALL
    )
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', form))
    assert hidden == {"need": "casework_advocacy", "age_group": "child"}
    buttons = [one for one in page(response).all("button") if one.get("form") == "by-area"]
    assert [one["name"] for one in buttons] == ["area"] * len(BOROUGHS)
    assert BIRMINGHAM in {one["value"] for one in buttons}
    again = page(find(client, **hidden, area=BIRMINGHAM))
    assert "Place: Birmingham." in again.words
    selected = {option["value"] for option in again.all("option") if "selected" in option}
    assert selected == {"casework_advocacy", "child", BIRMINGHAM}
    assert not re.search(r'href="[^"]*(?:area|need)=', response.text), "what is sought is in no address"


def test_a_choice_that_is_not_one_is_not_kept(client: Client) -> None:
    response = find(client, postcode="B1 1BB", need="no_such_need")
    assert response.status_code == 422
    assert "no_such_need" not in response.text


def test_the_page_of_a_service_says_which_boroughs_it_covers(client: Client) -> None:
    codes = codes_of_boroughs(client)
    reasons: dict[str, dict[str, bool]] = {}
    for name in BOROUGHS:
        answer = client.post("/v1/services/search", json={"area": codes[name], "limit": 50}).json()
        assert answer["total"] == len(answer["results"]) or answer["total"] > 50
        for one in answer["results"]:
            wholly = not any(reason.startswith("may cover") for reason in one["reasons"])
            reasons.setdefault(one["service"]["id"], {})[name] = wholly
    assert len(reasons) > 40
    some = 0
    for service_id, covered in reasons.items():
        response = client.get(of(service_id))
        rows = table(response)
        assert tuple(rows) == BOROUGHS
        for name, wholly in covered.items():
            assert rows[name][0] == ("covered" if wholly else "a part of it: ask")
        looks = re.findall(r'<path class="(\w+)"', picture(response))
        assert len(looks) == len(BOROUGHS)
        words = [cells[0] for cells in rows.values()]
        assert looks.count("filled") == words.count("covered")
        assert looks.count("plain") == words.count("not covered")
        some += 0 < looks.count("filled") < len(BOROUGHS)
    assert some


def test_without_shapes_the_table_stays(seeded: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(seeded, tmp_path / "var", symlinks=True)
    database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
    with database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM area_shape")
    database.close()
    with served(folder) as client:
        response = client.get("/find")
    assert "<svg" not in response.text
    assert tuple(table(response)) == BOROUGHS


def test_the_style_of_maps_loads_nothing(client: Client) -> None:
    css = client.get("/static/map.css")
    assert css.headers["content-type"] == "text/css; charset=utf-8"
    assert not re.search(r"@import|url\(", css.text)
    for scheme in ("prefers-color-scheme: dark", "forced-colors: active", "print"):
        assert scheme in css.text
