"""Checks of the parameters: each must change the answer as the standard says, and two together must both hold."""

from collections.abc import Iterable, Iterator
from functools import partial

from app.feed_check.evidence import Evidence, Probe
from app.feed_check.findings import Check, Found, Place
from app.feed_check.probing import Verdict, verdict_of


def _judged(verdict: Verdict, evidence: Evidence, *, is_of_profile: bool) -> Iterator[Found]:
    probes = (one for one in evidence.probes if one.asked.is_of_profile is is_of_profile)
    return _found(evidence, probes, {verdict})


def not_combined(evidence: Evidence) -> Iterator[Found]:
    return _found(evidence, evidence.combined, {"ignored", "wrong", "refused"})


def _found(evidence: Evidence, probes: Iterable[Probe], verdicts: set[Verdict]) -> Iterator[Found]:
    for probe in probes:
        asked = probe.asked
        # Where records came and went in the meantime, an answer cannot be held against what was read before.
        if verdict_of(probe) in verdicts and not evidence.list_of(asked.endpoint).changed_while_read:
            yield Found(Place(asked.endpoint.path, parameter=asked.parameter), _detail(probe))


def _detail(probe: Probe) -> str:
    if probe.failure is not None:
        return probe.failure.said
    lacking = len(probe.asked.must_have - probe.ids) if probe.is_whole else 0
    wrong = len(probe.asked.must_not_have & probe.ids)
    parts = [
        f"{lacking} records are missing" if lacking else "",
        f"{wrong} should not be there" if wrong else "",
    ]
    return " and ".join(part for part in parts if part)


PROFILE = "ORUK 3.0, OpenAPI: parameters of the list"

CHECKS = (
    Check("parameter-ignored", "A parameter changes nothing", "error", PROFILE,
          "Filter by it. A reader who asked for a place or an age otherwise shows people what is not for them.",
          partial(_judged, "ignored", is_of_profile=True)),
    Check("parameter-wrong", "A parameter gives the wrong records", "error", PROFILE,
          "Compare with the whole records: those that fit and no others.", partial(_judged, "wrong", is_of_profile=True)),
    Check("parameter-refused", "A parameter is refused or breaks the list", "error", PROFILE,
          "Answer it: the value stands in the feed itself.", partial(_judged, "refused", is_of_profile=True)),
    Check("parameters-not-combined", "Two parameters together do not give what both give", "error", "HSDS 3.1, API: several parameters are combined with AND",
          "Keep only records that fit all parameters.", not_combined),
    Check("optional-parameter-ignored", "A parameter of HSDS changes nothing", "advice", "HSDS 3.1, OpenAPI: organization_id, modified_after (not of the UK profile)",
          "Filter by it: readers who keep a copy ask with modified_after for what is new.", partial(_judged, "ignored", is_of_profile=False)),
    Check("optional-parameter-wrong", "A parameter of HSDS gives the wrong records", "warning", "HSDS 3.1, OpenAPI: organization_id, modified_after (not of the UK profile)",
          "Filter as HSDS says, or refuse the parameter: a copy kept with it goes stale unseen.", partial(_judged, "wrong", is_of_profile=False)),
)  # fmt: skip
