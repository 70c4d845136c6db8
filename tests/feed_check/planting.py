"""What a planted fault is, and the ways to plant one in the example feed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.feed_check.example_feed import ExampleFeed, Record, Reply


@dataclass(frozen=True)
class Fault:
    """`code` is the one finding it must lead to; the docs repeat `words`."""

    code: str
    words: str
    plant: Callable[[ExampleFeed], object]


Plant = Callable[[ExampleFeed], object]


def planter(faults: list[Fault]) -> Callable[[str, str], Callable[[Plant], Plant]]:
    """A decorator that adds a function as a fault to a list."""

    def fault(code: str, words: str) -> Callable[[Plant], Plant]:
        def planted(plant: Plant) -> Plant:
            faults.append(Fault(code, words, plant))
            return plant

        return planted

    return fault


def on_reply(feed: ExampleFeed, path: str, change: Callable[[Reply, dict[str, str]], Reply]) -> None:
    """Change replies of one path; `*` for all."""
    feed.spoils.append(lambda at, query, reply: change(reply, query) if path in {at, "*"} else reply)


def on_page(
    feed: ExampleFeed, change: Callable[[Record, dict[str, str]], None], path: str = "/services"
) -> None:
    """Change the envelope of the pages of a list."""

    def changed(reply: Reply, query: dict[str, str]) -> Reply:
        if reply.status == 200:
            page = dict(reply.document)
            change(page, query)
            return replace(reply, document=page)
        return reply

    on_reply(feed, path, changed)


def in_service(change: Callable[[Record], object]) -> Callable[[ExampleFeed], object]:
    """Change the stored form of the fifth service, so that list, record and places all show it."""
    return lambda feed: change(feed.services[4])


def location(feed: ExampleFeed) -> Record:
    found: Record = feed.services[4]["service_at_locations"][0]["location"]
    return found


def put(record: Record, **fields: Any) -> None:
    record.update(fields)


def text_everywhere(feed: ExampleFeed, old: str, new: str) -> None:
    """Replace a text in everything that is served."""

    def replaced(reply: Reply, _: dict[str, str]) -> Reply:
        return replace(reply, document=json.loads(json.dumps(reply.document).replace(old, new)))

    on_reply(feed, "*", replaced)
    asked = feed.reply
    feed.reply = lambda target: asked(target.replace(new, old))  # type: ignore[method-assign]


def without(reply: Reply, header: str) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != header}
