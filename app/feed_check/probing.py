"""Asking each list with each parameter, with values that the feed itself holds.

Which answer is right is said in `app.feed_check.parameters`; here the value is chosen that tells most, and asked with.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations, islice

from app.feed_check.endpoints import SERVICES, TAXONOMY_TERMS, Endpoint
from app.feed_check.evidence import Evidence, Probe, objects_of, text_of
from app.feed_check.failures import Exhausted, FeedUnreadable, WrongStatus
from app.feed_check.fetching import Feed, Page, Record
from app.feed_check.parameters import PARAMETERS, Known, Parameter, Subject

MOST_PAGES = 5
"""Of the answer to one question."""
MOST_CANDIDATES = 40

Step = Callable[[str, int, int | None], None]
Verdict = str
"""`good`, `ignored` (the answer is the one without the parameter), `wrong` (it lacks or has what it must not) or `refused`."""


def probe_parameters(feed: Feed, evidence: Evidence, tell: Step) -> None:
    """Adds a probe, or a reason why there is none, for every parameter at every list it belongs to."""
    known = _known(evidence)
    questions = [(parameter, endpoint) for parameter in PARAMETERS for endpoint in parameter.endpoints]
    for done, (parameter, endpoint) in enumerate(questions):
        tell("parameters", done, len(questions))
        if not evidence.list_of(endpoint).pages:
            continue
        probes = [*_probes(feed, evidence, parameter, endpoint, known)]
        evidence.probes += probes
        if not probes:
            evidence.not_checked.append(
                f"{endpoint.path}?{parameter.name}: the records that were read hold no value that would tell"
            )
    _combine(feed, evidence)


def verdict_of(probe: Probe) -> Verdict:
    """How a feed answered a probe."""
    if probe.failure is not None:
        is_refusal = isinstance(probe.failure, WrongStatus) and 400 <= probe.failure.status < 500
        return "good" if probe.may_be_refused and is_refusal else "refused"
    without, first = probe.without, probe.pages[0]
    is_same = first.ids == without.ids and first.envelope.get("total_items") == without.envelope.get(
        "total_items"
    )
    has_wrong = bool(probe.ids & probe.must_not_have)
    if is_same and without.contents and (has_wrong or probe.may_be_refused):
        return "ignored"
    lacks = probe.is_whole and not probe.must_have <= probe.ids
    return "wrong" if has_wrong or lacks else "good"


def _known(evidence: Evidence) -> Known:
    terms = [
        *evidence.list_of(TAXONOMY_TERMS).records,
        *(
            t
            for one in evidence.lists.values()
            for whole in one.wholes.values()
            for t in objects_of(whole, "taxonomy_terms")
        ),
    ]
    return Known(
        services=evidence.list_of(SERVICES).wholes,
        parents={text_of(one, "id"): text_of(one, "parent_id") for one in terms},
    )


def _probes(
    feed: Feed, evidence: Evidence, parameter: Parameter, endpoint: Endpoint, known: Known
) -> Iterable[Probe]:
    subjects = _subjects(evidence, endpoint)
    best = _best_value(parameter, subjects, known)
    if best is not None:
        value, must, must_not = best
        beside = parameter.beside(value)
        attempts: Iterable[Probe] = (
            _asked(
                feed,
                evidence,
                parameter,
                endpoint,
                {**beside, parameter.name: spelt},
                must=must,
                must_not=must_not,
            )
            for spelt in dict.fromkeys(parameter.spellings(value))
        )
        tried: list[Probe] = []
        for attempt in attempts:
            tried.append(attempt)
            if verdict_of(attempt) == "good":
                break
        yield tried[-1] if verdict_of(tried[-1]) == "good" else tried[0]
    nonsense = parameter.nonsense(known)
    if nonsense is not None and evidence.list_of(endpoint).pages[0].contents:
        yield _asked(feed, evidence, parameter, endpoint, {parameter.name: nonsense}, may_be_refused=True)


def _subjects(evidence: Evidence, endpoint: Endpoint) -> Mapping[str, Subject]:
    """By id of the records of the list: those of which the whole service is known."""
    services = evidence.list_of(SERVICES).wholes
    if endpoint is SERVICES:
        return {record_id: Subject(service) for record_id, service in services.items()}
    read = evidence.list_of(endpoint)
    found = {}
    for listed in read.records:
        record_id = text_of(listed, "id")
        service = services.get(_service_id(listed))
        if service is not None:
            found[record_id] = Subject(service, read.wholes.get(record_id, listed))
    return found


def _service_id(at_location: Record) -> str:
    inner = at_location.get("service")
    return text_of(at_location, "service_id") or (text_of(inner, "id") if isinstance(inner, dict) else "")


def _best_value(
    parameter: Parameter, subjects: Mapping[str, Subject], known: Known
) -> tuple[str, frozenset[str], frozenset[str]] | None:
    """The value that must drop something and keep something, with as short an answer as may be."""
    best: tuple[tuple[bool, bool, int], str, frozenset[str], frozenset[str]] | None = None
    values = (value for value in dict.fromkeys(parameter.candidates(known)) if value)
    for value in islice(values, MOST_CANDIDATES):
        judged = {record_id: parameter.judge(one, value, known) for record_id, one in subjects.items()}
        must = frozenset(record_id for record_id, verdict in judged.items() if verdict is True)
        must_not = frozenset(record_id for record_id, verdict in judged.items() if verdict is False)
        score = (bool(must_not), bool(must), -len(must))
        if (must or must_not) and (best is None or score > best[0]):
            best = (score, value, must, must_not)
    return best[1:] if best is not None else None


def _asked(
    feed: Feed,
    evidence: Evidence,
    parameter: Parameter,
    endpoint: Endpoint,
    query: Mapping[str, str],
    *,
    must: frozenset[str] = frozenset(),
    must_not: frozenset[str] = frozenset(),
    may_be_refused: bool = False,
) -> Probe:
    without = evidence.list_of(endpoint).pages[0]
    pages: tuple[Page, ...] = ()
    is_whole, failure = False, None
    beside = {name: value for name, value in query.items() if name != parameter.name}
    try:
        if beside:
            without = feed.page(endpoint.path, beside)
        pages, is_whole = _answer(feed, endpoint, query)
    except Exhausted:
        raise
    except FeedUnreadable as reason:
        failure = reason
    return Probe(
        endpoint, parameter.name, parameter.is_of_profile, query, must, must_not, may_be_refused, without,
        pages, is_whole, failure,
    )  # fmt: skip


def _answer(feed: Feed, endpoint: Endpoint, query: Mapping[str, str]) -> tuple[tuple[Page, ...], bool]:
    pages = [*islice(feed.pages(endpoint.path, query), MOST_PAGES + 1)]
    return tuple(pages[:MOST_PAGES]), len(pages) <= MOST_PAGES


def _combine(feed: Feed, evidence: Evidence) -> None:
    """Two parameters together must give what both give (HSDS: AND), tried with two whose answers overlap in part."""
    usable = [
        one for one in evidence.probes
        if one.endpoint is SERVICES and one.is_whole and one.ids and len(one.query) == 1 and verdict_of(one) == "good"
    ]  # fmt: skip
    for a, b in combinations(usable, 2):
        both = a.ids & b.ids
        if a.parameter == b.parameter or not (both < a.ids and both < b.ids):
            continue
        query = {**a.query, **b.query}
        try:
            pages, is_whole = _answer(feed, SERVICES, query)
        except Exhausted:
            raise
        except FeedUnreadable as failure:
            pages, is_whole, reason = (), False, failure
        else:
            reason = None
        evidence.combined.append(
            Probe(
                SERVICES,
                f"{a.parameter} and {b.parameter}",
                True,
                query,
                both,
                (a.ids | b.ids) - both,
                False,
                a.without,
                pages,
                is_whole,
                reason,
            )  # fmt: skip
        )
        return
    evidence.not_checked.append(
        "/services: no two parameters whose answers overlap in part were found to combine"
    )
