"""What an `Evaluation` holds, and the figures that its words, code and pictures read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from imbalance_accessor.errors import OptionError, one_of
from imbalance_accessor.feed import Reading
from imbalance_accessor.findings import Findings
from imbalance_accessor.fits import Fits
from imbalance_accessor.permuted import Permuted
from imbalance_accessor.present.result import Result, own_copy
from imbalance_accessor.scored import Scored
from imbalance_accessor.stats.decimals import written
from imbalance_accessor.stats.judging import Judged
from imbalance_accessor.stats.registry import metric_name, metric_of
from imbalance_accessor.strategies import NAMES, Plan
from imbalance_accessor.verbs import evaluation_frames
from imbalance_accessor.verbs.no_skill import NO_SKILL, no_skill, no_skill_several


@dataclass(frozen=True)
class Settings:
    """What the comparison was asked to do.

    Attributes
    ----------
    metric : str
        What the best strategy is chosen by, out of fold.
    criterion : str
        What a strategy's own cut maximises, out of fold.
    random_state : int or None
    preprocess : str or None
    """

    metric: str
    criterion: str
    random_state: int | None
    preprocess: str | None


@dataclass(frozen=True, repr=False, eq=False)
class EvaluationData(Result):
    """The fields of an `Evaluation`, which documents them, and what follows from them."""

    fits: Fits
    scored: Scored
    judged: dict[str, Judged]
    settings: Settings
    permuted: Permuted | None
    findings: Findings

    @property
    def plans(self) -> dict[str, Plan]:
        """Each strategy's pipeline, not fitted."""
        return self.fits.plans

    @property
    def reading(self) -> Reading:
        """How rows reach the model."""
        return self.fits.reading

    @property
    def is_binary(self) -> bool:
        """Whether one class is set against the rest; otherwise figures are averages over classes."""
        return self.scored.positive is not None

    @property
    def prevalence(self) -> float:
        """Share of the positive class in the test part; nan for several classes."""
        return float((self.scored.test_codes == self.scored.positive).mean()) if self.is_binary else np.nan

    @own_copy
    def frame(self) -> pd.DataFrame:
        """One row a strategy, those that failed empty (their finding says why), and ``no_skill`` last.

        Each figure on the test part, its 95 % interval (``_low``, ``_high``) and the same out of fold (``_cv``):
        ranking (``average_precision``, ``roc_auc``), probability (``brier``, ``log_loss``, ``mean_probability``
        beside ``prevalence``), decision at 0.5 (``precision``, ``recall``, ``f1``, ``mcc``, ``balanced_accuracy``,
        ``g_mean``, ``accuracy``, ``tp``, ``fp``, ``fn``, ``tn``) and the same with ``_tuned`` at the strategy's own
        best out-of-fold ``cut``. With several classes the row goes to the likeliest class, there is no cut, and
        ``recall[<label>]`` is each class's recall.
        """
        return evaluation_frames.figures(self.scored, self.judged, self.no_skill_figures, self.prevalence)

    @property
    def no_skill_figures(self) -> dict[str, float]:
        """What a model that knows nothing scores, by metric."""
        return self._no_skill[0]

    @property
    def no_skill(self) -> pd.Series:
        """Which answer that knows nothing is the better one, by metric: ``always majority``, ``always positive``, ..."""
        return pd.Series(self._no_skill[1], name="no_skill")

    @own_copy
    def differences(self) -> pd.DataFrame:
        """Differences to ``"none"`` on the test part, indexed by strategy.

        Each metric with ``_low`` and ``_high``: 95 % intervals that hold for all strategies at once (max-t over the
        same bootstrap draws). With ``groups=`` and fewer than ten of them in the test part, on the rows out of fold
        instead, where ranking figures are means over folds weighted by their positives; nan where they have fewer too.
        """
        return evaluation_frames.differences_to_none(self.scored, self.judged)

    @property
    def few_groups(self) -> int | None:
        """Groups of the test part, where they are too few for an interval."""
        return self.scored.resamples.n_groups if self.scored.resamples.too_few_groups else None

    @property
    def compares_folds(self) -> bool:
        """Whether differences are taken of the rows out of fold, since the test part has too few groups."""
        return self.few_groups is not None and self.is_compared

    @property
    def is_compared(self) -> bool:
        """Whether strategies can be compared: that takes ten groups on one side, where groups rule."""
        return any(map(len, self.judged["none"].compared.samples.values()))

    @property
    def compared_on(self) -> str:
        """The rows that differences are taken of, for a sentence."""
        if not self.compares_folds:
            return "on test" if self.few_groups is None else "out of fold"
        return f"out of fold, over {self.scored.oof_resamples.n_groups} groups"

    @property
    def chosen_on(self) -> str:
        """Where cuts and the winner were chosen; a model fitted elsewhere has no out-of-fold scores."""
        return "on the train part" if self.reading.model.fitted else "out of fold"

    @property
    def best(self) -> str:
        """The strategy with the best out-of-fold `metric`; ties go to the simplest."""
        return self.best_by(self.settings.metric)

    def best_by(self, metric: str) -> str:
        """Return the strategy with the best out-of-fold value of a metric.

        Parameters
        ----------
        metric : str
            A column of `frame`, such as ``"recall"`` or ``"f1_tuned"``; aliases such as ``"auc"`` are understood.

        Raises
        ------
        OptionError
            An unknown metric, or one that no strategy has a value for.
        """
        judged = next(iter(self.judged.values()))
        directions = {name: _direction(name) for name in judged.cv}
        name = one_of("metric", metric_name(metric), [name for name, sign in directions.items() if sign])
        sign = directions[name]
        values = {strategy: sign * round(each.cv[name], 12) for strategy, each in self.judged.items()}
        if np.isnan(list(values.values())).all():
            raise OptionError(
                f"metric={metric!r} has no value here: this model's scores are no probabilities."
            )
        order = {strategy: NAMES.index(strategy) if strategy in NAMES else len(NAMES) for strategy in values}
        return min(values, key=lambda strategy: (-values[strategy], order[strategy]))

    def cut_text(self, name: str) -> str:
        """Return a strategy's own cut as it is written: the very number that is applied."""
        return written(self.judged[self._strategy(name)].cut) if self.is_binary else "–"

    @own_copy
    def scores(self) -> pd.DataFrame:
        """Every row's score by every strategy, on the original index.

        Columns: ``strategy``, ``part`` (train: out of fold), ``fold``, the label, ``probability`` (or ``score``, where
        scores are no probabilities; one column a class for several classes) and, for two sides, ``flagged`` at the
        strategy's own cut. Train rows that no fold scores are nan.
        """
        return evaluation_frames.scores(self.scored, self.judged, fitted=self.reading.model.fitted)

    @cached_property
    def _no_skill(self) -> NO_SKILL:
        scored = self.scored
        train, test, names = scored.train_codes, scored.test_codes, scored.parts.task.target.names
        if scored.positive is None:
            return no_skill_several(train, test, len(names), names, scored.is_probability)
        return no_skill(train == scored.positive, test == scored.positive, scored.is_probability)

    def _strategy(self, name: str) -> str:
        return one_of("strategy", name, list(self.judged))


def _direction(column: str) -> int:
    """Whether more of a column is better, 1, or less, -1; 0 for what nothing is chosen by."""
    metric = metric_of(column)
    if metric is None:
        return int(column.startswith("recall["))
    return metric.better if metric.is_compared else 0
