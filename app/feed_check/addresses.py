"""Which addresses may be read, and a transport that connects to the very address it has checked.

Somebody else's feed says where to go next (redirects, `openapi_url`), so every address is treated as hostile: https to a
public DNS name, and every IP address that the name leads to must be public. A name is looked up once in a run and stays
pinned, so a name server that answers differently a moment later changes nothing (DNS rebinding).
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from app.directory.contact_points import is_dns_name
from app.feed_check.failures import AddressRefused, Unreachable

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""The IP addresses of a host name and port, as text. Raises OSError when there are none."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24")))
"""What Python's tables may call global: the platform address of a cloud host, protocol assignments (RFC 6890; a metadata
address is among them), old 6to4 relays (RFC 7526). Other metadata addresses are link-local or private anyhow."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as a NAT64 gateway writes them (RFC 6052)."""


@dataclass(frozen=True, slots=True)
class WebPlace:
    """An address that has the right form: scheme, host and port, and the text to ask for."""

    url: str
    host: str
    port: int
    is_loopback: bool


def read_address(text: str, *, allow_loopback: bool = False) -> WebPlace:
    """An https address with a public DNS name; with `allow_loopback` also http and https to this very machine.

    Raises AddressRefused, whose words do not repeat the address.
    """
    if (
        len(text) > 2000
        or not text.isascii()
        or any(c <= " " or c == "\x7f" or c in '<>"\\^`{|}' for c in text)
    ):
        raise AddressRefused("this is not a web address in plain letters")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressRefused("this is not a web address") from None
    host = (parts.hostname or "").lower()
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("an address with a log-in in it is not read: a public feed needs none")
    if allow_loopback and host in LOOPBACK_NAMES and parts.scheme in {"http", "https"}:
        return WebPlace(text, host, port or _default_port(parts.scheme), is_loopback=True)
    if parts.scheme != "https":
        raise AddressRefused("only https:// addresses are read")
    if not is_dns_name(host):
        raise AddressRefused(
            "the host must be a public DNS name: no IP address, no localhost, no internal name"
        )
    # Names below 1024 other than https's belong to other protocols, which must not be talked to in disguise.
    if port is not None and port != 443 and port < 1024:
        raise AddressRefused("this port is not one of a web server")
    return WebPlace(text, host, port or 443, is_loopback=False)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, in any notation that carries an IPv4 address inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _ipv4_inside(ip)
    if inner is not None:
        return is_public(str(inner))
    return (
        ip.is_global
        and not ip.is_multicast
        and not ip.is_reserved
        and not any(ip in network for network in _NOT_PUBLIC)
    )


def _ipv4_inside(ip: _IPAddress) -> ipaddress.IPv4Address | None:
    if not isinstance(ip, ipaddress.IPv6Address):
        return None
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


async def look_up(host: str, port: int) -> list[str]:
    """What the machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class PinnedTransport(httpx.AsyncBaseTransport):
    """Looks a host up once, refuses it if any of its addresses is not public, and connects to those addresses only.

    TLS still asks for, and verifies, the certificate of the name. Each host has connections of its own: one verified for
    another name is never used again.
    """

    def __init__(
        self,
        *,
        resolver: Resolver = look_up,
        is_allowed: Callable[[str], bool] = is_public,
        allow_loopback: bool = False,
    ) -> None:
        self._resolver = resolver
        self._is_allowed = is_allowed
        self._allow_loopback = allow_loopback
        self._pinned: dict[str, list[str]] = {}
        self._connections: dict[str, httpx.AsyncHTTPTransport] = {}
        self._ssl: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        place = read_address(str(request.url), allow_loopback=self._allow_loopback)
        addresses = await self._addresses(place)
        for address in addresses:
            # The Host header was set from the name; what changes is only where the connection goes.
            asked = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions | {"sni_hostname": place.host},
            )
            try:
                answer = await self._connection(place).handle_async_request(asked)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
                continue
            self._pinned[place.host] = [address]
            return answer
        raise Unreachable("the host name is not known to the name server")

    async def _addresses(self, place: WebPlace) -> list[str]:
        if place.host not in self._pinned:
            if place.is_loopback and place.host != "localhost":
                found = [place.host]
            else:
                found = await self._looked_up(place)
            self._pinned[place.host] = found
        return self._pinned[place.host]

    async def _looked_up(self, place: WebPlace) -> list[str]:
        try:
            found = await self._resolver(place.host, place.port)
        except OSError:
            raise Unreachable("the host name is not known to the name server") from None
        if place.is_loopback:
            if not all(ipaddress.ip_address(address).is_loopback for address in found):
                raise AddressRefused("localhost leads to another machine here")
        elif not all(self._is_allowed(address) for address in found):
            raise AddressRefused(
                "the host name leads to a private or reserved address, which is not read from here"
            )
        return found

    def _connection(self, place: WebPlace) -> httpx.AsyncHTTPTransport:
        if place.host not in self._connections:
            # Certificates come from the operator's SSL_CERT_FILE where it is set; proxies of the environment do not apply here.
            self._ssl = self._ssl or httpx.create_ssl_context()
            self._connections[place.host] = httpx.AsyncHTTPTransport(verify=self._ssl)
        return self._connections[place.host]

    async def aclose(self) -> None:
        for connection in self._connections.values():
            await connection.aclose()
