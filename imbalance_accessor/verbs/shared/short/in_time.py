"""Split and folds in the order of time, as code: the times at which they begin, of rows that are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.rendering.snippets.writer import quoted_code


@dataclass(frozen=True)
class InTime:
    """When the parts begin.

    Attributes
    ----------
    starts : list of str
        The first time of each fold, then that of the test set, where there is one.
    n_folds : int
    is_text : bool
        Whether times are days, as text.
    """

    starts: list[str]
    n_folds: int
    is_text: bool

    @property
    def is_held_out(self) -> bool:
        """Whether there is a test set."""
        return len(self.starts) > self.n_folds

    @property
    def code(self) -> str:
        """The times as a list."""
        if self.is_text and self.n_folds > 1:
            return f"{quoted_code(' '.join(self.starts))}.split()"
        return f"[{', '.join(map(quoted_code, self.starts) if self.is_text else self.starts)}]"


def in_time(scored: CrossValScores) -> InTime | None:
    """Read when test set and folds begin; None where the order of time does not divide the rows, or not so alone.

    Parameters
    ----------
    scored : CrossValScores
    """
    parts, split_by, ids = scored.parts, scored.parts.split_by, scored.folds.ids
    if split_by.time is None or split_by.own_test or parts.has_fewer_rows:
        return None
    if scored.folds.made != len(scored.folds):  # some lack a class
        return None
    time = parts.train.X[split_by.time].reset_index(drop=True)
    starts = [time[ids == fold].min() for fold in range(len(scored.folds))]
    fold = sum((time >= start).to_numpy().astype(int) for start in starts) - 1
    if not np.array_equal(fold, ids) or not _is_written(time):
        return None
    starts += [parts.test.X[split_by.time].min()] if len(parts.test) else []
    if all(isinstance(each, pd.Timestamp) and each == each.normalize() for each in starts):
        return InTime([str(each.date()) for each in starts], len(scored.folds), True)
    return InTime([_code(each) for each in starts], len(scored.folds), False)


def _is_written(time: pd.Series) -> bool:
    """Whether code says each time exactly."""
    return isinstance(time.dtype, np.dtype) and time.dtype.kind in "iufM"


def _code(time: Any) -> str:
    if isinstance(time, pd.Timestamp):
        return quoted_code(str(time))
    return repr(time.item() if isinstance(time, np.generic) else time)
