"""What logs and traces may not hold, and what they must still say."""

import pytest

from plotlot.domain.redaction import in_one_line, redacted


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("asked by jane.doe@example.com", "asked by [email]", "jane"),
        ("call (305) 555-0123", "call [phone]", "0123"),
        ("call 305-555-0123 now", "call [phone] now", "0123"),
        ("call +49 171 123 4567", "call [phone]", "4567"),
        ("ssn 123-45-6789", "ssn [number]", "6789"),
        ("key plk_7Ck1Zz90aBcD refused", "key [secret] refused", "Zz90"),
        ("cookie pls_7Ck1Zz90aBcD refused", "cookie [secret] refused", "Zz90"),
        ("Authorization: Bearer abcdef0123456789", "Authorization: [secret]", "abcdef"),
        ("token eyJhbGciOiJI.eyJzdWIiOiIx.c2ln ended", "token [secret] ended", "c2ln"),
        ("postgresql://plotlot:hunter2@db/x", "postgresql://[secret]@db/x", "hunter2"),
        ("password=hunter2", "[secret]", "hunter2"),
        ("no lot at 100 S Main Street, R-1", "no lot at [address], R-1", "Main"),
        ("12 elm st and 1801 NW 3rd Ave", "[address] and [address]", "elm"),
        ("no lot at 4 Fox Hollow", "no lot at [address]", "Fox"),
        ("no lot at 77 Old Mill Xing", "no lot at [address]", "Mill"),
    ],
)
def test_what_tells_who_somebody_is_or_opens_a_door_is_replaced(text: str, kept: str, gone: str) -> None:
    assert redacted(text) == kept
    assert gone not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "the minimum lot area shall be 9,000 square feet",
        "Sec. 3-201, 20 feet in the highway commercial district",
        "the engine at http://127.0.0.1:50051 does not answer",
        "analysis an_7d3f took 35.5 ms, 12,000 tokens of 24,000",
        "3 replicas of the gateway: 2 answered, 1 gateway run failed, 12 spans of 1 slow trace",
        "bundle-bd6098d664fde99a at 2026-11-22T05:00:00Z",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert redacted(text) == text


def test_what_was_typed_starts_no_line_and_commands_no_terminal() -> None:
    shown = in_one_line("asked\r\nERROR root: the owner logged in \x1b[31m\u202e")
    assert shown == "asked\\r\\nERROR root: the owner logged in \\x1b[31m\\u202e"


@pytest.mark.parametrize(
    "piece", ["a@", "1-", "+1 ", "eyJ", "token", "12 a a a a ", "://", ":", "1 a ", "a."]
)
def test_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    """A pattern that tried every way to match would not come back from this within the test's patience."""
    assert redacted(piece * (200_000 // len(piece)))
