"""What only a server shows: both worlds behind uvicorn, over a socket, say the same, framing and all."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from tests.confidentiality import asking
from tests.confidentiality.asking import Answer, Asked
from tests.confidentiality.comparing import answer_of, difference_of, known_to_all
from tests.confidentiality.worlds import Pair, Served

SAMPLE = 160


@contextmanager
def behind_uvicorn(world: Served) -> Iterator[httpx.Client]:
    """A client of a real server in this process, which serves the world's own application."""
    listener = socket.create_server(("127.0.0.1", 0))
    # The application was started with the world: the server must not start it a second time.
    config = uvicorn.Config(
        world.client.app, lifespan="off", http="httptools", ws="none", log_config=None, access_log=False,
        server_header=False, loop="asyncio",
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def over_socket(client: httpx.Client, asked: Asked) -> Answer:
    response = client.request(
        asked.method, asked.target, headers=list(asked.headers), content=asked.body or None
    )
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
    return answer_of(response.status_code, headers, response.content, ())


def test_both_worlds_say_the_same_over_a_socket(pair: Pair) -> None:
    script = asking.everything(known_to_all(pair), random.Random("over a socket"), SAMPLE)
    requests, statuses = 0, set()
    with behind_uvicorn(pair.left) as left, behind_uvicorn(pair.right) as right:
        try:
            asked = next(script)
            while True:
                answers = over_socket(left, asked), over_socket(right, asked)
                requests += 1
                statuses.add(answers[0].status)
                assert difference_of(asked, *answers) is None
                asked = script.send(answers[0])
        except StopIteration:
            pass
    assert requests > SAMPLE
    assert statuses >= {200, 304, 404, 422}
