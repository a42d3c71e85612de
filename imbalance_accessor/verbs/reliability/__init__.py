"""`reliability`: whether the probabilities are true, and what calibrates them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from imbalance_accessor.data.features import Features, read_features
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.synthetic_rows import refuse_synthetic
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import LEFT_OUT, ModelError, OptionError, change, listed, one_line
from imbalance_accessor.evaluation.at_prevalence import brought_to_prevalence
from imbalance_accessor.evaluation.held_out_pass import on_all_held_out
from imbalance_accessor.evaluation.odd_scores import are_decisions
from imbalance_accessor.evaluation.parallel import check_jobs
from imbalance_accessor.evaluation.plan import Plan, make_plan
from imbalance_accessor.evaluation.score_column import (
    check_alone,
    ends_of,
    made_probabilities,
    needed_columns,
    read_score_column,
)
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.shortfall import fell_short
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, TopLabelScores
from imbalance_accessor.evaluation.table_scores import read_scored_table, score_table
from imbalance_accessor.findings import Finding, check_ignore
from imbalance_accessor.leakage.run_checks import leak_findings
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.modeling.models import Model, read_model
from imbalance_accessor.options import check_flag
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.verbs.reliability.result import (
    Reliability,
    read_binning,
    read_calibrators,
    reliability_of,
)
from imbalance_accessor.verbs.reliability.worth import check_cost, costs_of
from imbalance_accessor.verbs.shared.probabilities import with_probabilities

__all__ = ["Reliability", "reliability"]

#: What is tried unless something else is asked for.
_CALIBRATORS = ("prior", "sigmoid", "isotonic")


@as_verb
def reliability(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    model: Any = "logistic",
    strategies: Sequence[Any] = ("none",),
    calibrators: Sequence[str] = _CALIBRATORS,
    cost: Mapping[str, float] | pd.DataFrame | None = None,
    bins: str = "quantile",
    n_bins: int = 10,
    top_class: bool = False,
    scores: Hashable | None = None,
    preprocess: str | None = "auto",
    fitted: bool = False,
    test_size: float = 0.2,
    cv: int = 5,
    repeats: int = 1,
    random_state: int | None = 0,
    test: pd.DataFrame | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    id: Hashable | None = None,
    pos_label: Label | None = None,
    prevalence: float | Mapping[Label, float] | None = None,
    sample_weight: Hashable | pd.Series | None = None,
    max_rows: int | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    ignore: Collection[str] = (),
) -> Reliability:
    """Hold probabilities against what happened, as they are and calibrated.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    model : str, classifier, or dict of them by name, default "logistic"
        As in `fit_eval`; a dict lays several side by side.
    strategies : sequence of str, sampler or ensemble, default ("none",)
        What is done about the imbalance, as in `fit_eval`; ``"none"`` is always shown.
    calibrators : sequence of str, default ("prior", "sigmoid", "isotonic")
        ``"prior"`` undoes in closed form what the strategy did to the class ratio; ``"sigmoid"`` (Platt),
        ``"isotonic"`` and, where scikit-learn has it, ``"temperature"`` are fitted on out-of-fold scores. None: ``()``.
    cost : dict or pandas.DataFrame, optional
        Amounts by outcome, ``{"fp": 500, "fn": 50_000}``, also ``"tp"`` and ``"tn"``; negative for a gain. Or a matrix of the two
        labels, true by predicted. Says what decisions by each row's probabilities cost, and what these promise.
    bins : {"quantile", "uniform", "isotonic"}, default "quantile"
        How the diagram and the calibration error put probabilities into bins.
    n_bins : int, default 10
        From 2 to 1000.
    top_class : bool, default False
        For several classes: hold the probability of the likeliest one against whether it is right (a confidence
        diagram); nothing is calibrated.
    scores : hashable, optional
        A column with any model's probability of the positive class; then no model is fitted. Calibrators are fitted on the
        train rows and reported on the test rows; without calibrators all rows are reported. Of a table that is read piece by
        piece all rows are counted by their score, in one pass, as `best_threshold` does.
    preprocess : {"auto", "skrub", None}, default "auto"
        As in `fit_eval`. ``"skrub"``: dates and free text become features too; ``None``: features reach the model as they are.
    fitted : bool, default False
        Whether `model` is scored as it is and never fitted.
    test_size : float, default 0.2
        Share of rows in the test set. With 0 nothing is held out, and every row is reported out of fold, cross-fitted.
    cv : int, default 5
        Folds of the training set.
    repeats : int, default 1
        How often the folds are dealt, with the next seeds. Calibrators are fitted on the out-of-fold rows of all deals, each
        weighing so much less, and cross-fitted figures averaged; see Notes.
    random_state : int or None, default 0
        Seed of split, folds, samplers, models, draws and simulations.
    test : pandas.DataFrame, optional
        A test set of your own; then nothing is split off.
    groups, time : hashable, optional
        A column that defines groups (or the order in time) for the split and the folds; see `split`.
    id : hashable, optional
        A column that identifies a row, left out of the features. Tables whose rows have no order are sampled by it.
    pos_label : label, optional
        The positive class; by default the rarest of two. With several classes: that class against the rest.
    prevalence : float, or mapping of label to float, optional
        The positive class's share where the model will be used, or each class's by label; by default as in the frame.
        Every figure, interval, threshold and probability is then that of such rows.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights, used in fits and in figures; it is no feature.
    max_rows : int, optional
        Train rows to learn from at most, as in `fit_eval`; of a table that is read piece by piece, rows drawn of it in all, by
        default 200,000.
    n_jobs : int, optional
        Workers, as joblib takes them.
    progress : bool, optional
        A progress bar; by default when the work is long.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Reliability
        ``.frame`` by (strategy, calibrator), ``.best``, ``.model(calibrator)``, ``.plot()``.

    Raises
    ------
    TargetError, FeatureError, OptionError, SplitError, ModelError
        One sentence each, before any fitting.

    Notes
    -----
    Brier = miscalibration − discrimination + uncertainty by isotonic regression (Dimitriadis et al. 2021); calibration
    intercept and slope as Van Calster et al. (2019). Sigmoid and isotonic equal
    ``CalibratedClassifierCV(pipeline, cv=folds, ensemble=False)``.

    The prior correction p' = p / (p + (1 − p) b) with b what the strategy multiplied the odds by (Saerens et al. 2002) is
    exact for logistic regression and naive Bayes after class weights and after copies or drops at random. After SMOTE and
    its kin, whose rows are made between neighbours, and for other models it is approximate.

    ``.best`` is chosen by the cross-fitted Brier score, out of fold alone: where the prior correction is exact, the
    simplest within one standard error of the lowest; elsewhere the lowest.

    With `prevalence` the rows ``"none"`` are the scores as they came, of the frame's share; ``"prior"`` undoes what the
    strategy and the sample did to the odds in one factor, b times the odds of the sample over those of the prevalence; the
    other calibrators are fitted on the scores as they came, with weights of rows. The log loss chooses among these, since
    at a small prevalence all Brier scores are alike, and ``"none"`` only where there is nothing else. ``.model()`` and
    ``.apply()`` then give probabilities at the prevalence. Of ``scores=`` and ``fitted=True`` it is not known what they
    learned from, so that there is no ``"prior"``. With ``top_class=True`` the probabilities of all classes are corrected first.

    Intercept and slope of weighted rows have robust intervals; what chance shows is drawn within classes where a prevalence
    is known, since class counts then tell nothing.

    With `cost` a row is flagged where its probability is at least (fp − tn) / (fp − tn + fn − tp), which is cheapest if
    probabilities are true (Elkan 2001); nothing is tuned. What this costs on the rows that are reported is held against the
    expected cost by the probabilities, whose interval is that of samples of true ones.

    Scores are calibrated in double precision. `CalibratedClassifierCV` fits those of a linear model on float32 columns in
    single precision, so that its probabilities differ by about 1e-5; columns of double precision make them equal.

    With `repeats` a calibrator is cross-fitted within each deal of the folds, and its cross-fitted figures are means over the
    deals. With ``test_size=0`` so are all figures; the bins of the diagram are the first deal's.

    Probabilities are called miscalibrated where the 95 % interval of the calibration intercept leaves out 0, or where the
    calibration error is above that of 95 % of simulated models that are perfectly calibrated (Bröcker & Smith 2007): of
    such models about one in ten is called so. Scores that are not are advised as they are, though ``.best`` may have chosen
    a calibrator for them. These simulations, intercept and slope take rows as independent, also with
    `groups`; below ten groups nothing is claimed.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> r = imb.make_churn().imb.reliability("churn", strategies=["class_weight"], progress=False)
    >>> bool(r.frame.loc[("class_weight", "none"), "calibration_intercept"] < -2)
    True
    """
    ignored = check_ignore(ignore)
    refuse_synthetic(data, test)
    wanted, binning = read_calibrators(calibrators), read_binning(bins, n_bins)
    check_jobs(n_jobs)
    check_flag("fitted", fitted)
    check_flag("top_class", top_class)
    check_flag("progress", progress, optional=True)
    check_cost(cost, top_class=top_class)
    named: dict[str, Any] = {"pos_label": pos_label, "groups": groups, "time": time, "test": test}
    named |= {"prevalence": prevalence, "sample_weight": sample_weight, "id": id}
    rows: dict[str, Any] = {
        "repeats": repeats,
        "test_size": test_size,
        "random_state": random_state,
    }
    if scores is not None:
        check_alone(model, fitted or not _is_default(strategies), max_rows)
        rows["test_size"] = test_size if wanted or test is not None else 0
        if isinstance(data, Table):
            features = read_scored_table(data, target, scores, repeats=rows.pop("repeats"), **named)
            _check_one_score(features, top_class)
            costs = costs_of(cost, features)
            edges = [] if costs is None else [float(costs.closed_form)]
            of_table = score_table(features, data, scores, at="means", edges=edges, cv=cv, id=id, **rows)
            _check_probabilities(of_table)
            found = list(of_table.scored.parts.findings)
            return reliability_of({"scores": of_table}, wanted, binning, found, ignored, costs)
        frame = needed_columns(data, target, scores, [groups, time, sample_weight, id])
        features = read_features(frame, target, **named)
        _check_one_score(features, top_class)
        costs = costs_of(cost, features)
        strategy_scores, found = read_score_column(features, scores, cv=cv, **rows)
        _check_probabilities(strategy_scores)
        return reliability_of({"scores": strategy_scores}, wanted, binning, found, ignored, costs)
    models = _read_models(model, preprocess, random_state, fitted)
    seen: dict[str, Any] = {
        "for_models": not all(each.reads_raw for each in models.values()),
        "described": preprocess == "skrub",
    }
    features = read_features(data, target, **named, **seen)
    _check_sides(features, top_class=top_class)
    if top_class:
        _check_top_class(models, strategies, wanted, model)
    costs = costs_of(cost, features)
    plans = {
        name: make_plan(features, each, strategies, cv=cv, max_rows=max_rows, **rows)
        for name, each in models.items()
    }
    kind = TopLabelScores if top_class else FittedScores
    scores_by_strategy, findings = _fitted(plans, kind, costs, n_jobs=n_jobs, progress=progress)
    findings += leak_findings(next(iter(scores_by_strategy.values())))
    return reliability_of(scores_by_strategy, () if top_class else wanted, binning, findings, ignored, costs)


def _is_default(strategies: Any) -> bool:
    return isinstance(strategies, list | tuple) and list(strategies) == ["none"]


def _read_models(model: Any, preprocess: str | None, seed: int | None, fitted: bool) -> dict[str, Model]:
    """Return the models by name; the empty name stands for a single one."""
    if isinstance(model, list | tuple):
        raise OptionError(
            "model= takes one model, or several by name: model={'a': 'logistic', 'b': 'forest'}.",
            fix=change(model={_name_of(each, place): each for place, each in enumerate(model)}),
        )
    if not isinstance(model, Mapping):
        return {"": read_model(model, preprocess=preprocess, random_state=seed, fitted=fitted)}
    if not model or not all(isinstance(name, str) and name for name in model):
        named = {_name_of(name, place): each for place, (name, each) in enumerate(model.items())}
        raise OptionError(
            f"model={one_line(dict(model))} must name each model by text: {{'forest': 'forest'}}.",
            fix=change(model=named or LEFT_OUT),
        )
    return {
        name: read_model(each, preprocess=preprocess, random_state=seed, fitted=fitted)
        for name, each in model.items()
    }


def _name_of(value: Any, place: int) -> str:
    """Name a model by what names it, or by its place."""
    return str(value) if isinstance(value, str | int) and str(value) else f"model_{place + 1}"


def _check_sides(features: Features, *, top_class: bool) -> None:
    target = features.target
    if target.positive is None and not top_class:
        raise OptionError(
            f"{target.name!r} has {len(target.classes)} classes. Name one of {listed(target.classes)} with pos_label=; its "
            "probability is then held against the rest. Or evaluate the likeliest class of each row: top_class=True.",
            fix=change(top_class=True, strategies=LEFT_OUT, calibrators=LEFT_OUT),
        )
    if target.positive is not None and top_class:
        other = "Leave it or pos_label= out." if target.is_one_vs_rest else "Leave it out: there are two."
        raise OptionError(
            f"top_class=True evaluates the likeliest of several classes together. {other}",
            fix=change(top_class=LEFT_OUT),
        )


def _check_one_score(features: Features, top_class: bool) -> None:
    """Refuse several classes, of which one score a row holds one."""
    if top_class:
        raise OptionError(
            "scores= holds one score a row, and top_class=True reads the probabilities of all classes. Leave top_class= out.",
            fix=change(top_class=LEFT_OUT),
        )
    target = features.target
    if target.positive is None:
        raise OptionError(
            f"{target.name!r} has {len(target.classes)} classes. Name the one that scores= is of, {listed(target.classes)}, "
            "with pos_label=; it is then held against the rest."
        )


def _check_top_class(
    models: Mapping[str, Model], strategies: Any, calibrators: Sequence[str], given: Any
) -> None:
    """Refuse several models at once, since each is right on other rows, and calibrators that were asked for."""
    first = next(iter(given.values())) if isinstance(given, Mapping) else given
    if calibrators and tuple(calibrators) != _CALIBRATORS:
        raise OptionError(
            "top_class=True holds probabilities against what happened and calibrates nothing. Leave calibrators= out, or "
            "calibrate one class against the rest: pos_label=.",
            fix=change(calibrators=LEFT_OUT),
        )
    if len(models) > 1 or not _is_default(strategies):
        raise OptionError(
            "top_class=True evaluates one model at a time. Give one model=, and leave strategies= out.",
            fix=change(model=first, strategies=LEFT_OUT),
        )
    model = next(iter(models.values()))
    if not model.has_probabilities:
        raise ModelError(
            f"{model.name!r} gives no probabilities. top_class=True needs a model with predict_proba, such as a "
            "calibrated one.",
            fix=with_probabilities(first, fitted=model.fitted),
        )


def _check_probabilities(strategy_scores: ColumnScores) -> None:
    """Refuse scores outside 0..1: nothing says what they claim to be."""
    if strategy_scores.scored.is_probability:
        return
    low, high = map(_end, ends_of(strategy_scores))
    said = f"scores={strategy_scores.column!r} reaches from {low} to {high}, which are no probabilities."
    if are_decisions(strategy_scores):
        column = strategy_scores.scored.positive
        raise OptionError(f"{said} These are decisions: give predict_proba(X)[:, {column}] instead.")
    cure, fix = made_probabilities(strategy_scores)
    raise OptionError(f"{said} {cure} A calibrator, such as sigmoid, then fits their slope.", fix=fix)


def _end(score: float) -> str:
    """Write a score with few digits, or as many as tell it from 0 and 1."""
    text = f"{score:.7g}"
    return text if float(text) == score or float(text) not in {0.0, 1.0} else repr(score)


def _fitted(
    plans: Mapping[str, Plan],
    kind: type[FittedScores],
    costs: Costs | None,
    *,
    n_jobs: int | None,
    progress: bool | None,
) -> tuple[dict[str, FittedScores], list[Finding]]:
    """Fit every model with every strategy, and give each a name."""
    scores_by_strategy: dict[str, FittedScores] = {}
    findings: list[Finding] = []
    for model, each in plans.items():
        scored = each.score(n_jobs=n_jobs, progress=progress)
        if kind is TopLabelScores:  # nothing else brings these to a prevalence
            scored = brought_to_prevalence(each, scored)
        else:
            exact = _exact_at(costs)
            scored = on_all_held_out(each, scored, exact, progress=progress).for_calibrators
        findings += [*each.findings, *scored.findings, *fell_short(each, scored)]
        for strategy in scored.by_name:
            name = strategy if not model else model if len(scored.by_name) == 1 else f"{model}: {strategy}"
            scores_by_strategy[name] = kind(scored, strategy, each)
    return scores_by_strategy, findings


def _exact_at(costs: Costs | None) -> Callable[[CrossValScores, str], float]:
    """Return at which score figures of all rows of a table are exact: where costs decide, or else at the default."""
    return lambda found, _: found.default_threshold if costs is None else float(costs.closed_form)
