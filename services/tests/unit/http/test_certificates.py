"""When the certificate at the door ends."""

import importlib.util
from datetime import UTC, datetime, timedelta
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from plotlot.domain.errors import ServiceUnavailable
from plotlot.http.certificates import check_readable, ends_at

END = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_the_end_is_that_of_the_first_certificate(tmp_path: Path) -> None:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "door.example")]),
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(END - timedelta(days=90))
        .not_valid_after(END)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "tls.crt"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    assert ends_at(file) == END.timestamp()


def test_a_certificate_that_is_not_there_has_no_end_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "tls.crt"
    broken.write_text("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
    assert ends_at(broken) == 0.0
    assert ends_at(tmp_path / "missing.crt") == 0.0
    assert caplog.text.count("cannot be read") == 2


def test_what_reads_certificates_is_named_where_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    with pytest.raises(ServiceUnavailable, match=r"plotlot\[oidc\]"):
        check_readable()
