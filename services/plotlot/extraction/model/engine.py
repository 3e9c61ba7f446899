"""The engine that has a model read: the districts by rules, the standards of each when it is asked for."""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from plotlot.domain.bundles import Extraction
from plotlot.domain.standards import District
from plotlot.extraction.engine import Code, CodeReading, DistrictReading, Districts
from plotlot.extraction.model import ENGINE
from plotlot.extraction.model.completing import Completer
from plotlot.extraction.prompts import Prompts

if TYPE_CHECKING:
    from plotlot.extraction.model.passages import Surveyed

MOST_TOKENS = 3_000
"""Of passages in one question; the answer, the schema and the prompt take about 3,000 more."""
_CODES_KEPT = 2  # with their documents, of which a large one takes a hundred megabytes


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
        from plotlot.extraction.model.dialogue import Dialogue
        from plotlot.extraction.model.reading import read_district

        surveyed = await self._survey(code)
        _, ids = await code.documents()
        model, prompt = await self._model(parameters), self._prompts.named(parameters.prompt)
        affinity = f"{code.digest[:16]} {district.code}"
        dialogue = Dialogue(self._completer, model, prompt, ids, f"{self.name} {model}", affinity)
        return await read_district(dialogue, surveyed, district, self._most_tokens)

    async def _model(self, parameters: Extraction) -> str:
        return parameters.model or await self._completer.default_model()

    async def _survey(self, code: Code) -> "Surveyed":
        """The districts and passages of a code; those of the last few codes are kept."""
        # The reader's parts take long to import, and codes are seldom read: import them with the first.
        from plotlot.extraction.model.passages import Surveyed

        found = self._surveyed.get(code.digest)
        if found is None:
            documents, _ = await code.documents()
            found = await asyncio.to_thread(Surveyed, documents)
        self._surveyed[code.digest] = found
        self._surveyed.move_to_end(code.digest)
        while len(self._surveyed) > _CODES_KEPT:
            self._surveyed.popitem(last=False)
        return found
