"""What questions are about, in few kinds."""

import pytest

from plotlot.domain.question_kinds import KINDS, kind_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the front setback in R-1?", "standard"),
        ("How tall may a shed be behind a corner lot?", "standard"),
        ("Can I run a bakery in V-C?", "use"),
        ("What does height mean?", "meaning"),
        ("Which zoning districts are there?", "zoning"),
        ("Who won the match?", "other"),
        ("", "other"),
    ],
)
def test_a_question_has_one_kind(question: str, kind: str) -> None:
    assert kind_of(question) == kind
    assert kind in KINDS
