"""Every error has its page, and what a problem document links leads there."""

import httpx
import pytest
from fake_gateway import fake_app

from plotlot.gateway.pages.errors import error_catalogue

KINDS = error_catalogue()


def client_of() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(fake_app()), base_url="http://test")


async def test_every_error_says_what_it_means_and_what_to_do() -> None:
    async with client_of() as client:
        for name in KINDS:
            page = await client.get(f"/errors/{name}")
            assert page.status_code == 200, name
            assert "What to do" in page.text
            assert f"HTTP status {KINDS[name].status}" in page.text
    assert all(kind.meaning and kind.remedy for kind in KINDS.values())


async def test_the_list_has_an_anchor_and_a_link_for_each() -> None:
    async with client_of() as client:
        page = (await client.get("/errors")).text
    assert all(f'id="{name}"' in page and f'href="/errors/{name}"' in page for name in KINDS)


async def test_a_misspelt_error_offers_those_near() -> None:
    async with client_of() as client:
        page = await client.get("/errors/unknown-adress")
    assert page.status_code == 404
    assert 'href="/errors/unknown-address"' in page.text


@pytest.mark.parametrize("path", ["/v1/analyses/an-1", "/v1/no-such"])
async def test_a_problem_documents_type_leads_to_its_words(path: str) -> None:
    async with client_of() as client:
        told = (await client.get(path)).json()["type"]
        page = await client.get(told)
    assert f'id="{told.partition("#")[2]}"' in page.text
