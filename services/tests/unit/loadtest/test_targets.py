import pytest
from targets import RefusedTarget, refuse_outside


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://[::1]:1",
        "http://localhost",
        "http://door.envoy.svc",
        "//a.b.svc.cluster.local:1",
    ],
)
def test_this_machine_and_its_cluster_may_be_loaded(url: str) -> None:
    refuse_outside(url, [])


@pytest.mark.parametrize("url", ["http://192.0.2.7", "//192.0.2.7:50055", "http://0.0.0.0:8080"])
def test_what_is_outside_is_refused_unless_it_is_named_twice(url: str) -> None:
    with pytest.raises(RefusedTarget, match="--named"):
        refuse_outside(url, ["192.0.2.8"])
    refuse_outside(url, ["192.0.2.7", "0.0.0.0"])


def test_a_name_that_only_ends_like_a_service_is_refused() -> None:
    with pytest.raises(RefusedTarget, match=r"192\.0\.2\.7"):
        refuse_outside("http://192.0.2.7/.svc", [])


@pytest.mark.parametrize("url", ["", "localhost", "-"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(RefusedTarget, match="is not an address"):
        refuse_outside(url, [])
