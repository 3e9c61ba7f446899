import pytest

from plotlot.egress.networks import is_own_network, is_public, parsed_address

NEVER = [
    "169.254.169.254", "fe80::1%eth0", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
    "100.100.100.200", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "168.63.129.16",
    "192.0.0.192", "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::a9fe:a9fe", "::ffff:169.254.169.254", "5f00::1",
    "::7f00:1",
]  # fmt: skip
OWN = [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "fd12::1",
    "fd20:ce::253",
    "::ffff:10.0.0.1",
]
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "140.221.9.1"]


@pytest.mark.parametrize("text", NEVER)
def test_addresses_that_nobody_may_name(text: str) -> None:
    address = parsed_address(text)
    assert address is not None
    assert not is_public(address)
    assert not is_own_network(address)


@pytest.mark.parametrize("text", OWN)
def test_addresses_of_ones_own(text: str) -> None:
    address = parsed_address(text)
    assert address is not None
    assert not is_public(address)
    assert is_own_network(address)


@pytest.mark.parametrize("text", [*PUBLIC, "100.64.0.1"])
def test_addresses_of_the_internet(text: str) -> None:
    address = parsed_address(text)
    assert address is not None
    assert is_public(address) == (text in PUBLIC)


@pytest.mark.parametrize("text", ["2130706433", "0x7f.1", "127.1", "localhost", "0177.0.0.1", ""])
def test_other_forms_are_names(text: str) -> None:
    assert parsed_address(text) is None
