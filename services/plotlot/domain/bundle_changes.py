"""A bundle made from another by name and value: ``retrieval.k1=1.2``, ``guardrails.citations.margin=0.03``."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from plotlot.domain.bundles import Bundle, bundle_from, canonical, leaves, nearest
from plotlot.domain.errors import InvalidBundle

# Groups whose names are whatever their writer says: any may be added.
OPEN = ("images", "objectives_seconds")
NEAR = 5
CODE = ("version", "parser", "chunker")


def with_changes(bundle: Bundle, changes: Iterable[tuple[str, str]]) -> Bundle:
    """The bundle with values set by their dotted names; each text is JSON, or else a word.

    Raises InvalidBundle with the names that are near for one that no bundle has.
    """
    manifest = json.loads(canonical(asdict(bundle)))
    for name, text in changes:
        group, key = _place(bundle, manifest, name)
        group[key] = _value(text, group.get(key))
    return bundle_from(manifest)


def with_code(bundle: Bundle, code: Bundle) -> Bundle:
    """The bundle as other code runs it: its versions, its embedding model, its engines; all else stays.

    An extraction engine of another kind than the code's own was chosen, and stays chosen.
    """
    old, new = bundle.parameters, code.parameters
    moves = kind_of(old.extraction.engine) in ("", kind_of(new.extraction.engine))
    engine = new.extraction.engine if moves else old.extraction.engine
    parameters = replace(
        old,
        embedding_model=new.embedding_model,
        extraction=replace(old.extraction, engine=engine),
        generation=replace(old.generation, model=new.generation.model),
    )
    return replace(bundle, parameters=parameters, **{name: getattr(code, name) for name in CODE})


def kind_of(engine: str) -> str:
    """An engine without its version: ``reader`` of ``reader/2``."""
    return engine.partition("/")[0]


def _place(bundle: Bundle, manifest: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """The group that a name stands in, and its key there."""
    *path, key = name.removeprefix("parameters.").split(".")
    group: Any = manifest if not path or path[0] in manifest else manifest["parameters"]
    if not path and key in manifest["parameters"]:
        group = manifest["parameters"]
    for part in path:
        group = _inside(group, part)
    if path and path[-1] == "objectives_seconds" and key == "others":
        key = ""
    known = isinstance(group, dict) and not isinstance(group.get(key), dict | list)
    if known and (key in group or (path[-1:] and path[-1] in OPEN)):
        return group, key
    near = nearest(name, list(leaves(bundle)))[:NEAR]
    raise InvalidBundle(
        f"a bundle has no {name}; near it are {', '.join(near)}", field=name, suggestions=near
    )


def _inside(group: Any, part: str) -> Any:
    """The group of a name inside another; None where there is none. Guardrails are found by their names."""
    if not isinstance(group, Mapping):
        return None
    if part in group:
        return group[part]
    return next((one for one in group.get("each", ()) if one["name"] == part), None)


def _value(text: str, current: Any) -> Any:
    """The value that a text stands for: a word where there is a word now, else JSON where it is some."""
    if isinstance(current, str):
        return text
    if text in ("none", "live"):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
