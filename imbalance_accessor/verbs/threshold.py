"""The result of `best_threshold`: a cut, how sure it is, what it comes to, and the model that uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier

from imbalance_accessor.errors import ModelError, OptionError, one_of
from imbalance_accessor.feed import answers
from imbalance_accessor.findings import Finding, Findings, collect
from imbalance_accessor.fits import Origin
from imbalance_accessor.fitting import scores_of
from imbalance_accessor.handed_out import OddLabelsThresholdClassifier
from imbalance_accessor.present.card import Card
from imbalance_accessor.present.result import Audience, Picture, Result, check_library, check_style, own_copy
from imbalance_accessor.present.snippets import Snippet
from imbalance_accessor.scored import column_scores
from imbalance_accessor.stats.aims import Aim
from imbalance_accessor.stats.cut_range import CutRange
from imbalance_accessor.stats.decimals import shortest_decimal
from imbalance_accessor.stats.thresholds import CutTable
from imbalance_accessor.verbs import threshold_code, threshold_pictures, threshold_sentences, threshold_words
from imbalance_accessor.verbs.threshold_choice import Found, choose, report
from imbalance_accessor.verbs.threshold_findings import findings_of
from imbalance_accessor.verbs.threshold_options import Asked

#: Cuts whose figures are computed at one time, so that little is held beside the frame itself.
_AT_ONCE = 2**16
_DERIVED = ("precision", "recall", "specificity", "f1", "mcc", "balanced_accuracy", "flag_rate")


@dataclass(frozen=True, repr=False, eq=False)
class Threshold(Result):
    """A cut chosen on out-of-fold scores of the train part and reported on the test part.

    Attributes
    ----------
    origin : Origin
        Where the scores came from.
    asked : Asked
        What the cut was chosen for.
    found : Found
        The cut, and all that is known of it.
    findings : Findings
        What the reader must know.
    """

    origin: Origin
    asked: Asked
    found: Found
    findings: Findings

    @property
    def value(self) -> float:
        """The cut: a row is flagged when its score is at least this; inf flags nobody, nan: no cut keeps the limits."""
        return self.found.cut if self.feasible else np.nan

    @property
    def feasible(self) -> bool:
        """Whether a cut keeps the limits on the rows that choose."""
        return self.found.feasible

    def __float__(self) -> float:
        return self.value

    @own_copy
    def frame(self) -> pd.DataFrame:
        """One row for each cut that flags a different set of the rows that chose, the strictest first.

        ``cut``, ``tp``, ``fp``, ``fn``, ``tn``, then ``precision``, ``recall``, ``specificity``, ``f1``, ``mcc``,
        ``balanced_accuracy``, ``flag_rate`` (shares of the rows), the criterion where it is another one, and ``cost``, the
        total, where costs are known. These are in-sample values: the best of them is too good, see `report`.
        """
        return cut_frame(self.found.ladder.table, self.asked.aim)

    @own_copy
    def report(self) -> pd.DataFrame:
        """What each way of cutting comes to on the test part, indexed by what the cut was chosen by.

        Rows: ``"chosen"`` (``"nearest"`` where no cut keeps the limits), ``"default"`` (0.5, or 0 for margins),
        ``"closed_form"`` where theory has a cut, and ``"claimed"``: the cut that the test part itself would have
        chosen, and the criterion it would have claimed. Each figure with its 95 % interval (``_low``, ``_high``) and
        the same on the rows that chose (``_cv``), cross-fitted where the cut was chosen there. Without a test part
        all figures are cross-fitted ones.
        """
        return report(self.found, self.asked.aim.criterion)

    @property
    def spread(self) -> CutRange:
        """The cuts that resamples of the rows would have chosen; ``.low`` and ``.high`` hold 95 % of them."""
        return self.found.spread

    @property
    def fold_cuts(self) -> dict[int, float]:
        """The cut chosen without each fold."""
        return self.found.fold_cuts

    @property
    def theory(self) -> Any:
        """The closed form's cut for true probabilities: a number, one for each row that chose, or None."""
        return self.found.theory

    @cached_property
    def cut_text(self) -> str:
        """The cut as the shortest decimal that flags the same rows."""
        return self.text_of(self.found.cut)

    def text_of(self, cut: float) -> str:
        """Return a cut as the shortest decimal that flags the same rows, those that chose and those of the test part."""
        return shortest_decimal(cut, self.found.ladder.score, self.origin.sides.score)

    def model(self, name: str | None = None) -> Any:
        """Return a fitted classifier that cuts here, and predicts on raw rows of the frame.

        Parameters
        ----------
        name : str, optional
            The strategy; there is one.

        Returns
        -------
        sklearn.model_selection.FixedThresholdClassifier
            Of the strategy's fitted pipeline; it pickles.

        Raises
        ------
        ModelError
            Where no cut keeps the limits, or nothing was fitted.
        OptionError
            Another strategy's name.
        """
        if name is not None:
            one_of("strategy", name, [self.origin.name])
        self._check_feasible()
        fitted = self.origin.model
        if fitted is None:
            raise ModelError(
                f"Nothing was fitted: the scores came in the column {self.origin.column!r}. "
                f"Flag rows with t.apply(df)."
            )
        return self._cut_model(fitted)

    def apply(self, data: pd.DataFrame) -> pd.Series:
        """Flag rows of a frame.

        Parameters
        ----------
        data : pandas.DataFrame
            Raw rows, with the columns that the model reads, or the column of scores.

        Returns
        -------
        pandas.Series of bool
            On the frame's index: whether the score is at least the cut.

        Raises
        ------
        ModelError
            Where no cut keeps the limits.
        OptionError
            Where columns are missing, or a score is.
        """
        self._check_feasible()
        if not isinstance(data, pd.DataFrame):
            raise OptionError(f"apply() takes a frame of rows, not {type(data).__name__}. Pass a DataFrame.")
        flags = self._scores_of(data) >= self.value if len(data) else np.zeros(0, bool)
        return pd.Series(flags, index=data.index, name="flagged")

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the choice in plain scikit-learn and numpy; see `Result.snippet`."""
        check_library(library)
        return threshold_code.write(self, check_style(style))

    def _check_feasible(self) -> None:
        if not self.feasible:
            raise ModelError(f"{threshold_words.title(self)}. Loosen the limit, or rank better.")

    def _cut_model(self, fitted: Any) -> Any:
        scored, classes = self.origin.scored, self.origin.classes
        odd = answers(scored.parts.task.target).dtype == object
        kind = OddLabelsThresholdClassifier if odd else FixedThresholdClassifier
        fixed = kind(
            FrozenEstimator(fitted),
            threshold=self.value,
            pos_label=classes[scored.positive],
            response_method="predict_proba" if scored.is_probability else "decision_function",
        )
        # the estimator is frozen, so that nothing is learned from these two rows and labels
        return fixed.fit(scored.parts.train.X.iloc[:2], [0, 1])

    def _scores_of(self, data: pd.DataFrame) -> NDArray[np.float64]:
        if self.origin.column is not None:
            return column_scores(data, self.origin.column)
        scores = scores_of(self.origin.model, data, 2)
        return np.asarray(scores[:, self.origin.scored.positive])

    def _card(self) -> Card:
        return threshold_words.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return threshold_pictures.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return threshold_sentences.explain(self, audience)


def cut_frame(table: CutTable, aim: Aim) -> pd.DataFrame:
    """Lay out every cut with its counts and what follows from them; see `Threshold.frame`."""
    columns: dict[str, Any] = {
        "cut": table.cuts,
        "tp": table.tp,
        "fp": table.fp,
        "fn": table.positives - table.tp,
        "tn": table.negatives - table.fp,
    }
    derived = [*_DERIVED, *([aim.criterion] if aim.criterion not in (*_DERIVED, "cost") else [])]
    columns |= {metric: np.empty(len(table.cuts)) for metric in derived}
    for start in range(0, len(table.cuts), _AT_ONCE):
        places = slice(start, start + _AT_ONCE)
        counts = table.counts(places)
        for metric in derived:
            columns[metric][places] = aim.value(counts) if metric == "fbeta" else getattr(counts, metric)
    if table.cost is not None:
        columns["cost"] = table.cost
    return pd.DataFrame(columns, copy=False)


def threshold_of(
    origin: Origin, asked: Asked, findings: Iterable[Finding], muted: Collection[str]
) -> Threshold:
    """Choose the cut of scores that are there already; nothing is fitted."""
    found = choose(origin, asked)
    every = [*findings, *findings_of(origin, asked, found)]
    return Threshold(origin, asked, found, collect(every, muted))
