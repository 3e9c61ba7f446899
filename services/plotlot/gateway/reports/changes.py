"""What asking again today would change of a report: units, facts, documents, and standards side by side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
Report = Mapping[str, Any]
CHANGED, ADDED, REMOVED, REWORDED = "changed", "added", "removed", "reworded"
OF_ANSWER = ("units_low", "units_high", "binding_constraint", "use")
OF_DOCUMENT = ("document", "document_sha256", "effective_date", "retrieved_at")
Key = tuple[Any, ...]


def changes_between(before: Report, after: Report) -> Json:
    """What differs, before and after; ``same`` where nothing does that a reader would see.

    A standard is ``changed`` where its value is another, ``reworded`` where only its quote is, ``added`` or ``removed``.
    """
    answer = changed_values(answer_of(before), answer_of(after))
    facts = changed_values(facts_of(before), facts_of(after))
    standards = changed_standards(before["standards"], after["standards"])
    return {
        "analysis": before["id"],
        "answered_at": before["created_at"],
        "asked_again_at": after["created_at"],
        "same": not (answer or facts or standards),
        "bundle": {"before": before["bundle"], "after": after["bundle"]},
        "gone": "",
        "answer": answer,
        "facts": facts,
        "documents": changed_documents(before["standards"], after["standards"]),
        "standards": standards,
    }


def lot_gone(before: Report, bundle: str, now: str, why: str) -> Json:
    """What there is to say where the lot, or its code, cannot be found any more."""
    return {
        "analysis": before["id"],
        "answered_at": before["created_at"],
        "asked_again_at": now,
        "same": False,
        "bundle": {"before": before["bundle"], "after": bundle},
        "gone": why,
        "answer": [],
        "facts": [],
        "documents": [],
        "standards": [],
    }


def answer_of(report: Report) -> Json:
    """What a report answers."""
    return {
        **{name: report["yield"][name] for name in OF_ANSWER},
        "verdict": report["verdict"],
        "district": report["district"],
    }


def facts_of(report: Report) -> Json:
    """The values of a report's facts; of one from before they were kept, the measures of its lot."""
    if "facts" in report:
        return {name: fact["value"] for name, fact in report["facts"].items()}
    lot = report["parcel"]["lot"]
    measures = {f"lot_{name}": lot[name] for name in ("area_sqft", "width_ft", "depth_ft", "kind")}
    return {**measures, "frontage_ft": lot["frontage_ft"]}


def changed_values(before: Json, after: Json) -> list[Json]:
    """The names that both have with another value."""
    return [
        {"name": name, "before": value, "after": after[name]}
        for name, value in before.items()
        if name in after and not equal(value, after[name])
    ]


def equal(before: Any, after: Any) -> bool:
    """Whether two values are shown alike: measures to a tenth."""
    if isinstance(before, float | int) and isinstance(after, float | int):
        return abs(before - after) < 0.05
    return bool(before == after)


def changed_documents(before: Sequence[Json], after: Sequence[Json]) -> list[Json]:
    """The documents that the quotes of only one report are of, those of one name together."""
    old, new = documents_of(before), documents_of(after)
    return [
        {"title": title, "before": old.get(title), "after": new.get(title)}
        for title in dict.fromkeys([*old, *new])
        if (old.get(title) or {}).get("document_sha256") != (new.get(title) or {}).get("document_sha256")
    ]


def documents_of(standards: Iterable[Json]) -> dict[str, Json]:
    """The documents that standards quote, by what a reader would call them."""
    cited = [standard["citation"] for standard in standards if standard["citation"]]
    return {
        citation.get("document_title") or citation["document"]: {
            name: citation.get(name, "") for name in OF_DOCUMENT
        }
        for citation in cited
    }


def changed_standards(before: Sequence[Json], after: Sequence[Json]) -> list[Json]:
    """The standards that are not the same, of one field and the same conditions beside each other."""
    old, new = by_case(before), by_case(after)
    found: list[Json] = []
    for key in dict.fromkeys([*old, *new]):
        found += changed_of_case(old[key], new[key])
    return found


def changed_of_case(before: Sequence[Json], after: Sequence[Json]) -> list[Json]:
    """The same for standards of one case; those that stand as they did are left out, wherever their text moved."""
    rest = list(after)
    old: list[Json] = []
    for standard in before:
        same = next((each for each in rest if said(each) == said(standard)), None)
        if same is None:
            old.append(standard)
        else:
            rest.remove(same)
    pairs = [change(standard, new) for standard, new in zip(old, rest, strict=False)]
    pairs += [change(standard, None) for standard in old[len(rest) :]]
    return pairs + [change(None, standard) for standard in rest[len(old) :]]


def change(before: Json | None, after: Json | None) -> Json:
    """One change with both standards; one of them may be missing."""
    known = after or before or {}
    if before is None or after is None:
        kind = ADDED if before is None else REMOVED
    else:
        kind = REWORDED if value_of(before) == value_of(after) else CHANGED
    return {
        "field": known["field"],
        "conditions": known["conditions"],
        "change": kind,
        "before": before,
        "after": after,
    }


def by_case(standards: Iterable[Json]) -> defaultdict[Key, list[Json]]:
    """Standards that say something, by field and conditions, in their order."""
    found: defaultdict[Key, list[Json]] = defaultdict(list)
    for standard in standards:
        if standard["status"] != "not_stated":
            found[standard["field"], tuple(sorted(standard["conditions"].items()))].append(standard)
    return found


def value_of(standard: Json) -> Key:
    """What a standard asks."""
    return (standard["status"], standard["value"], standard["unit"], str(standard["formula"]))


def said(standard: Json) -> Key:
    """What a standard asks, in which words."""
    quote = standard["citation"]["quote"] if standard["citation"] else ""
    return (*value_of(standard), " ".join(quote.split()))
