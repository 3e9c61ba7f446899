"""One question to a model: its claims are checked, it is told once what does not hold, the rest is dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from plotlot.domain.errors import InvalidOutput
from plotlot.domain.messages import Message
from plotlot.domain.prompts import Prompt
from plotlot.domain.standards import Standard
from plotlot.extraction.model.asking import Question, complaint, messages
from plotlot.extraction.model.claims import StandardClaim, answer_model, answer_schema
from plotlot.extraction.model.completing import Completer, Written
from plotlot.extraction.model.verifying import Fault, checked


@dataclass(frozen=True, slots=True)
class Answered:
    """What held of a model's claims, how many did not after all, and what it cost."""

    standards: tuple[Standard, ...] = ()
    dropped: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Dialogue:
    """Asks one model by one prompt."""

    def __init__(
        self,
        completer: Completer,
        model: str,
        prompt: Prompt,
        ids: Mapping[str, str],
        engine: str,
        affinity: str,
    ) -> None:
        self._completer = completer
        self._model = model
        self._prompt = prompt
        self._ids = ids
        self._engine = engine
        self._affinity = affinity

    async def ask(self, question: Question) -> Answered:
        """The standards that the model claims and that hold. Raises InvalidOutput where it cannot be read twice."""
        if not question.passages:
            return Answered()
        asked = messages(self._prompt, question)
        first = await self._written(asked, question)
        held, faults = self._checked(self._claims(first, question), question)
        if not faults:
            return Answered(held, 0, first.prompt_tokens, first.completion_tokens)
        told = (*asked, Message("assistant", first.text), complaint(self._prompt, faults))
        second = await self._written(told, question)
        mended, still = self._checked(self._claims(second, question), question, mended=True)
        return Answered(
            (*held, *mended),
            max(len(faults) - len(mended), len(still)),
            first.prompt_tokens + second.prompt_tokens,
            first.completion_tokens + second.completion_tokens,
        )

    async def _written(self, sent: Sequence[Message], question: Question) -> Written:
        schema = answer_schema(tuple(question.group.fields))
        return await self._completer.complete(sent, schema, self._model, self._affinity)

    def _claims(self, written: Written, question: Question) -> list[StandardClaim]:
        try:
            answer = answer_model(tuple(question.group.fields)).model_validate_json(written.text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InvalidOutput(
                f"the answer of {self._model} about {question.district.code} breaks its schema: {first['msg']}"
            ) from None
        claims: list[StandardClaim] = answer.claims  # type: ignore[attr-defined]
        return claims

    def _checked(
        self, claims: Sequence[StandardClaim], question: Question, mended: bool = False
    ) -> tuple[tuple[Standard, ...], dict[int, str]]:
        """What holds, and what is wrong with the others, by their numbers from 1."""
        verdicts = [checked(claim, question, self._ids, self._engine, mended) for claim in claims]
        return (
            tuple(one for one in verdicts if isinstance(one, Standard)),
            {number: one.complaint for number, one in enumerate(verdicts, 1) if isinstance(one, Fault)},
        )
