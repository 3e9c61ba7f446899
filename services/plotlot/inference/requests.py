"""Requests for completions as values: what is asked is checked here, and the field at fault is named."""

import math

from plotlot.api.inference.v1 import inference_pb2
from plotlot.domain.errors import InvalidRequest, PromptTooLong
from plotlot.domain.messages import Message, characters
from plotlot.inference.completion import MAX_TOKENS, Prompt, Sampling
from plotlot.inference.completions import Caller
from plotlot.inference.structured import schema_of
from plotlot.rpc.context import current_request

URGENCY = {"interactive": 1, "": 0, "normal": 0, "batch": -1}
ROLES = ("system", "user", "assistant")
MOST_MESSAGES = 200
MOST_TOKENS = 32_768  # that may be asked for
MOST_STOPS = 4
LONGEST_NAME = 200  # characters of a model, an adapter, a key


def prompt_of(
    request: inference_pb2.GenerateRequest, model: str, longest_prompt: int, request_id: str
) -> Prompt:
    """The prompt of a request that has messages. Raises InvalidRequest, PromptTooLong or UnsupportedSchema."""
    if request.question or request.passages:
        raise InvalidRequest("send messages, or a question with passages, not both", field="messages")
    for name in ("adapter", "affinity_key", "account"):
        if len(getattr(request, name)) > LONGEST_NAME:
            raise InvalidRequest(f"{name} has at most {LONGEST_NAME} characters", field=name)
    return Prompt(
        model,
        messages_of(request, longest_prompt),
        schema_of(request.json_schema) if request.json_schema else None,
        sampling_of(request.sampling),
        urgency_of(request.priority),
        request.adapter,
        request_id,
    )


def messages_of(request: inference_pb2.GenerateRequest, longest_prompt: int) -> tuple[Message, ...]:
    """The conversation. Raises InvalidRequest or PromptTooLong."""
    messages = tuple(Message(each.role, each.content) for each in request.messages)
    if len(messages) > MOST_MESSAGES:
        raise InvalidRequest(f"send at most {MOST_MESSAGES} messages, not {len(messages)}", field="messages")
    for number, message in enumerate(messages):
        if message.role not in ROLES:
            raise InvalidRequest(
                f"message {number} has role {message.role[:40]!r}; use {', '.join(ROLES)}",
                field="messages",
                suggestions=ROLES,
            )
    if not any(message.content.strip() for message in messages if message.role == "user"):
        raise InvalidRequest("the messages have nothing that a user says", field="messages")
    length = characters(messages)
    if length > longest_prompt:
        raise PromptTooLong(
            f"the messages have {length:,} characters, {length - longest_prompt:,} over the limit of "
            f"{longest_prompt:,}",
            field="messages",
        )
    return messages


def sampling_of(sent: inference_pb2.Sampling) -> Sampling:
    """How tokens are to be chosen. Raises InvalidRequest."""
    temperature = sent.temperature if sent.HasField("temperature") else 0.0
    top_p = sent.top_p if sent.HasField("top_p") else 1.0
    max_tokens = sent.max_tokens if sent.HasField("max_tokens") else MAX_TOKENS
    if not (math.isfinite(temperature) and 0 <= temperature <= 2):
        raise InvalidRequest("temperature is 0 to 2", field="sampling.temperature")
    if not (math.isfinite(top_p) and 0 < top_p <= 1):
        raise InvalidRequest("top_p is above 0, to 1", field="sampling.top_p")
    if not 1 <= max_tokens <= MOST_TOKENS:
        raise InvalidRequest(f"max_tokens is 1 to {MOST_TOKENS}", field="sampling.max_tokens")
    if len(sent.stop) > MOST_STOPS or not all(0 < len(stop) <= LONGEST_NAME for stop in sent.stop):
        raise InvalidRequest(
            f"send at most {MOST_STOPS} stops, of 1 to {LONGEST_NAME} characters", field="sampling.stop"
        )
    seed = sent.seed if sent.HasField("seed") else None
    return Sampling(temperature, top_p, max_tokens, seed, tuple(sent.stop))


def urgency_of(priority: str) -> int:
    """Who waits, as a number. Raises InvalidRequest."""
    if priority not in URGENCY:
        raise InvalidRequest(
            f"priority {priority[:40]!r} is none; use interactive, normal or batch",
            field="priority",
            suggestions=("interactive", "normal", "batch"),
        )
    return URGENCY[priority]


def caller_of(account: str = "", affinity_key: str = "") -> Caller:
    """Who asks, by the request being served; what a message says of the account goes before what travels with it."""
    called = current_request.get()
    if called is None:
        return Caller(None, account, affinity_key)
    return Caller(called.deadline, account or called.account, affinity_key, called.bundle)
