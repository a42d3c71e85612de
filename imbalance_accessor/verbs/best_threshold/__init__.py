"""`best_threshold`: where to put the threshold, how sure that is, and what it costs."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from imbalance_accessor.data.features import Features, check_for_models, read_features
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.synthetic_rows import refuse_synthetic
from imbalance_accessor.data.target import Label
from imbalance_accessor.errors import OptionError, listed
from imbalance_accessor.evaluation.at_prevalence import brought_to_prevalence, check_share
from imbalance_accessor.evaluation.held_out_pass import on_all_held_out
from imbalance_accessor.evaluation.parallel import check_jobs
from imbalance_accessor.evaluation.plan import make_plan_of_one
from imbalance_accessor.evaluation.score_column import check_alone, needed_columns, read_score_column
from imbalance_accessor.evaluation.shortfall import fell_short
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.evaluation.table_scores import read_scored_table, score_table
from imbalance_accessor.findings import check_ignore
from imbalance_accessor.leakage.run_checks import leak_findings
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.modeling.read_strategies import as_one
from imbalance_accessor.options import check_flag
from imbalance_accessor.rendering.calls import as_verb
from imbalance_accessor.verbs.best_threshold.cost_matrix import CheapestClass, cheapest
from imbalance_accessor.verbs.best_threshold.options import ThresholdOptions
from imbalance_accessor.verbs.best_threshold.result import Threshold, threshold_of
from imbalance_accessor.verbs.best_threshold.search import chosen_threshold
from imbalance_accessor.verbs.shared.own_threshold import ScoreRange, check_within

__all__ = ["CheapestClass", "Threshold", "best_threshold"]


@as_verb
def best_threshold(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    criterion: str | None = None,
    beta: float | None = None,
    cost: Mapping[str, float | Hashable] | pd.DataFrame | None = None,
    min_precision: float | None = None,
    min_recall: float | None = None,
    max_flag_rate: float | None = None,
    top_k: int | float | None = None,
    confidence: float | None = None,
    threshold: float | None = None,
    model: Any = "logistic",
    strategy: Any = "none",
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
) -> Threshold | CheapestClass:
    """Choose the threshold of a score out of fold, and report it on rows that did not choose it.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    criterion : str, optional
        ``"f1"``, ``"fbeta"`` (or ``"f2"``), ``"mcc"``, ``"balanced_accuracy"`` (Youden), ``"g_mean"``, ``"accuracy"``,
        ``"cost"``; beside a limit also ``"recall"``, ``"precision"``, ``"specificity"``. By default what the other
        options ask for: the cost with `cost`, F-beta with `beta`, with a limit the best recall (with `min_recall`
        the best precision), else F1.
    beta : float, optional
        How much more recall counts than precision, for ``"fbeta"``.
    cost : dict or pandas.DataFrame, optional
        Amounts by outcome: ``{"fp": 500, "fn": 50_000}``, optionally ``"tp"`` and ``"tn"``, negative for a gain; a
        column's name where the amount differs from row to row. For several classes a frame of amounts, true labels
        by predicted labels.
    min_precision, min_recall, max_flag_rate : float, optional
        Limits that the threshold must keep, shares in 0..1.
    top_k : int or float, optional
        Rows of this frame that can be flagged, used as a rate; or that rate. Of rows that tie at the threshold none is.
    confidence : float, optional
        How surely the limits must hold on new rows, such as 0.9; else they hold for the rows that choose.
    threshold : float, optional
        A threshold of your own, on the scores' scale: ``.report`` has it as ``"yours"``, next to the chosen one.
    model : str or classifier, default "logistic"
        As in `fit_eval`.
    strategy : str, sampler or ensemble, default "none"
        What is done about the imbalance, as in `fit_eval`.
    scores : hashable, optional
        A column with any model's probability or score of the positive class; then nothing is fitted. Of a table that is read
        piece by piece all rows are counted by their score, in one pass; see Notes.
    preprocess : {"auto", "skrub", None}, default "auto"
        As in `fit_eval`. ``"skrub"``: dates and free text become features too; ``None``: features reach the model as they are.
    fitted : bool, default False
        Whether `model` is scored as it is and never fitted.
    test_size : float, default 0.2
        Share of rows in the test set. With 0 nothing is held out, and every row is reported out of fold, cross-fitted.
    cv : int, default 5
        Folds of the training set.
    repeats : int, default 1
        How often the folds are dealt, with the next seeds. Thresholds and cross-fitted figures are averaged; see Notes.
    random_state : int or None, default 0
        Seed of split, folds, samplers, models and resamples.
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
        Workers, as joblib takes them; by default a surrounding ``joblib.parallel_config``, else chosen from the work.
    progress : bool, optional
        A progress bar; by default when the work is long.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Threshold
        ``float(t)``, ``.feasible``, ``.report``, ``.frame``, ``.threshold_ci``, ``.model()``, ``.apply(df)``. For several
        classes with a matrix of costs a `CheapestClass`.

    Raises
    ------
    TargetError, FeatureError, OptionError, SplitError, ModelError
        One sentence each, before any fitting.

    Notes
    -----
    A row is flagged when its score is at least the threshold; of equal ones that which flags fewest is taken. For a
    criterion alone the threshold is the median of the best ones of 501 bootstrap draws of the training set's out-of-fold
    scores, within class (bagging, Breiman 1996), which moves less than the single best one; above 20,000 rows it is that.
    Rows with weights are drawn as rows and counted by their weights, so that they move as few rows do, not as copies would.
    With costs and limits every distinct score and +inf, which flags nobody, is tried. It is then rounded down to the fewest
    digits, at least two, that flag the same rows: the number that is printed is the one that is applied.

    Figures out of fold are cross-fitted by the same rule. The range of the threshold is the middle 95 % of the best ones of
    resamples of these scores; another fit may choose others. A limit with `confidence` is held by the one-sided bound of
    Clopper & Pearson (1934). What Elkan's (2001) closed form costs, and whether the probabilities that it needs hold, is
    shown for comparison; for F1 F*/2 is (Lipton et al. 2014). With `prevalence` scores are brought to it
    first, and thresholds are searched and judged on rows that count as there; see the notes of `fit_eval`.

    With `repeats` the threshold is the mean of the deals' thresholds, to four digits. Under limits, which a mean need not
    keep, each threshold counts what it flags on average over the deals: of those that keep the limits on these counts the
    best is taken, of equals the one that flags fewest. Cross-fitted figures are means over the deals, each cross-fitted
    within its own; the range of the threshold is over the resamples of all deals. Whether scores rank, and whether
    probabilities hold, is told from the first.

    Scores of a lazy frame of polars, a relation of DuckDB or a Dask DataFrame are counted in up to 262,144 cells of the score
    and more than 131,072 where there are as many scores. A threshold is the lowest score of a cell: what it flags is exact,
    and its place is within one cell of the best. A row is in the test set, or in a fold, by splitmix64 of its place in the
    table, so that the parts are the same whatever the engine, though classes have their shares there only as by chance.

    Where positives rank within folds not clearly above chance (one-sided, 5 %), or the criterion out of fold is no better
    than with everyone or nobody flagged, the answer is that no threshold helps.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> t = imb.make_churn().imb.best_threshold("churn", cost={"fp": 1, "fn": 10})
    >>> t.feasible, round(t.theory, 4)
    (True, 0.0909)
    """
    ignored = check_ignore(ignore)
    refuse_synthetic(data, test)
    check_jobs(n_jobs)
    check_flag("fitted", fitted)
    check_flag("progress", progress, optional=True)
    wanted = ThresholdOptions(
        criterion, beta, cost, min_precision, min_recall, max_flag_rate, top_k, confidence, threshold
    )
    named: dict[str, Any] = {"pos_label": pos_label, "groups": groups, "time": time, "test": test}
    named |= {"prevalence": prevalence, "sample_weight": sample_weight, "id": id}
    rows: dict[str, Any] = {
        "repeats": repeats,
        "test_size": test_size,
        "random_state": random_state,
    }
    if scores is not None:
        check_alone(model, fitted or not (isinstance(strategy, str) and strategy == "none"), max_rows)
        if isinstance(data, Table):
            features = read_scored_table(data, target, scores, repeats=repeats, **named)
            how: dict[str, Any] = {"cv": cv, "test_size": test_size, "random_state": random_state, "id": id}
            return _of_table(features, data, scores, wanted, ignored, how)
        amounts = cost.values() if isinstance(cost, Mapping) else ()
        frame = needed_columns(data, target, scores, [groups, time, sample_weight, id, *amounts])
        features = read_features(frame, target, **named)
        _check_one_score(features, cost)
        asked = wanted.read(features, matrix=False)
        given, found = read_score_column(features, scores, cv=cv, **rows)
        asked.check_rows(given.scored.parts.test.X)
        check_share(given)
        return threshold_of(given, asked, found, ignored)
    chosen = read_model(model, preprocess=preprocess, random_state=random_state, fitted=fitted)
    described = chosen.vectorizer is not None
    features = read_features(data, target, **named, described=described)
    work: dict[str, Any] = {"n_jobs": n_jobs, "progress": progress}
    if features.target.positive is None and isinstance(cost, pd.DataFrame):
        costs = wanted.read_matrix(features.target)
        if not chosen.reads_raw:
            check_for_models(features, described=described)
        plan = make_plan_of_one(features, chosen, strategy, cv=cv, max_rows=max_rows, **rows)
        return cheapest(plan, costs, model, ignored, **work)
    asked = wanted.read(features)
    if asked.threshold is not None and chosen.has_probabilities:
        check_within(asked.threshold, ScoreRange())
    if not chosen.reads_raw:
        check_for_models(features, described=described)
    plan = make_plan_of_one(features, chosen, strategy, cv=cv, max_rows=max_rows, **rows)
    asked.check_rows(plan.parts.test.X)
    scored = on_all_held_out(
        plan,
        brought_to_prevalence(plan, plan.score(**work)),
        lambda found, name: chosen_threshold(FittedScores(found, name, plan), asked),
        needs_rows="costs are in columns of the rows" if asked.cost_columns else "",
        progress=progress,
    )
    (name,) = plan.candidates
    strategy_scores = FittedScores(scored, name, plan)
    short = [replace(each, fix=as_one(each.fix)) for each in fell_short(plan, scored)]
    found = [*plan.findings, *leak_findings(strategy_scores), *scored.findings, *short]
    return threshold_of(strategy_scores, asked, found, ignored)


def _of_table(
    features: Features,
    table: Table,
    scores: Hashable,
    wanted: ThresholdOptions,
    ignored: Collection[str],
    how: Mapping[str, Any],
) -> Threshold:
    """Choose a threshold of scores in a column of a table."""
    _check_one_score(features, wanted.cost)
    _check_amounts(table, wanted.cost)
    asked = wanted.read(features, matrix=False)
    costs = asked.costs_of(features.X)
    edges = [0.0, 0.5, *([] if costs is None else [float(costs.closed_form)])]
    edges += [] if asked.threshold is None else [asked.threshold]
    given = score_table(features, table, scores, at="lowest", edges=edges, **how)
    check_share(given)
    return threshold_of(given, asked, given.scored.parts.findings, ignored)


def _check_amounts(table: Table, cost: Any) -> None:
    """Refuse amounts of the rows' own, which one pass over the scores does not read."""
    named = [each for each in cost.values() if each in table.columns] if isinstance(cost, Mapping) else []
    if named:
        raise OptionError(
            f"cost= names {listed(named)}, and scores= of a {table.came_as} counts rows by score and label alone. Give amounts "
            "that are the same for all rows."
        )


def _check_one_score(features: Features, cost: Any) -> None:
    """Refuse a matrix of costs for several classes, which one score a row cannot serve."""
    if features.target.positive is None and isinstance(cost, pd.DataFrame):
        raise OptionError(
            "scores= holds one score a row, and a matrix of costs for several classes weighs the probabilities of all of "
            "them. Use model=, or name one class with pos_label= and its costs as a dict."
        )
