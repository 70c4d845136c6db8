"""`/find` as a person meets it: a plain form, an answer in words, and the numbers to ring whatever goes wrong."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.served import Client

FORM = {"content-type": "application/x-www-form-urlencoded"}
HELPLINES = ("999", "101", "08000 121 700", "0800 808 3733", "0800 043 4303")
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """The tags of a page in order, and the text outside of tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, text: str) -> None:
        self.text += text

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def page(response: httpx.Response) -> Page:
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response.text)


def find(client: Client, **fields: str) -> httpx.Response:
    return client.post("/find", data=fields)


EVERY_STATE: dict[str, dict[str, str] | None] = {
    "empty": None,
    "results": {"postcode": "B69 3DE"},
    "filtered": {"postcode": "CV1 5FB", "need": "casework_advocacy", "sex": "women", "age_group": "adult", "referrer": "police"},
    "child": {"postcode": "WV1 1RG", "age_group": "child"},
    "area": {"area": "E08000025"},
    "outside": {"postcode": "B77 1AG"},
    "partly": {"postcode": "B31"},
    "nobody": {"postcode": "ZE1 0AA", "need": "safe_house", "sex": "men", "age_group": "child"},
    "blank": {"postcode": " "},
    "invalid": {"postcode": "canary!"},
    "not found": {"postcode": "ZZ99 9ZZ"},
    "no location": {"postcode": "JE2 3AB"},
    "wrong code": {"postcode": "B1 1BB", "need": "canary"},
    "wrong form": {"postcode": "B1 1BB", "canary": "1"},
}  # fmt: skip


@pytest.fixture(params=EVERY_STATE)
def response(request: pytest.FixtureRequest, client: Client) -> httpx.Response:
    """The page in every state it can be in."""
    fields = EVERY_STATE[request.param]
    return client.get("/find") if fields is None else find(client, **fields)


def test_the_numbers_that_always_work_are_there(response: httpx.Response) -> None:
    shown = page(response)
    for number in HELPLINES:
        assert number in shown.words
    dialled = {link["href"] for link in shown.all("a") if link.get("href", "").startswith("tel:")}
    assert {f"tel:{number.replace(' ', '')}" for number in HELPLINES} <= dialled


def test_the_demonstration_says_so(response: httpx.Response) -> None:
    shown = page(response)
    assert "Demonstration." in shown.words
    assert "“Example …” services are invented" in shown.words


