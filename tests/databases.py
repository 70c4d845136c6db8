"""Databases for tests: each test gets a migrated one of its own, as a copy of a template, on either engine.

A copy and not a transaction that is rolled back: the snapshot's thread, a second process and a process that is
killed never see rows that are not committed.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

Migrate = Callable[[str], None]
"""Brings the database at an address to the newest revision."""

START_TIMEOUT_S = 30


class SqliteTemplate:
    """A migrated SQLite file that is copied for every test."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite"
        self._numbers = count(1)
        migrate(f"sqlite:///{self._template}")
        left = [file.name for file in folder.glob("template.sqlite-*")]
        if left:
            # A copy of the file alone would lack what is still in the write-ahead log.
            raise RuntimeError(f"the migration left connections open: {left}")

    def create(self) -> str:
        """The address of a new copy."""
        path = self._folder / f"directory_{next(self._numbers)}.sqlite"
        shutil.copyfile(self._template, path)
        path.chmod(0o600)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink(missing_ok=True)


class Postgres:
    """A private PostgreSQL cluster in a temporary folder, made from the machine's own programs.

    It listens on a Unix socket in that folder and on nothing else, so no port can be taken and no other user can
    reach it. It belongs to one test process: under xdist each worker has its own. A small guard process stops the
    server and removes the folder when the block ends, and also when the test process dies, however it dies.

    `durable` switches on what tests can do without: waiting for the disk (fsync) and what recovers from a power cut.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self._programs = programs
        # Not TMPDIR: the path of a socket has at most 107 bytes, and the server's user must be able to reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="directory-pg-", dir="/tmp"))
        self._cluster = self.folder / "cluster"
        self._account = _unprivileged_account()
        self._durable = durable
        self._numbers = count(1)
        if self._account:
            os.chown(self.folder, self._account["user"], self._account["group"])
        self._guard = self._watch()
        self._run(
            "initdb", "--username=directory", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
        )

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def start(self) -> None:
        """Start the server and wait until it takes connections. Also after `stop`, for tests of an outage."""
        # The largest suite on the fewest cores: small buffers make dropping a database quick.
        options = {"listen_addresses": "", "unix_socket_directories": self.folder, "shared_buffers": "32MB"}
        if not self._durable:
            options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self._run(
            "pg_ctl", "start", "--wait", f"--timeout={START_TIMEOUT_S}", f"--log={self._log}", "-o", flags
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop the server. `mode` as of pg_ctl: `smart`, `fast`, or `immediate`, which is a crash."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def remove(self) -> None:
        """Stop the server, if it runs, and remove its folder. May be called twice."""
        self._guard.communicate()

    def url(self, database: str) -> str:
        """The SQLAlchemy address of one of its databases."""
        return f"postgresql+psycopg://directory@/{database}?host={self.folder}"

    def create_template(self, migrate: Migrate) -> None:
        """Make the migrated database that `create` copies."""
        self._execute(sql.SQL("CREATE DATABASE template_directory"))
        migrate(self.url("template_directory"))

    def create(self) -> str:
        """The address of a new copy of the template."""
        return self.copy("template_directory")

    def copy(self, database: str) -> str:
        """The address of a new copy of a database to which nobody is connected."""
        name = f"directory_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(database)))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, also under connections that a test left open."""
        name = url.partition("?")[0].rpartition("/")[2]
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.folder), user="directory", dbname="postgres", autocommit=True
        ) as link:
            link.execute(statement)

    def _watch(self) -> subprocess.Popen[bytes]:
        """A process that waits for the end of its input, which is our end too, and clears up."""
        steps = 'read -r _; "$0" stop --pgdata="$1/cluster" --mode=immediate >/dev/null 2>&1; rm -rf "$1"'
        return subprocess.Popen(
            ["sh", "-c", steps, self._programs / "pg_ctl", self.folder],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            # Ctrl-C in the terminal is for the tests; the guard sees them end.
            start_new_session=True,
            **self._account,
        )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, f"--pgdata={self._cluster}", *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            # A file, not a pipe: the server inherits it and would hold a pipe open.
            stdout=(output := (self.folder / f"{program}.log").open("ab")),
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
            **self._account,
        )
        output.close()
        if done.returncode:
            said = "".join(file.read_text() for file in (Path(output.name), self._log) if file.exists())
            raise RuntimeError(f"{program} failed:\n{said}")


def _unprivileged_account() -> dict[str, Any]:
    """Whom to run the server as, for `subprocess`: PostgreSQL refuses root. Nothing when we are not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`")
