"""How a question was answered, in the judge's terms: failed or not, how long, scores, cost, and a summary."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.errors import PlotLotError
from plotlot.domain.outcomes import kept_text
from plotlot.http.problems import status_of, unforeseen

DEADLINE, UNREACHABLE = "deadline", "unreachable"
TOO_LARGE, UNREADABLE = "too-large", "unreadable"
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer in the form of the REST API, or none; ``status`` is "200" or the id of the problem."""

    seconds: float
    status: str = "200"
    failed: bool = False
    answer: Json | None = None


def answered_with(error: Exception, seconds: float) -> Answered:
    """The outcome of a question that was answered with a problem; failed where the fault is ours."""
    problem = error if isinstance(error, PlotLotError) else unforeseen(error)
    return Answered(seconds, problem.id, status_of(problem) >= 500)


def outcome_of(operation: str, answered: Answered, scores: Mapping[str, float]) -> judge_pb2.Outcome:
    """The judge's message; ``scores`` are those that the answer alone does not tell."""
    return judge_pb2.Outcome(
        failed=answered.failed,
        seconds=answered.seconds,
        scores={**scores_of(answered.answer), **scores},
        cost=cost_of(answered.answer),
        status=kept_text(answered.status),
        summary=kept_text(summary_of(operation, answered)),
    )


def scores_of(answer: Json | None) -> dict[str, float]:
    """The share of the answer's citations that verified; nothing where it has none."""
    counted = (answer or {}).get("citations")
    verified, dropped = (number_in(counted, name) for name in ("verified", "dropped"))
    return {"citations": verified / (verified + dropped)} if verified + dropped > 0 else {}


def cost_of(answer: Json | None) -> float:
    """Tokens that inference read and wrote for the answer."""
    return number_in(answer, "prompt_tokens") + number_in(answer, "completion_tokens")


def number_in(answer: Any, name: str) -> float:
    """A count of an answer; 0 where it has none: another bundle's code may answer in another form."""
    value = answer.get(name) if isinstance(answer, Mapping) else None
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e12 else 0.0


def summary_of(operation: str, answered: Answered) -> str:
    """The answer in a few lines, without what differs each time: ids, timings, the bundle's name."""
    answer = answered.answer
    if answer is None:
        return f"no answer: {answered.status}"
    try:
        lines = SUMMARIES.get(operation, plainly)(answer)
    except (KeyError, TypeError, ValueError, AttributeError):  # the form is that of another bundle's code
        lines = plainly(answer)
    return "\n".join(line for line in lines if line)


def report_lines(report: Json) -> list[str]:
    """Units, verdict, district, and the value of every standard."""
    units = report.get("yield") or {}
    low, high = units.get("units_low"), units.get("units_high")
    count = "not known" if low is None else f"{low}" if low == high else f"{low} to {high}"
    return [
        f"units: {count}; verdict: {report.get('verdict')}",
        f"district: {report.get('district') or 'not known'}",
        *standard_lines(report),
    ]


def answer_lines(answer: Json) -> list[str]:
    """The answer's text and its quotes, or that it refused."""
    if answer.get("refused"):
        return ["refused"]
    return [str(answer.get("answer", "")), *(f"> {in_a_line(item['quote'])}" for item in answer["quotes"])]


def result_lines(answer: Json) -> list[str]:
    """Each result's place in its code, the best first."""
    return [
        f"{item['document']} {item['section']} [{item['start']}:{item['end']}]" for item in answer["results"]
    ]


def standard_lines(answer: Json) -> list[str]:
    """The value of every standard that has one, with its conditions."""
    return [standard_line(item) for item in answer["standards"] if item["status"] != "not_stated"]


def standard_line(standard: Json) -> str:
    """``front_setback: 25 ft (lot: corner)``."""
    value = standard["status"] if standard["value"] is None else f"{standard['value']:g} {standard['unit']}"
    conditions = ", ".join(f"{name}: {what}" for name, what in (standard.get("conditions") or {}).items())
    return f"{standard['field']}: {value}" + (f" ({conditions})" if conditions else "")


def district_lines(answer: Json) -> list[str]:
    """Each district with the number of its standards."""
    return [f"{item['code']}: {item['standards']} standards" for item in answer["districts"]]


def plainly(answer: Json) -> list[str]:
    """Any other answer."""
    return [in_a_line(str(dict(answer)))]


SUMMARIES = {
    "analyze": report_lines,
    "ask": answer_lines,
    "search": result_lines,
    "standards": standard_lines,
    "districts": district_lines,
}


def in_a_line(text: str) -> str:
    """Text without its line ends."""
    return re.sub(r"\s+", " ", text).strip()
