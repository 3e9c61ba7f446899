"""What an OpenID provider publishes, read by the client that is held to rules."""

import json

import pytest
from replayed_sources import Reply, replaying

from plotlot.gateway.identity.tokens import Provider, ProviderDocuments
from plotlot.telemetry import Metrics


async def test_documents_of_the_provider_that_was_named() -> None:
    with replaying() as server:
        server.says("/keys", Reply(body=json.dumps({"keys": []}).encode()))
        server.says("/list", Reply(body=b"[]"))
        server.says("/away", Reply(302, headers={"location": "/keys"}))
        read = ProviderDocuments(Provider(server.url, "plotlot"), Metrics())
        assert await read(f"{server.url}/keys") == {"keys": []}
        for path, error in (("/list", ValueError), ("/away", OSError), ("/nothing", OSError)):
            with pytest.raises(error):
                await read(f"{server.url}{path}")


async def test_a_provider_cannot_send_us_to_our_neighbours() -> None:
    with replaying() as server, replaying() as neighbour:
        read = ProviderDocuments(Provider(server.url, "plotlot"), Metrics())
        for url in (f"{neighbour.url}/keys", "https://169.254.169.254/keys", "https://10.0.0.1/keys"):
            with pytest.raises(OSError, match=r"not https|no address of the internet"):
                await read(url)
        assert neighbour.asked == []
