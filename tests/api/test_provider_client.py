"""The example client of docs/provider-client.md, run as it is printed: a real server, a real key, and answers that get lost."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.models.services import Service
from tests.api.breaking_proxy import BreakingProxy, Fault, breaking_proxy
from tests.api.served import ANSWERS_WITHIN_S, ROOT, copied_folder, environment, running_server
from tests.factories import opened

PAGE = (ROOT / "docs/provider-client.md").read_text(encoding="utf-8")
DIRECTORY = Path(sys.executable).with_name("directory")
MARK = "== end of block"


@dataclass(frozen=True, slots=True)
class Provider:
    """An organization with a key of its own, and the address at which its client finds the service."""

    proxy: BreakingProxy
    key: str
    service_id: UUID
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "API": self.proxy.url,
            "KEY": self.key,
            "SERVICE": str(self.service_id),
            "PATH": os.environ["PATH"],
        }

    def get(self, path: str) -> Any:
        answer = httpx.get(
            self.proxy.url + path, headers={"Authorization": f"Bearer {self.key}"}, timeout=ANSWERS_WITHIN_S
        )
        answer.raise_for_status()
        return answer.json()

    @property
    def history(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/v1/provider/services/{self.service_id}/capacity/history")[
            "results"
        ]
        return found

    @property
    def reports(self) -> int:
        """How many were ever stored about the service."""
        total: int = self.get(f"/v1/provider/services/{self.service_id}/capacity/history")["total"]
        return total

    def run(self, *command: str | Path, code: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command],
            input=code,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def shell(self, *, without: int = 0) -> list[str]:
        """What each block in the shell language says; `without` leaves out so many of the last."""
        printed = blocks("sh")
        marked = "".join(f"{block}\necho '{MARK}'\n" for block in printed[: len(printed) - without])
        done = self.run("sh", "-eu", code=marked)
        # What curl tried again it tells on standard error.
        assert done.returncode == 0, done.stderr
        return done.stdout.split(f"{MARK}\n")[:-1]

    def python(self, *, without: int = 0) -> str:
        printed = blocks("python")
        kept = [*printed[: len(printed) - without], "client.close()"]
        done = self.run(sys.executable, "-W", "error", "-", code="\n".join(kept))
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return done.stdout


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def served_provider(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The owner of an invented service of the demonstration, which has never reported beds, and a real server."""
    for tool in ("curl", "openssl"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool} on this machine")
    root = tmp_path_factory.mktemp("provider")
    folder = copied_folder(seeded, root / "var")
    with opened(f"sqlite:///{folder / 'directory.sqlite'}") as database, database.read() as session:
        organization_id, service_id = session.exec(
            select(Service.organization_id, Service.id)
            .where(col(Service.demonstration), col(Service.confidential).is_(False))
            .order_by(col(Service.source_id))
        ).all()[0]
    made = subprocess.run(
        [DIRECTORY, "keys", "create", "provider", "--label", "Example system", "--organization", str(organization_id)],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    with (
        running_server(folder, root / "logs") as server,
        breaking_proxy(f"http://localhost:{server.port}") as proxy,
    ):
        yield Provider(proxy, made.stdout.strip(), service_id, root)


@pytest.fixture
def provider(served_provider: Provider, tmp_path: Path) -> Provider:
    """The same provider in an empty folder; what passed before is forgotten."""
    served_provider.proxy.passed.clear()
    served_provider.proxy.faults.clear()
    return replace(served_provider, folder=tmp_path)


def test_each_block_for_curl_does_what_the_page_says(provider: Provider) -> None:
    before = provider.reports

    _, me, stored, _, reported, confirmed, undone = provider.shell()

    services = json.loads(me)["services"]
    assert str(provider.service_id) in {one["id"] for one in services}
    assert stored == ""
    assert reported == "stored\n"
    assert confirmed == "confirmed\n"
    assert undone == "taken back\n"
    history = provider.history
    assert provider.reports > before
    latest, confirmation, report = [one for one in history if one["unit"] == "bed_space"][:3]
    assert (report["reported_status"], report["available"], report["maximum"]) == ("limited", 1, 6)
    assert (confirmation["reported_status"], confirmation["available"]) == ("limited", 1)
    assert latest["undoes"] == confirmation["id"]


def test_the_key_is_in_no_list_of_processes_and_in_a_file_of_its_owner(provider: Provider) -> None:
    provider.shell(without=5)

    assert (provider.folder / "key.header").stat().st_mode & 0o777 == 0o600
    commands = [line for block in blocks("sh") for line in block.splitlines() if "curl" in line]
    assert commands
    assert not [line for line in commands if "$KEY" in line]


def test_each_block_for_python_does_what_the_page_says(provider: Provider) -> None:
    said = provider.python()

    assert any(one["name"] in said for one in provider.get("/v1/provider/me")["services"])
    latest, undone, confirmation, report = [one for one in provider.history if one["unit"] == "bed_space"][:4]
    assert (latest["reported_status"], latest["available"]) == ("full", 0)
    assert undone["undoes"] == confirmation["id"]
    assert (report["reported_status"], report["available"], report["maximum"]) == ("limited", 1, 6)


@pytest.mark.parametrize("faults", [["hang-up"], ["outcome-unknown", "bad-gateway"]])
@pytest.mark.parametrize("language", ["sh", "python"])
def test_an_answer_that_got_lost_is_asked_for_again_and_nothing_is_done_twice(
    provider: Provider, language: str, faults: list[Fault]
) -> None:
    before = provider.reports
    provider.proxy.faults.extend(faults)

    # Without what follows the first report.
    if language == "sh":
        assert provider.shell(without=2)[-1] == "stored\n"
    else:
        provider.python(without=2)

    writes = provider.proxy.writes
    assert len(writes) == len(faults) + 1
    assert len({one.idempotency_key for one in writes}) == 1
    assert [one.answer.headers.get("Idempotency-Replayed") for one in writes] == [None] + ["true"] * len(
        faults
    )
    assert provider.reports == before + 1


def test_a_client_that_makes_a_new_key_for_each_attempt_reports_twice(provider: Provider) -> None:
    """The control: the answers above do get lost, and it is the habit of the page that makes it harmless."""
    before = provider.reports
    provider.proxy.faults.append("hang-up")
    code = "\n".join([*blocks("python")[:3], "client.close()"])
    careless = code.replace("headers=headers)", 'headers={"Idempotency-Key": str(uuid.uuid4())})')
    assert careless != code

    done = provider.run(sys.executable, "-", code=careless)

    assert done.returncode == 0, done.stderr
    assert provider.reports == before + 2


def test_who_comes_second_is_told_and_nothing_is_stored(provider: Provider) -> None:
    """The words of the page for 412: somebody else reports between a client's look and its report."""
    before = provider.reports
    *look, one_bed = blocks("sh")[:5]
    done = provider.run(
        "sh", "-u", code="\n".join([*look, "SHOWN=$VERSION", one_bed, "VERSION=$SHOWN", one_bed])
    )

    assert done.stdout.endswith(
        "stored\nsomebody has reported meanwhile: look at what is stored, and ask again\n"
    )
    assert provider.reports == before + 1


def test_nothing_is_written_over_what_could_not_be_looked_at(provider: Provider) -> None:
    *look, one_bed = blocks("sh")[:5]
    done = provider.run("sh", "-u", code="\n".join([*look, "VERSION=", one_bed]))

    assert "look first" in done.stderr
    assert provider.proxy.writes == []


def test_a_refusal_is_shown_and_not_tried_again(provider: Provider) -> None:
    *look, one_bed = blocks("sh")[:5]
    done = provider.run(
        "sh", "-u", code="\n".join([*look, one_bed.replace('"available": 1', '"available": 9')])
    )

    assert "refused\n" in done.stdout
    assert "/available" in done.stdout
    assert len(provider.proxy.writes) == 1
