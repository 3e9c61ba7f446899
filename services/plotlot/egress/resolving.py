"""Names looked up once for each connection, which then goes to an address that was checked and to no other."""

import asyncio
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from plotlot.egress.rules import EgressRules


class CheckedResolver(AbstractResolver):
    """Resolves names that the rules let be asked: a second look, by which a name could change, there is none."""

    def __init__(self, rules: EgressRules) -> None:
        self._rules = rules

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The host's addresses. Raises EgressRefused where one of them may not be asked, OSError where there is none."""
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG
        )
        addresses = [(kind, str(where[0])) for kind, _, _, _, where in found]
        self._rules.check_addresses(host.rstrip(".").lower(), [address for _, address in addresses])
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, address in addresses
        ]

    async def close(self) -> None:
        """Nothing to let go of."""
