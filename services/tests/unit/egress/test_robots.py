import pytest

from plotlot.egress.robots import robots_in

TEXT = """\
User-agent: otherbot
Disallow: /

user-agent: *
Disallow: /private
Allow: /private/open
Disallow: /*.zip$
Crawl-delay: 2

User-Agent: PlotLot
User-Agent: another
Disallow: /arcgis/admin   # a remark
Disallow: /search?*q=
"""


@pytest.mark.parametrize(
    ("path", "general", "own"),
    [
        ("/", True, True),
        ("/private/x", False, True),
        ("/private/open/x", True, True),
        ("/a/b.zip", False, True),
        ("/a/b.zip?x=1", True, True),
        ("/arcgis/admin/login", True, False),
        ("/arcgis/%61dmin/login", True, False),
        ("/search?a=1&q=2", True, False),
        ("/robots.txt", True, True),
    ],
)
def test_the_longest_rule_of_ones_own_group_decides(path: str, general: bool, own: bool) -> None:
    assert robots_in(TEXT, "somebody").allow(path) == general
    assert robots_in(TEXT).allow(path) == own


def test_delay_and_nothing_said() -> None:
    assert robots_in(TEXT, "somebody").delay_seconds == 2
    assert robots_in(TEXT).delay_seconds == 0
    assert robots_in("<html>not found</html>").allow("/a")
    assert robots_in("Disallow: /").allow("/a")  # no group is named
    assert robots_in("User-agent: *\nDisallow:").allow("/a")


def test_groups_of_one_product_are_one() -> None:
    robots = robots_in(
        "User-agent: plotlot\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: plotlot\nDisallow: /b"
    )
    assert [robots.allow(path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_many_stars_cost_no_time() -> None:
    assert robots_in(f"User-agent: *\nDisallow: {'*a' * 2000}$").allow("/" + "a" * 1999 + "b")
