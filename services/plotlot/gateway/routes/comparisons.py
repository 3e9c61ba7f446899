"""GET /v1/comparisons: lots side by side."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from plotlot.gateway.comparisons.comparing import Comparing
from plotlot.gateway.comparisons.comparison import MOST_COMPARED, comparison_json
from plotlot.gateway.inputs import NameText
from plotlot.http.conditional import ConditionalRoute

Compared = Annotated[
    list[NameText],
    Query(min_length=1, max_length=MOST_COMPARED, description="Ids of analyses, one a parameter."),
]


def router(comparing: Comparing) -> APIRouter:
    """The route of comparisons."""
    routes = APIRouter(tags=["analyses"], route_class=ConditionalRoute)

    @routes.get("/v1/comparisons")
    async def comparison(id: Compared) -> dict[str, Any]:
        """Up to four analyses side by side: their measures and standards in the order that they were named in, and
        whether they differ in each."""
        return comparison_json(await comparing.of(id))

    return routes
