"""Everything that is decided before the first fit: parts, folds, pipelines; and the door to fitting them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.features import ABOUT_FEATURES, Features
from imbalance_accessor.data.lines import dropped
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    FeatureError,
    Fix,
    ModelError,
    OptionError,
    change,
    counted,
    listed,
    one_line,
    one_of,
)
from imbalance_accessor.evaluation.fit import FeatureReader
from imbalance_accessor.evaluation.memory import left_out_for_memory
from imbalance_accessor.evaluation.own_steps import with_what_they_leave
from imbalance_accessor.evaluation.progress import Progress
from imbalance_accessor.evaluation.score_folds import score_by_fold
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.by_code import estimator_by_code, model_by_code
from imbalance_accessor.modeling.models import NAMED, Model, read_model
from imbalance_accessor.modeling.pipelines import (
    Candidate,
    answering_as_fitted,
    assemble,
    check_row_weights,
    correction_made_twice,
    refusal,
    weighted_already,
)
from imbalance_accessor.modeling.preprocessing import pooled_levels
from imbalance_accessor.modeling.read_strategies import (
    Strategy,
    as_one,
    in_list,
    matched_to_labels,
    read_strategies,
    without_none,
)
from imbalance_accessor.modeling.seeds import about_seeds
from imbalance_accessor.modeling.strategies import NAMES, TABLE, SamplerContext
from imbalance_accessor.options import STRATEGY_WORDS
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.splitting.cap import capped, evenly_learned, with_cause
from imbalance_accessor.splitting.folds import Folds, make_folds
from imbalance_accessor.splitting.split import Parts, divide

#: Variance below which naive Bayes, which adds a billionth of the largest to each, divides by 0.
_VARIANCE = 1e-290


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be fitted on which rows.

    Attributes
    ----------
    parts : Parts
        The rows.
    folds : Folds
        Of the training set.
    model : Model
    candidates : dict of str to Candidate
        The strategies and their pipelines, not fitted.
    random_state : int or None
    findings : tuple of Finding
        The frame's, the split's, the folds' and the strategies'.
    of_models : mapping of str to Plan
        Of several models, the plan of each by its name, all on the same rows; `model` is then the first one.
    """

    parts: Parts
    folds: Folds
    model: Model
    candidates: dict[str, Candidate]
    random_state: int | None
    findings: tuple[Finding, ...]
    of_models: Mapping[str, Plan] = field(default_factory=dict)

    @property
    def each(self) -> Mapping[str, Plan]:
        """The plan of each model, by its name; the empty name stands for a single one."""
        return self.of_models or {"": self}

    @property
    def called(self) -> str:
        """The model as a sentence calls it, or the models."""
        return listed(self.of_models) if self.of_models else repr(self.model.name)

    @cached_property
    def reader(self) -> FeatureReader:
        """How rows reach the model."""
        return FeatureReader(self.model, self.parts)

    def score(
        self, *, n_jobs: int | None = None, progress: Progress = None, note: str = ""
    ) -> CrossValScores:
        """Fit and score; see `score_by_fold`."""
        return score_by_fold(
            self.reader, self.folds, self.candidates, n_jobs=n_jobs, progress=progress, note=note
        )


def make_plan(
    features: Features,
    model: Model,
    strategies: Any,
    *,
    test_size: float,
    cv: int,
    random_state: int | None,
    max_rows: int | None = None,
    repeats: int = 1,
    nothing: bool = True,
) -> Plan:
    """Divide the rows, fold the training set and build the pipelines; no model is fitted.

    Parameters
    ----------
    features : Features
        Read ``for_models``, unless the model reads the raw frame.
    model : Model
    strategies : sequence
        As the user named them.
    test_size, cv, random_state, max_rows, repeats, nothing
        As `divide` and `make_folds` take them.

    Raises
    ------
    FeatureError, OptionError, SplitError
        One sentence each.
    """
    _check_cap(model, max_rows)
    deal: dict[str, Any] = {"cv": cv, "random_state": random_state, "repeats": repeats}
    if not model.fitted:
        _check_preprocess(model, features)
    dealt = deal_rows(features, test_size=test_size, nothing=nothing, max_rows=max_rows, **deal)
    return plan_on(*dealt, model, strategies, random_state, max_rows)


