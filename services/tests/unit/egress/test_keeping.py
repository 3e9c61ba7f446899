from datetime import UTC, datetime

import pytest

from plotlot.egress.keeping import Answer, KeptAnswers, freshness, validators

AT = datetime(2026, 7, 1, tzinfo=UTC)


def answer(size: int = 10, **headers: str) -> Answer:
    return Answer(
        "https://h.example/", 200, {k.replace("_", "-"): v for k, v in headers.items()}, b"x" * size, AT
    )


@pytest.mark.parametrize(
    ("control", "seconds"),
    [
        ("", 0.0),
        ("public, max-age=30", 30.0),
        ("s-maxage=99", 0.0),
        ("private, no-cache, max-age=9", 0.0),
        ("private, no-store, max-age=9", None),
    ],
)
def test_freshness(control: str, seconds: float | None) -> None:
    assert freshness({"cache-control": control}) == seconds


def test_kept_by_validators_or_for_a_time() -> None:
    kept = KeptAnswers()
    kept.keep(("a",), answer(), 5.0)
    assert kept.find(("a",)) is None  # nothing by which to ask again
    kept.keep(("a",), answer(etag='"1"', last_modified="then"), 5.0)
    found = kept.find(("a",))
    assert found is not None
    assert found.conditions() == {"if-none-match": '"1"', "if-modified-since": "then"}
    kept.keep(("b",), answer(cache_control="max-age=60"), 5.0)
    assert (found := kept.find(("b",))) is not None
    assert found.fresh_until == 65.0


@pytest.mark.parametrize(
    ("last_modified", "is_told"),
    [
        ("Tue, 30 Jun 2026 23:59:59 GMT", True),
        ("Wed, 01 Jul 2026 00:00:01 GMT", False),
        ("Tue, 01 Jan 2058 00:00:00 GMT", False),
        ("once upon a time", True),
        ("Fri, 31 Dec 9999 23:59:59 -2359", True),
    ],
)
def test_a_date_that_is_still_to_come_validates_nothing(last_modified: str, is_told: bool) -> None:
    told = validators({"last-modified": last_modified, "etag": '"1"'}, AT)
    assert told == {"etag": '"1"'} | ({"last-modified": last_modified} if is_told else {})


def test_what_was_used_last_stays() -> None:
    kept = KeptAnswers(most_bytes=25)
    for name in "ab":
        kept.keep((name,), answer(etag=name), 0.0)
    kept.find(("a",))
    kept.keep(("c",), answer(etag="c"), 0.0)
    assert [kept.find((name,)) is not None for name in "abc"] == [True, False, True]
