"""A gRPC server with health and reflection, for one service or for all."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from plotlot.domain.errors import ServiceUnavailable
from plotlot.rpc.channels import OPTIONS
from plotlot.rpc.interceptors import CallInterceptor
from plotlot.telemetry import Metrics

Register = Callable[[grpc.aio.Server], None]


class Server:
    """Serves what is registered, by its full service name, on one address."""

    def __init__(self, services: Mapping[str, Register], metrics: Metrics) -> None:
        self._server = grpc.aio.server(interceptors=[CallInterceptor(metrics)], options=OPTIONS)
        self._health = health.aio.HealthServicer()
        self._names = tuple(services)
        for register in services.values():
            register(self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
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
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)
        return address if address.startswith("unix:") else f"{address.rpartition(':')[0]}:{port}"

    async def stop(self, grace_seconds: float) -> None:
        """Say not serving, let calls in flight end, then stop."""
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._server.stop(grace_seconds)

    async def _set_health(self, status: Any) -> None:
        for name in ("", *self._names):
            await self._health.set(name, status)
