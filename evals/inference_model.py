"""A real small model on llama.cpp behind the service: whether schemas hold, and what its slots are good for."""

import asyncio
import importlib
import json
import sys
import time
from collections import Counter
from types import ModuleType
from typing import Any

import grpc
from inference_servers import ROOT, service
from jsonschema import Draft202012Validator

from plotlot.api.inference.v1 import inference_pb2 as messages
from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
from plotlot.evaluation.serving.figures import Objective, figures
from plotlot.evaluation.serving.load import ask_of, closed_loop
from plotlot.evaluation.serving.targets import ServiceTarget

SCHEMA = {
    "type": "object",
    "properties": {
        "quote": {"type": "string", "maxLength": 80},
        "value": {"type": "number", "minimum": 0, "maximum": 1000},
        "unit": {"enum": ["ft", "sqft", "percent", "stories"]},
    },
    "required": ["quote", "value", "unit"],
    "additionalProperties": False,
}


def server_of_tests() -> ModuleType:
    """How the tests start llama.cpp."""
    sys.path.insert(0, str(ROOT / "services" / "tests"))
    return importlib.import_module("llamacpp_server")


async def structured(requests: int) -> dict[str, Any]:
    """Answers of a real small model that must follow a schema: each is valid, or reported."""
    llamacpp_server = server_of_tests()
    valid = Draft202012Validator(SCHEMA).is_valid
    results: Counter[str] = Counter()
    named = {"GENERATION_MODEL": llamacpp_server.MODEL, "GENERATION_ENGINE": "llamacpp"}
    with llamacpp_server.served() as (url, _), service(url, **named) as (address, _):
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = InferenceServiceStub(channel)
            waiting = iter(range(requests))

            async def user() -> None:
                for number in waiting:
                    text = f"The rear yard shall be {number} feet deep. Quote it, and give its value and unit as JSON."
                    request = messages.GenerateRequest(
                        messages=[messages.Message(role="user", content=text)],
                        json_schema=json.dumps(SCHEMA),
                        sampling=messages.Sampling(max_tokens=48, temperature=0.8, seed=number),
                    )
                    try:
                        answer = await stub.Generate(request, timeout=300)
                    except grpc.aio.AioRpcError as error:
                        results[error.code().name] += 1
                        continue
                    if not valid(json.loads(answer.answer)):
                        results["invalid and passed on"] += 1
                    else:
                        results["valid" if answer.attempts == 1 else "valid when asked again"] += 1

            begun = time.perf_counter()
            await asyncio.gather(*(user() for _ in range(4)))
    return {"requests": requests, "results": dict(results), "seconds": time.perf_counter() - begun}


async def slots(given: int, requests: int = 24, users: int = 8) -> dict[str, Any]:
    """What comes of giving the engine, which has four slots, so many requests at a time."""
    llamacpp_server = server_of_tests()
    named = {"GENERATION_MODEL": llamacpp_server.MODEL, "GENERATION_ENGINE": "llamacpp"}
    with (
        llamacpp_server.served() as (url, _),
        service(url, **named, GENERATION_CONCURRENCY=given) as (address, _),
    ):
        target = ServiceTarget(address)
        await closed_loop(target, [ask_of(1000, 1, 20, 4)], 1)
        asks = [ask_of(number, 1, 20, 24) for number in range(requests)]
        found = figures(await closed_loop(target, asks, users), Objective(60, 60))
        await target.close()
    return {"given": given, "users": users, **found}
