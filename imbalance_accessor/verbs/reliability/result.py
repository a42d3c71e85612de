"""The result of `reliability`: are the probabilities true, what calibrates them, and the calibrated models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from imbalance_accessor.errors import IN_WORDS, Fix, ModelError, OptionError, change, one_line, one_of
from imbalance_accessor.evaluation.row_scores import Computed, scorer_of
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, StrategyScores
from imbalance_accessor.evaluation.table_scores import TableScores
from imbalance_accessor.findings import Finding, collect
from imbalance_accessor.metrics.bins import BIN_RULES
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.modeling.calibrators import known_calibrators, with_calibrator
from imbalance_accessor.options import CALIBRATOR_WORDS, CALIBRATORS, STRATEGY_WORDS, is_whole
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.terminals import Printed
from imbalance_accessor.verbs.reliability import card, plots, snippet, snippet_short, text, verdict
from imbalance_accessor.verbs.reliability.calibration_report import (
    Binning,
    CalibrationReport,
    RowKey,
    report_calibration,
)
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.findings import findings_of
from imbalance_accessor.verbs.shared.held_out import with_rows_said


@dataclass(frozen=True, repr=False, eq=False)
class Reliability(ReliabilityData):
    """Probabilities held against what happened, as they are and calibrated.

    Attributes
    ----------
    scores_by_strategy : dict of str to StrategyScores
        Where each set of scores came from, by what it is called.
    binning : Binning
        How the diagram puts probabilities into bins.
    report : CalibrationReport
        Every row.
    findings : Findings
        What the reader must know.
    """

    @property
    def verdict(self) -> str:
        """Whether the probabilities are calibrated, and what calibrates them: what the card has as its title."""
        return Printed(verdict.title(self))

    @property
    def typical(self) -> pd.DataFrame:
        """What is typical of each kind of model, and what this one showed; indexed by strategy."""
        return card.typical(self)

    def apply(self, data: Any, name: str | None = None, *, strategy: str | None = None) -> Any:
        """Return calibrated probabilities of the positive class.

        Parameters
        ----------
        data : pandas.DataFrame, or a lazy frame of polars, a relation of DuckDB, a Dask DataFrame
            Raw rows, with the columns that the model reads, or the column of scores.
        name, strategy : str, optional
            As in `model`.

        Returns
        -------
        pandas.Series of float
            On the frame's index. Of polars a lazy frame of this column, of DuckDB a relation, of Dask a Series; no row is read
            before they are asked for.

        Raises
        ------
        OptionError, FeatureError
            A calibrator or a strategy that has no row here, or columns that are missing.
        """
        which, calibrator = self._key(name, strategy)
        fitted = self.report.rows[which, calibrator].calibrator
        scorer = scorer_of(self.scores_by_strategy[which], fitted)
        return Computed(scorer, "probability").of(data, method="apply")

    def model(self, name: str | None = None, *, strategy: str | None = None) -> Any:
        """Return a fitted classifier whose `predict_proba` is calibrated; it reads raw rows of the frame.

        Parameters
        ----------
        name : str, optional
            The calibrator; by default the one chosen out of fold.
        strategy : str, optional
            By default the first.

        Returns
        -------
        classifier
            It pickles.

        Raises
        ------
        OptionError
            A calibrator or a strategy that has no row here.
        ModelError
            Where nothing was fitted.
        """
        which, calibrator = self._key(name, strategy)
        strategy_scores, fitted = (
            self.scores_by_strategy[which],
            self.report.rows[which, calibrator].calibrator,
        )
        if isinstance(strategy_scores, ColumnScores):
            raise ModelError(
                f"Nothing was fitted: the scores came in the column {strategy_scores.column!r}. Calibrate them with "
                f"r.apply(df, {calibrator!r})."
            )
        if fitted is None:
            return strategy_scores.handed_out
        return with_calibrator(strategy_scores.model, fitted, strategy_scores.scored.positive)

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the comparison in plain scikit-learn; see `Result.snippet`."""
        check_library(library)
        is_short = check_style(style) == "short" or isinstance(self._first, TableScores)
        write = snippet_short.write if is_short else snippet.write
        return with_rows_said(write(self), self._first.scored)

    def _key(self, name: str | None, strategy: str | None) -> RowKey:
        """Return the row that a calibrator and a strategy name."""
        which = (
            next(iter(self.scores_by_strategy))
            if strategy is None
            else one_of("strategy", strategy, self.scores_by_strategy, words=STRATEGY_WORDS)
        )
        there = [calibrator for each, calibrator in self.report.rows if each == which]
        return which, self.best[which] if name is None else one_of(
            "calibrator", name, there, fix=lambda known: change(name=known), words=CALIBRATOR_WORDS
        )

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)


def read_calibrators(calibrators: Any) -> tuple[str, ...]:
    """Return the calibrators asked for, or say which of them is not known."""
    items = (calibrators,) if isinstance(calibrators, str) else calibrators
    if not isinstance(items, Sequence | set | frozenset):
        raise OptionError(
            f"calibrators={one_line(calibrators)} must be a list, such as ['sigmoid']; [] for none.",
            fix=change(calibrators=[]) if calibrators is None else IN_WORDS,
        )
    known = known_calibrators()
    chosen = [
        one_of("calibrators", item, known, fix=partial(_instead_of, items, item), words=CALIBRATOR_WORDS)
        for item in items
        if item != "none"
    ]
    return tuple(name for name in CALIBRATORS if name in chosen)


def _instead_of(items: Collection[Any], wrong: Any, name: str) -> Fix:
    """Return the fix that puts a calibrator's name in its place."""
    return change(calibrators=[name if each == wrong else each for each in items])


def read_binning(bins: Any, n_bins: Any) -> Binning:
    """Return how the diagram bins, or say what is wrong with it."""
    rule = one_of("bins", bins, BIN_RULES)
    if not is_whole(n_bins) or not 2 <= n_bins <= 1000:
        raise OptionError(
            f"n_bins={one_line(n_bins)} must be a whole number from 2 to 1000. Use n_bins=10.",
            fix=change(n_bins=10),
        )
    return Binning(rule, int(n_bins))


def reliability_of(
    scores_by_strategy: Mapping[str, StrategyScores],
    calibrators: Sequence[str],
    binning: Binning,
    findings: Iterable[Finding],
    ignored: Collection[str],
    costs: Costs | None = None,
) -> Reliability:
    """Judge scores that are there already; no model is fitted."""
    report: CalibrationReport = report_calibration(scores_by_strategy, calibrators, binning, costs)
    every = [*findings, *findings_of(scores_by_strategy, calibrators, report)]
    return Reliability(dict(scores_by_strategy), binning, report, collect(every, ignored))


__all__ = ["Reliability", "RowKey", "read_binning", "read_calibrators", "reliability_of"]
