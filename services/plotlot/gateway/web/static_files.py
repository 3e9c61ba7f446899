"""The styles and scripts beside this module, at addresses that change when they do."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from plotlot.domain.errors import NotFoundError
from plotlot.gateway.web.vendored import leaflet_files

FOLDER = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600
MEDIA = {".css": "text/css", ".js": "text/javascript"}


@dataclass(frozen=True)
class StaticFiles:
    """What pages link, by name. All share one version, so that a script's imports are of its own."""

    contents: dict[str, bytes]
    version: str

    def address(self, name: str) -> str:
        """Where a page finds a file; KeyError where there is none."""
        if name not in self.contents:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def text(self, *names: str) -> str:
        """Files as one text, for pages that carry them."""
        return "\n".join(self.contents[name].decode() for name in names)


def static_files(folder: Path = FOLDER) -> StaticFiles:
    """The files of a folder and those of others, read once."""
    contents = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in MEDIA}
    contents |= leaflet_files()
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return StaticFiles(contents, b64encode(digest.digest()[:9], b"-_").decode())


def router(files: StaticFiles) -> APIRouter:
    """The route of the files. One of another release's version is answered with this one's, not to be kept."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{version}/{name}")
    async def file(version: str, name: str) -> Response:
        if name not in files.contents:
            raise NotFoundError(f"no file {name!r} is here")
        kept = f"public, max-age={YEAR_SECONDS}, immutable" if version == files.version else "no-cache"
        return Response(
            files.contents[name],
            media_type=MEDIA[Path(name).suffix],
            headers={"Cache-Control": kept, "X-Content-Type-Options": "nosniff"},
        )

    return routes
