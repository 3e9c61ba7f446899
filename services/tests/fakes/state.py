"""A made-up state whose towns' codes are published by Municode's calls, as those are documented.

Everything is drawn from a seed: the same state has the same texts. Faults come by schedule, at the first times that an
address is asked, so that which request gets one does not depend on the order in which they come.
"""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from fakes.serving import Asked, Reply, Server, serving

FAULTS = ("429", "500", "truncated", "error inside", "slow", "broken off")
_WORDS = (
    "lot setback frontage dwelling accessory structure district coverage height parking buffer easement landscape"
    " driveway sidewalk variance permit applicant board hearing notice appeal ordinance density floor area yard"
    " corner interior street rear side front minimum maximum feet percent acre unit garage porch fence wall sign"
    " lighting drainage grading slope wetland shore canal dock seawall signage review approval condition standard"
)
_NAMES_1 = "Amber Birch Cedar Dover Elm Fern Grove Hazel Iris Juniper Kestrel Laurel Maple North Oak Pine Quail River"
_NAMES_2 = "ton field ville brook haven port ford dale wood ridge mere crest view side gate bury stead ham"


@dataclass(frozen=True)
class Section:
    """A section of a code."""

    number: str
    title: str
    text: str


@dataclass
class Town:
    """A town with a code of so many chapters of sections; ``revision`` is part of its job's id, ``numbering`` of its nodes'."""

    name: str
    client: int
    chapters: list[list[Section]]
    revision: int = 1
    numbering: int = 1
    product_gone: bool = False

    @property
    def product(self) -> int:
        """The id of its code."""
        return 20_000 + self.client

    @property
    def job(self) -> int:
        """The id of its code's latest state."""
        return 1_000_000 * self.revision + self.client

    def chapter_id(self, at: int) -> str:
        """The id of a chapter, which a new numbering changes."""
        return f"COOR_CH{at + 1}R{self.numbering}"


