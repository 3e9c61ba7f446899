"""The sentences that may answer a question, with the signs by which they are told apart."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from plotlot.domain.districts import district_key
from plotlot.domain.instructions import is_planted
from plotlot.domain.questions import is_of_the_day, wants
from plotlot.domain.relevance import Signs
from plotlot.domain.synonyms import synonyms, unnamed_things
from plotlot.domain.use_questions import lists_uses, subjects_of, use_asked, use_of_row
from plotlot.inference.generation import Passage
from plotlot.inference.sentences import sentences

_WORD = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")
_STOP_WORDS = """
a about all an and any are as at be been by can could do does for from had has have how i if in into is it
its may me must my need of on one or our shall should so some than that the their them there these they this
those to up us was we what when where which who whom why will with would you your just only get am many much ok okay
please put stick take show come run happen happens considered consider count counts want make go sit tell find know out
ever still also going need needs right me did done say says enough mine lets let right
before after until while during since per via each every such both either whether ca wo
"""
_GENERAL_WORDS = """
max min maximum minimum limit limits size number allow allowed permit permitted require required requirement rule rules
apply applies long far tall high wide deep big large small close near next lot district zone code town city village
land property build built open use used install installed construct erect
kind sort type ask old older new over under back next somebody anyone people thing way able turn put start begin stay stick
gap lose hear pick hire first last time day week weekend today tomorrow year month own really actually instead ever same
different anything something everyone short place local area county wide narrow best better good
"""
GENERAL = 0.3  # what a word counts that most questions have
_SILENT = frozenset(_STOP_WORDS.split())
_SHORTENED = re.compile(r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))$")  # what's, can't, they'll
_VOWEL = re.compile(r"[aeiouy]")
_STEM = 6  # letters by which longer words are told apart: violating and violation are one
_HEADED = re.compile(r"^(?:#{1,6}\s|(?:sec(?:tion|\.)|art(?:icle|\.)|chapter|table|part|§)\s*[\w.:-]+)", re.I)
_CODE = re.compile(r"(?<![\w$.-])[A-Z]{1,4}-?\d{1,3}(?:-[A-Z0-9]{1,3})?(?![\w%])")
_MEANS = re.compile(
    r"\bmeans\b|\bis defined as\b|^\W*[A-Z][\w ,'-]{2,40}:\s|\bincludes\b|\bis counted as\b|\bis measured\b"
)
_BAN = re.compile(
    r"\b(?:prohibited|not (?:be )?(?:permitted|allowed)|no \w+ (?:shall|may)|shall not|may not|only)\b", re.I
)
_BODY = re.compile(
    r"\b(?:board|commission|council|officer|inspector|administrator|director|official|mayor|clerk|selectmen|court)\b",
    re.I,
)
_LOOKS: Mapping[str, re.Pattern[str]] = {
    "number": re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|third|quarter|no)\b", re.I),
    "money": re.compile(r"\$|\bdollars?\b|\bfees?\b"),
    "meaning": _MEANS,
    "ban": _BAN,
    "purpose": re.compile(r"\b(?:purposes?|intent|intended|designed|established|provides?|encourages?)\b", re.I),
    "who": _BODY,
}  # fmt: skip
_APART = re.compile(
    r"[|\t;:]|\.\s|\n\s*\n"
)  # between cells, sentences and paragraphs no words are neighbours
NEWS = 2  # words that an answer adds to the question; a heading that repeats it adds none
LATE = 10  # passages after which none counts as early
_LONGEST_HEADING = 90


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage, its words and those of its headings."""

    passage: Passage
    start: int
    end: int
    words: frozenset[str]
    headings: frozenset[str] = frozenset()
    is_heading: bool = False
    is_row: bool = False
    early: float = 0.0

    @property
    def text(self) -> str:
        """The sentence."""
        return self.passage.text[self.start : self.end]

    @property
    def placed(self) -> str:
        """The sentence after the last of its headings, in one line."""
        heading = self.passage.section.rsplit(" > ", 1)[-1]
        return " ".join(f"{heading}: {self.text}".split()) if heading else " ".join(self.text.split())


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its words, each with those that count for it, and their weights over the passages."""

    text: str
    asked: Mapping[str, frozenset[str]]
    weights: Mapping[str, float]
    seen: frozenset[str]

    @property
    def weight(self) -> float:
        """The weight of all words."""
        return sum(self.weights.values())

    def share(self, words: frozenset[str]) -> float:
        """The share of the question's weight that words hold."""
        held = sum(self.weights[word] for word, counting in self.asked.items() if counting & words)
        return held / self.weight if self.weight else 0.0


