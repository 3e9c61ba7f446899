"""When the certificate ends that browsers are shown at the door."""

import importlib.util
import logging
from pathlib import Path

from plotlot.domain.errors import ServiceUnavailable

log = logging.getLogger(__name__)


def check_readable() -> None:
    """Raise ServiceUnavailable where nothing here reads certificates."""
    if importlib.util.find_spec("cryptography") is None:
        raise ServiceUnavailable(
            "PLOTLOT_DOOR_CERTIFICATE is set, but what reads certificates is not here: install plotlot[oidc]"
        )


def ends_at(file: Path) -> float:
    """The end of the first certificate of a PEM file, in Unix time; 0 where there is none, which is logged."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc.timestamp()
    except (OSError, ValueError) as error:
        log.warning("the certificate %s cannot be read: %s", file, error)
        return 0.0
