import pytest
from yarl import URL

from plotlot.domain.errors import EgressRefused
from plotlot.egress.rules import EgressRules, entries_in, entry_of, shown

RULES = EgressRules(
    hosts=entries_in("maps.example.gov, *.arcgis.example, api.example.org:8443"),
    own=entries_in("127.0.0.1:9000, tiles.internal, [::1]:7000"),
)


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("https://maps.example.gov/a?b=c", "maps.example.gov"),
        ("https://MAPS.example.gov./a", "maps.example.gov"),
        ("https://services.arcgis.example/x", "*.arcgis.example"),
        ("https://api.example.org:8443/", "api.example.org:8443"),
        ("http://127.0.0.1:9000/", "127.0.0.1:9000"),
        ("http://tiles.internal:7070/", "tiles.internal"),
        ("http://[::1]:7000/", "[::1]:7000"),
    ],
)
def test_allowed(url: str, entry: str) -> None:
    assert RULES.checked(URL(url)) == entry


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://maps.example.gov/", "not https"),
        ("https://maps.example.gov:8443/", "PLOTLOT_EGRESS_HOSTS"),
        ("https://evil-maps.example.gov/", "may not be asked"),
        ("https://arcgis.example/", "may not be asked"),
        ("https://evilarcgis.example/", "may not be asked"),
        ("https://maps.example.gov.evil.test/", "may not be asked"),
        ("https://user:word@maps.example.gov/", "user or a password"),
        ("https://maps.example.gov@evil.test/", "user or a password"),
        ("http://127.0.0.1:9001/", "not https"),
        ("https://169.254.169.254/latest/", "may not be asked"),
        ("http://[::1]:7001/", "not https"),
        ("file:///etc/passwd", "not an address of the web"),
        ("ftp://maps.example.gov/", "not an address of the web"),
        ("/relative", "not an address of the web"),
    ],
)
def test_refused(url: str, words: str) -> None:
    with pytest.raises(EgressRefused, match=words):
        RULES.checked(URL(url))


def test_literal_addresses_are_checked_where_any_host_may_be_asked() -> None:
    rules = EgressRules(frozenset({"*"}))
    assert rules.checked(URL("https://8.8.8.8/")) == "*"
    for host in ("10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"):
        with pytest.raises(EgressRefused, match="no address of the internet"):
            rules.checked(URL(f"https://{host}/"))


def test_one_bad_address_refuses_the_name() -> None:
    with pytest.raises(EgressRefused, match=r"10\.0\.0\.7"):
        RULES.check_addresses("maps.example.gov", ["8.8.8.8", "10.0.0.7"])
    RULES.check_addresses("tiles.internal", ["10.0.0.7"])
    with pytest.raises(EgressRefused):
        RULES.check_addresses("tiles.internal", ["169.254.169.254"])


def test_what_is_shown_holds_no_secret() -> None:
    assert shown(URL("https://user:word@h.example/layer/0?token=secret#x")) == "https://h.example/layer/0"


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/x", "https://h.example/x", "http://[::1]:8080/"])
def test_an_entry_lets_its_own_url_be_asked(url: str) -> None:
    rules = EgressRules(own=frozenset({entry_of(URL(url))}))
    assert rules.checked(URL(url)) in rules.own
