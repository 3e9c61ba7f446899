"""POST /v1/feedback/{feedback}/settle: what became of a remark."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from plotlot.gateway.feedback.store import FeedbackStore, feedback_json
from plotlot.gateway.inputs import Text
from plotlot.rpc.context import current_tenant


class SettleRequest(BaseModel):
    """What became of a remark; ``open`` takes back what was said before."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"outcome": "accepted"}]})

    outcome: Literal["accepted", "dismissed", "open"]


def router(feedback: FeedbackStore) -> APIRouter:
    """The route of outcomes."""
    routes = APIRouter(tags=["feedback"])

    @routes.post("/v1/feedback/{feedback}/settle")
    async def settle(remark: Annotated[Text, Path(alias="feedback")], body: SettleRequest) -> dict[str, Any]:
        """Say what became of a remark: it was right, and the code was read anew or the case taken among the gold cases;
        or the value was right. It is no longer counted as open, and one dismissed is no candidate for a gold case."""
        return feedback_json(await feedback.settle(current_tenant(), remark, body.outcome))

    return routes
