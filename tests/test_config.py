"""What the settings make of what an operator writes."""

import pytest
from pydantic import TypeAdapter, ValidationError

from app.api.edge import _without_port
from app.api.flagging import FlagIn
from app.cli.terminal import in_a_sentence
from app.config import Settings
from app.curation.submissions import GssCode
from app.search.query import SearchQuery

OTHER_DIGITS = "E٢٣٠٠٠٠١٤"


def test_an_ipv6_address_stands_in_brackets_and_is_answered_for() -> None:
    settings = Settings(host="2001:DB8::1", port=8000)
    assert settings.resolved_public_url == "http://[2001:DB8::1]:8000"
    assert _without_port(b"[2001:db8::1]:8000").decode() in settings.known_hosts
    assert Settings(host="::1").resolved_public_url == "http://[::1]:8000"
    assert _without_port(b"[::1]:8000") == b"[::1]"


def test_a_public_ipv6_address_is_answered_for() -> None:
    assert "[2001:db8::1]" in Settings(public_url="https://[2001:DB8::1]").known_hosts


@pytest.mark.parametrize("host", ["::1", "localhost", "127.0.0.1"])
def test_no_request_without_a_host_name_is_answered(host: str) -> None:
    assert "" not in Settings(host=host).known_hosts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # Sockets take an empty host for every address of the machine.
        ("HOST", ""),
        ("DATA_DIR", " "),
        ("REVIEW_DAYS", "canary"),
        ("REVIEW_DAYS", ""),
        ("REVIEW_DAYS", '{"phones": 90}'),
        ("TRUSTED_PROXIES", "192.0.2.1, canary"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "192.0.2.1/24"),
        ("PUBLIC_URL", "https://canary .example.org"),
        ("PUBLIC_URL", "https://[canary"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named_and_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DIRECTORY_{name}", value)
    with pytest.raises(ValidationError) as failed:
        Settings()
    told = in_a_sentence(failed.value)
    assert told.startswith(f"DIRECTORY_{name}: ")
    assert "canary" not in told


def test_settings_are_taken_as_they_are_written_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTORY_REVIEW_DAYS", '{"record": 30, "phones": 7}')
    monkeypatch.setenv("DIRECTORY_TRUSTED_PROXIES", "192.0.2.1,2001:db8::/32, 172.16.0.0/12")
    settings = Settings()
    assert settings.review_days == {"record": 30, "phones": 7}
    assert settings.trusted_proxies == ("192.0.2.1", "2001:db8::/32", "172.16.0.0/12")


def test_a_gss_code_has_the_digits_of_its_office_and_no_others() -> None:
    TypeAdapter(GssCode).validate_python("E23000014")
    for model, fields in (
        (Settings, {"home_area": OTHER_DIGITS}),
        (FlagIn, {"host_area": OTHER_DIGITS}),
        (SearchQuery, {"area": OTHER_DIGITS}),
    ):
        with pytest.raises(ValidationError, match="pattern"):
            model.model_validate(fields)
    with pytest.raises(ValidationError, match="pattern"):
        TypeAdapter(GssCode).validate_python(OTHER_DIGITS)
