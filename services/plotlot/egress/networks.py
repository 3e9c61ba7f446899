"""Which addresses of the internet protocol may be asked, whatever name led to them."""

import ipaddress
from collections.abc import Iterable

_UNICAST_6 = ipaddress.ip_network("2000::/3")
# Addresses that hold an IPv4 address of whoever made them, so that they lead where that one does.
_TRANSLATED = tuple(map(ipaddress.ip_network, ("2001::/32", "2002::/16", "64:ff9b::/96", "64:ff9b:1::/48")))
# Public by their registration, and yet answered by the machine's own cloud or provider.
_OWN_CLOUD = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24")))
# Private by their form, and where clouds hand out a machine's credentials (AWS and its EKS, Google Cloud, Scaleway).
_METADATA = tuple(map(ipaddress.ip_network, ("fd00:ec2::/32", "fd20:ce::254/128", "fd00:42::42/128")))
_OWN = tuple(
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parsed_address(host: str) -> Address | None:
    """The address that a host is, in the forms that are written plainly; None for a name."""
    try:
        found = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def is_public(address: Address) -> bool:
    """Whether an address is somebody's on the internet: not private, loopback, link-local, reserved or translated."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST_6:
        return False
    if _is_among(address, (*_TRANSLATED, *_OWN_CLOUD)):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_own_network(address: Address) -> bool:
    """Whether it is an address that an operator gives to a server: of a private network or this machine, never link-local.

    Clouds hand out the credentials of a machine at link-local addresses, and some at private ones too.
    """
    return _is_among(address, _OWN) and not _is_among(address, _METADATA)


def _is_among(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
