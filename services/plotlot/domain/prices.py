"""What a model's tokens cost."""

from dataclasses import dataclass

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens, in any one currency: read, of those the ones that a cache had, and written."""

    prompt: float = 0.0
    cached: float = 0.0
    completion: float = 0.0

    def cost(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> float:
        """What an answer cost; the cached tokens are among those of the prompt."""
        read = (prompt_tokens - cached_tokens) * self.prompt + cached_tokens * self.cached
        return (read + completion_tokens * self.completion) / MILLION


FREE = Prices()
