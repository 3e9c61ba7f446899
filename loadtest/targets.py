"""What may be loaded: this machine and the services of the cluster that the load runs in, and what is named twice."""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

IN_CLUSTER = (".svc", ".svc.cluster.local")


class RefusedTarget(Exception):
    """A host that load may not be aimed at; its words say how it may."""


def refuse_outside(url: str, named: Collection[str]) -> None:
    """Raises RefusedTarget for a host that is neither this machine nor a service of its cluster, and not named twice."""
    host = urlsplit(url).hostname
    if not host:
        raise RefusedTarget(f"{url!r} is not an address as http://127.0.0.1:8080")
    if host in named or host.endswith(IN_CLUSTER):
        return
    try:
        found = socket.getaddrinfo(host, None)
    except OSError as error:
        raise RefusedTarget(f"{host} cannot be found: {error}") from error
    for *_, address in found:
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise RefusedTarget(
                f"{host} ({address[0]}) is neither this machine nor a service of its cluster:"
                f" if it is yours and may be loaded, name it again with --named {host}"
            )
