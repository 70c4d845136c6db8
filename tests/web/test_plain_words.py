"""What pages say when something is wrong: in plain words, at the right field, and with what was chosen still chosen."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.errors import FieldError, Problem, problem_catalogue
from app.web.plain_words import at_the_desk, in_plain_words, listed, place_in_words, wait_in_words
from tests.api.served import Client
from tests.api.test_officer_search import take_away
from tests.officers import curator_key
from tests.providing import Provided
from tests.web.test_curator_desk import Desk
from tests.web.test_find_page import FORM, HELPLINES, find, page

OF_DEVELOPERS = (
    "JSON", "pointer", "`", "member", "parameter", "GSS", "header", "ETag", "If-Match", "/v1/", "Idempotency", "string", "Bearer",
    "request id", "null",
)  # fmt: skip


def assert_plain(words: str) -> None:
    assert [one for one in OF_DEVELOPERS if one in words] == []


@pytest.mark.parametrize("slug", sorted(problem_catalogue()))
def test_no_problem_is_said_in_words_of_developers(slug: str) -> None:
    kind = problem_catalogue()[slug]
    made: list[Problem] = [kind()]
    if slug == "validation":
        made.append(kind(errors=(FieldError("/canary", "has a member that is not offered"),)))
    for problem in made:
        told = in_plain_words(problem, {"area": "Council area"})
        assert told.title
        assert_plain(f"{told.title} {told.words}")


def report(client: Client, **fields: str) -> httpx.Response:
    return client.post("/find/mistakes", data=fields)


def category(response: httpx.Response) -> dict[str, str]:
    [found] = [one for one in page(response).all("select") if one["name"] == "category"]
    return found


@pytest.mark.parametrize("sent", ["", "canary", "string_too_long"])
def test_a_mistake_without_a_kind_is_told_at_its_own_field(sides: Provided, sent: str) -> None:
    answer = report(sides.client, service_id=str(sides.a.open), category=sent)

    assert answer.status_code == 422
    found = page(answer)
    assert "Your report was not sent. Choose again under “What is wrong?”." in found.words
    assert "#category" in {tag.get("href") for tag in found.all("a")}
    assert category(answer)["aria-invalid"] == "true"
    assert "category-error" in category(answer)["aria-describedby"].split()
    assert [tag["value"] for tag in found.all("input")] == [str(sides.a.open)]
    assert "postcode" not in {tag.get("name") for tag in found.all("input")}
    assert "canary" not in answer.text
    assert_plain(found.words)


def test_what_was_reported_stays_chosen_when_it_cannot_be_taken_now(
    sides: Provided, database_url: str, request: pytest.FixtureRequest
) -> None:
    take_away(sides, database_url, request)
    answer = report(sides.client, service_id=str(sides.a.open), category="wrong_phone")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    found = page(answer)
    assert (
        "Your report was not sent. The directory cannot reach its records. Try again in 2 seconds."
        in found.words
    )
    assert [one["value"] for one in found.all("option") if "selected" in one] == ["wrong_phone"]
    assert "aria-invalid" not in category(answer)


def test_after_ten_reports_the_page_says_how_long_to_wait(sides: Provided) -> None:
    answers = [report(sides.client, service_id=str(sides.a.open), category="closed") for _ in range(11)]
    answer = answers[-1]
    assert answer.status_code == 429
    words = page(answer).words
    assert "Too many tries from here" in words
    assert "Try again in 60 minutes." in words


@pytest.mark.parametrize("fields", [{"service_id": "canary"}, {"service_id": str(uuid4())}, {}])
def test_a_mistake_about_nothing_is_no_form_to_fill_in(client: Client, fields: dict[str, str]) -> None:
    answer = report(client, **fields, category="closed")
    assert answer.status_code == 404
    found = page(answer)
    assert found.all("select") == []
    assert all(number in found.words for number in HELPLINES)
    assert "canary" not in answer.text


HOSTILE: list[dict[str, Any]] = [
    {"content": b"canary=1", "headers": FORM},
    {"content": b"postcode=B1+1BB&postcode=B1", "headers": FORM},
    {"content": b"postcode=B1+1BB&service_id=%zz&category=closed", "headers": FORM},
    {"content": b"category=closed", "headers": {"content-type": "text/plain"}},
    {"content": b"postcode=" + b"A" * 70_000, "headers": FORM},
]


@pytest.mark.parametrize("path", ["/find", "/find/mistakes", "/officer/"])
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_form_that_no_page_sent_marks_no_field_and_names_none(
    client: Client, path: str, hostile: dict[str, Any]
) -> None:
    answer = client.post(path, **hostile)
    assert 400 <= answer.status_code < 500
    found = page(answer)
    (told,) = re.findall(r'<div class="summary" role="alert"[^>]*>.*?</div>', answer.text, re.DOTALL)
    assert_plain(told)
    is_of_postcode = [error for error in found.all("input") if error.get("aria-invalid")]
    assert is_of_postcode == [] or b"postcode=B1+1BB&postcode" in hostile["content"]
    assert all(number in found.words for number in HELPLINES)
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"need": "canary"}, "Choose again under “What is needed”."),
        ({"sex": "canary"}, "Choose again under “Person”."),
        ({"age_group": "canary"}, "Choose again under “Age”."),
        ({"referrer": "canary"}, "Choose again under “Who is asking”."),
        ({"postcode": "", "area": "E99999999"}, "Choose again under “Or council area”."),
        ({"postcode": "", "area": "canary"}, "Choose again under “Or council area”."),
    ],
)
def test_a_wrong_choice_is_named_and_the_others_stay_chosen(
    client: Client, wrong: dict[str, str], said: str
) -> None:
    chosen = {"need": "casework_advocacy", "sex": "women", "age_group": "adult", "referrer": "police"}
    answer = find(client, **({"postcode": "B69 3DE"} | chosen | wrong))
    assert answer.status_code == 422
    found = page(answer)
    assert said in found.words
    (field,) = set(wrong) - {"postcode"}
    assert f"#{field}" in {tag.get("href") for tag in found.all("a")}
    assert [one["name"] for one in found.all("select", "input") if one.get("aria-invalid")] == [field]
    assert {one["value"] for one in found.all("option") if "selected" in one} == {
        value for name, value in chosen.items() if name not in wrong
    }
    assert "canary" not in answer.text


def test_on_the_officers_screen_only_the_field_that_is_wrong_is_marked(client: Client) -> None:
    asked = {"postcode": "B1 1BB", "need": "canary"}
    found = page(client.post("/officer/", data=asked))
    assert "Choose again under “What now?”. Or ring a number below." in found.words
    assert [one["name"] for one in found.all("select", "input") if one.get("aria-invalid")] == ["need"]
    found = page(client.post("/officer/", data={"postcode": "nonsense!"}))
    assert [one["name"] for one in found.all("select", "input") if one.get("aria-invalid")] == ["postcode"]
    assert "Choose a council area instead" in found.words


def test_at_the_desk_fields_have_the_names_of_the_record(sides: Provided) -> None:
    assert place_in_words("/changes/phones/0/e164") == "telephone numbers, 1, number dialled"
    assert place_in_words("") == "form"
    desk = Desk(sides.client, curator_key(sides, "directory:publish", "proposals:review"))
    at = f"/curator/services/{sides.a.open}"
    answer = desk.send(f"{at}/take-down", at=at, reason="canary")
    assert answer.status_code == 422
    words = page(answer).words
    assert "Something has to be put right. It is listed here. Nothing was saved." in words
    assert "canary" not in answer.text
    for slug in ("unknown-member", "precondition-required", "malformed"):
        problem = problem_catalogue()[slug]()
        assert_plain(f"{at_the_desk(problem).title} {at_the_desk(problem).words}")
        assert listed(problem) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [("1", "1 second"), ("60", "60 seconds"), ("120", "2 minutes"), ("3541", "60 minutes")],
)
def test_a_wait_is_rounded_up(seconds: str, said: str) -> None:
    assert wait_in_words(Problem(headers={"Retry-After": seconds})) == said


@pytest.mark.parametrize(
    ("field", "wrong", "title"),
    [
        ("postcode", {"postcode": "nonsense!"}, "That is not a postcode"),
        ("area", {"area": "E99999999"}, "Choose from the list"),
        ("need", {"postcode": "B1 1BB", "need": "canary"}, "Choose from the list"),
        ("avoid_area", {"postcode": "B1 1BB", "avoid_area": "canary"}, "Choose from the list"),
    ],
)
def test_on_the_officers_screen_the_field_says_what_is_wrong_and_the_summary_has_the_focus(
    client: Client, field: str, wrong: dict[str, str], title: str
) -> None:
    answer = client.post("/officer/", data=wrong)
    found = page(answer)
    (marked,) = (one for one in found.all("select", "input") if one["name"] == field)
    assert (marked["aria-invalid"], marked["aria-describedby"]) == ("true", f"{field}-error")
    (error,) = (one for one in found.all("span") if one.get("class") == "error")
    assert error["id"] == f"{field}-error"
    assert f"Error: {title}" in found.words
    (summary,) = (one for one in found.all("div") if one.get("role") == "alert")
    assert ("autofocus" in summary, summary["tabindex"]) == (True, "-1")


@pytest.mark.parametrize("field", ["age_group", "sex"])
def test_a_wrong_choice_of_a_group_is_told_in_the_group(client: Client, field: str) -> None:
    found = page(client.post("/officer/", data={"postcode": "B1 1BB", field: "canary"}))
    (group,) = (one for one in found.all("fieldset") if one["id"] == field)
    assert group["aria-describedby"] == f"{field}-error"
    assert "Error: Choose from the list" in found.words
