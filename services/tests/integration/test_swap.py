"""Generations that go live and back while users ask: everybody is answered, each answer out of one generation alone."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from integration.conftest import TOWN, Stack

SEARCHES = (
    "front yard",
    "fence",
    "minimum lot area",
    "accessory building height",
    "parking spaces for a dwelling",
)
QUESTIONS = (
    "How tall may a fence in a front yard be?",
    "Where may an accessory building stand, and how tall may a fence be?",
)
ADDRESS = "12 Elm St"
USERS, SWAPS, SEARCHES_EACH = 4, 6, 4
INDEX = "/v1/index/generations"


@pytest.fixture
def generations(http: httpx.Client) -> Iterator[tuple[int, int]]:
    """The live generation, and one that was built and checked beside it; in the end all is as it was."""
    listed = http.get(INDEX).json()["generations"]
    (live,) = [one["generation"] for one in listed if one["status"] == "live"]
    built = http.post(INDEX, json={}).json()["generation"]
    assert http.post(f"{INDEX}/{built}/check", json={"sampled": 10}).json()["passed"]
    yield live, built
    assert http.post(f"{INDEX}/{live}/use").status_code == 200
    assert http.post(f"{INDEX}/{built}/retire").status_code == 200


def chunks_of(http: httpx.Client, query: str) -> tuple[int, frozenset[str]]:
    """Which chunks a search finds, and the generation that it says they are of."""
    answer = http.post("/v1/search", json={"query": query, "municipality": TOWN})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["generation"], frozenset(result["chunk"] for result in found["results"])


def asked(http: httpx.Client, number: int) -> dict[str, Any]:
    """The answer to one of the questions and analyses that stand among the searches."""
    if number % 2:
        question = {"question": QUESTIONS[number // 2 % len(QUESTIONS)], "municipality": TOWN}
        answer = http.post("/v1/ask", json=question)
    else:
        answer = http.post("/v1/analyses", json={"address": ADDRESS, "municipality": TOWN})
    assert answer.is_success, answer.text
    return dict(answer.json())


def test_everybody_is_answered_out_of_one_generation_while_two_take_turns(
    stack: Stack, http: httpx.Client, generations: tuple[int, int]
) -> None:
    expected = {}
    for number in generations:
        assert http.post(f"{INDEX}/{number}/use").status_code == 200
        expected[number] = {query: chunks_of(http, query)[1] for query in SEARCHES}
    assert all(
        expected[generations[0]][query].isdisjoint(expected[generations[1]][query]) for query in SEARCHES
    )
    seen: Counter[int] = Counter()
    over = threading.Event()

    def use(user: int) -> None:
        with stack.client() as client:
            for number in itertools.count(user):
                query = SEARCHES[number % len(SEARCHES)]
                generation, found = chunks_of(client, query)
                assert found == expected[generation][query]
                seen[generation] += 1
                if number % USERS == 0:
                    assert asked(client, number).get("generation") in (*generations, None)
                if over.is_set():
                    return

    def swap() -> None:
        try:
            with stack.client() as client:
                for number in itertools.islice(itertools.cycle(generations), SWAPS):
                    assert client.post(f"{INDEX}/{number}/use").json()["status"] == "live"
                    for _ in range(SEARCHES_EACH):  # also of what was kept of the other one nothing is given
                        assert {chunks_of(client, query)[0] for query in SEARCHES} == {number}
        finally:
            over.set()

    with ThreadPoolExecutor(USERS + 1) as pool:
        for done in [pool.submit(swap), *(pool.submit(use, user) for user in range(USERS))]:
            done.result()
    assert set(seen) == set(generations)


def test_a_report_that_was_made_under_a_generation_opens_when_that_is_gone(http: httpx.Client) -> None:
    listed = http.get(INDEX).json()["generations"]
    (live,) = [one["generation"] for one in listed if one["status"] == "live"]
    built = http.post(INDEX, json={}).json()["generation"]
    assert http.post(f"{INDEX}/{built}/use", json={"anyway": built}).status_code == 200
    report = http.post("/v1/analyses", json={"address": ADDRESS, "municipality": TOWN}).json()
    assert http.post(f"{INDEX}/{live}/use").status_code == 200
    assert http.post(f"{INDEX}/{built}/retire").json()["chunks"] == 0
    opened = http.get(f"/v1/analyses/{report['id']}")
    assert opened.json() == report
    cited = [one["citation"] for one in report["standards"] if one["citation"]]
    assert cited
    for citation in cited:
        assert http.get(f"/v1/documents/{citation['document']}").status_code == 200
    check = http.post(f"{INDEX}/{live}/check", json={"sampled": 0}).json()
    assert check["citations"]["checked"] >= len(
        {(one["document"], one["start"], one["end"]) for one in cited}
    )
    assert (check["citations"]["orphaned"], check["citations"]["unindexed"]) == (0, 0)
