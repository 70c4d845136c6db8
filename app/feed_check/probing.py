"""Asking each list with each parameter, with values that the feed itself holds.

Which answer is right is said in `app.feed_check.parameters`; here the values are chosen that tell most, and asked with.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, islice
from typing import Literal

from app.feed_check.endpoints import SERVICES, TAXONOMIES, TAXONOMY_TERMS, Endpoint
from app.feed_check.evidence import Evidence, Probe, Question, is_removed, objects_of, text_of
from app.feed_check.failures import Exhausted, FeedUnreadable, WrongStatus
from app.feed_check.fetching import Feed, Record
from app.feed_check.parameters import PARAMETERS, Known, Parameter, Subject

MOST_PAGES = 5
"""Of the answer to one question."""
MOST_CANDIDATES = 40
"""Values that are weighed before two are asked with."""

Step = Callable[[str, int, int | None], None]
Verdict = Literal["good", "ignored", "wrong", "refused"]


def probe_parameters(feed: Feed, evidence: Evidence, tell: Step) -> None:
    """Adds probes, or a reason why there are none, for every parameter at every list it belongs to."""
    prober = _Prober(feed, evidence)
    pairs = [(parameter, endpoint) for parameter in PARAMETERS for endpoint in parameter.endpoints]
    for done, (parameter, endpoint) in enumerate(pairs):
        tell("parameters", done, len(pairs))
        if not evidence.list_of(endpoint).pages:
            continue
        probes = [*prober.probes(parameter, endpoint)]
        evidence.probes += probes
        if not probes:
            evidence.not_checked.append(
                f"{endpoint.path}?{parameter.name}: the records that were read hold no value that would tell"
            )
    prober.combine()


def verdict_of(probe: Probe) -> Verdict:
    """`ignored`: the answer is the one without the parameter. `wrong`: it lacks, or has, what it must not."""
    asked = probe.asked
    if probe.failure is not None:
        is_refusal = isinstance(probe.failure, WrongStatus) and 400 <= probe.failure.status < 500
        return "good" if asked.may_be_refused and is_refusal else "refused"
    without, first = probe.without, probe.pages[0]
    is_same = first.ids == without.ids and first.envelope.get("total_items") == without.envelope.get(
        "total_items"
    )
    has_wrong = bool(probe.ids & asked.must_not_have)
    if is_same and without.contents and (has_wrong or asked.may_be_refused):
        return "ignored"
    lacks = probe.is_whole and not asked.must_have <= probe.ids
    return "wrong" if has_wrong or lacks else "good"


class _Prober:
    def __init__(self, feed: Feed, evidence: Evidence) -> None:
        self._feed = feed
        self._evidence = evidence
        self._known = _known(evidence)

    def probes(self, parameter: Parameter, endpoint: Endpoint) -> Iterator[Probe]:
        for value, must, must_not in self._values(parameter, endpoint):
            spelt = [
                Question(
                    endpoint, parameter.name, {**parameter.beside(value), parameter.name: text}, must, must_not,
                    parameter.is_of_profile,
                )
                for text in dict.fromkeys(parameter.spellings(value))
            ]  # fmt: skip
            first = self._answered(spelt[0])
            others = (self._answered(question) for question in spelt[1:])
            # One spelling that works is enough; when none does, the first one's answer is told.
            good = (
                None
                if verdict_of(first) == "good"
                else next((one for one in others if verdict_of(one) == "good"), None)
            )
            yield good or first
        nonsense = parameter.nonsense(self._known)
        if nonsense is not None and self._evidence.list_of(endpoint).pages[0].contents:
            query = {parameter.name: nonsense}
            yield self._answered(
                Question(
                    endpoint,
                    parameter.name,
                    query,
                    is_of_profile=parameter.is_of_profile,
                    may_be_refused=True,
                )
            )

    def combine(self) -> None:
        """Two parameters together must give what both give (HSDS: AND), tried with two whose answers overlap in part."""
        for a, b in combinations(self._usable(), 2):
            both = a.ids & b.ids
            if a.asked.parameter != b.asked.parameter and both < a.ids and both < b.ids:
                asked = Question(
                    SERVICES, f"{a.asked.parameter} and {b.asked.parameter}", {**a.asked.query, **b.asked.query},
                    both, (a.ids | b.ids) - both,
                )  # fmt: skip
                self._evidence.combined.append(self._answered(asked))
                return
        self._evidence.not_checked.append(
            "/services: no two parameters were found whose answers overlap in part, to ask with both"
        )

    def _usable(self) -> list[Probe]:
        return [
            one for one in self._evidence.probes
            if one.asked.endpoint is SERVICES and one.is_whole and one.ids and verdict_of(one) == "good"
        ]  # fmt: skip

    def _values(
        self, parameter: Parameter, endpoint: Endpoint
    ) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        """Up to two values, with the records that must and must not come back.

        Both keep something and drop something, if any value does: one with as short an answer as may be, which can be
        read to its end, and one that keeps most, which loses most if something is lost.
        """
        subjects = self._subjects(endpoint)
        judged = []
        values = (value for value in dict.fromkeys(parameter.candidates(self._known)) if value)
        for value in islice(values, MOST_CANDIDATES):
            verdicts = {
                record_id: parameter.judge(one, value, self._known)
                for record_id, one in subjects.items()
                if parameter.finds_removed or not is_removed(one.service)
            }
            must = frozenset(record_id for record_id, verdict in verdicts.items() if verdict is True)
            must_not = frozenset(record_id for record_id, verdict in verdicts.items() if verdict is False)
            if must or must_not:
                judged.append((value, must, must_not))
        if not judged:
            return []
        narrow = max(judged, key=lambda one: (bool(one[2]), bool(one[1]), -len(one[1])))
        wide = max(judged, key=lambda one: (bool(one[2]), len(one[1])))
        return [narrow] if narrow == wide else [narrow, wide]

    def _subjects(self, endpoint: Endpoint) -> Mapping[str, Subject]:
        """By id of the records of the list: those of which the whole service is known."""
        services = self._evidence.list_of(SERVICES).wholes
        if endpoint is SERVICES:
            return {record_id: Subject(service) for record_id, service in services.items()}
        read = self._evidence.list_of(endpoint)
        found = {}
        for listed in read.records:
            record_id = text_of(listed, "id")
            service = services.get(_service_id(listed))
            if service is not None:
                found[record_id] = Subject(service, read.wholes.get(record_id, listed))
        return found

    def _answered(self, asked: Question) -> Probe:
        path = asked.endpoint.path
        without = self._evidence.list_of(asked.endpoint).pages[0]
        try:
            if asked.parameter in asked.query and len(asked.query) > 1:
                beside = {name: text for name, text in asked.query.items() if name != asked.parameter}
                without = self._feed.page(path, beside)
            pages = tuple(islice(self._feed.pages(path, asked.query), MOST_PAGES + 1))
        except Exhausted:
            raise
        except FeedUnreadable as failure:
            return Probe(asked, without, failure=failure)
        return Probe(asked, without, pages[:MOST_PAGES], is_whole=len(pages) <= MOST_PAGES)


def _known(evidence: Evidence) -> Known:
    terms = [
        *evidence.list_of(TAXONOMY_TERMS).records,
        *(
            term
            for whole in evidence.list_of(TAXONOMIES).wholes.values()
            for term in objects_of(whole, "taxonomy_terms")
        ),
    ]
    return Known(
        services={
            record_id: service
            for record_id, service in evidence.list_of(SERVICES).wholes.items()
            if not is_removed(service)
        },
        parents={text_of(one, "id"): text_of(one, "parent_id") for one in terms},
    )


def _service_id(at_location: Record) -> str:
    inner = at_location.get("service")
    return text_of(at_location, "service_id") or (text_of(inner, "id") if isinstance(inner, dict) else "")
