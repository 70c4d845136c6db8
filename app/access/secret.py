"""The root secret, and the keys derived from it, one for each purpose (HKDF-Expand, RFC 5869, one block of SHA-256)."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from app.config import Settings
from app.db import Database, lacks_tables
from app.models.audit import AuditEvent

SECRET_BYTES = 32
_SHORTEST = 32


def root_secret(settings: Settings) -> bytes:
    """The configured secret, or the one in the data folder, made there (mode 0600) on SQLite when there is none yet.

    Raises RuntimeError on PostgreSQL without DIRECTORY_SECRET, for several machines must share one secret; for a file that was
    cut short, for keys derived from next to nothing can be guessed; and where there was one, for under a new one no key is in
    force and the audit log looks changed, and nobody would learn why.
    """
    if settings.secret is not None:
        configured = settings.secret.get_secret_value().encode()
        if len(configured) < _SHORTEST:
            raise RuntimeError(f"DIRECTORY_SECRET needs at least {_SHORTEST} characters")
        return hashlib.sha256(configured).digest()
    if not settings.resolved_database_url.startswith("sqlite"):
        raise RuntimeError("DIRECTORY_SECRET is required with PostgreSQL")
    path = settings.data_dir / "secret"
    if not path.exists():
        if _was_used(settings.resolved_database_url):
            raise RuntimeError(
                "the secret that this database was used with is lost: put it back from the backup, or set DIRECTORY_SECRET as it was. "
                "docs/settings.md says what to do without"
            )
        _make_secret(path)
    found = path.read_bytes()
    if len(found) < SECRET_BYTES:
        raise RuntimeError(f"{path.name} in the data folder is cut short: put it back from a backup")
    return found


def _was_used(database_url: str) -> bool:
    """Whether anything was done under a secret: every change but the seeding is in the audit log."""
    database = Database(database_url)
    try:
        with database.read() as session:
            return session.exec(select(AuditEvent.seq).limit(1)).first() is not None
    except FileNotFoundError:
        return False
    except SQLAlchemyError as failure:
        # Of one that cannot be read, since it is damaged or its disk fails, nobody knows: its backup is of the lost secret.
        if not lacks_tables(failure):
            raise
        return False
    finally:
        database.close()


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_bytes(SECRET_BYTES)
    staged = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, fresh)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        # Whoever links first wins, so several workers that start together agree.
        os.link(staged, path)
    except FileExistsError:
        pass
    finally:
        staged.unlink()


def derived_key(root: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose; knowing them tells nothing about the root or about other purposes."""
    return hmac.new(root, purpose.encode() + b"\x01", hashlib.sha256).digest()
