"""What a search may ask for besides its words, through the door."""

import httpx
import pytest

TOWN = "Larkfield, OH"


def search(http: httpx.Client, **body: object) -> httpx.Response:
    return http.post("/v1/search", json={"query": "rear yard", "municipality": TOWN, "k": 3, **body})


def test_neighbours_stand_beside_a_result_where_they_are_asked_for(http: httpx.Client) -> None:
    plain, widened = (search(http, **options).json()["results"] for options in ({}, {"neighbours": 1}))
    assert [each["chunk"] for each in plain] == [each["chunk"] for each in widened]
    assert "neighbours" not in plain[0]
    near = {each["distance"]: each for each in widened[0]["neighbours"]}
    assert set(near) <= {-1, 1}
    assert all(each["end"] <= widened[0]["start"] for each in near.values() if each["distance"] == -1)
    assert all(each["text"] and each["section"] for each in near.values())


def test_a_district_narrows_the_search_to_where_it_is_named(http: httpx.Client) -> None:
    results = search(http, district="R-2", k=100).json()["results"]
    assert results
    assert all("R-2" in f"{each['section']} {each['text']}" for each in results)
    assert search(http, district="ZZ-9").json()["results"] == []


def test_documents_that_were_not_in_force_are_left_out(http: httpx.Client) -> None:
    assert search(http, effective_by="2100-01-01").json() == search(http).json()
    assert search(http, effective_since="2100-01-01").json()["results"] == []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"neighbours": 6}, "neighbours"),
        ({"effective_by": "June"}, "effective_by"),
        ({"district": "R-2", "municipality": ""}, "municipality"),
        ({"district": "§"}, "district"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    http: httpx.Client, options: dict[str, object], field: str
) -> None:
    answer = search(http, **options)
    assert answer.status_code in (400, 422)
    assert field in answer.text


def test_an_option_that_does_not_exist_is_refused(http: httpx.Client) -> None:
    assert search(http, synonyms=True).status_code in (400, 422)