@dataclass
class State:
    """The state's publisher. ``fault_share`` of addresses fail at first, twice where ``stubborn``."""

    abbreviation: str = "QX"
    towns: list[Town] = field(default_factory=list)
    seed: int = 7
    fault_share: float = 0.0
    gone: set[str] = field(default_factory=set)  # calls that answer 404, by the first part of their path
    away: bool = False
    said: dict[str, Reply] = field(
        default_factory=dict
    )  # answers instead of the state's own, by part of an address
    modified: str = (
        ""  # the date that its clock gives every answer, and by which it compares, in place of an ETag
    )
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)  # with content, by address
    faults: Counter[str] = field(default_factory=Counter)

    def reply(self, asked: Asked) -> Reply:
        """The answer to a request."""
        if asked.path == "/robots.txt":
            return Reply(404, b"")
        at = asked.target
        self.asked[at] += 1
        if self.away:
            return Reply(503, b"")
        instead = next((reply for part, reply in self.said.items() if part in at), None)
        if instead is not None:
            return instead
        if asked.headers.get("x-csrf") != "1" or "referer" not in asked.headers:
            return Reply(401, b"")
        fault = self._fault(at)
        if fault:
            self.faults[fault] += 1
        if fault == "429":
            return Reply(429, b"", {"retry-after": "0"})
        if fault == "500":
            return Reply(500, b"<html>Server Error</html>")
        if fault == "error inside":
            return Reply(200, b'{"error": {"code": 500, "message": "something went wrong"}}')
        document = self._document(asked)
        if document is None:
            return Reply(404, b"")
        body = json.dumps(document).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if fault == "truncated":
            return Reply(200, body[: len(body) // 2])
        validators = {"last-modified": self.modified} if self.modified else {"etag": etag}
        if asked.headers.get("if-none-match") == etag or "if-modified-since" in asked.headers:
            return Reply(304, b"", validators)
        if fault != "broken off":
            self.answered[at] += 1
        headers = {**validators, "content-type": "application/json"}
        return Reply(
            200, body, headers, delay_seconds=0.2 if fault == "slow" else 0.0, cut=fault == "broken off"
        )

    def _fault(self, at: str) -> str | None:
        """What goes wrong the first time that an address is asked; never with the same one again."""
        if self.asked[at] > 1 or not self.fault_share:
            return None
        drawn = random.Random(f"{self.seed}:{at}")
        return drawn.choice(FAULTS) if drawn.random() < self.fault_share else None

    def _document(self, asked: Asked) -> Any:
        call, _, rest = asked.path.strip("/").partition("/")
        if call in self.gone:
            return None
        if call == "Clients" and rest == "stateAbbr":
            return (
                [self._client(town) for town in self.towns]
                if asked.query.get("stateAbbr") == self.abbreviation
                else []
            )
        if call == "ClientContent":
            return {
                "codes": [self._product(one) for one in self._by_client(rest)],
                "features": [],
                "munidocs": [],
            }
        if call == "Products" and rest.startswith("clientId/"):
            return [
                {"ProductID": one.product, "ProductName": "Code of Ordinances"}
                for one in self._by_client(rest.partition("/")[2])
            ]
        town = next(
            (one for one in self.towns if str(one.product) in (asked.query.get("productId"), rest[7:])), None
        )
        if town is None or town.product_gone:
            return None
        if call == "Jobs":
            return {
                "Id": town.job,
                "Name": f"Supplement {town.revision}, adopted March {town.revision}, 2026",
                "IsLatest": True,
            }
        if asked.query.get("jobId") != str(town.job):
            return None
        return self._contents(town, rest, asked.query.get("nodeId", ""))

    def _contents(self, town: Town, rest: str, node: str) -> Any:
        """Entries below a node of the table of contents, or the chapter that a node stands in."""
        if rest == "children" and node == str(town.product):
            return [{"Id": "COOR", "Heading": "Code of Ordinances", "HasChildren": True, "NodeDepth": 0}]
        if rest == "children" and node == "COOR":
            return [
                {
                    "Id": town.chapter_id(at),
                    "Heading": f"Chapter {at + 1} - {chapter[0].title}",
                    "HasChildren": True,
                }
                for at, chapter in enumerate(town.chapters)
            ]
        if node == "COOR":
            return {"Docs": [self._doc("COOR", "COOR", f"{town.name} Code of Ordinances", None, 0)]}
        for at, chapter in enumerate(town.chapters):
            group = town.chapter_id(at)
            if node.startswith(group):
                title = f"Chapter {at + 1} - {chapter[0].title}"
                texts = [
                    self._doc(
                        f"{group}_{one.number}", group, f"Sec. {one.number}. - {one.title}.", one.text, 2
                    )
                    for one in chapter
                ]
                return {"Docs": [self._doc(group, group, title, None, 1), *texts]}
        return None

    def _doc(self, node: str, group: str, title: str, text: str | None, depth: int) -> dict[str, Any]:
        content = None if text is None else f'<div class="chunk-content"><p class="p0">{text}</p></div>'
        return {
            **{
                "Id": node,
                "Title": title,
                "TitleHtml": f'<div class="chunk-title">{title}</div>',
                "Content": content,
            },
            **{"NodeDepth": depth, "DocOrderId": 1, "DocType": 1, "IsAmended": False, "IsUpdated": False},
            **{
                "CompareStatus": self.asked.total() % 5,
                "ChunkGroupStartingNodeId": group,
                "Notes": [],
                "SortDate": None,
            },
        }

    def _client(self, town: Town) -> dict[str, Any]:
        state = {"StateID": 99, "StateName": "Quixote", "StateAbbreviation": self.abbreviation}
        return {
            "ClientID": town.client,
            "ClientName": town.name,
            "City": town.name,
            "Website": "",
            "State": state,
        }

    def _product(self, town: Town) -> dict[str, Any]:
        return {"productId": town.product, "productName": "Code of Ordinances", "contentTypeId": "CODES"}

    def _by_client(self, client: str) -> list[Town]:
        return [one for one in self.towns if str(one.client) == client]

    def revise(self, town: Town, chapter: int, section: int, text: str) -> None:
        """A new supplement: one section has another text, and the code's state another id."""
        old = town.chapters[chapter][section]
        town.chapters[chapter][section] = replace(old, text=text)
        town.revision += 1


def made_state(
    towns: int,
    sections: int = 12,
    chapters: int = 3,
    seed: int = 7,
    fault_share: float = 0.0,
    sentences: int = 6,
) -> State:
    """A state of so many towns with so many sections each, shared out to chapters; a section has so many sentences."""
    made = [_town(at, sections, chapters, seed, sentences) for at in range(towns)]
    return State(towns=made, seed=seed, fault_share=fault_share)


def _town(at: int, sections: int, chapters: int, seed: int, sentences: int) -> Town:
    drawn = random.Random(f"{seed}:town:{at}")
    firsts, lasts = _NAMES_1.split(), _NAMES_2.split()
    name = firsts[at % len(firsts)] + lasts[(at // len(firsts)) % len(lasts)]
    if at >= len(firsts) * len(lasts):
        name = f"New {name}"
    shared: list[list[Section]] = [[] for _ in range(chapters)]
    for number in range(sections):
        chapter = number * chapters // sections
        shared[chapter].append(_section(drawn, chapter + 1, len(shared[chapter]) + 1, sentences))
    return Town(name, 100 + at, shared)


def _section(drawn: random.Random, chapter: int, number: int, sentences: int) -> Section:
    title = " ".join(drawn.sample(_WORDS.split(), 3)).capitalize()
    written = []
    for _ in range(sentences):
        words = drawn.choices(_WORDS.split(), k=13)
        written.append(f"The {' '.join(words)} shall be {drawn.randint(5, 90)} feet.")
    return Section(f"{chapter}-{number}", title, " ".join(written))


@contextmanager
def published(state: State) -> Iterator[Server]:
    """The state's publisher, running on a thread of its own."""
    with serving(state.reply) as server:
        yield server
