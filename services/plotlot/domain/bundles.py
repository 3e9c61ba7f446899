"""A bundle: everything that decides an answer, under one digest."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Bundle:
    """An immutable manifest; whatever changes an answer changes its id."""

    version: str
    parser: str
    chunker: str
    engine: str
    embedding_model: str
    generation_model: str

    def manifest(self) -> Mapping[str, str]:
        """The manifest as plain values."""
        return asdict(self)

    @property
    def id(self) -> str:
        """Digest of the canonical form: sorted keys, no spaces, UTF-8."""
        canonical = json.dumps(self.manifest(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "bundle-" + sha256(canonical.encode()).hexdigest()[:16]
