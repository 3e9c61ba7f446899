"""What nobody sees goes, and nothing else does."""

import re

import pytest

from plotlot.domain.characters import UNSEEN, seen


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u200e", "\u202e", "\u2060", "\ufeff", "\U000e0041"])
def test_what_no_font_shows_goes_either_way(unseen: str) -> None:
    assert seen(f"R{unseen}-1") == "R-1"
    assert re.fullmatch(f"[{UNSEEN}]", unseen)


@pytest.mark.parametrize("text", ["Łódź, 5½ ft\t’s\n§ 12", "日本 1", "a\u00a0b\u2009c"])
def test_what_is_seen_and_white_space_stay(text: str) -> None:
    assert seen(text) == text
    assert not re.search(f"[{UNSEEN}]", text)
