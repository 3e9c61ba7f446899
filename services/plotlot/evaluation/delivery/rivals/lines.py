"""What Flagger's and Argo's checks have in common: a success rate under a line, counted until too many."""

import numpy as np
from numpy.typing import NDArray

from plotlot.evaluation.delivery.judged import NEVER
from plotlot.evaluation.delivery.streams import Numbers
from plotlot.evaluation.delivery.traffic import MINUTES, Seen


def below(seen: Seen, lines: tuple[float, ...], window: int) -> NDArray[np.bool_]:
    """Whether the candidate's rate of good answers was below its line [metrics, runs, looks], a look a window.

    A window without a request of the candidate says nothing.
    """
    shape = (*seen.candidate_requests.shape[:-1], MINUTES // window, window)
    requests = seen.candidate_requests.reshape(shape).sum(axis=-1)
    bad = seen.candidate_bad.reshape(len(lines), *shape).sum(axis=-1)
    good = 1 - bad / np.maximum(requests, 1)
    return (good < np.array(lines)[:, None, None]) & (requests > 0)


def minute_of(failed: NDArray[np.bool_], failures: int, window: int) -> Numbers:
    """The minute at which so many looks [runs, looks] have failed; infinite where they never do."""
    reached = np.cumsum(failed, axis=-1) >= failures
    minutes: Numbers = np.where(reached.any(axis=-1), (reached.argmax(axis=-1) + 1) * window, NEVER)
    return minutes
