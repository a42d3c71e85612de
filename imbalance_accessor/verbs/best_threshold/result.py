"""The result of `best_threshold`: a threshold, how sure it is, what it comes to, and the model that uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier

from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import ModelError, OptionError, change, one_of
from imbalance_accessor.evaluation.fit import answers
from imbalance_accessor.evaluation.row_scores import Computed, scorer_of
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, StrategyScores
from imbalance_accessor.evaluation.table_scores import TableScores
from imbalance_accessor.findings import Finding, collect
from imbalance_accessor.modeling.estimators import OddLabelsThresholdClassifier
from imbalance_accessor.options import STRATEGY_WORDS
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.best_threshold import card, plots, snippet, snippet_short, text
from imbalance_accessor.verbs.best_threshold.at_prevalence import figures_at
from imbalance_accessor.verbs.best_threshold.at_threshold import at_thresholds
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.findings import findings_of
from imbalance_accessor.verbs.best_threshold.loosened import loosened
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective
from imbalance_accessor.verbs.best_threshold.search import choose
from imbalance_accessor.verbs.shared.held_out import with_rows_said
from imbalance_accessor.verbs.shared.own_threshold import ScoreRange, check_within


@dataclass(frozen=True, repr=False, eq=False)
class Threshold(ThresholdData):
    """A threshold chosen on out-of-fold scores of the training set and reported on the test set.

    Attributes
    ----------
    strategy_scores : StrategyScores
        Where the scores came from.
    asked : ThresholdObjective
        What the threshold was chosen for.
    found : ThresholdSearchResult
        The threshold, and all that is known of it.
    findings : Findings
        What the reader must know.
    """

    def model(self, name: str | None = None) -> Any:
        """Return a fitted classifier that uses this threshold, and predicts on raw rows of the frame.

        Parameters
        ----------
        name : str, optional
            The strategy; there is one.

        Returns
        -------
        sklearn.model_selection.FixedThresholdClassifier
            Of the strategy's fitted pipeline; it pickles. Fitted anew, by a cross-validation, say, it fits that pipeline and
            keeps the threshold.

        Raises
        ------
        ModelError
            Where no threshold keeps the limits, or nothing was fitted.
        OptionError
            Another strategy's name.
        """
        if name is not None:
            one_of(
                "strategy",
                name,
                [self.strategy_scores.name],
                fix=lambda known: change(name=known),
                words=STRATEGY_WORDS,
            )
        self._check_feasible()
        fitted = self.strategy_scores.handed_out
        if isinstance(self.strategy_scores, ColumnScores):
            raise ModelError(
                f"Nothing was fitted: the scores came in the column {self.strategy_scores.column!r}. "
                f"Flag rows with t.apply(df)."
            )
        return self._threshold_model(fitted)

    def apply(self, data: Any) -> Any:
        """Flag rows of a frame.

        Parameters
        ----------
        data : pandas.DataFrame, or a lazy frame of polars, a relation of DuckDB, a Dask DataFrame
            Raw rows, with the columns that the model reads, or the column of scores.

        Returns
        -------
        pandas.Series of bool
            On the frame's index: whether the score is at least the threshold. Of polars a lazy frame of this column, of DuckDB
            a relation, of Dask a Series; no row is read before they are asked for.

        Raises
        ------
        ModelError
            Where no threshold keeps the limits.
        OptionError, FeatureError
            Where columns are missing, or a score is.
        """
        self._check_feasible()
        return Computed(scorer_of(self.strategy_scores), "flagged", self.value).of(data, method="apply")

    def at(self, threshold: Any = None, *, prevalence: float | None = None) -> Any:
        """Return what another threshold comes to, or this one at another share of positives; nothing is fitted.

        Parameters
        ----------
        threshold : float or sequence of float, optional
            Thresholds of your own, on the scale of the scores as ``.model()`` gives them: probabilities from 0 to 1 where it has
            these (with ``prevalence=`` brought to it, else neither calibrated nor corrected), else margins.
        prevalence : float, optional
            The share of positives where the model may be used. The same rows are flagged: probabilities that are brought to
            another prevalence keep their order, so that the threshold moves with them. Another threshold may be better
            there; ask ``best_threshold(..., prevalence=...)`` for it.

        Returns
        -------
        pandas.DataFrame or pandas.Series
            Of thresholds a frame, indexed by part: ``"out of fold"`` (``"train"`` for a column of scores, and for a model that
            came fitted), and ``"test"`` where there is a test set. ``threshold``, then the figures of `report`, each with
            its 95 % interval (``_low``, ``_high``). No row chose it, so that nothing is cross-fitted; of rows in the order of
            time the first fold is left out, as in `report`.

            Of a prevalence a Series: ``precision``, ``recall``, ``f1``, ``flag_rate``, and ``cost_per_1000`` rows where costs
            are known, each with its interval, of the rows that `report` reports.

        Raises
        ------
        OptionError
            A threshold that is no number or lies outside the scores, a prevalence that is no share, both or neither.
        ModelError
            Of a prevalence, where no threshold keeps the limits.

        Notes
        -----
        Of a large table whose scores are counted in cells, the cell that holds the threshold is passed over as a whole;
        ``best_threshold(..., scores=..., threshold=...)`` is exact.

        Examples
        --------
        >>> import imbalance_accessor as imb
        >>> df = imb.make_churn()
        >>> t = df.imb.best_threshold("churn")
        >>> t.at(0.3)["recall"].to_dict()
        {'out of fold': 0.1625, 'test': 0.25}
        >>> at = t.at(prevalence=0.01)
        >>> bool(at["recall"] == t.report.loc["chosen", "recall"]), bool(at["precision"] < t.report.loc["chosen", "precision"])
        (True, True)
        """
        if (threshold is None) == (prevalence is None):
            raise OptionError(
                "at takes a threshold or a prevalence, one of them: t.at(0.3) or t.at(prevalence=0.02). For both ask "
                "best_threshold(..., prevalence=...).at(0.3)."
            )
        if threshold is not None:
            return at_thresholds(self, threshold)
        self._check_feasible()
        return figures_at(self, prevalence)

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the choice in plain scikit-learn and numpy; see `Result.snippet`."""
        check_library(library)
        is_short = check_style(style) == "short" or isinstance(self.strategy_scores, TableScores)
        write = snippet_short.write if is_short else snippet.write
        return with_rows_said(write(self), self.strategy_scores.scored)

    def _check_feasible(self) -> None:
        if not self.feasible:
            cure, fix = loosened(self.strategy_scores, self.asked)
            raise ModelError(f"{card.title(self)}. {cure}", fix=fix)

    def _threshold_model(self, fitted: Any) -> Any:
        scored, classes = self.strategy_scores.scored, self.strategy_scores.classes
        odd = answers(scored.parts.features.target).dtype == object
        kind = OddLabelsThresholdClassifier if odd else FixedThresholdClassifier
        fixed = kind(
            FrozenEstimator(fitted),
            threshold=self.value,
            pos_label=plain(classes[scored.positive]),
            response_method="predict_proba" if scored.is_probability else "decision_function",
        )
        # the estimator is frozen, so that nothing is learned from these two rows and labels; who fits anew fits the whole
        return fixed.fit(scored.parts.train.X.iloc[:2], [0, 1]).set_params(estimator=fitted)

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)


def threshold_of(
    strategy_scores: StrategyScores,
    asked: ThresholdObjective,
    findings: Iterable[Finding],
    ignored: Collection[str],
) -> Threshold:
    """Choose the threshold of scores that are there already; nothing is fitted."""
    if asked.threshold is not None:
        check_within(asked.threshold, ScoreRange.of([strategy_scores.labelled_scores]))
    found = choose(strategy_scores, asked)
    every = [*findings, *findings_of(strategy_scores, asked, found)]
    return Threshold(strategy_scores, asked, found, collect(every, ignored))
