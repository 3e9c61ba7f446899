"""A bundle's id is its content; what came since, other tools' JSON and the order of keys leave it alone."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.bundles import (
    Bundle,
    Extraction,
    Generation,
    Index,
    Parameters,
    Retrieval,
    Shadow,
    bundle_from,
    bundle_of_file,
    differences,
    guardrails_from,
    leaves,
    parameters_from,
)
from plotlot.domain.errors import InvalidBundle
from plotlot.domain.guardrails import Guardrails

BUNDLE = Bundle("1", "parsers/1", "sections/1", {"default": "plotlot:1"})


def changed(manifest: Any, *path: Any, value: Any) -> dict[str, Any]:
    """The manifest with one value changed, added where it was not."""
    inner = manifest
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return manifest


def paths(value: Any, *path: Any) -> list[tuple[Any, ...]]:
    """Where each value of a manifest stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inside = [found for name, inner in items for found in paths(inner, *path, name)]
    return inside or [path]


def another(value: Any) -> Any:
    """Another value of the same kind that a bundle may have in that place."""
    if isinstance(value, str):
        return value + "1" if value else "x"
    if isinstance(value, dict):
        return {"analyze": 2}
    return 7 if value is None else value / 2 if 0 < value < 1 else value + 1 if value else 0.5


CHOSEN = ("measure", "longest_quote", "fusion", "rerank")  # not any value of their kind will do
VALUES = [path for path in paths(BUNDLE.manifest()) if path[-1] not in CHOSEN]


@pytest.mark.parametrize("path", VALUES, ids=lambda path: ".".join(map(str, path)))
def test_every_value_decides_the_id(path: tuple[Any, ...]) -> None:
    value = BUNDLE.manifest()
    for part in path:
        value = value[part]
    assert bundle_from(changed(BUNDLE.manifest(), *path, value=another(value))).id != BUNDLE.id


def test_the_id_and_the_defaults_stay_what_they_are() -> None:
    """Ids are kept in other people's files, and what equals a default is never sent."""
    assert bundle_from({"version": "1", "parser": "p", "chunker": "c"}).id == "bundle-cafde95e9d64ac5e"
    assert asdict(Parameters()) == {
        "embedding_model": "",
        "index": {"generation": None},
        "retrieval": {
            "k1": 1.5,
            "b": 0.75,
            "depth": 100,
            "passages": 8,
            "fusion": "min_max_mean",
            "vector_weight": 0.5,
            "rrf_k": 60,
            "synonyms": 0.0,
            "rerank": 0,
        },
        "extraction": {
            "engine": "",
            "least_confidence": 0.0,
            "longest_quote": 0,
            "model": "",
            "prompt": "standards/1",
        },
        "generation": {
            "model": "",
            "prompt": "quotes/1",
            "least_relevance": 0.38,
            "most_quotes": 3,
            "context_characters": 12000,
        },
    }


def test_a_file_gives_the_bundle_back() -> None:
    read = bundle_of_file(BUNDLE.as_file())
    assert (read, read.id, read.manifest()) == (BUNDLE, BUNDLE.id, BUNDLE.manifest())


def test_the_id_survives_other_tools() -> None:
    """JSON has one kind of number, and no order of keys."""
    document = json.loads(BUNDLE.as_file())
    reverse = dict(reversed(document["manifest"].items()))
    reverse["shadow"]["per_second"] = float(reverse["shadow"]["per_second"])
    text = json.dumps({"manifest": reverse, "id": document["id"]}, indent=4)
    assert "5.0" in text
    assert bundle_of_file(text).id == BUNDLE.id


def test_an_older_manifest_keeps_its_id_and_differs_in_nothing() -> None:
    """What it lacks has its default: it is as it was, also for code that knows more."""
    older = BUNDLE.manifest()
    del older["parameters"]["generation"]["prompt"]
    read = bundle_from(older)
    assert read == BUNDLE
    assert read.id != BUNDLE.id
    assert read.manifest() == older
    assert bundle_of_file(read.as_file()).id == read.id
    assert list(differences(read, BUNDLE)) == []


def test_a_copy_with_a_change_has_an_id_of_its_own() -> None:
    read = bundle_of_file(BUNDLE.as_file())
    assert replace(read, version="2").id == replace(BUNDLE, version="2").id != read.id


@pytest.mark.parametrize(
    "text",
    [
        BUNDLE.as_file().replace('"k1":1.5', '"k1":1.2'),
        BUNDLE.as_file().replace(BUNDLE.id, "bundle-0000000000000000"),
        json.dumps({"manifest": BUNDLE.manifest()}),
        json.dumps(BUNDLE.manifest()),
        "[]",
        "{",
        b"\xff",
        '{"id": 1, "manifest": "x"}',
    ],
)
def test_what_was_altered_or_is_no_bundle_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidBundle) as raised:
        bundle_of_file(text)
    assert raised.value.field == "id"
    assert "plotlot bundle build" in raised.value.message


