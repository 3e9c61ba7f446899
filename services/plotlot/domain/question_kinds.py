"""What questions in words are about, in few kinds: their shares tell whether people ask what was measured."""

from plotlot.domain.question_districts import speaks_of_zoning
from plotlot.domain.questions import asked_of
from plotlot.domain.use_questions import use_asked

KINDS = ("standard", "use", "meaning", "zoning", "other")


def kind_of(question: str) -> str:
    """The kind of a question: a ``standard`` is asked for, whether a ``use`` is allowed, what a word ``meaning``
    has, something else of ``zoning``, or ``other``."""
    asked = asked_of(question)
    if asked.is_of_meaning:
        return "meaning"
    if asked.fields:
        return "standard"
    if use_asked(question):
        return "use"
    return "zoning" if speaks_of_zoning(question) else "other"
