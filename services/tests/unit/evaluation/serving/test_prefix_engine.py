"""What was read lately is read faster; what was pushed out is not."""

from plotlot.evaluation.serving.fake_engine import Pace
from plotlot.evaluation.serving.prefix_engine import PrefixEngine


def asked(beginning: str) -> dict[str, list[dict[str, str]]]:
    return {"messages": [{"role": "system", "content": beginning}, {"role": "user", "content": "How deep?"}]}


def test_a_beginning_that_is_kept_is_read_faster_until_others_push_it_out() -> None:
    engine = PrefixEngine(Pace(first_token_seconds=0.1), kept=2, reading_seconds=1.0)
    seconds = [engine.first_token_seconds(asked(each)) for each in ("a", "b", "a", "c", "b", "a")]
    assert seconds == [1.1, 1.1, 0.1, 1.1, 1.1, 1.1]
    assert (engine.found, engine.asked_for) == (1, 6)
