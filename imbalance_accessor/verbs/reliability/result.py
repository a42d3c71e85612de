"""The result of `reliability`: are the probabilities true, what repairs them, and the repaired models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from imbalance_accessor.errors import ModelError, OptionError, one_of
from imbalance_accessor.evaluation.score_column import column_scores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, StrategyScores
from imbalance_accessor.findings import Finding, collect
from imbalance_accessor.metrics.calibration import BIN_RULES
from imbalance_accessor.modeling.calibrators import RepairedClassifier, known_repairs
from imbalance_accessor.options import REPAIRS, is_whole
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.reliability import card, plots, snippet, text, verdict
from imbalance_accessor.verbs.reliability.calibration_report import Binning, Judging, Key, judge
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.findings import findings_of


@dataclass(frozen=True, repr=False, eq=False)
class Reliability(ReliabilityData):
    """Probabilities held against what happened, as they are and repaired.

    Attributes
    ----------
    origins : dict of str to StrategyScores
        Where each set of scores came from, by what it is called.
    binning : Binning
        How the diagram puts probabilities into bins.
    judging : Judging
        Every row.
    findings : Findings
        What the reader must know.
    """

    @property
    def verdict(self) -> str:
        """Whether the probabilities are calibrated, and what calibrates them: what the card has as its title."""
        return verdict.title(self)

    @property
    def typical(self) -> pd.DataFrame:
        """What is typical of each kind of model, and what this one showed; indexed by strategy."""
        return card.typical(self)

    def apply(self, data: pd.DataFrame, name: str | None = None, *, strategy: str | None = None) -> pd.Series:
        """Return repaired probabilities of the positive class.

        Parameters
        ----------
        data : pandas.DataFrame
            Raw rows, with the columns that the model reads, or the column of scores.
        name, strategy : str, optional
            As in `model`.

        Returns
        -------
        pandas.Series of float
            On the frame's index.

        Raises
        ------
        OptionError
            A repair or a strategy that has no row here, or columns that are missing.
        """
        which, repair = self._key(name, strategy)
        origin, fitted = self.origins[which], self.judging.rows[which, repair].repair
        if isinstance(origin, ColumnScores):
            p = column_scores(data, origin.column)
            p = p if fitted is None else fitted.apply(p)
        else:
            p = self.model(name, strategy=strategy).predict_proba(data)[:, origin.scored.positive]
        return pd.Series(p, index=data.index, name="probability")

    def model(self, name: str | None = None, *, strategy: str | None = None) -> Any:
        """Return a fitted classifier whose `predict_proba` is repaired; it reads raw rows of the frame.

        Parameters
        ----------
        name : str, optional
            The repair; by default the one chosen out of fold.
        strategy : str, optional
            By default the first.

        Returns
        -------
        classifier
            It pickles.

        Raises
        ------
        OptionError
            A repair or a strategy that has no row here.
        ModelError
            Where nothing was fitted.
        """
        which, repair = self._key(name, strategy)
        origin, fitted = self.origins[which], self.judging.rows[which, repair].repair
        if isinstance(origin, ColumnScores):
            raise ModelError(
                f"Nothing was fitted: the scores came in the column {origin.column!r}. Repair them with "
                f"r.apply(df, {repair!r})."
            )
        return (
            origin.model
            if fitted is None
            else RepairedClassifier(origin.model, fitted, origin.scored.positive or 0)
        )

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the comparison in plain scikit-learn; see `Result.snippet`."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _key(self, name: str | None, strategy: str | None) -> Key:
        """Return the row that a repair and a strategy name."""
        which = next(iter(self.origins)) if strategy is None else one_of("strategy", strategy, self.origins)
        there = [repair for each, repair in self.judging.rows if each == which]
        return which, self.best[which] if name is None else one_of("repair", name, there)

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)


def read_repairs(repairs: Any) -> tuple[str, ...]:
    """Return the repairs asked for, or say which of them is not known."""
    items = (repairs,) if isinstance(repairs, str) else repairs
    if not isinstance(items, Sequence | set | frozenset):
        raise OptionError(f"repairs={repairs!r:.60} must be a list, such as ['sigmoid'].")
    known = known_repairs()
    chosen = [one_of("repairs", item, known) for item in items if item != "none"]
    return tuple(name for name in REPAIRS if name in chosen)


def read_binning(bins: Any, n_bins: Any) -> Binning:
    """Return how the diagram bins, or say what is wrong with it."""
    rule = one_of("bins", bins, BIN_RULES)
    if not is_whole(n_bins) or not 2 <= n_bins <= 1000:
        raise OptionError(f"n_bins={n_bins!r:.60} must be a whole number from 2 to 1000. Use n_bins=10.")
    return Binning(rule, int(n_bins))


def reliability_of(
    origins: Mapping[str, StrategyScores],
    repairs: Sequence[str],
    binning: Binning,
    findings: Iterable[Finding],
    muted: Collection[str],
) -> Reliability:
    """Judge scores that are there already; no model is fitted."""
    judging: Judging = judge(origins, repairs, binning)
    every = [*findings, *findings_of(origins, repairs, judging)]
    return Reliability(dict(origins), binning, judging, collect(every, muted))


__all__ = ["Key", "Reliability", "read_binning", "read_repairs", "reliability_of"]
