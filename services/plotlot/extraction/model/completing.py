"""What the engine asks of whoever runs the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plotlot.domain.messages import Message


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, and the tokens that it read and wrote for it."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completer(Protocol):
    """Writes after messages, by a model, so that the text satisfies a JSON schema."""

    async def default_model(self) -> str:
        """The name of the model that answers where none is wanted. Raises NoGenerator where none is served."""

    async def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any], model: str, affinity: str
    ) -> Written:
        """What the model writes. Requests of one ``affinity`` share the beginning of their prompts.

        Raises PromptTooLong, InvalidOutput where it twice broke the schema, and other kinds of UnavailableError.
        """
