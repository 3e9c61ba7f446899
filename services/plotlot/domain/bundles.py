"""A bundle: everything that decides an answer, under one digest; it never changes.

What is data in it, its ``Parameters``, travels with every request and is resolved by the service that answers.
What is code, its ``images``, is the Deployment that the request is sent to.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, ClassVar, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from plotlot.domain.errors import InvalidBundle
from plotlot.domain.guardrails import STRICT, Guardrails

Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True)
class Index:
    """The generation of the search index; None is the live one, whichever that is."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    generation: int | None = None


@dataclass(frozen=True, slots=True)
class Retrieval:
    """BM25's ``k1`` and ``b``, the ``depth`` of each ranking that is fused, and the passages of an answer."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    k1: float = 1.5
    b: float = 0.75
    depth: int = 100
    passages: int = 8

    def __post_init__(self) -> None:
        if (
            self.k1 < 0
            or not 0 <= self.b <= 1
            or not 1 <= self.depth <= 1000
            or not 1 <= self.passages <= 100
        ):
            raise InvalidBundle(
                "retrieval: k1 is 0 or more, b 0 to 1, depth 1 to 1000, passages 1 to 100", field="retrieval"
            )


@dataclass(frozen=True, slots=True)
class Extraction:
    """The engine, empty for whichever the code has; what it reads with less confidence is left out.

    A quote of more than ``longest_quote`` characters is cut around its value; 0 leaves quotes whole.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    engine: str = ""
    least_confidence: float = 0.0
    longest_quote: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """The model and the version of the prompt that answer questions, and what of their answers is shown."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    model: str = ""
    prompt: str = "quotes/1"
    least_relevance: float = 0.38
    most_quotes: int = 3


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is data in a bundle: resolved for each request by the service that answers it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    embedding_model: str = ""
    index: Index = field(default_factory=Index)
    retrieval: Retrieval = field(default_factory=Retrieval)
    extraction: Extraction = field(default_factory=Extraction)
    generation: Generation = field(default_factory=Generation)

    def encoded(self) -> bytes:
        """The canonical form, as it travels in gRPC metadata."""
        return _encoded(self)


@dataclass(frozen=True, slots=True)
class Shadow:
    """How much of what users ask is asked of the candidate too, at most, over all gateways.

    ``share`` of sessions, 0 to 1; ``gold_per_second`` questions with known answers beside them.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    share: float = 0.2
    per_second: float = 5.0
    gold_per_second: float = 1.0
    deadline_seconds: float = 10.0

    def __post_init__(self) -> None:
        if (
            not 0 <= self.share <= 1
            or min(self.per_second, self.gold_per_second) < 0
            or self.deadline_seconds <= 0
        ):
            raise InvalidBundle(
                "shadow: share is 0 to 1, the rates are 0 or more, the deadline more than 0", field="shadow"
            )


@dataclass(frozen=True)
class Bundle:
    """An immutable manifest; whatever changes an answer, or how it is judged, changes its id.

    ``images`` are by service, under "default" for the others; empty where code is what runs here.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    version: str
    parser: str
    chunker: str
    images: Mapping[str, str] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=Parameters)
    guardrails: Guardrails = field(default_factory=Guardrails)
    shadow: Shadow = field(default_factory=Shadow)

    def manifest(self) -> dict[str, Any]:
        """The manifest as plain values."""
        return json.loads(canonical(asdict(self)))  # type: ignore[no-any-return]

    @cached_property
    def id(self) -> str:
        """The first 64 bits of the SHA-256 of the canonical form."""
        return "bundle-" + sha256(canonical(asdict(self))).hexdigest()[:16]

    def image(self, service: str) -> str:
        """The image that a service runs; empty where the bundle names none."""
        return self.images.get(service) or self.images.get("default", "")


@lru_cache(maxsize=64)
def _encoded(parameters: Parameters) -> bytes:
    return canonical(asdict(parameters))


def canonical(values: Mapping[str, Any]) -> bytes:
    """JSON in one form only: sorted keys, no spaces, UTF-8."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def bundle_from(manifest: Mapping[str, Any]) -> Bundle:
    """The bundle of a manifest; what it leaves out has its default. Raises InvalidBundle."""
    return _checked(Bundle, manifest)


@lru_cache(maxsize=64)
def parameters_from(encoded: bytes) -> Parameters:
    """Parameters that came with a request. Raises InvalidBundle for any that this code does not know."""
    return _checked(Parameters, json.loads(encoded))


def guardrails_from(values: Mapping[str, Any]) -> Guardrails:
    """The guardrails of a release that brings its own. Raises InvalidBundle."""
    return _checked(Guardrails, values)


def differences(before: Bundle, after: Bundle) -> Iterator[str]:
    """What changed, a line each: ``retrieval.k1: 1.5 -> 1.2``."""
    old, new = dict(_leaves("", before.manifest())), dict(_leaves("", after.manifest()))
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"{name.removeprefix('parameters.')}: {_words(old.get(name))} -> {_words(new.get(name))}"


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value):
        for item in value:
            rest = {name: inner for name, inner in item.items() if name != "name"}
            yield from _leaves(f"{path.removesuffix('.each')}.{item['name']}", rest)
    else:
        yield path, value


def _words(value: Any) -> str:
    return "none" if value is None else str(value)


def _checked(kind: type[Checked], values: Mapping[str, Any]) -> Checked:
    try:
        checked: Checked = TypeAdapter(kind).validate_python(dict(values))
        return checked
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidBundle(f"the bundle's {name}: {first['msg']}", field=name) from None
