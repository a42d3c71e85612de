"""Everything that is decided before the first fit: parts, folds, pipelines; and the door to fitting them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from imbalance_accessor.data.features import Columns, Task, check_features, missing_cells
from imbalance_accessor.errors import FeatureError, ModelError, OptionError, counted, listed, one_of
from imbalance_accessor.feed import Reading
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.bootstrap import FEWEST_GROUPS, Resamples
from imbalance_accessor.metrics.comparison import Sides
from imbalance_accessor.modeling.estimators import FrameReader
from imbalance_accessor.modeling.models import NAMED, Estimator, Model
from imbalance_accessor.modeling.pipelines import (
    NAMES,
    Plan,
    assemble,
    correction_made_twice,
    read_strategies,
    refusal,
    weighted_already,
)
from imbalance_accessor.modeling.seeds import about_seeds
from imbalance_accessor.modeling.strategies import Asked
from imbalance_accessor.scored import Scored, score
from imbalance_accessor.splitting.folds import Folds, make_folds
from imbalance_accessor.splitting.split import Parts, divide, share_with_groups

#: Variance below which naive Bayes, which adds a billionth of the largest to each, divides by 0.
_VARIANCE = 1e-290
#: Test positives below which strategies can hardly be told apart.
FEW_POSITIVES = 100
#: Standard errors beyond which two shares of flagged rows differ by more than chance.
_SURELY = 4.0


@dataclass(frozen=True, eq=False)
class Fits:
    """What is to be fitted on which rows.

    Attributes
    ----------
    parts : Parts
        The rows.
    folds : Folds
        Of the train part.
    model : Model
    plans : dict of str to Plan
        The strategies and their pipelines, not fitted.
    random_state : int or None
    findings : tuple of Finding
        The frame's, the split's, the folds' and the strategies'.
    """

    parts: Parts
    folds: Folds
    model: Model
    plans: dict[str, Plan]
    random_state: int | None
    findings: tuple[Finding, ...]

    @cached_property
    def reading(self) -> Reading:
        """How rows reach the model."""
        return Reading(self.model, self.parts)

    def score(self, *, n_jobs: int | None = None, progress: bool | None = None, note: str = "") -> Scored:
        """Fit and score; see `scored.score`."""
        return score(self.reading, self.folds, self.plans, n_jobs=n_jobs, progress=progress, note=note)


@dataclass(frozen=True, eq=False)
class StrategyScores:
    """One strategy's scores, and what came of the rows they are of: fitted here, or from a column.

    Attributes
    ----------
    scored : Scored
        The scores, by strategy.
    name : str
        The strategy; ``"scores"`` where they came with the rows.
    """

    scored: Scored
    name: str

    @cached_property
    def sides(self) -> Sides:
        """The scores of the positive class, train and test."""
        return self.scored.sides(self.name)

    @property
    def resamples(self) -> Resamples:
        """Draws of the test rows."""
        return self.scored.resamples

    @property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored."""
        return self.scored.oof_resamples

    @property
    def random_state(self) -> int | None:
        """The seed of the split, and of all that follows."""
        return self.scored.parts.rule.random_state

    @property
    def model(self) -> Estimator:
        """The model fitted on the whole train part, which predicts on raw rows; None where nothing was fitted."""
        return self.scored.by_name[self.name].model

    @property
    def classes(self) -> NDArray[Any]:
        """The labels that the model answers in."""
        return np.asarray(self.model.classes_)

    @property
    def chosen_on(self) -> str:
        """Where a cut is chosen: a model fitted elsewhere, or a column, has no out-of-fold scores."""
        return "on the train part" if len(self.scored.parts.test) else "on these rows"


@dataclass(frozen=True, eq=False)
class ColumnScores(StrategyScores):
    """Scores that came with the rows, in a column of the frame."""

    column: Hashable


@dataclass(frozen=True, eq=False)
class FittedScores(StrategyScores):
    """Scores of a model that was fitted here, or scored as it came; `fits` says how to come by them again."""

    fits: Fits

    @property
    def model(self) -> Estimator:
        """The model fitted on the whole train part, which predicts on raw rows."""
        fitted = self.scored.by_name[self.name].model
        if not self.fits.model.fitted:
            return fitted
        reader = FrameReader(self.scored.parts.task.columns, as_is=True, names=self.fits.reading.names)
        return Pipeline([("columns", reader), ("model", FrozenEstimator(fitted))])

    @property
    def chosen_on(self) -> str:
        """Where a cut is chosen: a model fitted elsewhere has no out-of-fold scores."""
        return super().chosen_on if self.fits.model.fitted else "out of fold"


