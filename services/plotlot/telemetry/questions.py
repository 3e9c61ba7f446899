"""What was asked, what became of it, and whether what was shown was right."""

from itertools import product

from plotlot.domain.question_kinds import KINDS
from plotlot.telemetry.making import Making


class QuestionMetrics:
    """Of gateways. Copies that a candidate is sent, and answers that are given again, are not among them."""

    def __init__(self, make: Making) -> None:
        self.questions = make.counter(
            "questions",
            "Questions by what became of them: answered; why it was refused (off_topic, not_stated, no_such_district,"
            " no_zoning, instructions); problem (the asker's), failed (ours), or left.",
            "operation",
            "outcome",
            "bundle",
        )
        self.question_kinds = make.counter(
            "question_kinds",
            "Questions in words by what they are about: standard, use, meaning, zoning or other;"
            " and whether they were refused. Its drift is told by a rule.",
            "kind",
            "refused",
            known=product(KINDS, ("yes", "no")),
        )
        self.values_shown = make.counter(
            "values_shown", "Values and quotes that answers showed, each with its citation.", "operation"
        )
        self.feedback = make.counter(
            "feedback",
            "Remarks on what was shown by kind: wrong_number, wrong_section, missing, other.",
            "kind",
            known=[("wrong_number",), ("wrong_section",), ("missing",), ("other",)],
        )
        self.citations_served = make.counter(
            "citations_served",
            "Citations of a sample of answers, read again in the document after they were shown: valid or broken.",
            "result",
            known=[("valid",), ("broken",)],
        )