def test_every_field_has_a_label_and_every_reference_an_id(response: httpx.Response) -> None:
    shown = page(response)
    ids = [attributes["id"] for _, attributes in shown.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    fields = shown.all("input", "select", "textarea")
    asked = {"postcode", "area", "need", "sex", "age_group", "referrer"}
    # Beside each result stands a form to report a mistake.
    beside = (
        {"service_id", "category"} if "card" in [item.get("class") for item in shown.all("li")] else set()
    )
    assert {field["name"] for field in fields} == asked | beside
    to_fill_in = [field for field in fields if field.get("type") != "hidden"]
    assert {field["id"] for field in to_fill_in} <= {label["for"] for label in shown.all("label")}
    for _, attributes in shown.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(attributes.get(name, "").split()) <= set(ids)
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
    assert shown.all("html")[0]["lang"] == "en"
    assert len(shown.all("main")) == len(shown.all("title")) == 1


def test_headings_go_down_one_step_at_a_time(response: httpx.Response) -> None:
    levels = [int(tag[1]) for tag, _ in page(response).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs_but_the_exit(response: httpx.Response) -> None:
    assert_harmless(response)


def assert_harmless(response: httpx.Response) -> None:
    shown = page(response)
    assert [tag["src"] for tag in shown.all("script")] == ["/static/exit.js", "/static/ageing.js"]
    assert shown.all("iframe", "object", "embed", "style", "base") == []
    for tag, attributes in shown.tags:
        assert [name for name in attributes if name.startswith("on") or name == "style"] == []
        if tag in ("link", "img", "source", "form"):
            address = urlsplit(attributes.get("href", attributes.get("src", attributes.get("action", ""))))
            assert (address.scheme, address.netloc) == ("", "")
        if attributes.get("href", "").startswith("http"):
            assert attributes["rel"].split()[0] == "noreferrer"
            assert attributes["href"].startswith("https://")
    rules = dict(rule.split(" ", 1) for rule in response.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["form-action"] == rules["style-src"] == rules["script-src"] == "'self'"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in response.headers["content-security-policy"]


def test_nothing_is_kept_by_the_browser(response: httpx.Response) -> None:
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in response.headers
    assert "location" not in response.headers
    assert {form["method"] for form in page(response).all("form")} == {"post"}
    assert {form["autocomplete"] for form in page(response).all("form")} == {"off"}


def test_what_was_typed_is_not_shown_again(client: Client) -> None:
    for name, fields in EVERY_STATE.items():
        text = find(client, **fields).text if fields else ""
        typed = (fields or {}).get("postcode", "").strip()
        if typed and name != "partly":
            for form in (typed, typed.replace(" ", ""), typed.replace(" ", "+"), typed.replace(" ", "%20")):
                # The hint of the field has an example of its own, which is nobody's question.
                assert form.lower() not in text.lower().replace("for example b1 1bb, or b1", "")
        assert "canary" not in text


def test_chosen_codes_are_shown_again(client: Client) -> None:
    chosen = EVERY_STATE["filtered"]
    assert chosen
    selected = {
        option["value"] for option in page(find(client, **chosen)).all("option") if "selected" in option
    }
    assert selected == {"casework_advocacy", "women", "adult", "police"}


def test_results_are_in_words_and_can_be_rung(client: Client) -> None:
    shown = page(find(client, postcode="B69 3DE", need="casework_advocacy", sex="women", age_group="adult"))
    assert re.search(r"\d+ services? found", shown.words)
    assert "Place: Sandwell. Police: West Midlands." in shown.words
    assert "covers Sandwell" in shown.words
    assert "“ring to confirm”: nobody is promised anything" in shown.words
    assert [link for link in shown.all("a") if link.get("class") == "call"]


@pytest.mark.parametrize("state", ["blank", "invalid", "not found", "no location"])
def test_a_wrong_postcode_is_told_beside_the_field(client: Client, state: str) -> None:
    fields = EVERY_STATE[state]
    assert fields
    response = find(client, **fields)
    assert response.status_code == 422
    shown = page(response)
    [postcode] = [field for field in shown.all("input") if field["name"] == "postcode"]
    assert postcode["aria-invalid"] == "true"
    assert "postcode-error" in postcode["aria-describedby"].split()
    assert "value" not in postcode
    [summary] = [block for block in shown.all("div") if block.get("role") == "alert"]
    assert summary
    assert "#postcode" in [link.get("href") for link in shown.all("a")]


def test_a_wrong_choice_is_told_beside_its_field(client: Client) -> None:
    shown = page(find(client, postcode="B1 1BB", need="no_such_need"))
    [need] = [field for field in shown.all("select") if field["name"] == "need"]
    assert (need["aria-invalid"], need["aria-describedby"]) == ("true", "need-error")
    assert "aria-invalid" not in shown.all("input")[0]


def test_another_force_is_said_politely(client: Client) -> None:
    words = page(find(client, postcode="B77 1AG")).words
    assert "Place: Tamworth. Police: Staffordshire." in words
    assert "This place is outside the West Midlands police area" in words
    assert re.search(r"[1-9]\d* services? found", words), "what covers it all the same is shown"
    assert "rror" not in words


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_a_way_in_says_who_has_to_agree_and_at_which_stage_it_is_taken(client: Client, path: str) -> None:
    asked = {"postcode": "B69 3DE", "sex": "men", "age_group": "adult", "need": "safe_house"}
    words = page(client.post(path, data=asked)).words
    assert "the person has to agree first; at this stage: referred, waiting for the first decision" in words
    assert (
        "at this stage: nobody has asked yet · or deciding about the NRM · or does not want the NRM" in words
    )


@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_a_way_in_says_how_soon_an_answer_comes(client: Client, path: str) -> None:
    words = page(client.post(path, data={"postcode": "B1 1BB", "need": "legal_immigration"})).words
    assert "Ring for an appointment; the person has to agree first; an answer within 5 days" in words


def test_a_way_in_for_a_child_says_that_nobody_has_to_agree(client: Client) -> None:
    words = page(client.post("/officer/", data={"postcode": "B69 3DE", "age_group": "child"})).words
    assert "Ring the guardians (for under-18s only); for a child nobody has to agree" in words
    assert "at this stage" not in words


@pytest.mark.parametrize(("postcode", "council"), [("B77 1AG", "Tamworth"), ("B31", "Bromsgrove")])
@pytest.mark.parametrize("path", ["/find", "/officer/"])
def test_of_a_child_whose_council_is_not_here_it_is_said_where_to_look(
    client: Client, path: str, postcode: str, council: str
) -> None:
    missing = f"Not in this directory: children's services for {council}."
    for age_group in ("child", "unsure", ""):
        words = page(client.post(path, data={"postcode": postcode, "age_group": age_group})).words
        assert "Under 18, or might be" in words
        assert missing in words
        assert ("Children's services, Birmingham" in words) == (council == "Bromsgrove")
    assert missing not in page(client.post(path, data={"postcode": postcode, "age_group": "adult"})).words
    home = page(client.post(path, data={"postcode": "B69 3DE", "age_group": "child"})).words
    assert "Not in this directory" not in home


def test_a_place_across_a_border_is_said_to_be_one(client: Client) -> None:
    words = page(find(client, postcode="B31")).words
    assert "Place: Birmingham, Bromsgrove. Police: West Midlands, West Mercia." in words
    assert "Part of this place is outside the West Midlands police area" in words


def test_for_a_child_the_first_calls_come_before_everything(client: Client) -> None:
    for age_group in ("child", "unsure", None):
        fields = {"postcode": "WV1 1RG"} | ({"age_group": age_group} if age_group else {})
        words = page(find(client, **fields)).words
        card = words.index("Under 18, or might be?")
        assert "Independent Child Trafficking Guardians" in words[card:]
        assert card < words.index("“ring to confirm”")
    adult = page(find(client, postcode="WV1 1RG", age_group="adult"))
    assert "Under 18, or might be?" not in adult.words


def test_a_child_is_never_shown_a_refuge(client: Client) -> None:
    for need in ("safe_house", "emergency_accommodation", "move_on_housing"):
        words = page(find(client, postcode="B1 1BB", age_group="child", need=need)).words
        assert "0 services found" in words
        assert "Nearly fits" not in words


@pytest.mark.parametrize(
    ("hostile", "status"),
    [
        ({"content": b"postcode=B1+1BB", "headers": {"content-type": "text/plain"}}, 415),
        ({"content": b"postcode=B1+1BB&postcode=B1", "headers": FORM}, 422),
        ({"content": b"postcode=%zz", "headers": FORM}, 422),
        ({"content": b"postcode=%ff", "headers": FORM}, 422),
        ({"content": b"postcode=\xff", "headers": FORM}, 422),
        ({"content": b"postcode=%00", "headers": FORM}, 422),
        ({"content": b"postcode=" + b"A" * 5000, "headers": FORM}, 422),
        ({"content": b"postcode=" + b"A" * 70_000, "headers": FORM}, 413),
        ({"content": b"area=E0800002%EF%BC%95", "headers": FORM}, 422),
        ({"content": b"area=E99999999", "headers": FORM}, 422),
        ({"content": b"postcode=B1+1BB&sex=%3Cscript%3E", "headers": FORM}, 422),
        ({"content": b"postcode=B1+1BB&need=%3Cscript%3E", "headers": FORM}, 422),
        ({"content": b"postcode=B1+1BB&referrer=" + b"a" * 70, "headers": FORM}, 422),
        ({"content": b"", "headers": FORM}, 422),
    ],
)  # fmt: skip
def test_a_broken_form_still_shows_the_numbers(
    client: Client, hostile: dict[str, object], status: int
) -> None:
    response = client.post("/find", **hostile)  # type: ignore[arg-type]
    assert response.status_code == status
    shown = page(response)
    assert all(number in shown.words for number in HELPLINES)
    own = re.compile('<script src="/static/(?:exit|ageing).js" defer></script>')
    assert "script" not in own.sub("", response.text)


def test_marks_that_others_put_on_a_link_do_no_harm(client: Client) -> None:
    plain = client.get("/find")
    for query in ("fbclid=abc", "utm_source=newsletter&utm_medium=email", "postcode=B69+3DE", "%zz"):
        marked = client.get("http://localhost/find", extensions={"target": f"/find?{query}".encode()})
        assert (marked.status_code, marked.text) == (200, plain.text)


def test_the_front_door_is_the_form(client: Client) -> None:
    assert client.get("/").text == client.get("/find").text


def test_the_stylesheet_loads_nothing(client: Client) -> None:
    css = client.get("/static/pages.css")
    assert css.headers["content-type"] == "text/css; charset=utf-8"
    assert "@import" not in css.text
    assert "url(" not in css.text