def words(text: str) -> frozenset[str]:
    """The words that carry meaning, lower case, without the commonest endings."""
    found = (_SHORTENED.sub("", match.group().casefold()) for match in _WORD.finditer(text))
    return frozenset(
        stem(part)
        for word in found
        if word not in _SILENT
        for part in {word, *word.split("-")}
        if len(part) > 1 or word == part
    )


def stem(word: str) -> str:
    """A word without its ending: ``setbacks`` and ``setback``, ``violating`` and ``violation`` are one."""
    for ending in ("ies", "ing", "ed", "es", "s"):
        left = word[: -len(ending)]
        is_root = len(left) > 2 and _VOWEL.search(left) is not None
        if word.endswith(ending) and is_root and not word.endswith(("ss", "us", "eed")):
            word = left + ("y" if ending == "ies" else "")
            break
    word = word.removesuffix("e") if len(word) > 3 else word
    return word[:_STEM] if word.isalpha() else word


def split(passages: Sequence[Passage]) -> list[Candidate]:
    """The sentences of the passages, in order; one that stands in several passages counts once.

    A paragraph that speaks to the program that reads it is left out: somebody planted it.
    """
    found: dict[str, Candidate] = {}
    rank = 0
    for passage in passages:
        before, early = len(found), max(1 - rank / LATE, 0.0)
        headings = words(passage.section)
        planted = [span for span in paragraphs(passage.text) if is_planted(passage.text[span[0] : span[1]])]
        head: frozenset[str] = frozenset()
        for span in sentences(passage.text):
            if any(start <= span.start < end for start, end in planted):
                continue
            text = passage.text[span.start : span.end]
            # The head of a table says what the cells of its rows are.
            head = (head or words(text)) if is_row(text) else frozenset()
            candidate = Candidate(
                passage,
                span.start,
                span.end,
                words(text),
                headings | head,
                is_heading(text),
                is_row(text),
                early,
            )
            if len(candidate.words) > 1:
                found.setdefault(" ".join(text.split()).casefold(), candidate)
        rank += len(found) > before
    return list(found.values())


def paragraphs(text: str) -> Iterable[tuple[int, int]]:
    """Where each paragraph starts and ends: at empty lines."""
    start = 0
    for found in re.finditer(r"\n\s*\n|\Z", text):
        yield start, found.start()
        start = found.end()


def is_row(text: str) -> bool:
    """Whether a sentence is a row of a table."""
    return text.count("|") > 1 or "\t" in text or len(re.findall(r"\S {3,}\S", text)) > 1


def is_heading(text: str) -> bool:
    """Whether a sentence is a heading or a lead to what follows, and no statement."""
    line = " ".join(text.split())
    if is_row(text) or len(line) > _LONGEST_HEADING:
        return False
    if line.startswith("#") or line.endswith(":"):
        return True
    return bool(_HEADED.match(line)) and not re.search(r"\b(?:shall|may|must|is|are|means)\b", line)


def rarity(candidates: Iterable[Candidate]) -> Mapping[str, float]:
    """Inverse document frequency of each word over the sentences (Robertson and Spärck Jones 1976)."""
    sets = [candidate.words for candidate in candidates]
    frequency = Counter(word for each in sets for word in each)
    return {
        word: math.log(1 + (len(sets) - count + 0.5) / (count + 0.5)) for word, count in frequency.items()
    }


def question_of(text: str, candidates: Sequence[Candidate]) -> Question:
    """The question's words; another name of the same thing counts for a word, as the rarest it may be."""
    others: dict[str, set[str]] = {}
    for each in synonyms(text):
        others.setdefault(each.concept, set()).update(words(each.word))
    asked = {}
    for word in words(text):
        counting = {word}
        for same in others.values():
            if word in same:
                counting |= same
        asked[word] = frozenset(counting)
    weight, unseen = rarity(candidates), math.log(2 * len(candidates) + 2)
    seen = (
        frozenset().union(*(each.words | each.headings for each in candidates)) if candidates else frozenset()
    )
    weights = {
        word: max((weight[other] for other in counting if other in weight), default=unseen)
        * (GENERAL if word in _general() else 1.0)
        for word, counting in asked.items()
    }
    return Question(text, asked, weights, seen)


