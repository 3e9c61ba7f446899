"""Sessions: who begins one, who keeps it, and what a forged cookie is worth."""

import itertools

import pytest

from plotlot.gateway.delivery.sessions import LANE, REMEMBERED, SESSION, Sessions

NOW = 1_800_000_000.7
OWN = "bundle-own"


def sessions(bundle: str = OWN) -> Sessions:
    numbers = itertools.count(1)
    return Sessions(bundle, lambda: NOW, lambda: f"{next(numbers):016x}")


def sent(session: str, lane: str = OWN) -> dict[str, str]:
    return {SESSION: session, LANE: lane}


def test_the_first_page_begins_a_session_and_says_which_bundle_it_met() -> None:
    session, cookies = sessions().of_page({})
    assert (session.id, session.started_at, session.begins) == ("0000000000000001", 1_800_000_000.0, True)
    flags = "HttpOnly; SameSite=Lax; Path=/; Max-Age=1800"
    assert cookies == [
        f"plotlot-session=0000000000000001.1800000000; {flags}",
        f"plotlot-lane=bundle-own; {flags}",
    ]


def test_the_next_page_belongs_to_it_and_sets_nothing() -> None:
    session, cookies = sessions().of_page(sent("00000000000000aa.1799999000"))
    assert (session.id, session.started_at, session.begins) == ("00000000000000aa", 1_799_999_000.0, False)
    assert cookies == []


def test_who_meets_another_bundle_begins_anew() -> None:
    session, cookies = sessions().of_page(sent("00000000000000aa.1799999000", lane="bundle-other"))
    assert session.begins
    assert session.id != "00000000000000aa"
    assert cookies[1].startswith("plotlot-lane=bundle-own;")


@pytest.mark.parametrize(
    "forged",
    [
        "", "x", "00000000000000aa", "00000000000000AA.1799999000", "00000000000000aa.-5",
        "00000000000000aa.1799990000", "00000000000000aa.1800009999", "aa.1799999000",
    ],
)  # fmt: skip
def test_a_cookie_that_is_not_ours_or_of_another_time_is_as_none(forged: str) -> None:
    assert sessions().of_page(sent(forged))[0].begins
    assert sessions().of_call("", sent(forged)).id == ""


def test_a_call_belongs_to_its_cookie_or_its_header_or_to_itself() -> None:
    made = sessions()
    assert made.of_call("", sent("00000000000000aa.1799999000")).id == "00000000000000aa"
    alone = made.of_call("", {})
    assert (alone.id, alone.begins, alone.started_at) == ("", True, NOW)
    assert made.of_call("a b", {}).id == ""
    assert made.of_call("x" * 129, {}).id == ""


def test_a_named_session_begins_once() -> None:
    made = sessions()
    assert [made.of_call("crawl-7", {}).begins for _ in range(3)] == [True, False, False]


def test_a_session_that_no_cookie_holds_to_its_bundle_was_weighed_with_each_request() -> None:
    seconds = itertools.count(1_800_000_000)
    made = Sessions(OWN, lambda: float(next(seconds)), lambda: "0" * 16)
    named = [made.of_call("crawl-7", {}) for _ in range(3)]
    assert [session.started_at for session in named] == [1_800_000_000, 1_800_000_001, 1_800_000_002]
    strayed = made.of_call("", sent("00000000000000aa.1799999000", lane="bundle-other"))
    assert (strayed.id, strayed.begins) == ("00000000000000aa", False)
    assert strayed.started_at > 1_800_000_002
    held = made.of_call("", sent("00000000000000aa.1799999000"))
    assert held.started_at == 1_799_999_000


def test_only_so_many_names_are_remembered() -> None:
    made = sessions()
    for number in range(REMEMBERED + 1):
        made.of_call(f"n{number}", {})
    assert made.of_call("n0", {}).begins
    assert not made.of_call(f"n{REMEMBERED}", {}).begins
