"""Why a question is not answered: a code that never changes, and words for people."""

from collections.abc import Sequence
from enum import StrEnum

from plotlot.domain.question_districts import near_names

ASK_THEM = "ask the planning department"
_MOST_NAMED = 20


class Reason(StrEnum):
    """The codes of ``reason`` in an answer that refuses."""

    OFF_TOPIC = "off_topic"
    NOT_STATED = "not_stated"
    NO_SUCH_DISTRICT = "no_such_district"
    NO_ZONING = "no_zoning"
    INSTRUCTIONS = "instructions"


def words_for(reason: Reason, about: str = "", known: Sequence[str] = ()) -> str:
    """A refusal in words; ``about`` is the district or the field asked for, ``known`` are the districts."""
    if reason is Reason.NO_SUCH_DISTRICT:
        near = near_names(about, known)
        nearest = f" The nearest in name is {near[0]}." if len(near) == 1 else ""
        listed = [*near, *(code for code in known if code not in near)][:_MOST_NAMED]
        there = f" It has {', '.join(listed)}." if listed else ""
        return f"The code that is here has no district {about}.{nearest}{there}"
    if reason is Reason.NO_ZONING:
        return f"The code that is here establishes no zoning districts, so it has no such rule; {ASK_THEM}."
    if reason is Reason.INSTRUCTIONS:
        return "This is no question about the code: it only says how to answer. Ask what the code says."
    if reason is Reason.OFF_TOPIC:
        return f"This is not what the code that is here is about; {ASK_THEM} if you think it is."
    stated = f" does not state {about}" if about else " does not answer this"
    return f"The code that is here{stated}; {ASK_THEM}."
