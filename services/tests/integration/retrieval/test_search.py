"""Retrieval on a real Postgres: search in one town and in all."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from integration.two_towns import (
    ASHBY,
    BRAMLEY,
    PARCELS,
    SECTIONS,
    Inference,
    Retrieval,
    embed,
    load,
    servicer_of,
)

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.bundles import Index, Parameters
from plotlot.domain.bundles import Retrieval as Weights
from plotlot.domain.errors import (
    InvalidRequest,
    ServiceUnavailable,
    UnknownMunicipality,
)
from plotlot.domain.fusion import min_max_mean, reciprocal_ranks, weighted_mean
from plotlot.ingestion.index import ensure_generation
from plotlot.retrieval import scopes
from plotlot.retrieval import statement as statements
from plotlot.retrieval.scopes import Filters, scope_of
from plotlot.retrieval.search import Query, search
from plotlot.rpc.context import RequestContext, current_request
from plotlot.store.generations import vector_literal
from plotlot.store.municipalities import municipality_id


async def test_the_section_that_says_it_comes_first_with_its_source(retrieval: Retrieval) -> None:
    best = (await retrieval.search("front yards deep", ASHBY))[0]
    assert best.text == "The front yard shall be not less than twenty-five feet deep."
    assert (best.section, best.document, best.municipality) == ("Yards", f"doc-{ASHBY}", ASHBY)
    assert (best.document_title, best.page) == (f"Code of {ASHBY}", 1)
    async with retrieval.database.connection() as connection:
        cursor = await connection.execute(
            "SELECT text, text_sha256 FROM documents WHERE id = %s", (best.document,)
        )
        text, digest = await cursor.fetchone() or ("", "")
    assert text[best.start : best.end] == best.text
    assert digest == best.document_sha256


async def test_a_town_is_searched_alone_and_all_are_searched_without_one(retrieval: Retrieval) -> None:
    assert {each.municipality for each in await retrieval.search("front yard", ASHBY)} == {ASHBY}
    assert {each.municipality for each in await retrieval.search("front yard")} == {ASHBY, BRAMLEY}


async def test_bm25_is_that_of_the_formula_over_the_town(retrieval: Retrieval) -> None:
    found = await retrieval.search("front", ASHBY, method="BM25")
    rarity = np.log(1 + (4 - 2 + 0.5) / (2 + 0.5))  # "front" stands once in two of the four chunks
    async with retrieval.database.connection() as connection:
        town = await municipality_id(connection, ASHBY)
        cursor = await connection.execute(
            "SELECT heading_path, length FROM chunks WHERE municipality_id = %s", (town,)
        )
        lengths = dict(await cursor.fetchall())
    average = np.mean(list(lengths.values()))
    expected = {
        name: rarity * 2.5 / (1 + 1.5 * (0.25 + 0.75 * lengths[name] / average))
        for name in ("Yards", "Signs")
    }
    assert {each.section: each.bm25 for each in found} == pytest.approx(expected)
    assert not any(each.HasField("cosine") for each in found)


@contextmanager
def asked_by(parameters: Parameters) -> Iterator[None]:
    """Ask as a bundle with these parameters."""
    token = current_request.set(RequestContext("r", "bundle-x", parameters=parameters))
    try:
        yield
    finally:
        current_request.reset(token)


async def test_the_bundle_decides_the_weights_of_bm25(retrieval: Retrieval) -> None:
    plain = {each.section: each.bm25 for each in await retrieval.search("front", ASHBY, method="BM25")}
    with asked_by(Parameters(retrieval=Weights(k1=0.0))):
        counted = {each.section: each.bm25 for each in await retrieval.search("front", ASHBY, method="BM25")}
    rarity = np.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    assert counted == pytest.approx({"Yards": rarity, "Signs": rarity})  # with k1 = 0 a word only is there
    assert plain != pytest.approx(counted)


async def test_the_bundle_decides_how_deep_rankings_are_fused(retrieval: Retrieval) -> None:
    query = "front yard dwelling spaces"  # words and vectors have another chunk first
    first = [
        {each.chunk: each.score for each in await retrieval.search(query, limit=1, method=method)}
        for method in ("BM25", "VECTOR")
    ]
    deep = {each.chunk: each.score for each in await retrieval.search(query, limit=100)}
    with asked_by(Parameters(retrieval=Weights(depth=1))):
        (shallow,) = await retrieval.search(query, limit=1)
    assert shallow.chunk in {*first[0], *first[1]}
    assert shallow.score == pytest.approx(min_max_mean(first)[0][1])
    assert len(deep) == 5
    assert shallow.score < max(deep.values())  # which a chunk reached that both rankings have


async def test_the_bundle_names_the_generation_that_is_searched(retrieval: Retrieval) -> None:
    live = await retrieval.search("front yard", ASHBY)
    with asked_by(Parameters(index=Index(1))):
        assert await retrieval.search("front yard", ASHBY) == live
    with asked_by(Parameters(index=Index(9))), pytest.raises(ServiceUnavailable, match=r"1 \(live\)"):
        await retrieval.search("front yard", ASHBY)


async def test_a_bundle_of_another_model_than_its_index_is_a_fault_of_ours(retrieval: Retrieval) -> None:
    with asked_by(Parameters(embedding_model="words")):
        assert await retrieval.search("front yard", ASHBY)
    with asked_by(Parameters(embedding_model="larger")), pytest.raises(ServiceUnavailable, match="words"):
        await retrieval.search("front yard", ASHBY)


async def test_cosine_is_that_of_the_vectors(retrieval: Retrieval) -> None:
    for town in (ASHBY, ""):
        for each in await retrieval.search("sign in a yard", town, method="VECTOR"):
            stored = np.frombuffer(embed(f"{each.section} {each.text}"), "<f4")
            asked = np.frombuffer(embed("sign in a yard"), "<f4")
            assert each.cosine == pytest.approx(float(stored @ asked), abs=2e-3)
            assert each.score == each.cosine
            assert not each.HasField("bm25")


@pytest.mark.parametrize("query", ["front yard", "height of a building in feet", "dwelling", "zebra"])
async def test_the_statement_fuses_as_the_domain_does(retrieval: Retrieval, query: str) -> None:
    for town in (ASHBY, ""):
        words, vectors, fused = [
            {each.chunk: each.score for each in await retrieval.search(query, town, 100, method)}
            for method in ("BM25", "VECTOR", "FUSED")
        ]
        assert fused == pytest.approx(dict(min_max_mean([words, vectors] if words else [{}, vectors])))
        assert list(fused.values()) == sorted(fused.values(), reverse=True)


@pytest.mark.parametrize("query", ["front yard", "height of a building in feet", "zebra"])
async def test_the_bundle_decides_how_rankings_are_fused(retrieval: Retrieval, query: str) -> None:
    for town in (ASHBY, ""):
        words, vectors = [
            {each.chunk: each.score for each in await retrieval.search(query, town, 100, method)}
            for method in ("BM25", "VECTOR")
        ]
        expected = {
            Weights(fusion="rrf", rrf_k=10): reciprocal_ranks([words, vectors], 10),
            Weights(fusion="weighted", vector_weight=0.8): weighted_mean([words, vectors], [0.2, 0.8]),
            Weights(vector_weight=0.8): min_max_mean([words, vectors]),  # a weight is that of weighted alone
        }
        for weights, fused in expected.items():
            with asked_by(Parameters(retrieval=weights)):
                found = await retrieval.search(query, town, 100)
            assert {each.chunk: each.score for each in found} == pytest.approx(dict(fused))


async def test_the_limit_cuts_what_is_best(retrieval: Retrieval) -> None:
    every = await retrieval.search("front yard")
    assert [each.chunk for each in await retrieval.search("front yard", limit=2)] == [
        each.chunk for each in every[:2]
    ]


async def test_synonyms_count_as_the_word_and_not_beside_it(retrieval: Retrieval) -> None:
    """Of two chunks, one says yard twice and one setback: asked for setbacks, the words are one concept."""
    with asked_by(Parameters(retrieval=Weights(synonyms=1.0))):
        by_synonym = await retrieval.search("setbacks", ASHBY, method="BM25")
        by_both = await retrieval.search("yard setbacks", ASHBY, method="BM25")
        by_word = await retrieval.search("yards", ASHBY, method="BM25")
    with asked_by(Parameters(retrieval=Weights(synonyms=0.5))):
        by_half = await retrieval.search("setbacks", ASHBY, method="BM25")
    assert [each.section for each in by_synonym] == ["Yards", "Signs"]
    assert {each.chunk: each.bm25 for each in by_synonym} == pytest.approx(
        {each.chunk: each.bm25 for each in by_both}
    )
    assert [each.bm25 for each in by_synonym] == pytest.approx([each.bm25 for each in by_word])
    assert 0 < by_half[0].bm25 < by_synonym[0].bm25
    assert (
        await retrieval.search("setbacks", ASHBY, method="BM25") == []
    )  # as long as the bundle asks for none


async def test_common_words_add_only_to_what_rarer_words_found(
    retrieval: Retrieval, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond so many postings; what is found is scored in full, in one town and in all."""
    for town in (ASHBY, ""):
        query = "front yard dwelling"
        full = {each.chunk: each.bm25 for each in await retrieval.search(query, town, 100, "BM25")}
        rare = {each.chunk for each in await retrieval.search("dwelling", town, 100, "BM25")}
        monkeypatch.setattr(statements, "LED_POSTINGS", 1)
        statements.statement.cache_clear()
        led = {each.chunk: each.bm25 for each in await retrieval.search(query, town, 100, "BM25")}
        monkeypatch.undo()
        statements.statement.cache_clear()
        assert led == pytest.approx({chunk: full[chunk] for chunk in rare})
        assert set(full) > rare