@pytest.mark.parametrize(
    ("path", "value", "field", "said"),
    [
        (("parameters", "retrieval", "k2"), 1, "retrieval.k2", "k1, "),
        (("parameters", "retreival"), {}, "retreival", "retrieval"),
        (("guardrails", "each", 0, "margn"), 0.1, "guardrails.each.0.margn", "margin"),
        (("parser2",), "x", "parser2", "parser"),
        (("parameters", "retrieval", "k1"), "1.2", "retrieval.k1", "number"),
        (("parameters", "retrieval", "depth"), 10.5, "retrieval.depth", "integer"),
        (("parameters", "retrieval", "depth"), True, "retrieval.depth", "integer"),
        (("parameters", "retrieval", "depth"), 0, "retrieval", "1 to 1000"),
        (("parameters", "index", "generation"), 0, "index", "number"),
        (("parameters", "extraction", "least_confidence"), 2, "extraction", "0 to 1"),
        (("parameters", "extraction", "prompt"), "../secret", "extraction", "standards/1"),
        (("parameters", "generation", "most_quotes"), 0, "generation", "1 to 20"),
        (("parameters", "retrieval", "b"), float("nan"), "retrieval.b", "finite"),
        (("shadow", "share"), 1.5, "shadow", "0 to 1"),
        (("shadow", "deadline_seconds"), 301, "shadow", "up to 300"),
        (("guardrails", "session_seconds"), 3601, "session_seconds", "0 to 3600"),
        (("guardrails", "each", 0, "margin"), 0, "margin", "between 0 and 1"),
    ],
)
def test_a_manifest_that_cannot_be_used_names_the_field(
    path: tuple[Any, ...], value: Any, field: str, said: str
) -> None:
    with pytest.raises(InvalidBundle) as raised:
        bundle_from(changed(BUNDLE.manifest(), *path, value=value))
    assert raised.value.field == field
    assert said in raised.value.message


def test_an_unknown_name_comes_with_those_like_it() -> None:
    with pytest.raises(InvalidBundle) as raised:
        parameters_from(b'{"generation":{"most_quots":1}}')
    assert raised.value.suggestions[0] == "most_quotes"


PARAMETERS = st.builds(
    Parameters,
    embedding_model=st.text(max_size=5),
    index=st.builds(Index, st.none() | st.integers(1, 9)),
    retrieval=st.builds(
        Retrieval, st.floats(0, 9), st.floats(0, 1), st.integers(1, 1000), st.integers(1, 100)
    ),
    extraction=st.builds(Extraction, st.text(max_size=5), st.floats(0, 1), st.integers(0, 999)),
    generation=st.builds(
        Generation, st.text(max_size=5), st.text(max_size=5), st.floats(0, 1), st.integers(1, 20)
    ),
)


@given(PARAMETERS)
def test_parameters_arrive_as_they_were_sent(parameters: Parameters) -> None:
    assert parameters_from(parameters.encoded()) == parameters


def test_only_what_differs_from_the_defaults_is_sent() -> None:
    """A service of the release before does not know what came since, and need not while nobody uses it."""
    assert Parameters().encoded() == b"{}"
    assert Parameters(retrieval=Retrieval(k1=1.2)).encoded() == b'{"retrieval":{"k1":1.2}}'


def test_differences_say_in_lines_what_changed() -> None:
    manifest = BUNDLE.manifest()
    manifest["parameters"]["index"]["generation"] = 2
    manifest["parameters"]["generation"]["model"] = "extractive/1"
    manifest["guardrails"]["each"][1]["objectives_seconds"] = {"": 2.0}
    manifest["guardrails"]["each"][2]["margin"] = 0.03
    manifest["images"] = {"default": "plotlot:1", "extraction": "plotlot:2"}
    assert list(differences(BUNDLE, bundle_from(manifest))) == [
        "generation.model: (empty) -> extractive/1",
        "guardrails.citations.margin: 0.02 -> 0.03",
        "guardrails.latency.objectives_seconds.analyze: 1 -> none",
        "guardrails.latency.objectives_seconds.ask: 3 -> none",
        "guardrails.latency.objectives_seconds.others: 1 -> 2",
        "images.extraction: none -> plotlot:2",
        "index.generation: none -> 2",
    ]


def test_a_guardrail_that_goes_is_told() -> None:
    fewer = replace(BUNDLE, guardrails=Guardrails(each=BUNDLE.guardrails.each[:-1]))
    assert "guardrails.cost.margin: 0.1 -> none" in list(differences(BUNDLE, fewer))


def test_leaves_name_every_value_once() -> None:
    names = leaves(BUNDLE)
    assert {"retrieval.k1", "index.generation", "guardrails.alpha", "guardrails.failure.margin"} <= set(names)
    assert {"shadow.share", "images.default", "version"} <= set(names)


def test_guardrails_of_a_release_may_be_given_alone() -> None:
    given = {"alpha": 0.01, "each": [{"name": "failure", "measure": "failure", "margin": 0.01}]}
    assert guardrails_from(given).alpha == 0.01
    with pytest.raises(InvalidBundle, match="alpha"):
        guardrails_from({"alpha": 0.9})


def test_a_shadow_never_asks_for_less_than_nothing() -> None:
    with pytest.raises(InvalidBundle):
        Shadow(per_second=-1)
