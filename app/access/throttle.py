"""How many requests one address may send: generous to whoever reads, strict to keys that are not taken.

A bucket is an HMAC of the address under a key that lives in memory for an hour, so that nothing which is kept, and no
picture of the memory an hour later, says who was here. Counts are of one process. Nothing here locks a key: only
failures are counted as failures, and a good key passes however many bad ones came from its address, because a whole
police force sits behind one.
"""

import hashlib
import ipaddress
import secrets
import time
from dataclasses import dataclass
from math import ceil

from limits.storage import MemoryStorage

WINDOW_S = 60
FAILURES_PER_MINUTE = 10
KEY_LIVES_S = 3600
CLOCK_STEP_S = 10
"""A clock that goes back by more was put right at once, and not by and by."""
REPORTS_PER_HOUR = 10
"""Mistakes that one address may report. Whoever finds more can ring the owner; a flood would hide what is real."""
IPV6_NETWORK_BITS = 64
"""What one household or office has of IPv6: anything longer is an address to spare for every request (RFC 6177)."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to an address within `resets_in_s` seconds; with `refused`, this request was one too many."""

    limit: int
    remaining: int
    resets_in_s: int
    refused: bool


class Throttle:
    """One per process. `per_minute` requests of any kind from one address; 0 sets no limit."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        # Its moving window directly: the strategy around it makes each key twice, and every search pays for that.
        self._windows = MemoryStorage()
        self._begin_anew()

    def take(self, address: str) -> Allowance | None:
        """Count a request; None where there is no limit: by setting, and on the machine itself.

        A proxy on this machine that nobody named in DIRECTORY_TRUSTED_PROXIES would put the whole public in one bucket.
        """
        if not self._per_minute or _is_this_machine(address):
            return None
        bucket = "requests " + self._bucket(address)
        refused = not self._windows.acquire_entry(bucket, self._per_minute, WINDOW_S)
        resets_in_s, count = self._window(bucket, self._per_minute)
        return Allowance(self._per_minute, max(0, self._per_minute - count), resets_in_s, refused)

    def count_failure(self, address: str) -> int | None:
        """Count a key that was not taken. Gives the seconds to wait once there are too many in a minute, else None."""
        bucket = "failures " + self._bucket(address)
        if self._windows.acquire_entry(bucket, FAILURES_PER_MINUTE, WINDOW_S):
            return None
        return self._window(bucket, FAILURES_PER_MINUTE)[0]

    def count_report(self, address: str) -> int | None:
        """Count a mistake that somebody reports. Gives the seconds to wait once there are too many in an hour, else None."""
        bucket = "reports " + self._bucket(address)
        if self._windows.acquire_entry(bucket, REPORTS_PER_HOUR, KEY_LIVES_S):
            return None
        return self._window(bucket, REPORTS_PER_HOUR, KEY_LIVES_S)[0]

    def _window(self, bucket: str, limit: int, window_s: int = WINDOW_S) -> tuple[int, int]:
        """Seconds until its oldest entry leaves the window, and how many entries there are."""
        started_at, count = self._windows.get_moving_window(bucket, limit, window_s)
        return max(1, ceil(started_at + window_s - time.time())), count

    def _bucket(self, address: str) -> str:
        now = time.monotonic()
        # The windows go by the clock of the day: had it gone back an hour, what was counted before would count for an hour more.
        if now >= self._key_ends or time.time() - now < self._clock_began - CLOCK_STEP_S:
            self._begin_anew()
        return hashlib.blake2b(_network(address).encode(), key=self._key, digest_size=16).hexdigest()

    def _begin_anew(self) -> None:
        self._key = secrets.token_bytes(32)
        self._key_ends = time.monotonic() + KEY_LIVES_S
        self._clock_began = time.time() - time.monotonic()
        self._windows.reset()


def _network(address: str) -> str:
    """The address, or the network that one subscriber has of IPv6."""
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return (int(whole) >> (128 - IPV6_NETWORK_BITS)).to_bytes(8, "big").hex()


def _is_this_machine(address: str) -> bool:
    return address.startswith("127.") or address in ("::1", "::ffff:127.0.0.1", "")
