"""The form of keys: what is made is read, what was changed by a letter is not, and nothing shows the secret by accident."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from app.access.secret import root_secret
from app.access.tokens import BASE62, LETTERS, PUBLISHED_PATTERN, TokenSecrets, TokenType, checksum
from app.config import Settings
from app.errors import Unauthenticated
from app.logs import _without_secrets

OURS = TokenSecrets.of(b"r" * 32, demonstration=True)
KINDS = st.sampled_from(sorted(LETTERS))
ANY_LETTER = st.characters(min_codepoint=1, max_codepoint=0x2FF)
PLACE = st.integers(0, min(len(OURS.new(kind).text) for kind in sorted(LETTERS)) - 1)


@given(KINDS)
def test_what_is_made_is_read_again_and_recognised(kind: TokenType) -> None:
    token = OURS.new(kind)
    read = OURS.read(token.text)
    assert (read, read.text) == (token, token.text)
    assert OURS.recognises(read, OURS.mac(token))


@given(KINDS)
def test_a_key_has_the_form_that_is_published(kind: TokenType) -> None:
    text = OURS.new(kind).text
    found = re.search(PUBLISHED_PATTERN, f'key = "{text}"')
    assert found
    assert found[0] == text
    assert text.startswith(f"ssd_test_{LETTERS[kind]}_")


@given(KINDS, PLACE, st.sampled_from(BASE62) | ANY_LETTER)
def test_one_changed_letter_is_no_key(kind: TokenType, place: int, letter: str) -> None:
    text = OURS.new(kind).text
    # Every run makes another key, so that what is drawn may not depend on its letters.
    other = letter if letter != text[place] else chr(ord(letter) + 1)
    with pytest.raises(Unauthenticated):
        OURS.read(text[:place] + other + text[place + 1 :])


@given(KINDS, PLACE, ANY_LETTER)
def test_a_cut_or_lengthened_key_is_none(kind: TokenType, cut: int, letter: str) -> None:
    text = OURS.new(kind).text
    for wrong in (
        text[:cut],
        text[cut + 1 :],
        text + "\n",
        f" {text}",
        text + letter,
        text * 2,
    ):
        with pytest.raises(Unauthenticated):
            OURS.read(wrong)


@given(st.text(max_size=200))
def test_any_other_text_is_no_key(text: str) -> None:
    with pytest.raises(Unauthenticated):
        OURS.read(text)


def test_a_key_of_another_installation_is_not_read_or_not_recognised() -> None:
    live, other = (
        TokenSecrets.of(b"r" * 32, demonstration=False),
        TokenSecrets.of(b"s" * 32, demonstration=True),
    )
    token = OURS.new("provider")
    with pytest.raises(Unauthenticated):
        live.read(token.text)
    assert not other.recognises(other.read(token.text), OURS.mac(token))
    assert not OURS.recognises(token, None)
    assert not OURS.recognises(token, "0" * 64)


def test_ids_and_secrets_never_repeat() -> None:
    made = [OURS.new("provider") for _ in range(2000)]
    assert len({one.public_id for one in made}) == len({one.text[24:67] for one in made}) == len(made)
    assert {letter for one in made for letter in one.text[24:67]} == set(BASE62)


def test_the_checksum_is_the_published_one() -> None:
    # CRC-32 of "123456789" is CBF43926 (the check value of every catalogue of CRCs), 3421780262 in base 62.
    assert checksum("123456789") == _base62(0xCBF43926)


def _base62(number: int) -> str:
    digits = [BASE62[number // 62**place % 62] for place in reversed(range(6))]
    return "".join(digits)


def test_no_representation_shows_the_secret() -> None:
    token = OURS.new("curator")
    assert token.text not in repr(token) + str(token) + f"{token!r} {OURS!r}"
    assert repr(OURS.key) not in repr(OURS)


def test_a_key_in_a_log_field_keeps_its_public_id_only() -> None:
    token = OURS.new("officer")
    event = _without_secrets(None, "", {"event": f"refused {token.text} twice: {token.text}", "count": 2})
    assert event == {"event": f"refused ssd_…_{token.public_id} twice: ssd_…_{token.public_id}", "count": 2}


def test_beside_a_damaged_database_no_secret_is_made_and_beside_an_empty_one_it_is(tmp_path: Path) -> None:
    """Its backup would come back beside another secret: every key ended, and the audit log changed from its first event on."""
    settings = Settings(data_dir=tmp_path)
    (tmp_path / "directory.sqlite").write_bytes(b"half of a database" * 1000)
    with pytest.raises(SQLAlchemyError):
        root_secret(settings)
    assert not (tmp_path / "secret").exists()
    (tmp_path / "directory.sqlite").write_bytes(b"")
    assert root_secret(settings) == (tmp_path / "secret").read_bytes()
