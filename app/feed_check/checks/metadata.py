"""Checks of what `/` says about the feed, and of the OpenAPI document it names."""

import json
import re
from collections.abc import Iterator

from app.feed_check.endpoints import ENDPOINTS
from app.feed_check.evidence import Evidence, text_of
from app.feed_check.fields import has_format
from app.feed_check.findings import Check, Found, Place

VERSION = "HSDS-UK-3.0"
ROOT = "/"
FIELDS = ("version", "profile", "openapi_url")

_REFERENCE = re.compile(r'"\$ref": "(#/[^"]*)"')
_OFTEN = 3
"""From its third use on, the official validator leaves an internal reference unresolved."""


def root_missing(evidence: Evidence) -> Iterator[Found]:
    if evidence.root_failure is not None:
        yield Found(Place(ROOT), evidence.root_failure.said)


def root_field_missing(evidence: Evidence) -> Iterator[Found]:
    if evidence.root is not None:
        for name in FIELDS:
            if not text_of(evidence.root, name).strip():
                yield Found(Place(ROOT, pointer=f"/{name}"))


def version_unknown(evidence: Evidence) -> Iterator[Found]:
    if evidence.root and text_of(evidence.root, "version").strip() not in {"", VERSION}:
        yield Found(Place(ROOT, pointer="/version"))


def root_uri_wrong(evidence: Evidence) -> Iterator[Found]:
    for name in ("profile", "openapi_url"):
        value = text_of(evidence.root or {}, name)
        if value.strip() and not has_format(value, "uri"):
            yield Found(Place(ROOT, pointer=f"/{name}"))


def openapi_unreadable(evidence: Evidence) -> Iterator[Found]:
    if evidence.openapi_failure is not None and not [*root_uri_wrong(evidence)]:
        yield Found(Place(ROOT, pointer="/openapi_url"), evidence.openapi_failure.said)


def openapi_invalid(evidence: Evidence) -> Iterator[Found]:
    document = evidence.openapi
    if document is None:
        return
    is_one = (
        isinstance(document, dict)
        and text_of(document, "openapi").startswith("3.")
        and isinstance(document.get("info"), dict)
        and isinstance(document.get("paths"), dict)
    )
    if not is_one:
        yield Found(Place("openapi_url"), "needs `openapi` 3.x, `info` and `paths`")


def openapi_path_missing(evidence: Evidence) -> Iterator[Found]:
    if evidence.openapi is None or [*openapi_invalid(evidence)]:
        return
    described = tuple(evidence.openapi["paths"])
    for endpoint in ENDPOINTS:
        if evidence.list_of(endpoint).is_absent:
            continue
        # Where a server's address is part of the paths, they only end with the standard's.
        if not any(str(path).rstrip("/").endswith(endpoint.path) for path in described):
            yield Found(
                Place("openapi_url", pointer="/paths"), f"{endpoint.path} is served and not described"
            )


def openapi_references(evidence: Evidence) -> Iterator[Found]:
    if evidence.openapi is None or [*openapi_invalid(evidence)]:
        return
    used = _REFERENCE.findall(json.dumps(evidence.openapi))
    often = sorted({reference for reference in used if used.count(reference) >= _OFTEN})
    if often:
        yield Found(Place("openapi_url"), f"{len(often)} used {_OFTEN} times or more")


CHECKS = (
    Check(
        "root-missing", "`/` says nothing about the feed", "error", "ORUK 3.0, API: GET /",
        "Answer the feed's address with a JSON object of version, profile and openapi_url.", root_missing,
    ),
    Check(
        "root-field-missing", "`/` lacks a field", "error", "ORUK 3.0, API: GET /; all three are required by the official validator",
        "Give version, profile and openapi_url, none of them empty.", root_field_missing,
    ),
    Check(
        "version-unknown", f"`version` is not {VERSION}", "error", "ORUK 3.0, API: GET /",
        f"Say \"{VERSION}\": consumers and the official validator choose by it which standard to expect, and test nothing when they do not know it.",
        version_unknown,
    ),
    Check(
        "root-uri-wrong", "An address in `/` is none", "error", "ORUK 3.0, API: GET /, format uri (RFC 3986)",
        "Give profile and openapi_url as whole addresses, starting with https://.", root_uri_wrong,
    ),
    Check(
        "openapi-unreadable", "The OpenAPI document cannot be read", "warning", "ORUK 3.0, API: GET /, openapi_url",
        "Serve the document as JSON, publicly, at the address that openapi_url gives.", openapi_unreadable,
    ),
    Check(
        "openapi-invalid", "What openapi_url leads to is no OpenAPI document", "warning", "OpenAPI 3.1, OpenAPI Object",
        "Lead to a JSON document of OpenAPI 3.", openapi_invalid,
    ),
    Check(
        "openapi-path-missing", "The OpenAPI document leaves a list out", "warning", "ORUK 3.0, API: openapi_url defines this API",
        "Describe every list that is served.", openapi_path_missing,
    ),
    Check(
        "openapi-references", "The OpenAPI document repeats internal references", "advice",
        "Official validator of 2026: the third use of one reference stays unresolved",
        "Publish the document with its references written out, or the official validator may fail a good feed.", openapi_references,
    ),
)  # fmt: skip
