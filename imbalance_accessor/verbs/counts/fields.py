"""What a `Counts` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.encoded_width import NO_COLUMNS, Width
from imbalance_accessor.data.target import Label, Target
from imbalance_accessor.data.weighting import WeighedLabels
from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.intervals import trials_for, wilson
from imbalance_accessor.metrics.sample_size import ADVISED, largest_r2, rows_for_shrinkage
from imbalance_accessor.rendering.result import Result, cached_frame

#: Lower edges of the minority's share, inclusive (Google's machine learning guide).
_SEVERITY = ((0.4, "balanced"), (0.2, "mild"), (0.01, "moderate"), (0.0, "extreme"))
#: Recalls whose intervals are shown, and the half width that counts as known well.
_RECALLS, HALF_WIDTH = (0.5, 0.8), 0.05


@dataclass(frozen=True, repr=False, eq=False)
class CountsData(Result):
    """The fields of a `Counts`, which documents them, and what follows from them."""

    target: Target
    weighed: WeighedLabels
    in_frame: bool
    test_size: float
    cv: int
    findings: Findings
    width: Width = NO_COLUMNS

    @property
    def majority(self) -> Label:
        """The most frequent class."""
        return self.target.classes[self._largest]

    @property
    def minority(self) -> Label:
        """The positive class; the rarest where none is named, or where the positive one is the most frequent."""
        return self.target.classes[self._minority]

    @property
    def ratio(self) -> float:
        """Majority rows per minority row, by their weight where rows are weighted."""
        totals = self.weighed.totals
        return float(totals[self._largest] / totals[self._minority])

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
        totals = self.weighed.totals
        rare, most = totals[self._rarest], totals[self._largest]
        return float(rare / (rare + most))

    @property
    def accuracy_always_majority(self) -> float:
        """The accuracy of always answering with the most frequent class."""
        return float(self.weighed.shares[self._largest])

    @property
    def no_skill_average_precision(self) -> pd.Series:
        """Average precision of a dummy model: each class's share, by class."""
        return pd.Series(self.weighed.shares, index=self._index, name="average_precision")

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

        Where rows are weighted, ``weighted_rows`` is the sum of their weights, of which shares and ratios are made;
        intervals are those of Kish's effective number of rows.
        """
        rows, weighed = self.target.rows, self.weighed
        totals, telling = weighed.totals, weighed.effective / rows
        train = _train_rows(rows, self.test_size)
        test = rows - train
        found = {
            "rows": rows,
            **({} if weighed.are_rows else {"weighted_rows": totals}),
            "share": weighed.shares,
            "majority_ratio": totals.max() / totals,
            "train_rows": train,
            "test_rows": test,
            "fold_rows": np.round(train / self.cv).astype(int),
        }
        scored = (test if self.test_size else rows) * telling
        for recall in _RECALLS:
            low, high = wilson(recall * scored, scored)
            found |= {f"recall_{recall * 100:.0f}_low": low, f"recall_{recall * 100:.0f}_high": high}
        found["rows_for_5_points"] = np.ceil(trials_for(0.5, HALF_WIDTH) / telling).astype(int)
        frame = pd.DataFrame(found, index=self._index)
        return frame.iloc[np.argsort(-weighed.shares, kind="stable")]

    @cached_frame
    def always_majority(self) -> pd.DataFrame:
        """Precision, recall, F1 and rows of each class when the answer is always the most frequent one.

        The last rows are the accuracy and the macro and weighted averages; 0 / 0 is 0, as in
        ``sklearn.metrics.classification_report(zero_division=0)``.
        """
        shares, majority = self.weighed.shares, self._largest
        scores = np.zeros((len(shares), 3))
        p = shares[majority]
        scores[majority] = p, 1.0, 2 * p / (1 + p)
        macro, weighted = scores.mean(axis=0), shares @ scores
        table = np.vstack([scores, [p, p, p], macro, weighted])
        labels = [*self.target.classes, "accuracy", "macro avg", "weighted avg"]
        index = pd.Index(labels, name=self.target.name, tupleize_cols=False, dtype=object)
        frame = pd.DataFrame(table, columns=["precision", "recall", "f1"], index=index)
        totals = self.weighed.totals
        return frame.assign(rows=[*totals.tolist(), *[totals.sum().item()] * 3])

    @property
    def events(self) -> int:
        """Training rows of the positive class, or of the rest where that is rarer; 0 for several classes."""
        if not self.target.is_binary:
            return 0
        train = _train_rows(self.target.rows, self.test_size)
        return int(min(train[self._focus], train.sum() - train[self._focus]))

    @property
    def rows_for_columns(self) -> tuple[int, int]:
        """The rows, and events among them, that a regression without penalty takes for so many parameters (Riley et al. 2020)."""
        if not (self.events and self.width.parameters):
            return 0, 0
        share = self.events / int(_train_rows(self.target.rows, self.test_size).sum())
        rows = rows_for_shrinkage(self.width.parameters, ADVISED * largest_r2(share))
        return rows, math.ceil(rows * share)

    @property
    def _minority(self) -> int:
        return self._rarest if self._focus == self._largest else self._focus

    @property
    def _rarest(self) -> int:
        """Position of the class of the smallest share; on a tie the last in sort order."""
        shares = self.weighed.shares
        return int(len(shares) - 1 - np.argmin(shares[::-1]))

    @property
    def _largest(self) -> int:
        """Position of the class of the largest share; on a tie the first in sort order."""
        return int(np.argmax(self.weighed.shares))

    @property
    def _focus(self) -> int:
        """Position of the class that is spoken of: the positive one, else the rarest."""
        return self._rarest if self.target.positive is None else self.target.positive

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
