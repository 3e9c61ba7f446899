"""A gRPC server with health and reflection, for one service or for all."""

from collections.abc import Callable, Mapping, Sequence

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from plotlot.domain.bundles import Parameters
from plotlot.domain.errors import ServiceUnavailable
from plotlot.rpc.channels import OPTIONS
from plotlot.rpc.health import Health, Need
from plotlot.rpc.interceptors import CallInterceptor
from plotlot.telemetry import Metrics

Register = Callable[[grpc.aio.Server], None]

# Clients ask every 60 s whether a quiet connection still stands; without leave, they would be sent away.
KEEPALIVE = (
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
)


class Server:
    """Serves what is registered, by its full service name, on one address."""

    def __init__(
        self,
        services: Mapping[str, Register],
        metrics: Metrics,
        needs: Mapping[str, Need | None] | None = None,
        also: Sequence[Need] = (),
        options: Sequence[tuple[str, int]] = (),
        own: Parameters | None = None,
    ) -> None:
        """``own`` are the parameters of requests that bring none, else the defaults. ``needs`` and ``also`` as Health has them; ``options`` are those of ``connection_age``."""
        self._server = grpc.aio.server(
            interceptors=[CallInterceptor(metrics, own or Parameters())],
            options=(*OPTIONS, *KEEPALIVE, *options),
        )
        self.health = Health({name: (needs or {}).get(name) for name in services}, also, metrics)
        for register in services.values():
            register(self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self.health.servicer, self._server)
        names = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    async def start(self, address: str) -> str:
        """Listen, and return the address bound (``:0`` picks a port). Raises ServiceUnavailable."""
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise ServiceUnavailable(
                f"cannot listen on {address}: it is in use or not allowed; choose another address"
            ) from error
        await self._server.start()
        await self.health.start()
        return address if address.startswith("unix:") else f"{address.rpartition(':')[0]}:{port}"

    async def stop(self, grace_seconds: float) -> None:
        """Say not ready, let calls in flight end, then stop."""
        await self.health.drain()
        await self._server.stop(grace_seconds)


def connection_age(seconds: float | None, longest_call_seconds: float) -> list[tuple[str, int]]:
    """Options that close connections at an age, their calls done, so that clients look for new replicas."""
    if seconds is None:
        return []
    return [
        ("grpc.max_connection_age_ms", round(seconds * 1000)),
        ("grpc.max_connection_age_grace_ms", round((longest_call_seconds + 5) * 1000)),
    ]
