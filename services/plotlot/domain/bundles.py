"""A bundle: everything that decides an answer, under one digest; it never changes.

What is data in it, its ``Parameters``, travels with every request and is resolved by the service that answers.
What is code, its ``images``, is the Deployment that the request is sent to.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from plotlot.domain.errors import InvalidBundle
from plotlot.domain.guardrails import STRICT, Guardrails
from plotlot.domain.prompts import NAME

LONGEST_DEADLINE_SECONDS = 300.0

Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True)
class Index:
    """The generation of the search index; None is the live one, whichever that is."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    generation: int | None = None

    def __post_init__(self) -> None:
        if self.generation is not None and self.generation < 1:
            raise InvalidBundle(
                "index.generation is the number of one, or none for the live one", field="index"
            )


@dataclass(frozen=True, slots=True)
class Retrieval:
    """BM25's ``k1`` and ``b``, the ``depth`` of each ranking that is fused, and the passages of an answer.

    ``fusion`` is min_max_mean, rrf with its constant ``rrf_k``, or weighted, where vectors count
    ``vector_weight`` of 1. A word's ``synonyms`` count so much of the word, 0 leaves them out. Of what is
    fused, so many of the best are put in order by a ``rerank`` model, where one is configured.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    k1: float = 1.5
    b: float = 0.75
    depth: int = 100
    passages: int = 8
    fusion: Literal["min_max_mean", "rrf", "weighted"] = "min_max_mean"
    vector_weight: float = 0.5
    rrf_k: int = 60
    synonyms: float = 0.0
    rerank: int = 0

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
        if not (0 <= self.vector_weight <= 1 and 0 <= self.synonyms <= 1):
            raise InvalidBundle("retrieval: vector_weight and synonyms are 0 to 1", field="retrieval")
        if not (0 <= self.rrf_k <= 10_000 and 0 <= self.rerank <= 100):
            raise InvalidBundle("retrieval: rrf_k is 0 to 10000, rerank 0 to 100", field="retrieval")


SEARCH_OF_CODES = Retrieval(b=0.4, synonyms=0.7)
"""What the golden questions over codes are answered best with: a chunk's length counts less, for tables are long."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The engine, empty for the one that reads by rules; what it reads with less confidence is left out.

    A quote of more than ``longest_quote`` characters is cut around its value; 0 leaves quotes whole.
    An engine that asks a model asks ``model``, empty for the one that is served, by the version ``prompt``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    engine: str = ""
    least_confidence: float = 0.0
    longest_quote: int = 0
    model: str = ""
    prompt: str = "standards/1"

    def __post_init__(self) -> None:
        if not 0 <= self.least_confidence <= 1 or self.longest_quote < 0:
            raise InvalidBundle(
                "extraction: least_confidence is 0 to 1, longest_quote 0 or more", field="extraction"
            )
        if not NAME.fullmatch(self.prompt):
            raise InvalidBundle("extraction.prompt is a name and a version: standards/1", field="extraction")


@dataclass(frozen=True, slots=True)
class Generation:
    """The model and the version of the prompt that answer questions, and what of their answers is shown.

    ``context_characters`` is the most text that an answer is made from, whole passages, the best first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    model: str = ""
    prompt: str = "quotes/1"
    least_relevance: float = 0.38  # unrelated questions reached 0.34, answers 0.43 and more
    most_quotes: int = 3
    context_characters: int = 12_000

    def __post_init__(self) -> None:
        if (
            not 0 <= self.least_relevance <= 1
            or not 1 <= self.most_quotes <= 20
            or not 500 <= self.context_characters <= 1_000_000
        ):
            raise InvalidBundle(
                "generation: least_relevance is 0 to 1, most_quotes 1 to 20, context_characters 500 to 1,000,000",
                field="generation",
            )


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is data in a bundle: resolved for each request by the service that answers it.

    A default never changes, for only what differs from it is sent; another value belongs in the bundle.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    embedding_model: str = ""
    index: Index = field(default_factory=Index)
    retrieval: Retrieval = field(default_factory=Retrieval)
    extraction: Extraction = field(default_factory=Extraction)
    generation: Generation = field(default_factory=Generation)

    def encoded(self) -> bytes:
        """What differs from the defaults, in canonical form, as it travels in gRPC metadata.

        So a service of the release before serves a request of the next, as long as that asks nothing new.
        """
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
            or not 0 < self.deadline_seconds <= LONGEST_DEADLINE_SECONDS
        ):
            raise InvalidBundle(
                "shadow: share is 0 to 1, the rates are 0 or more, "
                f"the deadline above 0, up to {LONGEST_DEADLINE_SECONDS:g}",
                field="shadow",
            )


@dataclass(frozen=True)
class Bundle:
    """An immutable manifest; whatever changes an answer, or how it is judged, changes its id.

    ``images`` are by service, under "default" for the others; empty where code is what runs here.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    travels: ClassVar[bool] = True
    """Whether its parameters go with each request."""

    version: str
    parser: str
    chunker: str
    images: Mapping[str, str] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=Parameters)
    guardrails: Guardrails = field(default_factory=Guardrails)
    shadow: Shadow = field(default_factory=Shadow)

    def manifest(self) -> dict[str, Any]:
        """The manifest as plain values, as it was written."""
        return json.loads(self._written)  # type: ignore[no-any-return]

    @cached_property
    def id(self) -> str:
        """The first 64 bits of the SHA-256 of the manifest's canonical form."""
        return "bundle-" + sha256(self._written).hexdigest()[:16]

    @cached_property
    def _written(self) -> bytes:
        return canonical(asdict(self))

    def as_file(self) -> str:
        """The text of a bundle's file: one line, which ``bundle_of_file`` reads."""
        return canonical({"id": self.id, "manifest": self.manifest()}).decode() + "\n"


