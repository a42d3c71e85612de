"""What an `Evaluation` holds, and the figures that its words, code and pictures read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import IN_WORDS, Fix, OptionError, change, one_of
from imbalance_accessor.evaluation.fit import FeatureReader
from imbalance_accessor.evaluation.permutation import PermutationTest
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.findings import Findings
from imbalance_accessor.inspection.regression_size import RegressionSize, regression_size
from imbalance_accessor.metrics.comparison import Comparison, Difference, Metrics
from imbalance_accessor.metrics.dummy_baseline import DummyBaseline, dummy_baseline, dummy_baseline_several
from imbalance_accessor.metrics.multiclass import is_of_one_class
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import (
    KINDS,
    METRICS,
    criteria,
    metric_name,
    metric_names,
    metric_of,
    metric_words,
    rows,
)
from imbalance_accessor.metrics.rounding import about, written
from imbalance_accessor.metrics.sensitivity import AnyScores
from imbalance_accessor.metrics.threshold_range import threshold_range
from imbalance_accessor.metrics.thresholds import ThresholdGrid
from imbalance_accessor.modeling.models import Model
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.several_models import shown_name
from imbalance_accessor.modeling.strategies import NAMES
from imbalance_accessor.options import STRATEGY_WORDS
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.result import Result, cached_frame
from imbalance_accessor.verbs.fit_eval.frames import differences_frame, figures_frame, scores_frame
from imbalance_accessor.verbs.shared.per_class import per_class_frame


@dataclass(frozen=True)
class Settings:
    """What the comparison was asked to do.

    Attributes
    ----------
    metric : str
        What the best strategy is chosen by, out of fold.
    criterion : str
        What a strategy's tuned threshold maximises, out of fold.
    random_state : int or None
    preprocess : str or None
    """

    metric: str
    criterion: str
    random_state: int | None
    preprocess: str | None


def read_settings(
    metric: str,
    criterion: str,
    model: Model,
    features: Features,
    *,
    random_state: int | None,
    preprocess: str | None,
) -> Settings:
    """Check the metric and the criterion against the model and the number of classes."""
    is_binary = features.target.is_binary
    criterion = one_of(
        "criterion", metric_name(criterion), criteria(several=not is_binary), words=metric_words()
    )
    return Settings(_metric(metric, model, features), criterion, random_state, preprocess)


def _metric(metric: str, model: Model, features: Features) -> str:
    """Return the metric's name, or say that this model, or several classes, have no such figure."""
    is_binary = features.target.is_binary
    known = [each for kind in KINDS for each in rows(kind, several=not is_binary) if each.better]
    tuned = [f"{name}_tuned" for name in metric_names("decision")]
    name = one_of(
        "metric", metric_name(metric), [*(each.name for each in known), *tuned], words=metric_words()
    )
    if name in metric_names("probability") and not model.has_probabilities:
        raise OptionError(
            f"metric={metric!r} needs probabilities; {model.name!r} only ranks. Use 'average_precision'.",
            fix=change(metric="average_precision"),
        )
    if name in tuned and not is_binary:
        raise OptionError(
            f"metric={metric!r} needs a threshold, which is undefined for several classes. Name one with pos_label=.",
            fix=pos_label_fix(features.target, model),
        )
    return name


def pos_label_fix(target: Target, model: Model) -> Fix:
    """Return the fix that sets the rarest of several classes against the rest; a fitted model knows the classes it learned."""
    return IN_WORDS if model.fitted else change(pos_label=target.classes[target.rarest])


