"""Values are set by the names that a diff prints, and a name that no bundle has comes with those near it."""

import pytest

from plotlot.domain.bundle_changes import with_changes, with_code
from plotlot.domain.bundles import (
    Bundle,
    Extraction,
    Generation,
    Parameters,
    Retrieval,
    bundle_from,
    differences,
    leaves,
)
from plotlot.domain.errors import InvalidBundle

BUNDLE = Bundle("1", "parsers/1", "sections/1", {"default": "plotlot:1"})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("retrieval.k1", "1.2", "retrieval.k1: 1.5 -> 1.2"),
        ("parameters.retrieval.depth", "20", "retrieval.depth: 100 -> 20"),
        ("index.generation", "2", "index.generation: none -> 2"),
        ("generation.prompt", "7", "generation.prompt: quotes/1 -> 7"),
        ("embedding_model", "mini", "embedding_model: (empty) -> mini"),
        ("guardrails.alpha", "0.01", "guardrails.alpha: 0.05 -> 0.01"),
        ("guardrails.citations.margin", "0.03", "guardrails.citations.margin: 0.02 -> 0.03"),
        (
            "guardrails.latency.objectives_seconds.search",
            "2",
            "guardrails.latency.objectives_seconds.search: none -> 2",
        ),
        (
            "guardrails.latency.objectives_seconds.others",
            "2",
            "guardrails.latency.objectives_seconds.others: 1 -> 2",
        ),
        ("shadow.share", "1", "shadow.share: 0.2 -> 1"),
        ("images.extraction", "plotlot:2", "images.extraction: none -> plotlot:2"),
        ("images.default", "plotlot:2", "images.default: plotlot:1 -> plotlot:2"),
    ],
)
def test_a_change_is_the_difference_it_makes(name: str, text: str, said: str) -> None:
    assert list(differences(BUNDLE, with_changes(BUNDLE, [(name, text)]))) == [said]


def test_a_generation_may_be_the_live_one_again() -> None:
    named = with_changes(BUNDLE, [("index.generation", "3")])
    assert with_changes(named, [("index.generation", "live")]) == BUNDLE


def test_every_name_that_is_shown_can_be_set() -> None:
    for name, value in leaves(BUNDLE).items():
        text = "none" if value is None else str(value)
        assert with_changes(BUNDLE, [(name, text)]) == BUNDLE


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("retrieval.k2", "retrieval.k1"),
        ("retreival.depth", "retrieval.depth"),
        ("retrieval", "retrieval.b"),
        ("retrieval.k1.more", "retrieval.k1"),
        ("guardrails.citation.margin", "guardrails.citations.margin"),
        ("guardrails.each", "guardrails.alpha"),
        ("", "version"),
    ],
)
def test_an_unknown_name_comes_with_those_near_it(name: str, near: str) -> None:
    with pytest.raises(InvalidBundle) as raised:
        with_changes(BUNDLE, [(name, "1")])
    assert near in raised.value.suggestions
    assert near in raised.value.message


@pytest.mark.parametrize(
    ("name", "text"),
    [("retrieval.k1", "many"), ("retrieval.depth", "1.5"), ("retrieval.depth", "0"), ("shadow.share", "[1]")],
)
def test_a_value_that_does_not_fit_names_its_field(name: str, text: str) -> None:
    with pytest.raises(InvalidBundle) as raised:
        with_changes(BUNDLE, [(name, text)])
    assert raised.value.field in (name, name.partition(".")[0])


def test_a_change_of_an_older_bundle_says_everything() -> None:
    """A new bundle leaves nothing to the defaults of whoever reads it."""
    older = bundle_from({"version": "1", "parser": "p", "chunker": "c"})
    assert "parameters" not in older.manifest()
    assert with_changes(older, []).manifest()["parameters"]["retrieval"]["k1"] == 1.5


def test_other_code_brings_its_versions_and_engines_and_leaves_what_was_tuned() -> None:
    tuned = Parameters(retrieval=Retrieval(k1=1.2), extraction=Extraction("reader/1", least_confidence=0.7))
    here = Parameters("mini", extraction=Extraction("reader/2"), generation=Generation("extractive/2"))
    moved = with_code(
        Bundle("1", "parsers/1", "sections/1", parameters=tuned),
        Bundle("2", "parsers/2", "sections/2", parameters=here),
    )
    assert (moved.version, moved.parser, moved.chunker) == ("2", "parsers/2", "sections/2")
    assert moved.parameters.extraction == Extraction("reader/2", least_confidence=0.7)
    assert moved.parameters.generation.model == "extractive/2"
    assert moved.parameters.retrieval.k1 == 1.2


def test_other_code_leaves_the_kind_of_engine_that_was_chosen() -> None:
    here = Bundle("2", "parsers/2", "sections/2", parameters=Parameters(extraction=Extraction("reader/3")))
    for chosen, moved in {"": "reader/3", "reader/1": "reader/3", "ensemble/1": "ensemble/1"}.items():
        bundle = Bundle("1", "parsers/1", "sections/1", parameters=Parameters(extraction=Extraction(chosen)))
        assert with_code(bundle, here).parameters.extraction.engine == moved
