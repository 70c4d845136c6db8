"""Settings of one process, read once from `DIRECTORY_*` in `create_app` or the CLI and passed down. See `docs/settings.md`."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import from_json
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.gss import GSS


class Settings(BaseSettings):
    """Every setting, with a default that starts a working demonstration on SQLite."""

    model_config = SettingsConfigDict(
        env_prefix="DIRECTORY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    env: Annotated[
        Literal["demonstration", "production"],
        Field(
            description="`demonstration` seeds real organizations and invented examples, and says so everywhere."
        ),
    ] = "demonstration"
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on.")] = 8000
    data_dir: Annotated[
        Path,
        Field(description="Folder of the gazetteer, the SQLite file and the secret. The one writable place."),
    ] = Path("var")
    database_url: Annotated[
        str | None,
        Field(
            description="SQLAlchemy address, `sqlite:///…` or `postgresql+psycopg://…`. Default: SQLite in the data folder."
        ),
    ] = None
    public_url: Annotated[
        str | None,
        Field(description="Address under which people reach the service. Default: http://HOST:PORT."),
    ] = None
    allowed_hosts: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(description="Further host names to answer for, separated by commas. Others get 421."),
    ] = ()
    workers: Annotated[int, Field(ge=1, le=64, description="Number of server processes.")] = 1
    secret: Annotated[
        SecretStr | None,
        Field(
            description="Root of all derived secrets, at least 32 characters. Made in the data folder on SQLite; required on PostgreSQL."
        ),
    ] = None
    trusted_proxies: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            description="Addresses of proxies whose X-Forwarded-* headers are believed, separated by commas."
        ),
    ] = ()
    requests_per_minute: Annotated[
        int,
        Field(
            ge=0,
            description="Requests that one address may send to one process in a minute, before 429. 0: no limit.",
        ),
    ] = 6000
    home_area: Annotated[
        str,
        Field(pattern=GSS, description="GSS code of the police force area this directory is for."),
    ] = "E23000014"
    review_days: Annotated[
        dict[str, Annotated[int, Field(ge=1, le=365)]],
        NoDecode,
        Field(
            description="Days until a fact that a curator has confirmed is to be looked at again, by name of the field, as JSON. `record` is for all that are not named.",
        ),
    ] = {"record": 180, "phones": 90, "routes": 90, "email": 90, "hours": 90}
    owner_name: Annotated[str, Field(description="Body that publishes the directory, as shown on pages.")] = (
        "West Midlands Police and Crime Commissioner"
    )
    exit_url: Annotated[
        str,
        Field(
            pattern=r"^https://[A-Za-z0-9.-]+(/[A-Za-z0-9/_.-]*)?$",
            description='Where "Exit this page" leads: an ordinary page that anybody may have open.',
        ),
    ] = "https://www.bbc.co.uk/weather"
    smtp_url: Annotated[
        SecretStr | None,
        Field(
            description="Mail server for reminders, `smtps://user:password@host` or `smtp://…` (STARTTLS). Without it they go to the log."
        ),
    ] = None
    mail_from: Annotated[
        str | None,
        Field(
            max_length=254,
            # Nothing but an address fits, so nothing can be added to the headers of a message.
            pattern=r"^[A-Za-z0-9_+'.-]{1,64}@[A-Za-z0-9.-]{1,189}$",
            validate_default=True,
            description="Role mailbox that reminders come from. Required with DIRECTORY_SMTP_URL.",
        ),
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="Least important log line that is written."),
    ] = "info"

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("host", "data_dir", mode="before")
    @classmethod
    def _is_not_empty(cls, value: object) -> object:
        if not str(value).strip():
            raise ValueError("is empty: leave it out for the default")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Who believes everybody lets whoever asks choose the address that requests and wrong keys are counted under."""
        for one in value:
            try:
                believes_everybody = ip_network(one).prefixlen == 0
            except ValueError:
                believes_everybody = True
            if believes_everybody:
                raise ValueError("addresses or networks of proxies: 192.0.2.1, 192.0.2.0/24")
        return value

    @field_validator("review_days", mode="before")
    @classmethod
    def _read_json(cls, value: object) -> object:
        # By ourselves: what pydantic-settings makes of text that is not JSON is no fault of a field.
        if not isinstance(value, str):
            return value
        try:
            return from_json(value)
        except ValueError:
            raise ValueError('a JSON object such as {"record": 180, "phones": 90}') from None

    @field_validator("review_days")
    @classmethod
    def _has_days_for_every_fact(cls, value: dict[str, int]) -> dict[str, int]:
        if "record" not in value:
            raise ValueError("`record` is for all facts that are not named")
        return value

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value:
            if value is not None and info.data.get("env") == "production":
                raise ValueError("is empty: a new directory without anything in it would be served")
            return None
        try:
            kind = make_url(value).drivername
        except (ArgumentError, ValueError):
            kind = ""
        if kind not in {"sqlite", "postgresql", "postgresql+psycopg"}:
            raise ValueError("sqlite:///path/to/file or postgresql+psycopg://user@host/name")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_trailing_slash(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.query
            or parts.fragment
            or re.search(r"[^!-~]", value)
        ):
            raise ValueError("an http or https address without query or fragment")
        return value.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _names_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = urlsplit(value.get_secret_value())
        try:
            port = parts.port
        except ValueError:
            port = 0
        rest = parts.path.rstrip("/") or parts.query or parts.fragment
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or port == 0 or rest:
            raise ValueError("smtp:// or smtps:// with a host, and if need be user:password@ and :port")
        return value

    @field_validator("mail_from")
    @classmethod
    def _named_with_a_mail_server(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("smtp_url") is not None:
            raise ValueError("required with DIRECTORY_SMTP_URL")
        return value

    @property
    def demonstration(self) -> bool:
        return self.env == "demonstration"

    @property
    def gazetteer_path(self) -> Path:
        return self.data_dir / "gazetteer.bin"

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'directory.sqlite'}"

    @property
    def resolved_public_url(self) -> str:
        return self.public_url or f"http://{_in_address(self.host)}:{self.port}"

    @property
    def known_hosts(self) -> frozenset[str]:
        """Host names, without port and in lower case, for which the service answers."""
        public = urlsplit(self.resolved_public_url).hostname or ""
        return frozenset(
            name
            for name in (
                _in_address(public),
                _in_address(self.host.lower()),
                "127.0.0.1",
                "localhost",
                "[::1]",
                *(h.lower() for h in self.allowed_hosts),
            )
            if name
        )


def _in_address(host: str) -> str:
    """A host as it stands in an address and in `Host`: an IPv6 address in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]" if ":" in host else host
