"""The pictures that a map may lie on: those of a server that the settings name, or none."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class MapTiles:
    """``url`` is a template with {z}, {x} and {y}, and perhaps {s}; empty for plain ground."""

    url: str = ""
    attribution: str = ""

    @property
    def source(self) -> str:
        """Whence pages may load them, as the content security policy says it; empty for nowhere."""
        if not self.url:
            return ""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"
