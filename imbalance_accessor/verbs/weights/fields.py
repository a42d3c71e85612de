"""What a `ClassWeights` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.target import Target
from imbalance_accessor.data.weighting import WeighedLabels
from imbalance_accessor.errors import OptionError, listed
from imbalance_accessor.findings import Findings
from imbalance_accessor.rendering.result import Result
from imbalance_accessor.terminals import code_for_terminal
from imbalance_accessor.verbs.weights.lazily import column_lazily


class ClassWeightsData(dict[Any, float], Result):
    """A `ClassWeights` without its faces: the weights by label, the rows they were made for, and what follows from them.

    Attributes
    ----------
    weighed : WeighedLabels
        The labels the weights were made for, and how much their rows count.
    """

    def __init__(
        self,
        weights: Mapping[Any, float],
        *,
        weighed: WeighedLabels,
        method: str = "own",
        beta: float | None = None,
        in_frame: bool = True,
        findings: Findings = Findings(),  # noqa: B008 - immutable
    ) -> None:
        super().__init__(weights)
        self.weighed = weighed
        self._made = method, beta, dict(weights)
        self._in_frame = in_frame
        self.findings = findings

    @property
    def target(self) -> Target:
        """The labels the weights were made for."""
        return self.weighed.target

    __repr__ = dict.__repr__  # it is printed inside estimators' own repr

    def __str__(self) -> str:
        return code_for_terminal(repr(self))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002
        printer.text(str(self))

    @property
    def method(self) -> str:
        """How the weights came about; ``"own"`` once one of them was changed."""
        method, _, weights = self._made
        return method if self == weights else "own"

    @property
    def beta(self) -> float | None:
        """What ``"effective"`` was given; None for the other methods."""
        return self._made[1] if self.method == "effective" else None

    @property
    def sample_weight(self) -> pd.Series:
        """Each row's weight, times its own where it has one, on the frame's index; nan for rows without a label."""
        if self.weighed.engine:
            raise OptionError(
                f".sample_weight would hold {self.target.labelled + self.target.missing:,} weights, one for each row of the "
                f"table. Add a column: {column_lazily(self.weighed, self)}."
            )
        codes, lookup = self.target.codes, np.append(self._values(), np.nan)
        values = lookup[codes]
        if self.weighed.own is not None:
            values[codes >= 0] *= self.weighed.own
        return pd.Series(values, index=self.target.labels.index, name="sample_weight")

    @property
    def scale_pos_weight(self) -> float:
        """Negatives per positive, for XGBoost and LightGBM: n_neg / n_pos, by weight where rows have one."""
        if self.target.positive is None:
            raise OptionError(
                f"scale_pos_weight is for two classes; {self.target.name!r} has {len(self.target.classes)}. "
                "Use .sample_weight, or name one class with pos_label=."
            )
        totals = self.weighed.totals
        positives = totals[self.target.positive].item()
        return float((totals.sum().item() - positives) / positives)

    @property
    def pos_weight(self) -> float | NDArray[np.float64]:
        """For PyTorch: n_neg / n_pos for ``BCEWithLogitsLoss``; for several classes the weights in label order."""
        return self.scale_pos_weight if self.target.is_binary else self._values()

    @property
    def frame(self) -> pd.DataFrame:
        """Rows, weight and share of the total weight of each class, by class; `weighted_rows`: by their own weights."""
        weights, rows = self._values(), self.target.rows
        index = pd.Index(self.target.classes, name=self.target.name, tupleize_cols=False)
        total = weights * self.weighed.totals
        found = {"rows": rows, "weight": weights, "share_of_weight": total / total.sum()}
        frame = pd.DataFrame(found, index=index)
        if self.weighed.sums is not None:
            frame.insert(1, "weighted_rows", self.weighed.totals)
        return frame

    def _values(self) -> NDArray[np.float64]:
        self._check_names()
        return np.array([self[label] for label in self.target.classes], dtype=np.float64)

    def _check_names(self) -> None:
        """Refuse to speak of a class whose weight was taken out."""
        gone = [label for label in self.target.classes if label not in self]
        if gone:
            raise OptionError(
                f"These weights no longer name {listed(gone)}. Put it back, or call .weights() again."
            )
