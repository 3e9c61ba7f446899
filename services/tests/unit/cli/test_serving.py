"""Where a process may listen, by who may ask."""

from typing import Any

import pytest

from plotlot.cli.serving import check_reach
from plotlot.domain.errors import InvalidRequest
from plotlot.runtime.process import SERVICES
from plotlot.settings import Settings


@pytest.mark.parametrize(
    ("targets", "settings", "allowed"),
    [
        (SERVICES, {"auth": "required", "host": "0.0.0.0"}, True),
        (SERVICES, {"auth": "required", "grpc_address": "unix:/tmp/x.sock"}, True),
        (SERVICES, {"auth": "required", "grpc_address": "0.0.0.0:50051"}, False),
        (SERVICES, {"auth": "required", "grpc_address": "127.0.0.1:50051"}, False),
        (SERVICES, {"auth": "local", "grpc_address": "127.0.0.1:50051"}, True),
        (SERVICES, {"auth": "local", "grpc_address": "0.0.0.0:50051"}, False),
        (("gateway",), {"auth": "required", "grpc_address": "0.0.0.0:50055"}, True),
        (("retrieval",), {"auth": "required", "grpc_address": "0.0.0.0:50051"}, True),
    ],
)
def test_services_that_ask_nobody_who_they_are_are_not_reached_beside_a_gateway_that_does(
    targets: tuple[str, ...], settings: dict[str, Any], allowed: bool
) -> None:
    if allowed:
        check_reach(Settings(**settings), targets)
    else:
        with pytest.raises(InvalidRequest, match="will not listen"):
            check_reach(Settings(**settings), targets)
