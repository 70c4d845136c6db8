"""Numbers keep every digit; addresses that lead inside a network, or somewhere else than they say, are refused."""

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from app.directory.contact_points import (
    SHORT_CODES,
    EmailAddress,
    Phone,
    PhoneNumber,
    PublicUrl,
    WebAddress,
    parse_email,
    parse_phone,
    parse_public_url,
)


class Contact(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    phone: Phone | None = None
    email: EmailAddress | None = None
    url: PublicUrl | None = None


# Telephone numbers


@pytest.mark.parametrize(
    ("written", "e164", "national", "kind"),
    [
        ("0800 808 3733", "+448008083733", "0800 808 3733", "freephone"),
        ("08008083733", "+448008083733", "0800 808 3733", "freephone"),
        ("0800-808-3733", "+448008083733", "0800 808 3733", "freephone"),
        ("08000 121 700", "+448000121700", "08000 121 700", "freephone"),
        ("0808 2000 247", "+448082000247", "0808 2000 247", "freephone"),
        ("0800 1111", "+448001111", "0800 1111", "freephone"),
        ("0330 223 0099", "+443302230099", "0330 223 0099", "non_geographic"),
        ("0345 123 4567", "+443451234567", "0345 123 4567", "non_geographic"),
        ("0845 46 47", "+448454647", "0845 46 47", "non_geographic"),
        ("07847 271022", "+447847271022", "07847 271022", "mobile"),
        ("07700 900123", "+447700900123", "07700 900123", "mobile"),
        ("0121 496 0000", "+441214960000", "0121 496 0000", "geographic"),
        ("(0121) 496 0999", "+441214960999", "0121 496 0999", "geographic"),
        ("024 7627 7777", "+442476277777", "024 7627 7777", "geographic"),
        ("01902 572 680", "+441902572680", "01902 572 680", "geographic"),
        ("01632 960123", "+441632960123", "01632 960123", "geographic"),
        ("016977 2345", "+44169772345", "016977 2345", "geographic"),
        ("01624 612345", "+441624612345", "01624 612345", "geographic"),
        ("+44 121 496 0000", "+441214960000", "0121 496 0000", "geographic"),
        ("+44 (0)121 496 0000", "+441214960000", "0121 496 0000", "geographic"),
        ("0044 20 7946 0000", "+442079460000", "020 7946 0000", "geographic"),
        ("０１２１　４９６　００００", "+441214960000", "0121 496 0000", "geographic"),
        ("\u00a00121\u00a0496\u00a00000 ", "+441214960000", "0121 496 0000", "geographic"),
        ("+353 1 234 5678", "+35312345678", "+353 1 234 5678", "foreign"),
        ("+39 06 6982", "+39066982", "+39 06 6982", "foreign"),
        ("999", "999", "999", "short_code"),
        ("112", "112", "112", "short_code"),
        ("101", "101", "101", "short_code"),
        ("111", "111", "111", "short_code"),
        ("116123", "116123", "116 123", "short_code"),
        ("18001 101", "18001101", "18001 101", "short_code"),
    ],
)
def test_a_number_is_read_with_its_kind(written: str, e164: str, national: str, kind: str) -> None:
    number = parse_phone(written)

    assert (number.e164, number.national, number.kind) == (e164, national, kind)


@pytest.mark.parametrize(
    "written",
    [
        "0121 496 0000",
        "024 7601 1234",
        "01284 700000",
        "020 7946 0000",
        "01481 712345",
        "+353 1 234 5678",
        "+40 21 234 5678",
    ],
)
def test_a_landline_leads_to_a_place(written: str) -> None:
    assert parse_phone(written).is_geographic


@pytest.mark.parametrize(
    "written", ["0800 808 3733", "0300 123 4567", "0845 123 4567", "07700 900123", "999", "+353 85 123 4567"]
)
def test_other_numbers_lead_to_no_place(written: str) -> None:
    assert not parse_phone(written).is_geographic


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "0",
        "496 0000",
        "121 496 0000",
        "0121 496 000",
        "0121 496 00000",
        "tel:01214960000",
        "0121 496 0000;ext=12",
        "0121 496 0000 ext 12",
        "0121 496 0000x12",
        "0121 496 0000,,12",
        "0121 496 0000 / 0001",
        "0121 496 0000\n0121 496 0001",
        "*#06#",
        "*100#",
        "#31#01214960000",
        "0800 FLOWERS",
        "O800 808 3733",
        "++441214960000",
        "0121+4960000",
        "(0121 496 0000",
        "0121\u202e496 0000",
        "0121\u200b496 0000",
        "٠١٢١ ٤٩٦ ٠٠٠٠",
        "0500 123 456",
        "18002 0121 496 0000",
        "180020 800 808 3733",
        "+44 180020 8008083733",
        "+33 (0)1 23 45 67 89",
        "+999 123 456 789",
        "0121 496 0000" + " " * 40,
        "12345",
        "1" * 500,
    ],
)
def test_what_is_not_one_plain_number_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        parse_phone(written)

    assert refused.value.type == "phone_invalid"