def deal_rows(
    features: Features, *, test_size: float, nothing: bool = True, max_rows: int | None = None, **deal: Any
) -> tuple[Parts, Folds]:
    """Divide the rows, and fold the training set, as `make_plan` does."""
    parts = capped(divide(features, test_size=test_size, nothing=nothing, max_rows=max_rows, **deal))
    return parts, make_folds(parts, **deal)


def plan_on(
    parts: Parts,
    folds: Folds,
    model: Model,
    strategies: Any,
    random_state: int | None,
    max_rows: int | None,
) -> Plan:
    """Build a model's pipelines for rows that are dealt."""
    _check_cap(model, max_rows)
    if not model.fitted:
        _check_preprocess(model, parts.features)
    _check_folds(model, parts, folds)
    candidates, findings = _candidates(strategies, model, parts, folds, random_state)
    findings += (
        []
        if model.fitted
        else about_seeds(
            (each.estimator for each in candidates.values()), random_state, _given(model, candidates)
        )
    )
    findings += _pooled(model, parts, folds)
    findings += evenly_learned(parts, [name for name in candidates if _only_evens(candidates[name].strategy)])
    rows = [each for each in parts.findings if not (model.reads_raw and each.code in ABOUT_FEATURES)]
    counts = np.bincount(parts.train_outcome), np.bincount(parts.learned_outcome)
    about_few = with_cause([*folds.findings, *findings], max_rows, *counts)
    return Plan(parts, folds, model, candidates, random_state, (*rows, *about_few))


def _only_evens(strategy: Strategy) -> bool:
    """Whether a strategy does nothing where classes are even."""
    return strategy.name in TABLE and TABLE[strategy.name].only_evens and strategy.weights is None


def _check_cap(model: Model, max_rows: int | None) -> None:
    if model.fitted and max_rows is not None:
        raise OptionError(
            f"max_rows={max_rows!r} caps the rows to learn from, and a fitted model learns from none. Leave it out.",
            fix=change(max_rows=LEFT_OUT),
        )


def _given(model: Model, candidates: Mapping[str, Candidate]) -> dict[str, Any]:
    """Return what the user passed, by option; a pipeline or a search of theirs is left out."""
    found: dict[str, Any] = {
        "strategies": without_none([each.strategy.given for each in candidates.values()])
    }
    if not model.before and model.search is None and model.name not in NAMED:
        found["model"] = model.classifier
    return found


def _pooled(model: Model, parts: Parts, folds: Folds) -> list[Finding]:
    """Say which rare levels share one column."""
    found = pooled_levels(model, parts.learned.X, parts.features.columns)
    if not found:
        return []
    shown = ", ".join(f"{name!r} ({rare:,} of {levels:,})" for name, (rare, levels) in found.items())
    sentence = f"Levels under 1 % of the training rows are pooled into one: {shown}."
    if whole := [name for name, (rare, levels) in found.items() if rare == levels]:
        says = "says" if len(whole) == 1 else "say"
        cure = (
            f"{listed(whole)} {says} nothing so; model='boosting' or preprocess='skrub' keeps levels apart."
        )
        fix = change(model="boosting") if model.name in NAMED and _suits(parts, folds) else IN_WORDS
        return [Finding("IMB319", "note", sentence, cure, fix)]
    return [Finding("IMB319", "note", sentence, "Nothing to do: so few rows say little about a level.")]


def _suits(parts: Parts, folds: Folds) -> bool:
    """Whether boosting can learn from these folds."""
    try:
        _check_folds(read_model("boosting"), parts, folds)
    except FeatureError:
        return False
    return True


