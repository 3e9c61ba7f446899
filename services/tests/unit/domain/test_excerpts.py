"""What part of a document is shown around a place."""

import random

from plotlot.domain.documents import Section
from plotlot.domain.excerpts import LONGEST, contents, excerpt_at


def sections_of(*spans: tuple[int | None, int, int]) -> list[Section]:
    """Sections by parent, start and end."""
    return [
        Section(
            ordinal, parent, "section" if ordinal else "document", f"Sec. {ordinal}", "", start, end, start
        )
        for ordinal, (parent, start, end) in enumerate(spans)
    ]


def drawn(rng: random.Random) -> list[Section]:
    """Nested sections, with words between them and of any length."""
    spans: list[tuple[int | None, int, int]] = [(None, 0, rng.choice([1, 500, 40_000, 200_000]))]

    def below(parent: int, depth: int) -> None:
        start, end = spans[parent][1:]
        while depth < 4 and start < end and rng.random() < 0.9:
            first = rng.randint(start, end)
            last = min(first + rng.choice([0, 40, 3_000, 30_000]), end)
            spans.append((parent, first, last))
            below(len(spans) - 1, depth + 1)
            start = last + 1

    below(0, 0)
    return sections_of(*spans)


def test_a_short_document_is_shown_whole() -> None:
    excerpt = excerpt_at(sections_of((None, 0, 900), (0, 100, 400), (0, 400, 900)), 420)
    assert (excerpt.span.start, excerpt.span.end) == (0, 900)
    assert (excerpt.sections, excerpt.before, excerpt.after) == ((), None, None)


def test_of_a_long_one_the_largest_section_that_is_not_too_long() -> None:
    sections = sections_of(
        (None, 0, 60_000), (0, 100, 30_000), (1, 200, 9_000), (2, 300, 500), (1, 9_000, 30_000)
    )
    excerpt = excerpt_at(sections, 350)
    assert (excerpt.span.start, excerpt.span.end) == (200, 9_000)
    assert [one.ordinal for one in excerpt.sections] == [1, 2]
    assert (excerpt.before, excerpt.after) == (100, 9_000)
    long = excerpt_at(sections, 20_000)
    assert long.span.start <= 20_000 < long.span.end <= 30_000
    assert len(long.span) <= LONGEST
    assert excerpt_at(sections, 10**9).span.end == 60_000


def test_whoever_goes_on_reads_all_of_it_either_way_and_comes_to_an_end() -> None:
    for seed in range(200):
        sections = drawn(random.Random(seed))
        whole = sections[0].end
        for ahead in (True, False):
            excerpt, read = excerpt_at(sections, 0 if ahead else whole), set[tuple[int, int]]()
            while True:
                span = (excerpt.span.start, excerpt.span.end)
                assert 0 < len(excerpt.span) <= LONGEST
                assert span not in read, f"seed {seed} goes in circles"
                read.add(span)
                place = excerpt.after if ahead else excerpt.before
                if place is None:
                    break
                following = excerpt_at(sections, place)
                if ahead:
                    assert following.span.start <= excerpt.span.end < following.span.end
                else:
                    assert following.span.start < excerpt.span.start <= following.span.end
                excerpt = following
            assert min(start for start, _ in read) == 0
            assert max(end for _, end in read) == whole


def test_contents_are_as_deep_as_a_reader_can_look_over() -> None:
    chapters = [(0, at * 1_000, at * 1_000 + 1_000) for at in range(20)]
    few = sections_of((None, 0, 20_000), *chapters)
    assert [depth for depth, _ in contents(few)] == [1] * 20
    many = sections_of((None, 0, 20_000), *chapters, *((20, 19_000 + at, 19_001 + at) for at in range(300)))
    assert [one.ordinal for _, one in contents(many)] == list(range(1, 21))
    assert contents(sections_of((None, 0, 10))) == []
