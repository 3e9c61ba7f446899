"""API keys: ``plk_<id>_<secret><checksum>``, 256 random bits under a short name.

The checksum (CRC-32) tells a mistyped or made-up key without a look at what is stored, and lets scanners for lost
secrets be sure of one. A single SHA-256 keeps the secret: slow digests are for passwords, which can be guessed.
"""

import re
import zlib
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256

PREFIX = "plk_"
ID_BYTES, SECRET_BYTES = 10, 32
_KEY = re.compile(r"plk_([a-z2-7]{16})_([0-9a-f]{64})([0-9a-f]{8})")


@dataclass(frozen=True, slots=True, repr=False)
class ApiKey:
    """A key as its holder has it."""

    id: str
    secret: str

    @property
    def text(self) -> str:
        """The whole key."""
        named = f"{PREFIX}{self.id}_{self.secret}"
        return f"{named}{zlib.crc32(named.encode()):08x}"

    @property
    def digest(self) -> bytes:
        """What is stored instead of the secret."""
        return sha256(self.secret.encode()).digest()


def api_key_of(random: bytes) -> ApiKey:
    """The key that random bytes make, ``ID_BYTES + SECRET_BYTES`` of them."""
    assert len(random) == ID_BYTES + SECRET_BYTES, "a key is as random as it is long"
    return ApiKey(b32encode(random[:ID_BYTES]).decode().lower(), random[ID_BYTES:].hex())


def read_api_key(text: str) -> ApiKey | None:
    """The key that a text is; None for one that was never handed out."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    key = ApiKey(match[1], match[2])
    return key if key.text == text else None