def make_plan_of_one(features: Features, model: Model, strategy: Any, **rows: Any) -> Plan:
    """Plan one strategy alone, as `make_plan` does several.

    Raises
    ------
    OptionError
        Several strategies.
    ModelError
        A strategy that this model cannot take.
    """
    if isinstance(strategy, list | tuple | set):
        raise OptionError(
            f"strategy={one_line(strategy)} must be one strategy, such as 'smote'. fit_eval compares several.",
            fix=change(strategy=next(iter(strategy))) if len(strategy) == 1 else IN_WORDS,
        )
    if isinstance(strategy, str):
        strategy = one_of("strategy", strategy, NAMES, words=STRATEGY_WORDS)
    try:
        plan = make_plan(features, model, [strategy], **rows)
    except OptionError as error:
        said = str(error).replace("strategies:", "strategy:", 1)
        raise OptionError(said, fix=as_one(error.fix)) from None
    asked_none = model.fitted or (isinstance(strategy, str) and strategy == "none")
    candidates = {
        name: candidate for name, candidate in plan.candidates.items() if asked_none or name != "none"
    }
    if not candidates:
        why = next(
            each for each in plan.findings if each.code in {"IMB110", "IMB111", "IMB304", "IMB321", "IMB323"}
        )
        raise ModelError(f"{why.message} {why.cure}", fix=as_one(why.fix))
    findings = tuple(replace(each, fix=as_one(each.fix)) for each in plan.findings)
    return replace(plan, candidates=candidates, findings=findings)


def _check_preprocess(model: Model, features: Features) -> None:
    """Refuse text for a named model that was told to take features as they are."""
    text = [
        name
        for name in features.columns.categorical
        if not pd.api.types.is_bool_dtype(features.X[name].dtype)
    ]
    if model.own and model.name in NAMED and text:
        raise FeatureError(
            f"preprocess=None: {model.name!r} takes numbers only, and {listed(text)} "
            f"{'holds' if len(text) == 1 else 'hold'} categories. Use preprocess='auto'.",
            fix=change(preprocess="auto"),
        )