@pytest.mark.parametrize(
    "written",
    ["0905 123 4567", "0909 879 0000", "0983 123 4567", "+44 900 123 4567", "070 1234 5678", "076 0012 3456", "+1 900 555 1234", "+33 899 12 34 56"],
)  # fmt: skip
def test_numbers_that_cost_the_caller_or_lead_anywhere_are_not_allowed(written: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        parse_phone(written)

    assert refused.value.type == "phone_not_allowed"


def _shape(significant: str) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=10 - len(significant), max_size=10 - len(significant)).map(
        lambda rest: significant + rest
    )


BRITISH = st.sampled_from(
    ["121496", "247", "1902", "1922", "2079", "800", "808", "300", "330", "345", "74", "78", "79"]
).flatmap(_shape)


@given(
    significant=BRITISH,
    prefix=st.sampled_from(["0", "+44", "0044", "+44 (0)"]),
    gaps=st.lists(st.sampled_from(["", "", " ", "-"]), min_size=10, max_size=10),
)
def test_no_digit_is_lost_added_or_moved(significant: str, prefix: str, gaps: list[str]) -> None:
    written = prefix + "".join(gap + digit for gap, digit in zip(gaps, significant, strict=True))
    try:
        number = parse_phone(written)
    except ValueError:
        # A range that nobody has been given: refused is safe, altered is not.
        assume(phonenumbers.is_valid_number(phonenumbers.parse("+44" + significant)))
        raise

    assert number.e164 == "+44" + significant
    assert "".join(character for character in number.national if character.isdigit()) == "0" + significant
    assert set(number.national) <= set("0123456789 ")
    assert parse_phone(number.e164) == parse_phone(number.national) == number


@given(st.text("+0123456789 ()-.", max_size=18))
def test_whatever_is_accepted_dials_the_digits_written(written: str) -> None:
    try:
        number = parse_phone(written)
    except ValueError:
        return

    dialled = "".join(character for character in number.e164 if character.isdigit())
    digits = "".join(character for character in written if character.isdigit())
    assert digits.removeprefix("00").removeprefix("44").removeprefix("0") == dialled.removeprefix("44")


def test_the_short_codes_print_the_digits_they_dial() -> None:
    assert [dialled for dialled, printed in SHORT_CODES.items() if printed.replace(" ", "") != dialled] == []


def test_the_same_number_is_equal_however_it_is_grouped() -> None:
    assert parse_phone("08000 121 700") == parse_phone("+44 800 012 1700")


# E-mail addresses


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("referrals@example.org", "referrals@example.org"),
        (" Referrals.West+new@Example.ORG ", "Referrals.West+new@example.org"),
        ("o'brien_team@sub.example.co.uk", "o'brien_team@sub.example.co.uk"),
        ("team@xn--exmple-4nf.org", "team@xn--exmple-4nf.org"),
    ],
)
def test_an_address_is_read(written: str, address: str) -> None:
    assert parse_email(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.org",
        "@example.org",
        "a@",
        "a@localhost",
        "a@mail.local",
        "a@10.0.0.1",
        "a@[10.0.0.1]",
        "a@example",
        "a@example..org",
        "a@-example.org",
        "a@example.org.",
        "a@b@example.org",
        "a..b@example.org",
        ".a@example.org",
        "a.@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\n",
        "a\x00@example.org",
        "a(comment)@example.org",
        '"a b"@example.org',
        "A <a@example.org>",
        "a@example.org, b@example.org",
        "mailto:a@example.org",
        "a@example.org?bcc=b@example.org",
        "a?bcc=b@example.org",
        "a%0d%0abcc@example.org",
        "а@example.org",
        "a@exаmple.org",
        "a" * 65 + "@example.org",
        "a" * 10 + "@" + ".".join(["e" * 60] * 4) + ".org",
    ],
)
def test_what_is_not_one_plain_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="one e-mail address"):
        parse_email(written)


