"""Makes bundles known: their manifests say what a release of them must not make worse."""

import json
from collections.abc import Mapping
from hashlib import sha256
from re import fullmatch
from typing import Any

from plotlot.domain.bundles import canonical, guardrails_from, shadow_from
from plotlot.domain.errors import InvalidBundle
from plotlot.domain.outcomes import named, short
from plotlot.judge.releases import Registered, bundle_of, register
from plotlot.judge.waiting import in_time
from plotlot.store.pool import Database

LONGEST_MANIFEST = 1_000_000


class Registry:
    """Keeps bundles by their ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_time
    async def register(self, bundle: str, manifest_json: str) -> Registered:
        """Make a bundle known; again changes nothing. Raises InvalidBundle where another has its id."""
        named(bundle=bundle)
        manifest = checked(bundle, manifest_json)
        async with self._database.connection() as connection:
            kept = await register(connection, bundle, manifest)
        if manifest and kept.manifest != manifest:
            raise InvalidBundle(
                f"{bundle} was registered with another manifest, and a bundle never changes: "
                "give this one another id",
                field="manifest",
            )
        return kept

    @in_time
    async def bundle(self, bundle: str) -> Registered:
        """A bundle. Raises UnknownBundle."""
        short(bundle=bundle)
        async with self._database.connection() as connection:
            return await bundle_of(connection, bundle)


def checked(bundle: str, manifest_json: str) -> str:
    """The manifest in its canonical form; empty for an empty one.

    Raises InvalidBundle where it cannot be used, or where a bundle of PlotLot's is not the one of its id.
    """
    if not manifest_json.strip():
        return ""
    if len(manifest_json) > LONGEST_MANIFEST or "\\u0000" in manifest_json:
        raise InvalidBundle(
            f"a manifest has at most {LONGEST_MANIFEST} characters, none NUL", field="manifest"
        )
    manifest = _mapping(manifest_json)
    written = canonical(manifest)
    if not _is_finite(manifest):
        raise InvalidBundle("the numbers of a manifest are finite", field="manifest")
    if "guardrails" in manifest:
        guardrails_from(_inner(manifest, "guardrails"))
    if "shadow" in manifest:
        shadow_from(_inner(manifest, "shadow"))
    digest = "bundle-" + sha256(written).hexdigest()[:16]
    if fullmatch(r"bundle-[0-9a-f]{16}", bundle) and bundle != digest:
        raise InvalidBundle(f"the manifest is that of {digest}, not of {bundle}", field="manifest")
    return written.decode() if manifest else ""


def _mapping(manifest_json: str) -> Mapping[str, Any]:
    try:
        manifest = json.loads(manifest_json)
    except (ValueError, RecursionError) as error:
        raise InvalidBundle(f"the manifest is not JSON: {error}", field="manifest") from None
    if not isinstance(manifest, dict):
        raise InvalidBundle("a manifest is a JSON object", field="manifest")
    return manifest


def _is_finite(manifest: Mapping[str, Any]) -> bool:
    try:
        json.dumps(manifest, allow_nan=False)
    except ValueError:
        return False
    return True


def _inner(manifest: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if not isinstance(manifest[name], dict):
        raise InvalidBundle(f"the manifest's {name} is a JSON object", field=name)
    inner: Mapping[str, Any] = manifest[name]
    return inner