@lru_cache(maxsize=1)
def _general() -> frozenset[str]:
    return frozenset(stem(word) for word in _GENERAL_WORDS.split())


def cannot_be_told(question: Question) -> bool:
    """Whether no code tells it: it asks for the hour of today, or what needs something stands in no passage."""
    return is_of_the_day(question.text) or names_unseen(question)


def names_unseen(question: Question) -> bool:
    """Whether the last word of what needs something, or is counted, stands in no passage by any of its names."""
    for subject in subjects_of(question.text):
        last = words(subject.split()[-1])
        if any(word in question.asked and not question.asked[word] & question.seen for word in last):
            return True
    return False


def is_unnamed(question: Question, passages: Sequence[Passage]) -> bool:
    """Whether the question names a thing of several names that no passage, nor its headings, calls by any of them."""
    texts = (text for passage in passages for text in (passage.section, passage.text))
    return bool(unnamed_things(question.text, texts))


def is_parted(question: Question, passages: Sequence[Passage]) -> bool:
    """Whether two telling words side by side in the question, ``food truck``, are so in no passage nor its heading."""
    pairs = [pair for pair in itertools.pairwise(_parts(question.text)) if all(map(_tells, pair))]
    if not pairs:
        return False
    beside: set[tuple[str, str]] = set()
    for passage in passages:
        for text in (passage.section.rsplit(" > ", 1)[-1], passage.text):
            for piece in _APART.split(text):
                beside.update(itertools.pairwise(stem(word) for word in _parts(piece)))
    return not all(_is_beside(question, pair, beside) for pair in pairs)


def _is_beside(question: Question, pair: tuple[str, str], beside: Set[tuple[str, str]]) -> bool:
    first, second = (question.asked.get(stem(word), frozenset((stem(word),))) for word in pair)
    return any((one, other) in beside or (other, one) in beside for one in first for other in second)


def _parts(text: str) -> list[str]:
    """The words of a text in small letters, those joined by a hyphen apart."""
    return [part for found in _WORD.finditer(text) for part in found.group().casefold().split("-")]


def _tells(word: str) -> bool:
    return len(word) > 1 and word not in _SILENT and stem(word) not in _general()


def adds(question: Question, candidate: Candidate) -> bool:
    """Whether a sentence says more than the question does; a row says it in one cell."""
    least = 1 if candidate.is_row else NEWS
    return len(candidate.words - frozenset(question.asked)) >= least


def signs_of(question: Question, candidate: Candidate, likeness: float) -> Signs:
    """What is seen of a candidate beside the question."""
    return Signs(
        coverage=question.share(candidate.words),
        placed=question.share(candidate.words | candidate.headings),
        likeness=min(max(likeness, 0.0), 1.0),
        unseen=1 - question.share(question.seen),
        kind=fitness(question.text, candidate.text),
        heading=float(candidate.is_heading),
        row=float(candidate.is_row),
        elsewhere=float(speaks_of_another_district(question.text, candidate)),
        early=candidate.early,
        permits=float(permits(question, candidate)),
    )


def permits(question: Question, candidate: Candidate) -> bool:
    """Whether the question asks for a use, and the candidate is the row of it, or of a list of uses and names it."""
    uses = [words(use) for use in re.split(r"\s+or\s+", use_asked(question.text))]
    if not all(uses):
        return False
    row = use_of_row(candidate.text)
    if not row and not lists_uses(candidate.text) and not lists_uses(candidate.passage.section):
        return False
    held = words(row) if row else candidate.words
    return any(all(question.asked.get(word, frozenset((word,))) & held for word in use) for use in uses)


def fitness(question: str, sentence: str) -> float:
    """1 where a sentence has what the question's words ask for, -1 where it has none of it, else 0."""
    wanted = list(wants(question))
    if not wanted:
        return 0.0
    return 1.0 if any(_LOOKS[kind].search(sentence) for kind in wanted) else -1.0


def speaks_of_another_district(question: str, candidate: Candidate) -> bool:
    """Whether the question names a district and the sentence, where it stands, names others only."""
    asked = {district_key(code) for code in _CODE.findall(question)}
    if not asked or candidate.is_row:
        return False
    named = {district_key(code) for code in _CODE.findall(candidate.text)}
    named = named or {district_key(code) for code in _CODE.findall(candidate.passage.section)}
    return bool(named) and not asked & named
