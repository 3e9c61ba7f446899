"""Answers of two bundles to the same questions, right or wrong by chances that we set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AGREEMENT = 0.8

Random = np.random.Generator
Numbers = NDArray[np.float64]
Differences = NDArray[np.float32]


@dataclass(frozen=True)
class Change:
    """Chances that an answer is bad, of each bundle, and how often both share one draw of luck."""

    stable: float
    candidate: float
    agreement: float = AGREEMENT

    @property
    def chances(self) -> tuple[float, float]:
        """Of a pair where only the candidate is bad, and of one where only the stable bundle is."""
        stable, candidate, apart = self.stable, self.candidate, 1 - self.agreement
        worse = self.agreement * max(candidate - stable, 0) + apart * candidate * (1 - stable)
        better = self.agreement * max(stable - candidate, 0) + apart * stable * (1 - candidate)
        return worse, better


def bad_answers(
    random: Random, shape: tuple[int, ...], change: Change
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each answer is bad: of the stable bundle, and of the candidate, to the same questions."""
    luck = random.random(shape, np.float32)
    own = np.where(
        random.random(shape, np.float32) < change.agreement, luck, random.random(shape, np.float32)
    )
    return luck < change.stable, own < change.candidate


def differences(random: Random, shape: tuple[int, ...], change: Change) -> Differences:
    """1 where only the candidate is bad, -1 where only the stable bundle is, else 0."""
    stable, candidate = bad_answers(random, shape, change)
    return candidate.astype(np.float32) - stable


def score_differences(random: Random, shape: tuple[int, ...], quotes: int, right: float) -> Differences:
    """Of bundles equally good: the share of an answer's quotes that hold, half of them shared by both."""
    shared = quotes // 2
    stable, candidate = (random.binomial(quotes - shared, right, shape) for _ in range(2))
    return ((stable - candidate) / quotes).astype(np.float32)


def cost_differences(random: Random, shape: tuple[int, ...], scale: float) -> Differences:
    """Of bundles equally dear: tokens that vary by a fifth around the same length."""
    stable, candidate = (np.clip(random.normal(0.25, 0.05, shape), 0, scale) for _ in range(2))
    return ((candidate - stable) / scale).astype(np.float32)


def session_differences(
    random: Random, runs: int, sessions: int, requests: int, change: Change, repeated: float
) -> Differences:
    """Of sessions [runs, sessions, requests]: each request repeats the session's fate with a chance, or has its own."""
    fate = differences(random, (runs, sessions, 1), change)
    own = differences(random, (runs, sessions, requests), change)
    return np.where(random.random(own.shape, np.float32) < repeated, fate, own)
