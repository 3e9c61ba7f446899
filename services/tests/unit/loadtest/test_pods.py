import pytest
from pods import megabytes_of, quantity, slopes


def test_a_pods_memory_is_that_of_its_containers() -> None:
    usage = [{"usage": {"memory": "1000Ki"}}, {"usage": {"memory": "2M"}}]
    told = {"items": [{"metadata": {"name": "gateway-1"}, "containers": usage}]}
    assert megabytes_of(told) == {"gateway-1": pytest.approx(3.024)}
    assert [quantity(text) for text in ("7", "2Gi", "3k")] == [7, 2 * 2**30, 3000]


def test_pods_that_came_or_went_have_no_slope() -> None:
    looks = [
        (float(at), {"old": 100 + at / 3600, "new" if at > 600 else "gone": 50.0})
        for at in range(0, 1200, 15)
    ]
    found = slopes(looks)
    assert list(found) == ["old"]
    assert found["old"].per_hour == pytest.approx(1)