def _check_folds(model: Model, parts: Parts, folds: Folds) -> None:
    """Refuse folds from which this model cannot learn, however their rows are resampled."""
    if model.fitted:
        return
    learned_from = [rows for rows, _ in folds.every]
    asked, fewest = getattr(model.classifier, "n_neighbors", 0), min(map(len, learned_from))
    if isinstance(model.classifier, KNeighborsClassifier) and asked > fewest:
        raise ModelError(
            f"n_neighbors={asked} of {model.name!r} exceeds the {counted(fewest, 'training row')} of a fold. "
            f"Use more rows, or {max(1, fewest // 2)} neighbours.",
            fix=_asking(model, max(1, fewest // 2)),
        )
    if model.vectorizer is not None:  # it makes other columns of these, and drops empty ones
        return
    X, columns = parts.train.X, parts.features.columns
    if isinstance(model.classifier, HistGradientBoostingClassifier):
        filled = {name: X[name].notna().to_numpy() for name in columns.numeric}
        empty = [name for name, has in filled.items() if not all(has[rows].any() for rows in learned_from)]
        if empty:
            some = len(empty) < len(columns.used)
            it = "it" if len(empty) == 1 else "them"
            raise FeatureError(
                f"{listed(empty)} {'has' if len(empty) == 1 else 'have'} so few cells that a fold has none to learn from, and "
                f"{model.name!r} cannot sort them into bins. {f'Leave {it} out' if some else 'Use another model'}.",
                fix=Fix(dropped(empty)) if some else IN_WORDS,
            )
    if isinstance(model.classifier, GaussianNB) and not all(
        _varies(X.iloc[rows], columns) for rows in learned_from
    ):
        raise FeatureError(
            f"In a fold all rows to learn from have the same features, or nearly, and {model.name!r} divides by their variance. "
            "Use more rows, or model='logistic'.",
            fix=change(model="logistic"),
        )


def _asking(model: Model, neighbours: int) -> Fix:
    """Return the fix that asks fewer neighbours; a pipeline of the user's own is left to words."""
    if model.before or model.search is not None:
        return IN_WORDS
    return change(model=clone(model.classifier).set_params(n_neighbors=neighbours))


def _varies(X: pd.DataFrame, columns: Columns) -> bool:
    """Whether any feature varies, missing numbers being filled by the others."""
    numbers = (X[name].dropna() for name in columns.numeric)
    return any(len(X[name].unique()) > 1 for name in columns.categorical) or any(
        len(cells) and cells.to_numpy(np.float64).var() > _VARIANCE for cells in numbers
    )


def _candidates(
    strategies: Any, model: Model, parts: Parts, folds: Folds, random_state: int | None
) -> tuple[dict[str, Candidate], list[Finding]]:
    """Build a pipeline for each strategy that this model can take."""
    columns, outcome = parts.features.columns, parts.train_outcome
    in_folds = [np.bincount(outcome[rows]) for rows, _ in folds.every]
    fewest = min(int(rows.min()) for rows in in_folds)
    context = SamplerContext(
        columns, random_state, encoded=bool(model.before) or model.vectorizer is not None
    )
    read, findings = read_strategies(strategies, model, context, fewest)
    findings += weighted_already(model, read)
    counts, reader = np.bincount(parts.learned_outcome), FeatureReader(model, parts)
    classes = reader.classes.tolist()
    by_class = [dict(zip(classes, each.tolist(), strict=True)) for each in (counts, *in_folds)]
    own = parts.learned_weights.own
    sums = dict(zip(classes, np.bincount(parts.learned_outcome, own).tolist(), strict=True))
    read = matched_to_labels(read, by_class, _against(parts), sums)
    if any(strategy.needs_numbers for strategy in read):
        model = with_what_they_leave(model, reader.features(parts.train), reader.labels(outcome))
    if any(strategy.neighbours and not strategy.keeps_categories for strategy in read):
        # a search among sparse rows might choose others of those that are equally near
        model = replace(model, sparse=False)
    labels = reader.labels(np.arange(len(counts)))
    if reader.coded:
        model, read = _by_code(model, read, classes)
    given = [strategy.given for strategy in read]
    by_label = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    if own is not None:
        check_row_weights(model, parts.features.weighting.column)
    totals = dict(zip(labels.tolist(), sums.values(), strict=True))
    weighing: dict[str, Any] = {"rows": totals, "row_weights": own is not None}
    model = answering_as_fitted(model)
    candidates: dict[str, Candidate] = {}
    for strategy in read:
        about = (columns, parts.missing, len(parts.learned), len(by_label))
        refused = refusal(strategy, model, *about, row_weights=own is not None)
        refused = refused or left_out_for_memory(strategy, model, parts, labels, given)
        if refused is not None:
            findings.append(in_list(refused, given, strategy.given))
            continue
        candidates[strategy.name] = Candidate(
            strategy, assemble(strategy, model, columns, parts.missing, **weighing)
        )
        twice = correction_made_twice(strategy, by_label, totals)
        findings += [in_list(each, given, strategy.given) for each in twice]
    used = {
        finding
        for finding in findings
        if finding.code not in {"IMB302", "IMB303", "IMB310"} or _resampling(candidates)
    }
    return candidates, [finding for finding in findings if finding in used]


def _against(parts: Parts) -> tuple[Any, dict[Any, int]] | None:
    """Return the class that is taken against the rest, and the rows of each; None where none is."""
    target = parts.features.target
    rows = dict(zip(target.classes, target.rows.tolist(), strict=True))
    return (target.pos_label, rows) if target.is_one_vs_rest else None


def _by_code(model: Model, strategies: list[Strategy], labels: list[Any]) -> tuple[Model, list[Strategy]]:
    """Let what is the user's own name the codes that it is fitted on, where it named labels."""
    named = [
        replace(
            each,
            sampler=estimator_by_code(each.sampler, labels),
            ensemble=estimator_by_code(each.ensemble, labels),
            weights=each.weights and dict(enumerate(each.weights.values())),
        )
        for each in strategies
    ]
    return model_by_code(model, labels), named


def _resampling(candidates: dict[str, Candidate]) -> bool:
    return any(candidate.strategy.neighbours for candidate in candidates.values())
