"""How rows are divided in the order of time in a short program: by the times at which parts and folds of this frame begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer, quoted_code
from imbalance_accessor.verbs.shared.snippet_data import has_own, labelled_rows, name_of


@dataclass(frozen=True)
class Times:
    """When parts and folds begin, as code.

    Attributes
    ----------
    late : str
        When the test set begins; nothing where there is none.
    begins : tuple of str
        When each block of the training set begins but the first.
    scored : str
        The numbers of the blocks that folds score.
    """

    late: str
    begins: tuple[str, ...]
    scored: str

    def write(self, writer: Writer, scored: CrossValScores) -> None:
        """Write the parts and the folds, below ``X`` and ``y``."""
        features, column = scored.parts.features, scored.parts.split_by.time
        cells = f"df[{name_of(column)}]{labelled_rows(features.target, in_frame=features.in_frame)}"
        written = features.columns.formats.get(column)
        if written is not None:
            writer.use_module("pandas", "pd")
            cells = written.code(cells)
        write_template(writer, "shared/short/time.py.j2", t=self, time=cells, own=has_own(features))


def read_times(scored: CrossValScores) -> Times | None:
    """Read when parts and folds begin; None where rows are divided otherwise, or times are not as simply written."""
    parts, column = scored.parts, scored.parts.split_by.time
    if column is None or parts.split_by.own_test or parts.has_fewer_rows or parts.kept is not None:
        return None
    time = np.asarray(parts.train_time)
    firsts = [time[held].min() for _, held in scored.folds.pairs]
    texts = [_written(first) for first in firsts]
    late, late_text = None, ""
    if len(parts.test):
        late = parts.test.X[column].min()
        late_text = _written(late)
        if not late_text or not ((time < late).all() and (parts.test.X[column] >= late).all()):
            return None
    if not all(texts) or not _are_blocks(scored, time, firsts):
        return None
    last = len(texts)
    return Times(
        late_text, tuple(texts), f"range(1, {last + 1})" if last > 3 else str(tuple(range(1, last + 1)))
    )


def _are_blocks(scored: CrossValScores, time: NDArray[Any], firsts: list[Any]) -> bool:
    """Whether each fold scores the rows from its begin to the next one's, and learns from those before."""
    block = sum((time >= first).astype(int) for first in firsts)
    return all(
        np.array_equal(seen, np.flatnonzero(block < k)) and np.array_equal(held, np.flatnonzero(block == k))
        for k, (seen, held) in enumerate(scored.folds.pairs, 1)
    )


def _written(time: Any) -> str:
    """Write a time; nothing where a literal would not be compared as it is."""
    if isinstance(time, str):
        return quoted_code(time)
    if isinstance(time, np.datetime64 | pd.Timestamp) and pd.Timestamp(time).tz is None:
        stamp = pd.Timestamp(time)
        return quoted_code(str(stamp.date() if stamp == stamp.normalize() else stamp))
    if isinstance(time, int | float | np.integer | np.floating) and np.isfinite(time):
        return repr(time.item() if isinstance(time, np.generic) else time)
    return ""
