"""Files of others that pages use where they are installed: Leaflet, for the map. Pages are whole without them."""

from importlib import metadata
from pathlib import Path

LEAFLET = "django-js-lib-leaflet"  # Leaflet's files as they are published, and nothing else
LEAFLET_FILES = ("leaflet.css", "leaflet.js")


def leaflet_files() -> dict[str, bytes]:
    """Leaflet's style and script by name; nothing where the package is not installed."""
    try:
        files = metadata.files(LEAFLET) or []
    except metadata.PackageNotFoundError:
        return {}
    found = {file.name: Path(str(file.locate())) for file in files if file.name in LEAFLET_FILES}
    if len(found) < len(LEAFLET_FILES):
        return {}
    return {name: path.read_bytes() for name, path in sorted(found.items())}
