"""What a `Counts` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.target import Label, Target
from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.intervals import trials_for, wilson
from imbalance_accessor.rendering.result import Result, cached_frame

#: Lower edges of the minority's share, inclusive (Google's machine learning guide).
_SEVERITY = ((0.4, "balanced"), (0.2, "mild"), (0.01, "moderate"), (0.0, "extreme"))
#: Recalls whose intervals are shown, and the half width that counts as known well.
_RECALLS, HALF_WIDTH = (0.5, 0.8), 0.05


@dataclass(frozen=True, repr=False, eq=False)
class CountsData(Result):
    """The fields of a `Counts`, which documents them, and what follows from them."""

    target: Target
    in_frame: bool
    test_size: float
    cv: int
    findings: Findings

    @property
    def majority(self) -> Label:
        """The most frequent class."""
        return self.target.classes[self.target.largest]

    @property
    def minority(self) -> Label:
        """The positive class; the rarest where none is named, or where the positive one is the most frequent."""
        return self.target.classes[self._minority]

    @property
    def ratio(self) -> float:
        """Majority rows per minority row."""
        return float(self.target.rows[self.target.largest] / self.target.rows[self._minority])

    @property
    def severity(self) -> str:
        """``balanced``, ``mild``, ``moderate`` or ``extreme``, by the minority's share.

        With several classes the share is that of the rarest class among itself and the most frequent one, so that
        ten even classes are balanced.
        """
        return next(word for edge, word in _SEVERITY if self._share_of_two >= edge)

    @property
    def _share_of_two(self) -> float:
        """The share of the rarest class among itself and the most frequent one."""
        rare, most = self.target.rows[self.target.rarest], self.target.rows[self.target.largest]
        return float(rare / (rare + most))

    @property
    def accuracy_always_majority(self) -> float:
        """The accuracy of always answering with the most frequent class."""
        return float(self.target.shares[self.target.largest])

    @property
    def no_skill_average_precision(self) -> pd.Series:
        """Average precision of a dummy model: each class's share, by class."""
        return pd.Series(self.target.shares, index=self._index, name="average_precision")

    @property
    def missing(self) -> int:
        """Rows without a label."""
        return self.target.missing

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row a class, the most frequent first.

        Columns: ``rows``, ``share``, ``majority_ratio`` (rows of the most frequent class per row of this one), the
        rows to expect in ``train_rows``, ``test_rows`` and ``fold_rows``; the Wilson interval that so many test rows
        (rows out of fold, where nothing is held out) allow a recall of 0.5 (``recall_50_low``, ``recall_50_high``) and of
        0.8; and ``rows_for_5_points``, the rows of this class at which that interval is ± 0.05 around a recall of 0.5.
        """
        rows = self.target.rows
        train = _train_rows(rows, self.test_size)
        test = rows - train
        found = {
            "rows": rows,
            "share": self.target.shares,
            "majority_ratio": rows.max() / rows,
            "train_rows": train,
            "test_rows": test,
            "fold_rows": np.round(train / self.cv).astype(int),
        }
        scored = test if self.test_size else rows
        for recall in _RECALLS:
            low, high = wilson(recall * scored, scored)
            found |= {f"recall_{recall * 100:.0f}_low": low, f"recall_{recall * 100:.0f}_high": high}
        found["rows_for_5_points"] = np.full(len(rows), trials_for(0.5, HALF_WIDTH))
        frame = pd.DataFrame(found, index=self._index)
        return frame.iloc[np.argsort(-rows, kind="stable")]

    @cached_frame
    def always_majority(self) -> pd.DataFrame:
        """Precision, recall, F1 and rows of each class when the answer is always the most frequent one.

        The last rows are the accuracy and the macro and weighted averages; 0 / 0 is 0, as in
        ``sklearn.metrics.classification_report(zero_division=0)``.
        """
        shares, majority = self.target.shares, self.target.largest
        scores = np.zeros((len(shares), 3))
        p = shares[majority]
        scores[majority] = p, 1.0, 2 * p / (1 + p)
        macro, weighted = scores.mean(axis=0), shares @ scores
        table = np.vstack([scores, [p, p, p], macro, weighted])
        labels = [*self.target.classes, "accuracy", "macro avg", "weighted avg"]
        index = pd.Index(labels, name=self.target.name, tupleize_cols=False, dtype=object)
        frame = pd.DataFrame(table, columns=["precision", "recall", "f1"], index=index)
        n = int(self.target.labelled)
        return frame.assign(rows=[*self.target.rows.tolist(), n, n, n])

    @property
    def _minority(self) -> int:
        target = self.target
        return target.rarest if target.focus == target.largest else target.focus

    @property
    def _index(self) -> pd.Index:
        return pd.Index(self.target.classes, name=self.target.name, tupleize_cols=False)


def _train_rows(rows: NDArray[np.int64], test_size: float) -> NDArray[np.int64]:
    """Return what a stratified split leaves of each class: shares by largest remainder, as scikit-learn does."""
    n = int(rows.sum())
    ideal = rows * (n - math.ceil(test_size * n)) / n
    train = np.floor(ideal).astype(np.int64)
    short = round(ideal.sum()) - int(train.sum())
    train[np.argsort(train - ideal, kind="stable")[:short]] += 1
    return train
