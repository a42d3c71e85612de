"""A threshold of the user's own: read as a number, and held against the scale of the scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import IN_WORDS, Fix, OptionError, change, one_line
from imbalance_accessor.metrics.comparison import LabelledScores

#: Above this a number is no percentage.
_MOST_PERCENT = 100
_Fixed = Callable[[float], Fix]


@dataclass(frozen=True)
class ScoreRange:
    """From where to where scores go.

    Attributes
    ----------
    low, high : float
    is_probability : bool
        Whether they are probabilities, which go from 0 to 1.
    """

    low: float = 0.0
    high: float = 1.0
    is_probability: bool = True

    @classmethod
    def of(cls, every: Iterable[LabelledScores]) -> ScoreRange:
        """Return the range of all rows that were scored, by one strategy or several."""
        scores = [
            score[np.isfinite(score)]
            for each in every
            for score in (each.score_oof, each.score)
            if not each.is_probability
        ]
        if not scores:
            return cls()
        together = np.concatenate(scores)
        return cls(float(together.min()), float(together.max()), is_probability=False)


def read_number(threshold: Any, fixed: _Fixed = lambda meant: change(threshold=meant)) -> float:
    """Return a threshold as a number.

    Parameters
    ----------
    threshold : object
    fixed : callable
        Makes the fix of the number that was meant.

    Raises
    ------
    OptionError
        Text, nan, or anything else that is no number.
    """
    number = _number_meant(threshold)
    if isinstance(threshold, str) or number is None:
        raise OptionError(
            f"threshold={one_line(plain(threshold))} must be a number on the scale of the scores"
            f"{', such as' if number is None else '. Use'} threshold={0.3 if number is None else number:g}.",
            fix=IN_WORDS if number is None else fixed(number),
        )
    return number


def check_within(
    threshold: float, scores: ScoreRange, fixed: _Fixed = lambda meant: change(threshold=meant)
) -> None:
    """Refuse a threshold that lies outside the range of the scores; one in percent is offered as a probability."""
    if scores.low <= threshold <= scores.high:
        return
    if not scores.is_probability:
        raise OptionError(
            f"threshold={threshold:g} must lie within the scores, which go from {scores.low:.6g} to {scores.high:.6g}. "
            "Choose one there."
        )
    share = threshold / 100 if 1 < threshold <= _MOST_PERCENT else None
    cure = "Choose one there." if share is None else f"Use threshold={share:g} for {threshold:g} %."
    raise OptionError(
        f"threshold={threshold:g} must lie within the scores, which are probabilities from 0 to 1. {cure}",
        fix=IN_WORDS if share is None else fixed(share),
    )


def read_thresholds(given: Any, scores: ScoreRange) -> tuple[float, ...]:
    """Return one threshold or several, each within the range of the scores."""
    several = isinstance(given, list | tuple | np.ndarray | pd.Series | pd.Index) and np.ndim(given) == 1
    values = list(given) if several else [given]
    if not values:
        raise OptionError("threshold=[] names none. Give one or several: threshold=0.3.")
    found = list[float]()
    for place, value in enumerate(values):

        def fixed(meant: float, place: int = place) -> Fix:
            return change(threshold=[*values[:place], meant, *values[place + 1 :]] if several else meant)

        found.append(read_number(value, fixed))
        check_within(found[-1], scores, fixed)
    return tuple(found)


def _number_meant(value: Any) -> float | None:
    """Return the number that is given, or that text writes; None where there is none."""
    percent = isinstance(value, str) and value.strip().endswith("%")
    if isinstance(value, bool | np.bool_) or np.ndim(value):
        return None
    try:
        number = float(value.strip().rstrip("%").replace(",", ".") if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if np.isnan(number) else float(f"{number / 100:.12g}") if percent else number
