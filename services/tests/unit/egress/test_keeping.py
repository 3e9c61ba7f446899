from datetime import UTC, datetime

import pytest

from plotlot.egress.keeping import Answer, KeptAnswers, freshness

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


def test_what_was_used_last_stays() -> None:
    kept = KeptAnswers(most_bytes=25)
    for name in "ab":
        kept.keep((name,), answer(etag=name), 0.0)
    kept.find(("a",))
    kept.keep(("c",), answer(etag="c"), 0.0)
    assert [kept.find((name,)) is not None for name in "abc"] == [True, False, True]
