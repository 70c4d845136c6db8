"""Capacity that a provider told a curator by telephone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.principals import Principal
from app.api.callers import WriteSession, caller
from app.api.documented import body_of, ok, problems
from app.api.provider_capacity import REPORT_EXAMPLES, REPORT_PROBLEMS, once_reported
from app.api.provider_shapes import OwnCapacity
from app.api.strict import json_body
from app.api.writing import (
    IDEMPOTENCY_HEADER,
    IF_MATCH_HEADER,
    MATCH_PROBLEMS,
    Write,
)
from app.capacity.owning import any_service
from app.capacity.reporting import CapacityClaim, Reporter, report_capacity
from app.capacity.standing import recorded

router = APIRouter(tags=["curation"])


@router.put(
    "/v1/curation/services/{service_id:uuid}/capacity",
    responses=ok(OwnCapacity, "It is stored, and on the disk.") | problems(*REPORT_PROBLEMS, *MATCH_PROBLEMS),
    openapi_extra={
        "requestBody": body_of(CapacityClaim, REPORT_EXAMPLES),
        "parameters": [IF_MATCH_HEADER, IDEMPOTENCY_HEADER],
    },
)
def record_telephone_report(
    request: Request,
    service_id: UUID,
    *,
    by: Annotated[Principal, caller("capacity:telephone")],
    claim: Annotated[CapacityClaim, json_body(CapacityClaim)],
    session: WriteSession,
) -> Response:
    """Record what a provider said on the telephone, about any service; the report says so (`source`: `telephone`)."""
    write = Write.of(request, session, by, claim)
    facts = any_service(session, service_id, lock=True)

    reporter = Reporter("telephone", by.signature)
    return once_reported(
        write,
        facts,
        "capacity_recorded_by_telephone",
        lambda: recorded([report_capacity(session, service_id, claim, by=reporter, now=write.now)]),
    )
