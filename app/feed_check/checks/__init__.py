"""Every check there is. A check is one small function with a code, a title, a severity, a clause and a way to mend."""

from app.feed_check.checks import (
    http,
    metadata,
    paging,
    parameters,
    places,
    quality,
    references,
    safety,
    schedules,
    shapes,
)
from app.feed_check.findings import Check

CHECKS: tuple[Check, ...] = (
    *safety.CHECKS,
    *metadata.CHECKS,
    *http.CHECKS,
    *paging.CHECKS,
    *parameters.CHECKS,
    *shapes.CHECKS,
    *references.CHECKS,
    *schedules.CHECKS,
    *places.CHECKS,
    *quality.CHECKS,
)