@dataclass(frozen=True, eq=False)
class TopClass(FittedScores):
    """The probability of the likeliest of several classes, held against whether that class is the right one."""

    @cached_property
    def sides(self) -> Sides:
        """Whether the likeliest class is right, and its probability, train and test."""
        return self._sides(self.scored)

    def _sides(self, scored: Scored) -> Sides:
        scores = scored.by_name[self.name]
        return Sides(
            scores.test.argmax(axis=1) == scored.test_codes,
            scores.test.max(axis=1),
            scores.oof.argmax(axis=1) == scored.train_codes,
            scores.oof.max(axis=1),
            scored.folds.ids,
            scored.is_probability,
            scored.parts.rule.time is not None,
            again=tuple(self._sides(each) for each in scored.again),
        )

    @cached_property
    def resamples(self) -> Resamples:
        """Draws of the rows that are reported, by whether their likeliest class is right."""
        parts = self.scored.parts
        if not self.scored.held_out:
            return self.oof_resamples
        return Resamples(self.sides.y, groups=parts.groups_of(parts.test), seed=self.random_state or 0)

    @cached_property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored, by the same rule."""
        seen, groups = self.sides.seen, self.scored.parts.groups_of(self.scored.parts.train)
        own = None if groups is None else groups[seen]
        return Resamples(self.sides.y_oof[seen], groups=own, seed=self.random_state or 0)


def prepare(
    task: Task,
    model: Model,
    strategies: Any,
    *,
    test_size: float,
    cv: int,
    random_state: int | None,
    test: pd.DataFrame | None,
    max_rows: int | None = None,
    repeats: int = 1,
) -> Fits:
    """Check features, divide the rows, fold the train part and build the pipelines; nothing is fitted.

    Parameters
    ----------
    task : Task
    model : Model
    strategies : sequence
        As the user named them.
    test_size, cv, random_state, test, max_rows, repeats
        As `divide` and `make_folds` take them.

    Raises
    ------
    FeatureError, OptionError, SplitError
        One sentence each.
    """
    if not model.fitted:
        check_features(task.X, task.columns)
        _check_preprocess(model, task)
    rows: dict[str, Any] = {"test_size": test_size, "random_state": random_state, "test": test}
    parts = divide(task, **rows, max_rows=max_rows, nothing=True)
    if not (model.fitted or test is None):
        check_features(parts.test.X, task.columns, frame="test")
    folds = make_folds(parts, cv=cv, random_state=random_state, repeats=repeats)
    _check_folds(model, parts, folds)
    plans, findings = _plans(strategies, model, parts, folds, random_state)
    findings += [] if model.fitted else about_seeds((plan.estimator for plan in plans.values()), random_state)
    return Fits(parts, folds, model, plans, random_state, (*parts.findings, *folds.findings, *findings))


def prepare_one(task: Task, model: Model, strategy: Any, **rows: Any) -> Fits:
    """Prepare one strategy alone, as `prepare` does several.

    Raises
    ------
    OptionError
        Several strategies.
    ModelError
        A strategy that this model cannot take.
    """
    if isinstance(strategy, list | tuple | set | dict):
        raise OptionError(
            f"strategy={strategy!r:.60} must be one strategy, such as 'smote'. fit_eval compares several."
        )
    if isinstance(strategy, str):
        one_of("strategy", strategy, NAMES)
    fits = prepare(task, model, [strategy], **rows)
    asked_none = model.fitted or (isinstance(strategy, str) and strategy == "none")
    plans = {name: plan for name, plan in fits.plans.items() if asked_none or name != "none"}
    if not plans:
        why = next(each for each in fits.findings if each.code in {"IMB110", "IMB111", "IMB304"})
        raise ModelError(f"{why.message} {why.cure}")
    return replace(fits, plans=plans)


def about(scored: Scored) -> list[Finding]:
    """Say what keeps these scores from being read as they stand: no probabilities, few positives."""
    found = []
    if not scored.is_probability:
        sentence = "This model's scores are no probabilities: they rank, and Brier score and log loss are left empty."
        found.append(
            Finding("IMB313", "note", sentence, "Use a model with predict_proba where risks are needed.")
        )
    found += few_groups(scored)
    rows = np.bincount(scored.reported_codes)
    few = int(rows[scored.positive]) if scored.positive is not None else int(rows.min())
    if few < FEW_POSITIVES:
        whose = (
            counted(few, "positive")
            if scored.positive is not None
            else f"{counted(few, 'row')} of the rarest class"
        )
        part = "The test part has" if scored.held_out else "There are"
        sentence = f"{part} {whose}, too few to know a score closely."
        found.append(Finding("IMB401", "warning", sentence, read_intervals(scored)))
    return found


def carries_over(flagged: float, n: int, flagged_test: float, n_test: int) -> bool:
    """Whether a threshold flags the same share of two parts, as far as chance goes.

    Examples
    --------
    >>> carries_over(80, 1600, 15, 400), carries_over(80, 1600, 0, 400)
    (True, False)
    """
    pooled = (flagged + flagged_test) / (n + n_test)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_test))
    return bool(abs(flagged / n - flagged_test / n_test) <= _SURELY * error)


def few_groups(scored: Scored) -> list[Finding]:
    """Say that groups are too few to be resampled, on the rows that are reported."""
    parts = scored.parts
    resamples = scored.resamples
    if not resamples.too_few_groups:
        return []
    whose = "The test part has" if len(parts.test) else "These rows have"
    sentence = (
        f"{whose} {counted(resamples.n_groups or 0, 'group')} of {parts.rule.groups!r}, too few to tell how far a figure may "
        f"move: below {FEWEST_GROUPS} no interval is given."
    )
    share = share_with_groups(parts, FEWEST_GROUPS)
    cure = "Collect more groups." if share is None else f"Hold out more of them: test_size={share:g}."
    return [Finding("IMB410", "warning", sentence, cure)]


def more_rows(parts: Parts) -> str:
    """Return the option that reports on all rows; nothing where none does."""
    return "" if parts.rule.own_test or not len(parts.test) else "test_size=0"


def read_intervals(scored: Scored) -> str:
    """Return the cure of too few rows."""
    if scored.resamples.too_few_groups:
        return "More positives would tell."
    option = more_rows(scored.parts)
    if option:
        return f"Read the intervals, or report on all rows: {option}."
    if scored.held_out or scored.again or scored.one_model or scored.parts.rule.time is not None:
        return "Read the intervals."
    return "Read the intervals; repeats=5 averages over five deals of the folds."


def _check_preprocess(model: Model, task: Task) -> None:
    """Refuse text for a named model that was told to take features as they are."""
    text = [name for name in task.columns.categorical if not pd.api.types.is_bool_dtype(task.X[name].dtype)]
    if model.own and model.name in NAMED and text:
        raise FeatureError(
            f"preprocess=None: {model.name!r} takes numbers only, and {listed(text)} "
            f"{'holds' if len(text) == 1 else 'hold'} categories. Use preprocess='auto'."
        )


def _check_folds(model: Model, parts: Parts, folds: Folds) -> None:
    """Refuse folds from which this model cannot learn, however their rows are resampled."""
    if model.fitted:
        return
    learned_from = [rows for rows, _ in folds.every]
    asked, fewest = getattr(model.classifier, "n_neighbors", 0), min(map(len, learned_from))
    if isinstance(model.classifier, KNeighborsClassifier) and asked > fewest:
        raise ModelError(
            f"{model.name!r} asks {asked} neighbours, and a fold has {counted(fewest, 'row')} to learn from. "
            f"Use more rows, or model=KNeighborsClassifier({max(1, fewest // 2)})."
        )
    X, columns = parts.train.X, parts.task.columns
    if isinstance(model.classifier, HistGradientBoostingClassifier):
        filled = {name: X[name].notna().to_numpy() for name in columns.numeric}
        empty = [name for name, has in filled.items() if not all(has[rows].any() for rows in learned_from)]
        if empty:
            raise FeatureError(
                f"{listed(empty)} {'has' if len(empty) == 1 else 'have'} so few cells that a fold has none to learn from, and "
                f"{model.name!r} cannot sort them into bins. Leave out: df.drop(columns={empty!r:.200})."
            )
    if isinstance(model.classifier, GaussianNB) and not all(
        _varies(X.iloc[rows], columns) for rows in learned_from
    ):
        raise FeatureError(
            f"In a fold all rows to learn from have the same features, or nearly, and {model.name!r} divides by their variance. "
            "Use more rows, or model='logistic'."
        )


def _varies(X: pd.DataFrame, columns: Columns) -> bool:
    """Whether any feature varies, missing numbers being filled by the others."""
    numbers = (X[name].dropna() for name in columns.numeric)
    return any(len(X[name].unique()) > 1 for name in columns.categorical) or any(
        len(cells) and cells.to_numpy(np.float64).var() > _VARIANCE for cells in numbers
    )


def _plans(
    strategies: Any, model: Model, parts: Parts, folds: Folds, random_state: int | None
) -> tuple[dict[str, Plan], list[Finding]]:
    """Build a pipeline for each strategy that this model can take."""
    columns, outcome = parts.task.columns, parts.train_outcome
    fewest = min(int(np.bincount(outcome[rows]).min()) for rows, _ in folds.every)
    asked = Asked(columns, random_state, encoded=bool(model.before))
    read, findings = read_strategies(strategies, model, asked, fewest)
    holes = missing_cells(parts.train.X, columns) | missing_cells(parts.test.X, columns)
    findings += weighted_already(model, read)
    counts = np.bincount(outcome)
    labels = Reading(model, parts).labels(np.arange(len(counts)))
    by_label = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    plans: dict[str, Plan] = {}
    for strategy in read:
        refused = refusal(strategy, model, columns, holes, len(parts.train), list(by_label))
        if refused is not None:
            findings.append(refused)
            continue
        plans[strategy.name] = Plan(strategy, assemble(strategy, model, columns, holes, by_label))
        findings += correction_made_twice(strategy, by_label)
    used = {
        finding
        for finding in findings
        if finding.code not in {"IMB302", "IMB303", "IMB310"} or _resampling(plans)
    }
    return plans, [finding for finding in findings if finding in used]


def _resampling(plans: dict[str, Plan]) -> bool:
    return any(plan.strategy.neighbours for plan in plans.values())
