"""`fit_eval`: strategies side by side, on rows that were never resampled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.features import Features, read_features
from imbalance_accessor.data.synthetic_rows import refuse_synthetic
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, OptionError, SplitError, change
from imbalance_accessor.evaluation.at_prevalence import brought_to_prevalence
from imbalance_accessor.evaluation.findings import score_findings
from imbalance_accessor.evaluation.held_out_pass import on_all_held_out
from imbalance_accessor.evaluation.parallel import check_jobs, in_threads
from imbalance_accessor.evaluation.permutation import check_permutations, permute
from imbalance_accessor.evaluation.plan import Plan, make_plan
from imbalance_accessor.evaluation.progress import Progress
from imbalance_accessor.evaluation.runtime import Work, duration_text, long_work, work_of_fits
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.several_models import (
    alike_reported,
    joined_scores,
    make_plans,
    name_in,
    said_of,
)
from imbalance_accessor.evaluation.shortfall import fell_short
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.findings import check_ignore, collect
from imbalance_accessor.inspection.regression_size import unpenalised_findings
from imbalance_accessor.leakage.run_checks import leak_findings
from imbalance_accessor.metrics.comparison import Comparison, Metrics, compare
from imbalance_accessor.modeling.models import Model
from imbalance_accessor.modeling.read_strategies import DEFAULT
from imbalance_accessor.modeling.several_models import are_several, read_several_models, shown_name
from imbalance_accessor.options import check_flag, is_nothing
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.fit_eval.fields import Settings, read_settings
from imbalance_accessor.verbs.fit_eval.findings import alike, not_carried_over, on_few_negatives
from imbalance_accessor.verbs.fit_eval.result import Evaluation

#: Below this chance that a draw of the test rows holds every class, no interval is tried.
_LIKELY = 0.02


@as_verb
def fit_eval(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    model: Any | Sequence[Any] = "logistic",
    strategies: Sequence[Any] = DEFAULT,
    metric: str = "average_precision",
    criterion: str = "f1",
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
    permutations: int = 0,
    max_rows: int | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    ignore: Collection[str] = (),
) -> Evaluation:
    """Fit strategies against the imbalance side by side, and judge them on rows never resampled.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    model : str, classifier, dict or list of these, default "logistic"
        ``"logistic"``, ``"forest"``, ``"boosting"``, ``"naive_bayes"``, ``"svm"`` (its scores only rank), ``"knn"``;
        or any scikit-learn compatible classifier, pipeline or search. Several, by name or as a list, are compared on the
        same rows, folds and draws: ``{"logistic": "logistic", "xgb": XGBClassifier()}``. See Notes. Here and below the
        field's other names are understood too, however they are written: ``"rf"``, ``"ROS"``, ``"balanced"``,
        ``"PR-AUC"``, ``"Platt scaling"``.
    strategies : sequence of str, sampler, ensemble or dict
        Also ``"smote+class_weight"`` (which is ``"smote"``), ``"smote+original_weight"`` (weights of the counts before
        SMOTE: they correct twice), ``"borderline"``, ``"adasyn"``, ``"smote_tomek"``, ``"smote_enn"``, ``"balanced_forest"``,
        ``"easy_ensemble"``, ``"rus_boost"``, ``"focal"`` (logistic regression, XGBoost and LightGBM under the focal
        loss), any imbalanced-learn sampler or ensemble, or class weights: ``{0: 1, 1: 15}``, ``"sqrt"`` (the root of the
        balanced ones), ``"effective"``, or what `weights` returns. ``"none"`` is always shown.
    metric : str, default "average_precision"
        What decides, out of fold, whether a strategy beats the plain model; with ``groups=`` average precision does in
        place of a decision metric.
    criterion : {"f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"}, default "f1"
        What each strategy's tuned threshold maximises, out of fold.
    preprocess : {"auto", "skrub", None}, default "auto"
        ``"skrub"``: skrub's ``TableVectorizer`` makes numbers of the table, of dates and free text too; samplers then work
        on these numbers. ``None``: features reach the model as they are.
    fitted : bool, default False
        Whether `model` is scored as it is and never fitted.
    test_size : float, default 0.2
        Share of rows in the test set. With 0 nothing is held out, and every row is scored out of fold.
    cv : int, default 5
        Folds of the training set.
    repeats : int, default 1
        How often the folds are dealt. The next seeds are taken, and figures and thresholds averaged.
    random_state : int or None, default 0
        Seed of split, folds, samplers and models.
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
        A column of row weights, used in fits and in figures; it is no feature. See Notes.
    permutations : int, default 0
        How often "none" is refitted on shuffled labels, as a test for signal; with 20 the smallest p is 0.048.
        This test does not detect leakage.
    max_rows : int, optional
        Train rows to learn from at most: small classes whole, the larger ones share what is left. All train rows are scored
        out of fold, so that figures, thresholds and calibrators are those of the frame's own class shares; probabilities
        lean to the rare class until they are calibrated, see IMB316. Support vectors and neighbour searches grow with the
        square of the rows; where they are due to take over a minute, the bar and a finding say so. Of a table that is read
        piece by piece: rows drawn of it in all, by default 200,000.
    n_jobs : int, optional
        Workers, as joblib takes them; by default a surrounding ``joblib.parallel_config``, else chosen from the work.
    progress : bool, optional
        A progress bar; by default when the work is long.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Evaluation
        ``.frame``, ``.best``, ``.verdict``, ``.model(name)``, ``.scores``, ``.differences``, ``.permuted``.

    Raises
    ------
    TargetError, FeatureError, OptionError, SplitError, ModelError
        One sentence each, before any fitting.

    Notes
    -----
    Strategies are compared, and thresholds chosen, on out-of-fold scores of the training set, which by default hold four times
    the positives of the test set; the test set is scored once and reported. Out of fold, figures of the order are those of
    all rows, each score replaced by its mid-rank within its fold over the fold's rows; with ``groups=`` or ``time=`` they
    are means over folds, weighted by positives.
    Decision figures without a tuned threshold are at 0.5 (0 for margins). Where a model's own ``predict`` decides otherwise,
    as a ``FixedThresholdClassifier`` does, they are of what it predicts, and headed ``by predict``; of several classes a row
    always goes to the likeliest one.
    Intervals are Wilson's for recall, precision and accuracy, MOVER's for balanced accuracy and G-mean (Zou & Donner 2008),
    on logits for ROC-AUC, else percentile bootstrap with the same draws for every strategy: of each class its share, as it
    varies from frame to frame, then its rows; plain rows with ``time=`` or a test frame of your own; whole groups with
    ``groups=``. Rows drawn of a table count by its classes' shares, which vary as among tables of its size; those that
    `prevalence` gives are known. Differences to ``"none"`` are simultaneous (max-t); of decision metrics they are never of
    width 0, unless two names are one model.
    Of several models, rows are called ``"forest: smote"``, and methods take these names; ``"forest"`` alone is its plain row.
    An ensemble stands in a model's place: it is fitted once, behind the first model's preprocessing, and keeps its name.
    Each strategy is held against its own model's plain row, and the verdict against the best plain model. That one is chosen
    by the same scores, so the intervals hold for all pairs of a row and a plain model at once.
    With a `prevalence` π, the frame's share being π_s, positives count π / π_s and negatives (1 − π) / (1 − π_s) in every
    figure (King & Zeng 2001); folds and samplers see the rows as they are. Probabilities are p / (p + (1 − p) b), with b what
    the strategy did to the odds times π_s (1 − π) / ((1 − π_s) π) (Elkan 2001; Saerens et al. 2002); where that fails out of
    fold, a sigmoid learned with the weights of the rows replaces it. Where a negative counts more than a positive, w₀ > w₁,
    average precision takes (w₀ − w₁) / 2 more above each positive: it is too high otherwise.
    Of a lazy frame of polars, a relation of DuckDB or a Dask frame, models are fitted on a sample: small classes whole, the
    larger ones in part. After the fits one pass scores all rows that no fit learned from, for the test figures; what follows
    from the order and decisions at both thresholds are exact, means of squares to a millionth. With ``groups=``, ``time=``,
    row weights or several classes test figures are of the sample's test rows, weighted to the table.
    Row weights reach scaling, classifier and class weights, n / (k · n_c) of sums of weights; medians that fill missing cells
    and the 1 % below which levels are pooled count rows. Of a pipeline of your own the last step gets them, and steps that
    ask for them by ``set_fit_request(sample_weight=True)``. Samplers draw rows as they are. A copied row has its own weight,
    a row that was made that of its parent: the nearest real row of its class where the sampler works, see `smote`. Whole
    weights are repeated rows for a logistic regression under "none" and "class_weight"; samplers and trees draw otherwise.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> e = imb.make_churn().imb.fit_eval("churn", strategies=["class_weight"])
    >>> list(e.frame.index)
    ['none', 'class_weight', 'dummy']
    """
    ignored = check_ignore(ignore)
    check_permutations(permutations, fitted=fitted, held_out=not is_nothing(test_size))
    if permutations and are_several(model):
        raise OptionError(
            f"permutations={permutations} asks one model for signal, and model= names several. Leave it out, or pass one model.",
            fix=change(permutations=LEFT_OUT),
        )
    rows: dict[str, Any] = {"test_size": test_size, "cv": cv, "repeats": repeats, "max_rows": max_rows}
    rules: dict[str, Any] = {"pos_label": pos_label, "groups": groups, "time": time, "test": test}
    rules |= {"prevalence": prevalence, "sample_weight": sample_weight, "id": id}
    work: dict[str, Any] = {"n_jobs": n_jobs, "progress": progress}
    plan, settings = planned(
        data,
        target,
        rules,
        model=model,
        strategies=strategies,
        metric=metric,
        criterion=criterion,
        preprocess=preprocess,
        fitted=fitted,
        random_state=random_state,
        needs_test=bool(permutations),
        **rows,
        **work,
    )
    return evaluation_of(plan, settings, ignored, permutations=permutations, **work)


def planned(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    rules: Mapping[str, Any],
    *,
    model: Any,
    strategies: Sequence[Any],
    metric: str,
    criterion: str,
    preprocess: str | None,
    fitted: bool,
    random_state: int | None,
    n_jobs: int | None,
    progress: bool | None,
    needs_test: bool = False,
    **rows: Any,
) -> tuple[Plan, Settings]:
    """Read the options of `fit_eval` and plan its fits; none is made, so that whatever is wrong is said before.

    Parameters
    ----------
    rules : mapping of str to object
        What the frame is read by, as `read_features` takes it.
    needs_test : bool
        Whether the test set is scored by more than these fits.
    **rows
        ``test_size``, ``cv``, ``repeats`` and ``max_rows``.
    """
    refuse_synthetic(data, rules["test"])
    check_jobs(n_jobs)
    check_flag("fitted", fitted)
    check_flag("progress", progress, optional=True)
    models = read_several_models(model, preprocess=preprocess, random_state=random_state, fitted=fitted)
    first = next(iter(models.values()))
    seen: dict[str, Any] = {
        "for_models": not all(each.reads_raw for each in models.values()),
        "described": first.vectorizer is not None,
    }
    features = read_features(data, target, **rules, **seen)
    seeded: dict[str, Any] = {"random_state": random_state}
    settings = read_settings(metric, criterion, first, features, preprocess=preprocess, **seeded)
    rows |= {"nothing": not needs_test, **seeded}
    plan = make_plans(features, models, strategies, **rows)
    check_part(plan.parts, needs_test=needs_test)
    return plan, settings


def evaluation_of(
    plan: Plan,
    settings: Settings,
    ignored: Collection[str],
    *,
    n_jobs: int | None,
    progress: Progress,
    permutations: int = 0,
) -> Evaluation:
    """Fit what is planned, and judge it."""
    due = {name: work_of_fits(each) for name, each in plan.each.items()}
    together = Work.of(due.values())
    long = long_work(together, plan.parts, f"All fits of {plan.called}")
    work: dict[str, Any] = {"n_jobs": n_jobs, "progress": progress}
    note = duration_text(together.seconds) if long else ""
    by_model = {name: _scored(each, settings, note=note, **work) for name, each in plan.each.items()}
    by_model = alike_reported(by_model)
    scored = joined_scores(plan, by_model)
    fits = {
        name_in(plan.each[model], model, strategy): FittedScores(found, strategy, plan.each[model])
        for model, found in by_model.items()
        for strategy in found.by_name
    }
    compared_and_checked: list[Callable[[], Any]] = [
        partial(_evaluated, plan, scored, settings.criterion),
        partial(leak_findings, fits[next(iter(scored.by_name))]),
    ]
    n_rows = 0 if n_jobs == 1 else len(plan.parts.train)
    (evaluated, comparison), leaked = in_threads(lambda work: work(), compared_and_checked, rows=n_rows)
    findings = [
        *plan.findings,
        *long,
        *leaked,
        *said_of({name: alike(each.candidates, by_model[name].by_name) for name, each in plan.each.items()}),
        *score_findings(scored, needs_test=bool(permutations)),
        *scored.findings,
        *said_of({name: fell_short(each, by_model[name]) for name, each in plan.each.items()}),
    ]
    findings += [] if plan.model.fitted else not_carried_over(scored, evaluated)
    findings += on_few_negatives(scored, evaluated)
    findings += said_of(
        {name: unpenalised_findings(each, by_model[name]) for name, each in plan.each.items()}
    )
    permuted = None
    if permutations:
        permuted = permute(plan, scored, permutations, **work)
        findings += permuted.findings
    every = collect(findings, ignored)
    return Evaluation(plan, scored, evaluated, comparison, settings, permuted, every, fits)


def _scored(
    plan: Plan, settings: Settings, *, n_jobs: int | None, progress: Progress, note: str
) -> CrossValScores:
    """Fit one model with all its strategies, and bring its scores to the rows and the prevalence that are asked for."""
    as_fitted = plan.score(n_jobs=n_jobs, progress=progress, note=note)
    return on_all_held_out(
        plan,
        brought_to_prevalence(plan, as_fitted),
        lambda found, name: found.labelled_scores(name).tuned_threshold(settings.criterion),
        progress=progress,
    )


def plan_all(
    features: Features, model: Model, strategies: Any, *, needs_test: bool = False, **rows: Any
) -> Plan:
    """Plan the fits as `make_plan` does, and refuse parts on which they could not be judged."""
    plan = make_plan(features, model, strategies, **rows)
    check_part(plan.parts, needs_test=needs_test)
    return plan


def check_part(parts: Parts, *, needs_test: bool) -> None:
    """Refuse a test set that cannot be judged: several classes with hardly a row each."""
    if parts.features.target.is_binary or not len(parts.test):
        return
    rows = parts.test.rows(len(parts.features.target.classes))
    if np.prod(1 - np.exp(-rows.astype(float))) < _LIKELY:
        whole = parts.is_stratified and not (parts.split_by.own_test or needs_test)
        larger = "Report on all rows: test_size=0" if whole else "Use a larger test set"
        raise SplitError(
            f"The test set has {len(parts.test)} rows of {len(rows)} classes, too few of each for an interval. "
            f"{larger}, or merge classes, or name one with pos_label=.",
            fix=change(test_size=0) if whole else IN_WORDS,
        )


def _evaluated(plan: Plan, scored: CrossValScores, criterion: str) -> tuple[dict[str, Metrics], Comparison]:
    """Judge every strategy; one that is another under a second name has its figures."""
    labelled_scores = {name: scored.labelled_scores(name) for name in scored.unique}
    plain = tuple(shown_name(model, "none") for model in plan.each)
    draws = scored.reported_resamples, scored.oof_resamples
    evaluated, compared = compare(labelled_scores, *draws, criterion=criterion, plain=plain)
    unique = {id(each): name for name, each in scored.unique.items()}
    of = {name: unique[id(each)] for name, each in scored.by_name.items()}
    scores = {name: compared.scores[first] for name, first in of.items()}
    return {name: evaluated[first] for name, first in of.items()}, replace(compared, scores=scores)
