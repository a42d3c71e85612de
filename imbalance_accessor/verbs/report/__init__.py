"""`report`: the first look, leaks, strategies, the threshold and the probabilities on one page, from one fit."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.lazy.sample import rows_in_memory
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import LEFT_OUT, OptionError, change
from imbalance_accessor.evaluation.progress import Within, bar
from imbalance_accessor.evaluation.strategy_scores import FittedScores, TopLabelScores
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.metrics.registry import metric_name
from imbalance_accessor.modeling.read_strategies import DEFAULT
from imbalance_accessor.modeling.several_models import are_several
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective, ThresholdOptions
from imbalance_accessor.verbs.best_threshold.result import Threshold, threshold_of
from imbalance_accessor.verbs.fit_eval import evaluation_of, planned
from imbalance_accessor.verbs.fit_eval.result import Evaluation
from imbalance_accessor.verbs.leaks import leaks_of
from imbalance_accessor.verbs.overview import overview_of
from imbalance_accessor.verbs.reliability.result import Reliability, read_binning, reliability_of
from imbalance_accessor.verbs.report.result import Report

#: What is tried to calibrate one class against the rest.
_CALIBRATORS = ("prior", "sigmoid", "isotonic")


@as_verb
def report(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    model: Any = "logistic",
    strategies: Sequence[Any] = DEFAULT,
    metric: str = "average_precision",
    criterion: str = "f1",
    cost: Mapping[str, float | Hashable] | None = None,
    min_precision: float | None = None,
    min_recall: float | None = None,
    max_flag_rate: float | None = None,
    top_k: int | float | None = None,
    confidence: float | None = None,
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
) -> Report:
    """Put the answers of five verbs on one page: overview, leaks, fit_eval, best_threshold and reliability.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    model : str or classifier, default "logistic"
        As in `fit_eval`.
    strategies : sequence of str, sampler, ensemble or dict
        As in `fit_eval`.
    metric : str, default "average_precision"
        What decides, out of fold, whether a strategy beats the plain model.
    criterion : {"f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"}, default "f1"
        What each strategy's tuned threshold maximises, out of fold.
    cost : dict, optional
        Amounts by outcome, ``{"fp": 500, "fn": 50_000}``: then the threshold of the best strategy has the lowest cost.
    min_precision, min_recall, max_flag_rate : float, optional
        Limits that the threshold of the best strategy must keep, shares in 0..1: then it has the best recall that they leave,
        with `min_recall` the best precision, with `cost` the lowest cost.
    top_k : int or float, optional
        Rows that can be flagged, used as a rate; or that rate.
    confidence : float, optional
        How surely the limits must hold on new rows, such as 0.9.
    preprocess : {"auto", "skrub", None}, default "auto"
        As in `fit_eval`. ``"skrub"``: dates and free text become features too; ``None``: features reach the model as they are.
    fitted : bool, default False
        Whether `model` is scored as it is and never fitted.
    test_size : float, default 0.2
        Share of rows in the test set. With 0 nothing is held out, and every row is scored out of fold.
    cv : int, default 5
        Folds of the training set.
    repeats : int, default 1
        How often the folds are dealt, with the next seeds.
    random_state : int or None, default 0
        Seed of split, folds, samplers, models and draws.
    test : pandas.DataFrame, optional
        A test set of your own; then nothing is split off.
    groups, time : hashable, optional
        A column that rules split and folds; see `split`.
    id : hashable, optional
        A column that identifies a row, left out of the features. Tables whose rows have no order are sampled by it.
    pos_label : label, optional
        The positive class; by default the rarest of two. With several classes: that class against the rest.
    prevalence : float, or mapping of label to float, optional
        The positive class's share where the model will be used, or each class's by label; by default as in the frame.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights, used in fits and in figures; it is no feature.
    max_rows : int, optional
        Train rows to learn from at most, as in `fit_eval`.
    n_jobs : int, optional
        Workers, as joblib takes them.
    progress : bool, optional
        A progress bar over the whole; by default when the work is long.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Report
        ``.overview``, ``.leaks``, ``.evaluation``, ``.threshold``, ``.reliability``, ``.frame``, ``.save(path)``.

    Raises
    ------
    TargetError, FeatureError, OptionError, SplitError, ModelError
        One sentence each, before any fitting.

    Notes
    -----
    Rows are read and divided once, and each strategy is fitted once: threshold and probabilities are those of the best
    strategy's scores, and nothing is fitted for them but calibrators. Several classes have no threshold; of their
    probabilities that of each row's likeliest class is held against whether it is the right one.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> r = imb.make_churn().imb.report("churn", strategies=["class_weight"], progress=False)
    >>> r.evaluation.best, r.threshold.threshold_text
    ('none', '0.1045')
    """
    ignored = check_ignore(ignore)
    if are_several(model):
        raise OptionError(
            "report puts one model on a page, and model= names several. Compare them by fit_eval, then report the best.",
            fix=change(model=_first(model)),
        )
    named: dict[str, Any] = {"pos_label": pos_label, "prevalence": prevalence, "sample_weight": sample_weight}
    rows: dict[str, Any] = {"test_size": test_size, "cv": cv}
    plan, settings = planned(
        data,
        target,
        {**named, "groups": groups, "time": time, "test": test, "id": id},
        model=model,
        strategies=strategies,
        metric=metric,
        criterion=criterion,
        preprocess=preprocess,
        fitted=fitted,
        random_state=random_state,
        repeats=repeats,
        max_rows=max_rows,
        n_jobs=n_jobs,
        progress=progress,
        **rows,
    )
    features = plan.parts.features
    asked = _objective(
        criterion, features, (cost, min_precision, min_recall, max_flag_rate, top_k, confidence)
    )
    if asked is not None:
        asked.check_rows(plan.parts.test.X)
    frames = tuple(rows_in_memory(each) for each in (data, test) if each is not None)
    with bar(_STEPS, shown=progress) as whole:
        within = Within(whole)
        evaluation = evaluation_of(plan, settings, ignored, n_jobs=n_jobs, progress=within)
        seen = overview_of(features, data, target, named, ignored, **rows)
        within.done("overview")
        leaks = leaks_of(plan.parts, frames, ignored)
        within.done("leaks")
        threshold = None if asked is None else _threshold(evaluation, asked, ignored)
        within.done("threshold")
        reliability = _reliability(evaluation, ignored)
        within.done("reliability")
    parts = [seen, leaks, evaluation, *filter(None, [threshold, reliability])]
    findings = collect(each for part in parts for each in part.findings)
    return Report(seen, leaks, evaluation, threshold, reliability, findings)


def _first(models: Any) -> Any:
    """Return the first of several models; what no model is named by is left out."""
    return next(iter(models.values() if isinstance(models, Mapping) else models), LEFT_OUT)


#: What is counted beside the fits.
_STEPS = 4


def _objective(criterion: str, features: Features, others: Sequence[Any]) -> ThresholdObjective | None:
    """Read what the threshold is for: `others`, costs and limits as `ThresholdOptions` takes them, or else the criterion.

    None for several classes, which have no threshold unless one is asked for.
    """
    is_asked = any(each is not None for each in others)
    if features.target.positive is None and not is_asked:
        return None
    wanted = None if is_asked else metric_name(criterion)
    return ThresholdOptions(wanted, None, *others).read(features, matrix=False)


def _threshold(evaluation: Evaluation, asked: ThresholdObjective, ignored: Collection[str]) -> Threshold:
    """Choose the best strategy's threshold, as `Evaluation.best_threshold` does."""
    scores = FittedScores(evaluation.scored, evaluation.best, evaluation.plan)
    return threshold_of(scores, asked, evaluation.about_rows, ignored)


def _reliability(evaluation: Evaluation, ignored: Collection[str]) -> Reliability | None:
    """Hold the best strategy's probabilities against what happened; of several classes the likeliest one's."""
    name, plan, binning = evaluation.best, evaluation.plan, read_binning("quantile", 10)
    if evaluation.is_binary:
        scored = evaluation.scored.as_fitted or evaluation.scored
        by_name = {name: FittedScores(scored, name, plan)}
        return reliability_of(by_name, _CALIBRATORS, binning, evaluation.about_rows, ignored)
    if not plan.model.has_probabilities:
        return None
    likeliest = {name: TopLabelScores(evaluation.scored, name, plan)}
    return reliability_of(likeliest, (), binning, evaluation.about_rows, ignored)
