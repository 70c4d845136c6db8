"""Rehearsals of an installation, on a machine without a container engine. Needs Python >= 3.11 and the package index.

    python3 deploy/rehearse.py clone    `make serve` in an empty clone, with an empty home and an empty environment
    python3 deploy/rehearse.py image    the steps of the Dockerfile in an empty folder, as an unprivileged user

Both start the service on a free port, ask it the main question, stop it, and fail loudly at the first thing amiss.
"""

import argparse
import contextlib
import fnmatch
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETUP_S = 900
"""Time for everything that is downloaded and built before the first answer."""
START_S = 60
STOP_S = 15
# What reaches a package index from inside an organization's network, and nothing else of the caller's environment.
NETWORK = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE")


class Amiss(Exception):
    """What went wrong, for the person who reads the output."""


def say(text: str) -> None:
    print(f"-- {text}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=["clone", "image"])
    rehearse = {"clone": rehearse_clone, "image": rehearse_image}[parser.parse_args().what]
    # Not TMPDIR: another user must be able to walk into it.
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        try:
            rehearse(Path(folder))
        except Amiss as amiss:
            sys.exit(f"rehearsal failed: {amiss}")
    say("rehearsal done")


def rehearse_clone(folder: Path) -> None:
    clone, home, port = folder / "an empty clone", folder / "home", free_port()
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "DIRECTORY_PORT": str(port)}
    say(f"make serve in {clone.name!r}, port {port}")
    with running(
        ["make", "serve"], folder / "serve.log", port, start_s=SETUP_S, cwd=clone, env=environment
    ) as group:
        ask_the_main_question(port)
        # As Ctrl-C does: to make and to the service alike.
        os.killpg(group.pid, signal.SIGINT)
        wait_for_end(group)
    left = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, check=True, capture_output=True, text=True
    ).stdout
    if left:
        raise Amiss(f"make serve left files that git does not ignore:\n{left}")


def rehearse_image(folder: Path) -> None:
    account = unprivileged_account()
    application, venv, storage = folder / "opt/directory", folder / "opt/venv", folder / "data"
    copy_build_context(application)
    storage.mkdir(mode=0o700)
    (folder / "tmp").mkdir(mode=0o700)
    hand_over(folder, account)
    recipe = (ROOT / "Dockerfile").read_text()
    python = python_for(account)
    outside = {name: os.environ[name] for name in NETWORK if name in os.environ}
    environment = {"PATH": f"{python.parent}:{os.defpath}", "TMPDIR": str(folder / "tmp"), **outside}
    for step in exec_form(recipe, r"^RUN (\[.*\])$"):
        if step[0].startswith("deploy/"):
            say(" ".join(step))
            moved = [part.replace("/opt/", f"{folder}/opt/") for part in step]
            subprocess.run(moved, cwd=application, env=environment, check=True, timeout=SETUP_S, **account)
    close_to_writing(folder / "opt")

    port = free_port()
    environment = {
        "PATH": f"{venv}/bin:{os.defpath}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "VENV": str(venv),
        "DIRECTORY_DATA_DIR": str(storage),
        "DIRECTORY_PORT": str(port),
    }
    for place in (application, venv):
        tried = ["touch", str(place / "written")]
        if (
            subprocess.run(tried, env=environment, capture_output=True, check=False, **account).returncode
            == 0
        ):
            raise Amiss(f"the service's user can write to {place}")
    started = time.time()
    command = [
        part.replace("/opt/", f"{folder}/opt/") for part in exec_form(recipe, r"^ENTRYPOINT (\[.*\])$")[0]
    ]
    health = [
        part.replace("/opt/", f"{folder}/opt/")
        for part in exec_form(recipe, r"^HEALTHCHECK .*CMD (\[.*\])$")[0]
    ]
    within, how = in_read_only_system(storage, account)
    say(f"{' '.join(command)}, port {port}")
    log = folder / "start.log"
    with running([*within, *command], log, port, start_s=START_S, cwd="/", env=environment, **how) as group:
        ask_the_main_question(port)
        subprocess.run(health, env=environment, check=True, **account)
        group.send_signal(signal.SIGTERM)
        wait_for_end(group)
    if subprocess.run(health, env=environment, check=False, **account).returncode == 0:
        raise Amiss("the health check says that a stopped service is well")
    written = [path for path in (folder / "opt").rglob("*") if path.lstat().st_mtime > started]
    if written:
        raise Amiss(f"written outside the volume: {written[:5]}")
    say(f"in the volume: {', '.join(sorted(path.name for path in storage.iterdir()))}")


