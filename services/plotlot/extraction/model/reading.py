"""What a model makes of one district: the right passages for each group of fields, and a question for each."""

import asyncio
from collections.abc import Sequence

from plotlot.domain.errors import PromptTooLong, ServiceUnavailable
from plotlot.domain.standards import District
from plotlot.extraction.engine import DistrictReading
from plotlot.extraction.model import ENGINE
from plotlot.extraction.model.asking import Question
from plotlot.extraction.model.claims import GROUPS, FieldGroup
from plotlot.extraction.model.dialogue import Answered, Dialogue
from plotlot.extraction.model.passages import Surveyed
from plotlot.extraction.settling import settled

FEWEST_TOKENS = 400


async def read_district(
    dialogue: Dialogue, surveyed: Surveyed, district: District, most_tokens: int
) -> DistrictReading:
    """What is claimed for a district and holds, each question with at most so many tokens of the code."""
    answers = await asyncio.gather(
        *(_asked(dialogue, surveyed, district, group, most_tokens) for group in GROUPS)
    )
    standards = settled((one for answer in answers for one in answer.standards), ENGINE)
    return DistrictReading(standards, sum(answer.dropped for answer in answers))


async def _asked(
    dialogue: Dialogue, surveyed: Surveyed, district: District, group: FieldGroup, most_tokens: int
) -> Answered:
    """What comes of one group; a model that reads less than was sent is sent half, until hardly any is left."""
    others: Sequence[str] = [one for one in surveyed.index.codes if one != district.code]
    while True:
        # In a large code this takes seconds, and others are being served.
        passages = await asyncio.to_thread(surveyed.passages, district, tuple(group.fields), most_tokens)
        try:
            return await dialogue.ask(Question(district, group, passages, others))
        except PromptTooLong as error:
            most_tokens //= 2
            if most_tokens < FEWEST_TOKENS:
                raise ServiceUnavailable(f"the model reads too little at once: {error.message}") from error
