"""What speaks against a generation, and what does not."""

from dataclasses import replace

from plotlot.domain.generation_checks import (
    Check,
    Citations,
    Held,
    Recall,
    Town,
    agreement,
    overlaps,
)

WHOLE = Held(documents=2, chunks=40, vectors=40, counted=40, characters=9_800)
TOWN = Town("Ashby, OH", 2, 10_000, WHOLE, WHOLE)
RECALL = Recall(10, 50, "same", fused=0.9, vector=0.8, fused_against=0.9, vector_against=0.8, agreement=1.0)
CITATIONS = Citations(30, 0, 0)
CHECK = Check(2, 1, (TOWN,), RECALL, CITATIONS)


def parts(check: Check) -> list[str]:
    return [failure.part for failure in check.failures]


def town(**held: int) -> Check:
    return replace(CHECK, towns=(TOWN, replace(TOWN, held=replace(WHOLE, **held))))


def test_one_that_holds_and_finds_the_same_may_serve() -> None:
    assert CHECK.failures == []
    assert replace(CHECK, against=None, towns=(replace(TOWN, against=None),)).failures == []


def test_a_town_may_lack_no_document_no_vector_no_count_and_hardly_any_text() -> None:
    assert parts(town(documents=1, characters=4_000)) == [
        "documents"
    ]  # of a document that is not there, no text is
    assert parts(town(vectors=39)) == ["vectors"]
    assert parts(town(counted=41)) == ["documents"]
    assert parts(town(characters=9_603)) == ["text"]
    assert parts(town(characters=9_604)) == []
    assert town(vectors=39).failures[0].municipality == "Ashby, OH"
    assert "1 of 40 chunks" in town(vectors=39).failures[0].words


def test_it_may_find_a_little_less_and_each_ranking_counts() -> None:
    def found(**shares: float) -> list[str]:
        return parts(replace(CHECK, recall=replace(RECALL, **shares)))

    assert found(fused=0.88, vector=0.78) == []
    assert found(fused=0.87) == found(vector=0.77) == ["recall"]
    assert (
        parts(replace(CHECK, recall=replace(RECALL, fused_against=None, vector_against=None, fused=0.0)))
        == []
    )
    assert parts(replace(CHECK, recall=Recall(10, unmeasured="its model is not served"))) == ["recall"]


def test_every_quote_that_was_shown_has_to_be_found_again() -> None:
    (failure,) = replace(CHECK, citations=Citations(30, 0, 2, ("doc-1 [0:5]",))).failures
    assert failure.part == "citations"
    assert "2 of 30" in failure.words
    assert "doc-1 [0:5]" in failure.words
    assert CHECK.warnings == []


def test_a_quote_that_the_store_has_lost_holds_no_generation_back() -> None:
    """Whoever may bring documents in can lose one of theirs, and every generation is the same to it."""
    lost = replace(CHECK, citations=Citations(30, 1, 0, orphans=("doc-2 [7:9]",)))
    assert lost.failures == []
    assert lost.warnings == ["1 of 30 quotes stand no more where they are cited: doc-2 [7:9]"]
    assert replace(CHECK, citations=Citations(30, 1, 0)).warnings == [
        "1 of 30 quotes stand no more where they are cited"
    ]


def test_places_overlap_by_a_character_and_agreement_is_by_document() -> None:
    assert overlaps([(0, 10)], 9, 20)
    assert not overlaps([(0, 10), (20, 30)], 10, 20)
    assert agreement([("a", 0, 10), ("b", 0, 10)], [("a", 5, 15), ("b", 10, 20), ("c", 0, 10)]) == 1 / 3
    assert agreement([], []) == 1.0