def ask_the_main_question(port: int) -> None:
    """Who can take this person, here, now? From a postcode, as pages and partners ask, and as a person sees it."""
    status, body = request(port, "POST", "/v1/services/search", json.dumps({"postcode": "B1 1BB"}))
    if status != 200:
        raise Amiss(f"search answered {status}: {body[:500]!r}")
    answer: dict[str, Any] = json.loads(body)
    if not answer["results"] or not answer["always"]:
        raise Amiss(
            f"search found {len(answer['results'])} services, {len(answer['always'])} numbers for always"
        )
    say(
        f"search for B1 1BB: {answer['total']} services, the first {answer['results'][0]['service']['name']!r}"
    )
    status, body = request(port, "GET", "/find")
    if status != 200 or b"<form" not in body:
        raise Amiss(f"/find answered {status}: {body[:500]!r}")


def request(port: int, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


@contextlib.contextmanager
def running(
    command: list[str], log: Path, port: int, *, start_s: float, **how: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process group of its own, once `/health/ready` answers 200. Nothing of it survives the block."""
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True, **how
        )
    try:
        while not is_ready(port):
            if process.poll() is not None:
                raise Amiss(f"it ended with status {process.returncode} before it was ready")
            if time.monotonic() - began > start_s:
                raise Amiss(f"it was not ready after {start_s} seconds")
            time.sleep(0.2)
        say(f"ready after {time.monotonic() - began:.1f} s")
        yield process
        if b"Traceback" in log.read_bytes():
            raise Amiss("it printed a traceback")
    except BaseException:
        print(log.read_text(errors="replace")[-6000:], file=sys.stderr)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_ready(port: int) -> bool:
    try:
        return request(port, "GET", "/health/ready")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def wait_for_end(process: subprocess.Popen[bytes]) -> None:
    """Wait until every process of the group has ended."""
    began = time.monotonic()
    while time.monotonic() - began < STOP_S:
        process.poll()
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            say(f"stopped after {time.monotonic() - began:.1f} s, status {process.wait()}")
            return
        time.sleep(0.05)
    raise Amiss(f"it was still there {STOP_S} seconds after the signal to stop")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def exec_form(recipe: str, pattern: str) -> list[list[str]]:
    """The commands of the Dockerfile's lines that match, in their order."""
    return [json.loads(found) for found in re.findall(pattern, recipe, re.MULTILINE)]


def copy_build_context(target: Path) -> None:
    """Copy what `.dockerignore` lets through: it excludes everything and then names what goes in."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    excluded = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    included = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    if sorted(rules) != sorted(
        ["*", *(f"!{name}" for name in included), *(f"**/{name}" for name in excluded)]
    ):
        raise Amiss(".dockerignore has a rule that this rehearsal does not know")

    def left_out(_: str, names: list[str]) -> set[str]:
        return {name for name in names for pattern in excluded if fnmatch.fnmatch(name, pattern)}

    target.mkdir(parents=True)
    for name in included:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=left_out)
        else:
            shutil.copy2(source, target / name)


def unprivileged_account() -> dict[str, Any]:
    """Whom to be, for `subprocess`: nobody when we are root, otherwise ourselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def hand_over(folder: Path, account: dict[str, Any]) -> None:
    for path in [folder, *folder.rglob("*")]:
        if account:
            os.chown(path, account["user"], account["group"], follow_symlinks=False)


def python_for(account: dict[str, Any]) -> Path:
    """A `python3` that this account may run: one in root's home, as pyenv makes them, will not do."""
    check = "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"
    for folder in [*os.environ["PATH"].split(":"), "/usr/local/bin", "/usr/bin"]:
        python = Path(folder) / "python3"
        with contextlib.suppress(OSError):
            command = [str(python), "-c", check]
            if subprocess.run(command, cwd="/", capture_output=True, check=False, **account).returncode == 0:
                return python
    raise Amiss("there is no python3 >= 3.11 with venv that the unprivileged user can run")


def close_to_writing(folder: Path) -> None:
    """What an image is for its user: root's, or at least without permission to write."""
    for path in [folder, *folder.rglob("*")]:
        if os.geteuid() == 0:
            os.chown(path, 0, 0, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o555)


def in_read_only_system(storage: Path, account: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """How to run a command so that it can write to `storage` alone: a prefix, and arguments for `subprocess`.

    Where this machine does not let us make such a system (a namespace of our own), the command runs as the
    account, and only what it may write in the application's folders is checked.
    """
    if not account:
        return [], account
    steps = 'mount --bind "$1" "$1" && mount -o remount,bind,ro / && shift && exec setpriv "$@"'
    become = [f"--reuid={account['user']}", f"--regid={account['group']}", "--clear-groups"]
    prefix = ["unshare", "--mount", "sh", "-euc", steps, "sh", str(storage), *become]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        say("this machine cannot make a read-only system: only the folders of the application are closed")
        return [], account
    return prefix, {}


if __name__ == "__main__":
    main()