async def test_common_words_are_looked_up_wherever_they_may_bring_a_chunk_among_the_best(
    retrieval: Retrieval, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many chunks only some can still come among the best three: they are the same as if all were looked up."""
    draw = random.Random(5)
    texts = [
        " ".join(
            ["kennel"] * draw.choice((0, 1, 1))
            + ["fence"] * draw.choice((0, 1, 1, 5, 9))
            + ["road"] * draw.randint(9, 12)
        )
        for _ in range(80)
    ]
    monkeypatch.setitem(
        SECTIONS, "Cedar, OH", [(f"Part {number}", text) for number, text in enumerate(texts)]
    )
    monkeypatch.setitem(PARCELS, "Cedar, OH", [("C-1", "1 Kennel Street")])
    async with retrieval.database.connection() as connection, connection.transaction(force_rollback=True):
        await load(connection, "Cedar, OH")
        generation = await ensure_generation(connection, "words", 8)
        scope = await scope_of(connection, generation, await municipality_id(connection, "Cedar, OH"))
        query = Query("kennel fence road", None, 3, "bm25", Weights(depth=3))
        everything = await search(connection, scope, replace(query, limit=80))
        by_kennels = await search(connection, scope, replace(query, text="kennel"))
        monkeypatch.setattr(statements, "LED_POSTINGS", 1)
        monkeypatch.setattr(statements, "LED_CHUNKS", 100)
        statements.statement.cache_clear()
        found = await search(connection, scope, query)
        monkeypatch.undo()
        statements.statement.cache_clear()
    best = [each for each in everything if "kennel" in each.text][:3]
    assert [each.section for each in found] == [each.section for each in best]
    assert [each.bm25 for each in found] == pytest.approx([each.bm25 for each in best])
    assert [each.section for each in by_kennels] != [each.section for each in best], (
        "common words decide nothing"
    )


async def test_only_documents_in_force_by_a_day_or_since_one_take_part(retrieval: Retrieval) -> None:
    async with retrieval.database.connection() as connection:
        await connection.execute(
            "UPDATE documents SET effective_date = '2020-06-01' WHERE id = %s", (f"doc-{ASHBY}",)
        )
    days: dict[str, tuple[str, set[str]]] = {
        "by before": ("effective_by", {BRAMLEY}),
        "by on": ("effective_by", {ASHBY, BRAMLEY}),
        "since after": ("effective_since", set()),
        "since on": ("effective_since", {ASHBY}),
    }
    for method in ("FUSED", "BM25", "VECTOR"):
        for name, (field, towns) in days.items():
            day = {"before": "2020-05-31", "on": "2020-06-01", "after": "2020-06-02"}[name.split()[1]]
            found = await retrieval.search("front yard", "", 100, method, **{field: day})
            assert {each.municipality for each in found} == towns, name
    with pytest.raises(InvalidRequest) as raised:
        await retrieval.search("yard", ASHBY, effective_by="June 1st")
    assert raised.value.field == "effective_by"


async def test_a_district_is_where_text_or_headings_name_it(retrieval: Retrieval) -> None:
    async with retrieval.database.connection() as connection, connection.transaction(force_rollback=True):
        update = "UPDATE chunks SET heading_path = %s || heading_path WHERE heading_path = %s"
        await connection.execute(update, ("R-1 District > ", "Height"))
        await connection.execute(update, ("R-10 District > ", "Signs"))
        generation = await ensure_generation(connection, "words", 8)
        town = await municipality_id(connection, ASHBY)
        for method, vector in (("bm25", None), ("fused", vector_literal(embed("building")))):
            scope = await scope_of(connection, generation, town, Filters(district="r1".upper()))
            found = await search(connection, scope, Query("height of a building", vector, 10, method))
            assert [each.section for each in found] == ["R-1 District > Height"]
    with pytest.raises(InvalidRequest) as raised:
        await retrieval.search("yard", district="R-1")
    assert raised.value.field == "municipality"
    with pytest.raises(InvalidRequest) as raised:
        await retrieval.search("yard", ASHBY, district="--")
    assert raised.value.field == "district"


async def test_neighbours_are_the_chunks_beside_a_result(retrieval: Retrieval) -> None:
    (height, *_) = await retrieval.search("exceed height", ASHBY, 1, neighbours=2)
    assert [(each.distance, each.section) for each in height.neighbours] == [
        (-2, "Yards"),
        (-1, "Signs"),
        (1, "Parking"),
    ]
    texts = [text for _, text in SECTIONS[ASHBY]]
    assert [each.text for each in height.neighbours] == [texts[0], texts[1], texts[3]]
    assert height.neighbours[0].end - height.neighbours[0].start == len(texts[0])
    (alone, *_) = await retrieval.search("exceed height", ASHBY, 1, neighbours=2, within_section=True)
    assert (alone.chunk, list(alone.neighbours)) == (height.chunk, [])
    assert not (await retrieval.search("exceed height", ASHBY, 1))[0].neighbours
    with pytest.raises(InvalidRequest) as raised:
        await retrieval.search("yard", ASHBY, neighbours=6)
    assert raised.value.field == "neighbours"


async def test_the_graph_and_the_exact_scan_find_the_same(
    retrieval: Retrieval, monkeypatch: pytest.MonkeyPatch
) -> None:
    for town in (ASHBY, ""):
        exact = await retrieval.search("sign in a yard", town)
        monkeypatch.setattr(scopes, "VECTORS_PER_CANDIDATE", 0)
        by_graph = await retrieval.search("sign in a yard", town)
        monkeypatch.undo()
        assert by_graph == exact


async def test_a_reranker_that_is_asked_for_and_missing_is_said(retrieval: Retrieval) -> None:
    request = retrieval_pb2.SearchRequest(query="front yard", municipality=ASHBY, limit=1)
    with asked_by(Parameters(retrieval=Weights(rerank=3))):
        answer = await retrieval.servicer.Search(request, None)
    assert len(answer.results) == 1
    assert "PLOTLOT_RERANK_URL" in answer.warnings[0]
    assert list((await retrieval.servicer.Search(request, None)).warnings) == []


@pytest.mark.parametrize("query", ["the of and", "'); DROP TABLE chunks; --", '% _ \\ "', "a\0b", "½ § 🏠"])
async def test_odd_queries_are_only_words(retrieval: Retrieval, query: str) -> None:
    assert len(await retrieval.search(query, ASHBY)) == 4
    assert await retrieval.search(query, ASHBY, method="BM25") == []


@pytest.mark.parametrize(
    ("query", "limit", "field"),
    [(" \u200b", 5, "query"), ("x" * 20_000, 5, "query"), ("yard", 0, "limit"), ("yard", 101, "limit")],
)
async def test_requests_that_cannot_be_served_name_the_field(
    retrieval: Retrieval, query: str, limit: int, field: str
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        await retrieval.search(query, ASHBY, limit)
    assert raised.value.field == field


async def test_an_unknown_town_gets_the_near_ones(retrieval: Retrieval) -> None:
    with pytest.raises(UnknownMunicipality) as raised:
        await retrieval.search("yard", "Ashbey, OH")
    assert ASHBY in raised.value.suggestions


async def test_vectors_of_another_model_are_refused(retrieval: Retrieval) -> None:
    other = Inference()
    other.model = "others"
    changed = replace(retrieval, servicer=servicer_of(retrieval.database, other))
    with pytest.raises(ServiceUnavailable, match="words"):
        await changed.search("yard", ASHBY)
    assert await changed.search("yard", ASHBY, method="BM25")


async def test_the_same_words_are_embedded_once(retrieval: Retrieval) -> None:
    inference = Inference()
    keeping = replace(retrieval, servicer=servicer_of(retrieval.database, inference))
    first = await keeping.search("front yards deep", ASHBY)
    assert await keeping.search("front yards deep", BRAMLEY)
    assert await keeping.search("front yards deep", ASHBY) == first
    assert inference.calls == 1
    await keeping.search("side yards", ASHBY)
    assert inference.calls == 2


async def test_vectors_kept_of_a_model_that_was_replaced_are_not_used(retrieval: Retrieval) -> None:
    inference = Inference()
    keeping = replace(retrieval, servicer=servicer_of(retrieval.database, inference))
    inference.model = "older"
    with pytest.raises(ServiceUnavailable, match="words"):
        await keeping.search("front yards deep", ASHBY)
    inference.model = "words"
    assert await keeping.search("front yards deep", ASHBY)
