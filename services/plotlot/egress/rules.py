"""Whom PlotLot may ask: hosts by name, over HTTPS, at addresses of the internet."""

from collections.abc import Iterable
from dataclasses import dataclass

from yarl import URL

from plotlot.domain.errors import EgressRefused
from plotlot.egress.networks import is_own_network, is_public, parsed_address

ANY = "*"


@dataclass(frozen=True, slots=True)
class EgressRules:
    """Hosts as ``name`` or ``name:port``; ``*.name`` is every host below one, ``*`` any.

    ``own`` are hosts of the operator's, by their whole names: they may be asked over http and at private addresses.
    ``agreed`` are hosts that may be asked whatever their robots.txt says, at any port where they name none.
    """

    hosts: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    agreed: frozenset[str] = frozenset()

    def heeds_robots_of(self, url: URL) -> bool:
        """Whether what a host asks of robots is to be kept to."""
        return _entry(self.agreed, host_of(url), url.port, default_port=None) is None

    def checked(self, url: URL) -> str:
        """The entry that lets a URL be asked. Raises EgressRefused that says which setting would."""
        host = host_of(url)
        if url.scheme not in ("http", "https") or not host:
            raise EgressRefused(f"{shown(url)} is not an address of the web")
        if url.user is not None or url.password is not None:
            raise EgressRefused(f"{shown(url)} holds a user or a password, which would end up in logs")
        if (mine := _entry(self.own, host, url.port, default_port=None)) is not None:
            entry = mine
        elif url.scheme != "https":
            raise EgressRefused(f"{shown(url)} is not https; PLOTLOT_EGRESS_OWN_HOSTS may allow {host}")
        elif (found := _entry(self.hosts, host, url.port, default_port=443)) is not None:
            entry = found
        else:
            raise EgressRefused(f"{host}:{url.port} may not be asked; PLOTLOT_EGRESS_HOSTS may allow it")
        if parsed_address(host) is not None:
            self.check_addresses(host, [host])
        return entry

    def check_addresses(self, host: str, addresses: Iterable[str]) -> None:
        """See that a host may be asked at all of its addresses. Raises EgressRefused."""
        own = any(_matches(_parted(entry)[0], host) for entry in self.own)
        for text in addresses:
            address = parsed_address(text)
            if address is not None and (is_public(address) or (own and is_own_network(address))):
                continue
            raise EgressRefused(
                f"{host} is at {text}, which is no address of the internet; a server of one's own"
                " stands in PLOTLOT_EGRESS_OWN_HOSTS"
            )


def entries_in(text: str) -> frozenset[str]:
    """The hosts of a setting, with commas between."""
    return frozenset(entry.strip().lower().rstrip(".") for entry in text.split(",") if entry.strip())


def host_of(url: URL) -> str:
    """The host as it is looked up, in lower case and without the dot that may end it."""
    return (url.raw_host or "").lower().rstrip(".")


def entry_of(url: URL) -> str:
    """The entry that lets the host of a URL be asked at its port, and nothing else."""
    host = host_of(url)
    return f"[{host}]:{url.port}" if ":" in host else f"{host}:{url.port}"


def shown(url: URL) -> str:
    """A URL as it may be told and kept: without user, password, query and fragment."""
    return str(url.with_user(None).with_query(None).with_fragment(None)) if url.host else "the address"


def _entry(entries: frozenset[str], host: str, port: int | None, default_port: int | None) -> str | None:
    """The entry that matches; one without a port means the default one, or any where there is none."""
    for entry in sorted(entries, reverse=True):
        name, wanted = _parted(entry)
        if _matches(name, host) and (
            str(port) == wanted if wanted else default_port is None or port == default_port
        ):
            return entry
    return None


def _parted(entry: str) -> tuple[str, str]:
    """An entry's host and port; an address of version 6 stands in brackets."""
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _, port = entry.partition(":")
    return name, port


def _matches(name: str, host: str) -> bool:
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return name in (ANY, host)