class OwnBundle(Bundle):
    """That of a process which was given none. Its parameters stay where they are: each service has its own.

    So services of two releases, which meet during an upgrade, never ask each other for what only one has.
    """

    travels: ClassVar[bool] = False


@lru_cache(maxsize=64)
def _encoded(parameters: Parameters) -> bytes:
    return canonical(_unlike(asdict(parameters), asdict(Parameters())))


def _unlike(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in values.items():
        if isinstance(value, dict):
            if inner := _unlike(value, defaults[name]):
                found[name] = inner
        elif value != defaults[name]:
            found[name] = value
    return found


def canonical(values: Mapping[str, Any]) -> bytes:
    """JSON in one form only, as RFC 8785 has it: sorted keys, no spaces, UTF-8, 1 rather than 1.0.

    So a manifest that went through other tools' JSON keeps its digest. Raises InvalidBundle.
    """
    try:
        return json.dumps(_plain(values), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        raise InvalidBundle(
            "what is sent is plain text, nested some hundred levels at most", field="bundle"
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def bundle_from(manifest: Mapping[str, Any]) -> Bundle:
    """The bundle of a manifest; what it leaves out has its default. Raises InvalidBundle."""
    written = canonical(manifest)
    bundle = _checked(Bundle, written)
    # The id stays that of what was written, also where parameters came since: what a bundle is never changes.
    vars(bundle)["_written"] = written
    return bundle


def bundle_of_file(text: str | bytes) -> Bundle:
    """The bundle of a file's text. Raises InvalidBundle for one that was altered, or is none."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("manifest"), dict):
        raise InvalidBundle(
            'not a bundle: {"id": ..., "manifest": {...}} is, as `plotlot bundle build` writes it', field="id"
        )
    bundle = bundle_from(document["manifest"])
    if document.get("id") != bundle.id:
        raise InvalidBundle(
            f"altered: its manifest is that of {bundle.id}, but it says {document.get('id')}; "
            "a bundle never changes, so build another with `plotlot bundle build --from FILE --set NAME=VALUE`",
            field="id",
        )
    return bundle


@lru_cache(maxsize=64)
def parameters_from(encoded: bytes) -> Parameters:
    """Parameters that came with a request. Raises InvalidBundle for any that this code does not know."""
    return _checked(Parameters, encoded)


def guardrails_from(values: Mapping[str, Any]) -> Guardrails:
    """The guardrails of a release that brings its own. Raises InvalidBundle."""
    return _checked(Guardrails, canonical(values))


def shadow_from(values: Mapping[str, Any]) -> Shadow:
    """The shadow of a release. Raises InvalidBundle."""
    return _checked(Shadow, canonical(values))


def differences(before: Bundle, after: Bundle) -> Iterator[str]:
    """What changed, a line each: ``retrieval.k1: 1.5 -> 1.2``."""
    old, new = leaves(before), leaves(after)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"{name}: {_words(old.get(name))} -> {_words(new.get(name))}"


def leaves(bundle: Bundle) -> dict[str, Any]:
    """Every value of a bundle by its dotted name, parameters without their group's."""
    found = _leaves("", _plain(asdict(bundle)))
    return {name.removeprefix("parameters."): value for name, value in found}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name or 'others'}" if path else name, inner)
    elif isinstance(value, list):  # of guardrails, each under its name
        for item in value:
            rest = {name: inner for name, inner in item.items() if name != "name"}
            yield from _leaves(f"{path.removesuffix('.each')}.{item['name']}", rest)
    else:
        yield path, value


def _words(value: Any) -> str:
    return {None: "none", "": "(empty)"}.get(value, str(value))


def _checked(kind: type[Checked], encoded: bytes) -> Checked:
    try:
        checked: Checked = TypeAdapter(kind).validate_json(encoded, strict=True)
        return checked
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        name = ".".join(place).removeprefix("parameters.")
        if first["type"] != "unexpected_keyword_argument":
            raise InvalidBundle(f"the bundle's {name}: {first['msg']}", field=name) from None
        beside = nearest(place[-1], _beside(kind, place[:-1]))
        raise InvalidBundle(
            f"a bundle has no {name}; what there is: {', '.join(beside)}", field=name, suggestions=beside[:3]
        ) from None


def _beside(kind: type[Any], place: Sequence[str]) -> list[str]:
    """The names that this code knows in a place of the manifest."""
    sample: Any = asdict(Bundle("", "", "") if kind is Bundle else kind())
    for part in place:
        sample = sample[0] if part.isdigit() else sample[part]
    return list(sample)


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """What is known, the most like a name first."""
    return sorted(known, key=lambda other: -SequenceMatcher(None, name, other).ratio())