# Web addresses


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("HTTPS://Www.Example.ORG/Help?a=B#C", "https://www.example.org/Help?a=B#C"),
        ("https://example.org:443/x", "https://example.org/x"),
        ("https://example.org?x=%C5%B5", "https://example.org?x=%C5%B5"),
        ("https://example.org/tŷ", "https://example.org/t%C5%B7"),
        ("https://a.b.c.example.co.uk/~x/(y)", "https://a.b.c.example.co.uk/~x/(y)"),
    ],
)
def test_a_public_address_is_read(written: str, url: str) -> None:
    assert parse_public_url(written) == WebAddress(url, needs_review=False)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://exаmple.org/x", "https://xn--exmple-4nf.org/x"),
        ("https://tŷ.example.wales", "https://xn--t-foa.example.wales"),
        ("https://xn--exmple-4nf.org/x", "https://xn--exmple-4nf.org/x"),
    ],
)
def test_a_name_beyond_ascii_becomes_punycode_and_asks_for_review(written: str, url: str) -> None:
    assert parse_public_url(written) == WebAddress(url, needs_review=True)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.org",
        "http://example.org",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org",
        "//example.org",
        "https:example.org",
        "https:/example.org",
        "https:///example.org",
        "https://",
        " https://example.org",
        "\thttps://example.org",
        "https://example.org ",
        "https://example.org\n",
        "https://a.example/\r\nX: y",
        "https://exa\tmple.org",
        "https://example.org/a b",
        "https://example.org/\x00",
        "https://example.org/%00",
        "https://example.org/%0d%0aX",
        "https://example.org/%zz",
        "https://example.org/\u202egro.evil",
        "https://example.org/\u200b",
        "https://evil.example\\@good.example",
        "https://good.example\\evil",
        "https://user@example.org",
        "https://user:secret@example.org",
        "https://@example.org",
        "https://example.org:8443",
        "https://example.org:80",
        "https://example.org:",
        "https://localhost",
        "https://localhost.localdomain",
        "https://intranet",
        "https://db.internal",
        "https://printer.local",
        "https://router.home.arpa",
        "https://x.onion",
        "https://x.test",
        "https://127.0.0.1",
        "https://127.1",
        "https://0x7f.1",
        "https://0x7f.0x0.0x0.0x1",
        "https://0177.0.0.01",
        "https://2130706433",
        "https://0x7f000001",
        "https://169.254.169.254/latest",
        "https://127.0.0.1.",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://①②⑦.⓪.⓪.①",
        "https://１２７.0.0.1",
        "https://ｅｘａｍｐｌｅ.org",
        "https://example。org",
        "https://straße.example",
        "https://example.org.",
        "https://.example.org",
        "https://exa_mple.org",
        "https://-example.org",
        "https://example.org/<b>",
        "https://" + "a" * 64 + ".org",
        "https://" + "a." * 130 + "org",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_is_not_a_public_https_address_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError):
        parse_public_url(written)


@given(st.text(max_size=30), st.text("abc.:@/\\?#[]%0x17", max_size=30))
def test_an_accepted_address_is_ascii_and_stays_as_it_is(start: str, rest: str) -> None:
    for written in (start, f"https://{rest}", f"https://example.org/{start}"):
        try:
            read = parse_public_url(written)
        except ValueError:
            continue

        assert read.url.isascii()
        assert parse_public_url(read.url).url == read.url


# As fields


def test_fields_hold_what_was_parsed_and_print_it_again() -> None:
    contact = Contact.model_validate_json(
        '{"phone": "08000 121 700", "email": "A@Example.org", "url": "https://Example.org/x"}'
    )

    assert contact.phone == PhoneNumber("+448000121700", "08000 121 700", "freephone", is_geographic=False)
    assert contact.model_dump(mode="json") == {
        "phone": "08000 121 700",
        "email": "A@example.org",
        "url": "https://example.org/x",
    }
    assert Contact.model_validate(contact.model_dump()) == contact


@pytest.mark.parametrize(
    "value",
    [
        1214960000,
        True,
        ["0121 496 0000"],
        {"e164": "+4490", "national": "x", "kind": "mobile", "is_geographic": False},
    ],
)
def test_a_number_comes_as_text(value: object) -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"phone": value})


def test_messages_never_hold_the_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Contact.model_validate({"phone": "0909 secret", "email": "secret@", "url": "https://secret"})

    errors = refused.value.errors()
    assert [error["type"] for error in errors] == ["phone_invalid", "email_invalid", "url_not_allowed"]
    assert not [error for error in errors if "secret" in error["msg"] or "secret" in str(error.get("ctx"))]
    assert "secret" not in str(refused.value)
