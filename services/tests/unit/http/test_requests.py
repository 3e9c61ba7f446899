"""What of a request is written down."""

import pytest

from plotlot.http.requests import told_path


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/shared/k3JpVQm1", "/shared/{token}"),
        ("/shared/k3JpVQm1/report.pdf", "/shared/{token}/report.pdf"),
        ("/analyses/an-1/shares", "/analyses/an-1/shares"),
        ("/towns/shared/x", "/towns/shared/x"),
    ],
)
def test_the_token_of_a_shared_report_is_told_to_nobody(path: str, told: str) -> None:
    assert told_path(path) == told
