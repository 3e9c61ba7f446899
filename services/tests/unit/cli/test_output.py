"""What the command line prints of what others wrote."""

import json

import pytest

from plotlot.cli.output import console, echo, harmless_json, print_json, print_rows

HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x9b31m\u202eturned\u200b\U000e0041 R-1"


def commands(text: str) -> list[str]:
    return [
        one
        for one in text
        if one != "\n" and (ord(one) < 32 or 0x7F <= ord(one) <= 0x9F or one in "\u202e\u200b\U000e0041")
    ]


def test_nothing_that_is_printed_commands_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(HOSTILE, markup=False)
    print_rows(("Name",), [(HOSTILE,)], "none")
    echo(HOSTILE)
    echo(HOSTILE, err=True)
    print_json({"name": HOSTILE})
    shown = capsys.readouterr()
    assert commands(shown.out + shown.err) == []
    assert (shown.out + shown.err).count("R-1") == 5


def test_json_says_the_same_with_its_characters_escaped() -> None:
    document = {"name": HOSTILE, "street": "Calle Ocho – “8”", "n": [1, None]}
    text = harmless_json(json.dumps(document, ensure_ascii=False))
    assert json.loads(text) == document
    assert "Calle Ocho – “8”" in text
