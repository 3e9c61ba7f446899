"""What a search asks for."""

import pytest
from pydantic import ValidationError

from plotlot.gateway.routes.search import SearchRequest


@pytest.mark.parametrize(
    ("sent", "most"), [({}, 10), ({"limit": 3}, 3), ({"k": 4}, 4), ({"limit": 3, "k": 4}, 3)]
)
def test_how_many_are_wanted_is_said_as_in_other_lists_or_as_before(sent: dict[str, int], most: int) -> None:
    assert SearchRequest(query="rear yard", **sent).most == most


@pytest.mark.parametrize("name", ["limit", "k"])
def test_no_more_are_given_than_can_be_read(name: str) -> None:
    with pytest.raises(ValidationError):
        SearchRequest.model_validate({"query": "rear yard", name: 101})
