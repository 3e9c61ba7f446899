"""The engine that has a model read: the districts by rules, the standards of each when it is asked for."""

import asyncio
from collections import OrderedDict

from plotlot.domain.bundles import Extraction
from plotlot.domain.errors import PromptTooLong, ServiceUnavailable
from plotlot.domain.standards import District
from plotlot.extraction.engine import Code, CodeReading, DistrictReading, Districts
from plotlot.extraction.model import ENGINE
from plotlot.extraction.model.asking import Question
from plotlot.extraction.model.claims import GROUPS, FieldGroup
from plotlot.extraction.model.completing import Completer
from plotlot.extraction.model.dialogue import Answered, Dialogue
from plotlot.extraction.model.passages import Surveyed
from plotlot.extraction.prompts import Prompts
from plotlot.extraction.settling import settled

MOST_TOKENS = 3_000
"""Of passages in one question; the answer, the schema and the prompt take about 3,000 more."""
_FEWEST_TOKENS = 400
_CODES_KEPT = 4


class ModelEngine:
    """Asks a model for the standards of a district, a group of fields at a time."""

    name = ENGINE

    def __init__(self, completer: Completer, prompts: Prompts, most_tokens: int = MOST_TOKENS) -> None:
        self._completer = completer
        self._prompts = prompts
        self._most_tokens = most_tokens
        self._surveyed: OrderedDict[str, Surveyed] = OrderedDict()

    async def reading_name(self, parameters: Extraction) -> str:
        """The engine with the model and the prompt, which change what is read."""
        prompt = self._prompts.named(parameters.prompt)
        return f"{self.name} {await self._model(parameters)} {prompt.name} {prompt.digest[:8]}"

    async def read(self, code: Code, parameters: Extraction) -> CodeReading:
        """The districts alone."""
        surveyed = await self._survey(code)
        return Districts(surveyed.index.districts, {})

    async def read_district(self, code: Code, district: District, parameters: Extraction) -> DistrictReading:
        """What the model claims for a district and the code bears out. Raises as the Completer does."""
        surveyed = await self._survey(code)
        _, ids = await code.documents()
        model = await self._model(parameters)
        prompt, affinity = self._prompts.named(parameters.prompt), f"{code.digest[:16]} {district.code}"
        dialogue = Dialogue(self._completer, model, prompt, ids, f"{self.name} {model}", affinity)
        answers = await asyncio.gather(
            *(self._asked(dialogue, surveyed, district, group) for group in GROUPS)
        )
        standards = settled((one for answer in answers for one in answer.standards), self.name)
        return DistrictReading(standards, sum(answer.dropped for answer in answers))

    async def _asked(
        self, dialogue: Dialogue, surveyed: Surveyed, district: District, group: FieldGroup
    ) -> Answered:
        """What comes of one group; a model that reads less than was sent is sent half, until hardly any is left."""
        others = [one for one in surveyed.index.codes if one != district.code]
        most_tokens = self._most_tokens
        while True:
            passages = surveyed.passages(district, tuple(group.fields), most_tokens)
            try:
                return await dialogue.ask(Question(district, group, passages, others))
            except PromptTooLong as error:
                most_tokens //= 2
                if most_tokens < _FEWEST_TOKENS:
                    raise ServiceUnavailable(
                        f"the model reads too little at once: {error.message}"
                    ) from error

    async def _model(self, parameters: Extraction) -> str:
        return parameters.model or await self._completer.default_model()

    async def _survey(self, code: Code) -> Surveyed:
        """The districts and passages of a code; those of the last few codes are kept."""
        found = self._surveyed.get(code.digest)
        if found is None:
            documents, _ = await code.documents()
            found = await asyncio.to_thread(Surveyed, documents)
        self._surveyed[code.digest] = found
        self._surveyed.move_to_end(code.digest)
        while len(self._surveyed) > _CODES_KEPT:
            self._surveyed.popitem(last=False)
        return found