@dataclass(frozen=True, repr=False, eq=False)
class EvaluationData(Result):
    """The fields of an `Evaluation`, which documents them, and what follows from them."""

    plan: Plan
    scored: CrossValScores
    evaluated: dict[str, Metrics]
    comparison: Comparison
    settings: Settings
    permuted: PermutationTest | None
    findings: Findings
    strategy_scores: Mapping[str, FittedScores]

    @property
    def candidates(self) -> dict[str, Candidate]:
        """Each strategy's pipeline, not fitted."""
        return self.plan.candidates

    @property
    def reader(self) -> FeatureReader:
        """How rows reach the model."""
        return self.plan.reader

    @property
    def is_binary(self) -> bool:
        """Whether one class is set against the rest; otherwise figures are averages over classes."""
        return self.scored.positive is not None

    @property
    def prevalence(self) -> float:
        """Share of the positive class in the rows that are reported; nan for several classes."""
        codes, weights = self.scored.reported_codes, self.scored.reported_weights
        return float(np.average(codes == self.scored.positive, weights=weights)) if self.is_binary else np.nan

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row a strategy, those that failed empty (their finding says why), and ``dummy`` last.

        Each figure on the test set, its 95 % interval (``_low``, ``_high``) and the same out of fold (``_cv``; there rows
        are ordered by their rank within their fold, or with ``groups=`` and ``time=`` folds are weighted by positives).
        With ``test_size=0`` the former are those out of fold, and with ``repeats=`` means over deals, counts too:
        ranking (``average_precision``, ``roc_auc``), probability (``brier``, ``log_loss``, ``mean_probability``
        beside ``prevalence``), decision at 0.5, or as the model's own ``predict`` decides where that is something else
        (``precision``, ``recall``, ``f1``, ``mcc``, ``balanced_accuracy``, ``g_mean``, ``accuracy``, ``tp``, ``fp``,
        ``fn``, ``tn``) and the same with ``_tuned`` at the strategy's tuned ``threshold``, chosen out of fold. With several
        classes a row goes to the likeliest class, whatever ``predict`` says, there is no threshold, and
        ``recall[<label>]`` is each class's recall.
        """
        return figures_frame(self.scored, self.evaluated, self.dummy_figures, self.prevalence)

    @property
    def dummy_figures(self) -> dict[str, float]:
        """What a dummy model scores, by metric."""
        return self._dummy[0]

    @property
    def dummy(self) -> pd.Series:
        """Which dummy answer is the better one, by metric: ``always majority``, ``always positive``, ..."""
        return pd.Series(self._dummy[1], name="dummy")

    @cached_frame
    def differences(self) -> pd.DataFrame:
        """Differences to ``"none"`` out of fold, between the ``_cv`` columns of `frame`, indexed by strategy.

        Each metric with ``_low`` and ``_high``: 95 % intervals that hold for all strategies at once (max-t over the
        same bootstrap draws of the train rows); nan with ``groups=`` and fewer than ten of them. Of several models
        differences to each one's plain model, indexed by strategy and by what it is held ``against``; the intervals
        hold for all of these pairs at once.
        """
        return differences_frame(self.scored, self.comparison)

    @cached_frame
    def per_class(self) -> pd.DataFrame:
        """Of several classes one row a strategy and class, indexed by both.

        ``rows`` of the class and rows ``predicted`` as it, on the test set (with ``test_size=0`` out of fold); ``recall``
        and ``precision`` with 95 % intervals (``_low``, ``_high``: Wilson's) and the same out of fold (``_cv``); nan for the
        precision of a class that is never predicted. ``confused_with`` is the class that most of its rows are taken for
        wrongly, ``confused_rows`` how many.

        Raises
        ------
        OptionError
            If one class is set against the rest: its recall and precision are columns of `frame`.
        """
        if self.is_binary:
            raise OptionError("per_class is of several classes. One class against the rest is in .frame.")
        scores = {name: self.reported_scores(name) for name in self.evaluated}
        return per_class_frame(self.scored, self.evaluated, scores)

    @cached_property
    def regression_size(self) -> RegressionSize | None:
        """Whether there are events enough for the columns of the plain model; None where it is no logistic regression."""
        plain = self.strategy_scores[self.base]
        return regression_size(plain.plan, plain.scored)

    @property
    def few_groups(self) -> int | None:
        """Groups of the rows that are reported, where they are too few for an interval."""
        return self.scored.resamples.n_groups if self.scored.resamples.too_few_groups else None

    @property
    def is_compared(self) -> bool:
        """Whether strategies can be compared: that takes ten groups, where groups rule."""
        return not self.comparison.resamples.too_few_groups

    @property
    def decided_by(self) -> str:
        """The metric that the comparison is decided by; with groups none that has a threshold, chosen fold by fold."""
        metric = METRICS[self.settings.metric.removesuffix("_tuned")]
        grouped = self.comparison.resamples.n_groups is not None
        return "average_precision" if grouped and metric.kind == "decision" else self.settings.metric

    @cached_property
    def distinguished(self) -> tuple[list[str], list[str]]:
        """The strategies that are better out of fold than the plain model, of several the best one, and those that are worse."""
        found, sign = self.gained(self.decided_by), _direction(self.decided_by)
        above = [name for name, (_, low, _) in found.items() if low > 0]
        below = [name for name, (_, _, high) in found.items() if high < 0]
        return (above, below) if sign > 0 else (below, above)

    @property
    def plain(self) -> tuple[str, ...]:
        """The plain models."""
        return self.comparison.plain

    @property
    def has_own_plain(self) -> bool:
        """Whether strategies are held against the plain models of several."""
        return len(self.plan.of_models) > 0 and len(self.evaluated) > len(self.plain)

    @cached_property
    def base(self) -> str:
        """The plain model, which the verdict holds the others against; of several the best one out of fold."""
        return self.best_of(self.decided_by, list(self.plain))

    def plain_of(self, name: str) -> str:
        """Return the plain model of a strategy's own model; of an ensemble in a model's place `base`."""
        model = self.model_of(name)
        return self.base if model is None else shown_name(model, "none")

    def model_of(self, name: str) -> str | None:
        """Return the name of a strategy's model, empty where there is one only; None of an ensemble in a model's place."""
        models = self.plan.each
        strategy = self.strategy_scores[name].name
        return next((model for model in models if shown_name(model, strategy) == name), None)

    def gained(self, metric: str) -> dict[str, Difference]:
        """Return what each other strategy has more of a metric out of fold than `base`, with its interval."""
        return self.comparison.differences(metric, self.base)

    @property
    def held_out(self) -> bool:
        """Whether there is a test set; else the rows out of fold are reported."""
        return self.scored.held_out

    @property
    def chosen_on(self) -> str:
        """Where strategies were compared and thresholds chosen; a model fitted elsewhere has no out-of-fold scores."""
        if not self.reader.model.fitted:
            return "out of fold"
        return "on the training set" if self.held_out else "on these rows"

    @property
    def reported_on(self) -> str:
        """Which rows are reported, for a sentence."""
        return "on test" if self.held_out else self.chosen_on

    @property
    def best(self) -> str:
        """The plain model, ``"none"``, unless others are better out of fold by the comparison: then the best of these.

        Of several models the best plain one takes the plain model's place.
        """
        better = self.distinguished[0]
        return self.best_of(self.decided_by, better) if better else self.base

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
        evaluated = next(iter(self.evaluated.values()))
        directions = {name: _direction(name) for name in evaluated.cv}
        name = one_of(
            "metric",
            metric_name(metric),
            [name for name, sign in directions.items() if sign],
            words=metric_words(),
        )
        if np.isnan([each.cv[name] for each in self.evaluated.values()]).all():
            raise OptionError(
                f"metric={metric!r} has no value here: this model's scores are no probabilities. Use 'average_precision'.",
                fix=change(metric="average_precision"),
            )
        return self.best_of(name, list(self.evaluated))

    def threshold_text(self, name: str) -> str:
        """Return a strategy's tuned threshold as it is written: the very number that is applied."""
        return written(self.evaluated[self._strategy(name)].threshold) if self.is_binary else "–"

    def about_threshold(self, name: str) -> str:
        """Return a strategy's tuned threshold with no more digits than resamples of its scores leave."""
        labelled_scores = self.scored.labelled_scores(name)
        seen, weights = labelled_scores.seen, labelled_scores.weights_oof
        grid = ThresholdGrid(
            labelled_scores.y_oof[seen], labelled_scores.score_oof[seen], weights=weights.take(seen)
        )
        found = threshold_range(grid, labelled_scores.tuning(Objective(self.settings.criterion)))
        return about(self.evaluated[name].threshold, found.low, found.high)

    @cached_frame
    def scores(self) -> pd.DataFrame:
        """Every row's score by every strategy, on the original index.

        Columns: ``strategy``, ``part`` (train: out of fold), ``fold``, the label, ``probability`` (or ``score``, where
        scores are no probabilities; one column a class for several classes) and, for two sides, ``flagged`` at the
        strategy's tuned threshold. Train rows that no fold scores are nan; of ``repeats=`` these are the first deal's.
        """
        return scores_frame(self.scored, self.evaluated, fitted=self.reader.model.fitted)

    def reported_scores(self, name: str) -> AnyScores:
        """Return a strategy's scores of the rows that are reported, with the rows that its tuned threshold flags."""
        if not self.held_out:
            return self.comparison.scores[name]
        return self.scored.labelled_scores(name).on_test(self.evaluated[name].threshold)

    @cached_property
    def _dummy(self) -> DummyBaseline:
        scored = self.scored
        train, test, names = scored.train_codes, scored.reported_codes, scored.parts.features.target.names
        weights = scored.train_weights, scored.reported_weights
        if scored.positive is None:
            return dummy_baseline_several(train, test, len(names), names, scored.is_probability, weights)
        sides = train == scored.positive, test == scored.positive
        return dummy_baseline(*sides, scored.is_probability, weights)

    def best_of(self, metric: str, among: list[str]) -> str:
        """Return the one of some strategies with the best out-of-fold value; ties go to the simplest."""
        values = {name: _direction(metric) * round(self.evaluated[name].cv[metric], 12) for name in among}
        own = {name: self.strategy_scores[name].name for name in among}
        order = {name: NAMES.index(each) if each in NAMES else len(NAMES) for name, each in own.items()}
        return min(among, key=lambda name: (-values[name], order[name]))

    def _strategy(self, name: str, fix: Callable[[str], Fix] | None = None) -> str:
        """Return the name of a row; a model's name alone is its plain one, and "none" the best of these."""
        if self.plan.of_models and name == "none":
            name = self.base
        if name not in self.evaluated and name in self.plan.of_models:
            name = shown_name(name, "none")
        return one_of("strategy", name, list(self.evaluated), fix=fix, words=STRATEGY_WORDS)


def _direction(column: str) -> int:
    """Whether more of a column is better, 1, or less, -1; 0 for what nothing is chosen by."""
    metric = metric_of(column)
    if metric is None:
        return int(is_of_one_class(column))
    return metric.better if metric.is_compared else 0
