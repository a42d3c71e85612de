"""Fits and scores: each strategy on each fold and on the whole training set, each row by a model that has not seen it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import joblib
import numpy as np

from imbalance_accessor.errors import ModelError, listed
from imbalance_accessor.evaluation.fit import (
    NOT_CONVERGED,
    FeatureReader,
    FitResult,
    FittedPreprocessing,
    FoldData,
    divided,
    failed,
    fit_and_score,
    with_first_steps,
)
from imbalance_accessor.evaluation.outputs import (
    Matrix,
    not_fitted,
    predictions_of,
    reason,
    scores_of,
    unpredicted,
)
from imbalance_accessor.evaluation.parallel import Job, run_all
from imbalance_accessor.evaluation.progress import Progress
from imbalance_accessor.evaluation.scores import CrossValScores, ModelScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.metrics.shared_cores import in_one_thread
from imbalance_accessor.modeling.models import Model, estimators_inside, runs_in_threads
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.read_strategies import without
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import quieted
from imbalance_accessor.splitting.folds import Folds

#: Cells from which on several threads multiply matrices of them faster than one.
_MANY_CELLS = 500_000


def score_by_fold(
    reader: FeatureReader,
    folds: Folds,
    candidates: Mapping[str, Candidate],
    *,
    n_jobs: int | None = None,
    progress: Progress = None,
    note: str = "",
) -> CrossValScores:
    """Fit each strategy on each fold and on the whole training set, and score the rows it has not seen.

    Parameters
    ----------
    reader : FeatureReader
        How the rows reach the classifier.
    folds : Folds
        Of the train rows.
    candidates : mapping of str to Candidate
        The strategies and their pipelines, not fitted.
    n_jobs : int, optional
        As joblib takes it; by default a surrounding `joblib.parallel_config`, else chosen from the work at hand.
    progress : bool or Within, optional
        A bar; by default when the work is long.
    note : str
        What the bar says beside it.

    Raises
    ------
    ModelError
        When the plain model cannot be fitted either.
    """
    if reader.model.fitted:
        return _score_fitted(folds, reader)
    fold_data = FoldData(reader, folds)
    twins = {
        name: candidate.strategy.same_as
        for name, candidate in candidates.items()
        if candidate.strategy.same_as in candidates
    }
    # fold by fold, so that steps which strategies share are fitted once and not kept for long
    jobs = [
        Job(name, fold) for fold in [*range(len(folds.every)), -1] for name in candidates if name not in twins
    ]
    fronts: dict[Job, FittedPreprocessing | None] = {}

    def call(job: Job) -> Any:
        try:
            first_steps, rest, rows = fold_data.shared(candidates[job.name], job.fold)
        except Exception as error:  # a step of the user's may raise anything
            return joblib.delayed(failed)(job, reason(error))
        fronts[job] = first_steps and first_steps.kept(job.fold)
        return joblib.delayed(fit_and_score)(job, rest, rows)

    # the first steps that strategies share are fitted here
    threads = all(runs_in_threads(divided(candidate.estimator)[1]) for candidate in candidates.values())
    few = reader.parts.train.X.size < _MANY_CELLS
    with in_one_thread(short=few or _is_sparse(reader.model, candidates), loops=False):
        done = run_all(jobs, call, n_jobs=n_jobs, progress=progress, threads=threads, note=note)
    outcomes = [with_first_steps(each, fronts.get(each.job)) for each in done]
    first, *again = (
        _with_twins(_gathered(deal, reader, own, candidates), list(candidates), twins)
        for deal, own in _by_deal(folds, outcomes)
    )
    findings = dict.fromkeys(finding for each in (first, *again) for finding in each.findings)
    return replace(first, findings=tuple(findings), again=tuple(again)).deciding()


def _is_sparse(model: Model, candidates: Mapping[str, Candidate]) -> bool:
    """Whether steps of ours make sparse rows, which one thread multiplies whatever their number."""
    every = (candidate.estimator for candidate in candidates.values())
    inside = chain.from_iterable(map(estimators_inside, every))
    return not model.own and any(getattr(each, "sparse_output", False) for each in inside)


def _by_deal(folds: Folds, outcomes: list[FitResult]) -> Iterator[tuple[Folds, list[FitResult]]]:
    """Yield each deal with its own outcomes, those of the whole training set, and all failures: they concern every deal."""
    start = 0
    for deal in folds.deals:
        own = []
        for each in outcomes:
            fold = each.job.fold - start
            if each.failure or each.job.fold < 0:
                own.append(each)
            elif 0 <= fold < len(deal):
                own.append(replace(each, job=replace(each.job, fold=fold)))
        yield deal, own
        start += len(deal)


def _with_twins(scored: CrossValScores, names: list[str], twins: Mapping[str, str | None]) -> CrossValScores:
    """Give strategies that are another one under a second name its scores."""
    found = {name: scored.by_name.get(twins.get(name) or name) for name in names}
    return replace(scored, by_name={name: scores for name, scores in found.items() if scores is not None})


def _gathered(
    folds: Folds,
    reader: FeatureReader,
    outcomes: Iterable[FitResult],
    candidates: Mapping[str, Candidate],
) -> CrossValScores:
    by_strategy: dict[str, list[FitResult]] = {}
    for outcome in outcomes:
        by_strategy.setdefault(outcome.job.name, []).append(outcome)
    failures = {name: _first(each.failure for each in results) for name, results in by_strategy.items()}
    failed = tuple(name for name, failure in failures.items() if failure)
    found: dict[str, ModelScores] = {}
    findings: list[Finding] = []
    for name, results in by_strategy.items():
        failure = failures[name]
        if failure and (name == "none" or len(by_strategy) == 1):
            raise not_fitted(reader.model.name, name, failure, reader.parts.features)
        if failure:  # the same model was fitted without the strategy
            sentence = f"{name!r} failed, so its row is empty: {failure.rstrip('.')}."
            fix = without((each.strategy for each in candidates.values()), *failed)
            findings.append(Finding("IMB305", "warning", sentence, "Leave it out.", fix))
            continue
        findings.extend(_warnings(name, results, reader.model))
        findings.extend(unpredicted(repr(name), _first(each.unpredicted for each in results)))
        found[name] = _scores(folds, reader, results)
    probabilities = reader.model.has_probabilities
    return CrossValScores(reader.parts, folds, found, probabilities, tuple(findings), failed)


def _first(reasons: Iterable[str]) -> str:
    return next(filter(None, reasons), "")


def _scores(folds: Folds, reader: FeatureReader, results: list[FitResult]) -> ModelScores:
    n, n_columns = len(reader.parts.train), len(reader.classes)
    oof = np.full((n, n_columns), np.nan)
    test = np.empty((0, n_columns))
    model: Estimator = None
    margin_oof, margin_test = np.full(n, np.nan), None
    predicted_oof, predicted_test = np.full(n, -1, np.int8), None
    for result in results:
        assert result.scores is not None
        if result.job.fold >= 0:
            scored = folds.pairs[result.job.fold][1]
            oof[scored] = result.scores
            margin_oof[scored] = _margins(result)
            predicted_oof[scored] = -1 if result.predicted is None else result.predicted
        else:
            test, model, margin_test = result.scores, reader.handed_out(result.model), result.margins
            predicted_test = result.predicted
    found = ModelScores(oof, test, model)
    if all(result.predicted is not None for result in results):
        found = replace(found, predicted_oof=predicted_oof, predicted_test=predicted_test)
    if all(result.margins is None for result in results):
        return found
    margin_test = log_odds(test[:, 1]) if margin_test is None else margin_test
    return replace(found, margin_oof=margin_oof, margin_test=margin_test)


def _margins(result: FitResult) -> Matrix | float:
    """Return a fold's margins; where another fold has them and this one has not, they are its log odds."""
    if result.margins is not None or result.scores is None or result.scores.shape[1] != 2:
        return np.nan if result.margins is None else result.margins
    return log_odds(result.scores[:, 1])


def _warnings(name: str, results: list[FitResult], model: Model) -> list[Finding]:
    words_said = sorted({warned for result in results for warned in result.warned})
    return [
        Finding("IMB315", "note", f"{name!r}: a fit {words}.", _after(words, model)) for words in words_said
    ]


def _after(words: str, model: Model) -> str:
    """Return what to do about a fit that warned."""
    if words != NOT_CONVERGED:
        return "Look at its grid and its scoring=; scoring='roc_auc' takes any two labels."
    if model.scales and not model.own:  # the features are scaled already
        return "Pass a model with a larger max_iter."
    return "Raise max_iter, or scale the features."


def _check_classes(model: Estimator, reader: FeatureReader) -> None:
    """Refuse a fitted model whose labels are not this frame's: its columns would be taken for the wrong classes."""
    known = getattr(model, "classes_", None)
    if known is None or np.array_equal(np.asarray(known).astype(str), reader.classes.astype(str)):
        return
    raise ModelError(
        f"The fitted {reader.model.name} answers in {listed(np.asarray(known).tolist())}; this frame's labels are "
        f"{listed(reader.classes.tolist())}. Map the target to the model's labels first."
    )


@quieted()
def _score_fitted(folds: Folds, reader: FeatureReader) -> CrossValScores:
    """Score a model that was fitted elsewhere, as it is; its train scores are no out-of-fold scores."""
    parts = reader.parts
    X_train, X_test = reader.features(parts.train), reader.features(parts.test)
    model, n_columns = reader.model.classifier, len(reader.classes)
    _check_classes(model, reader)
    try:
        scores = ModelScores(scores_of(model, X_train, n_columns), scores_of(model, X_test, n_columns), model)
        (oof, why), (test, _) = (predictions_of(model, X, reader.predicted_labels) for X in (X_train, X_test))
    except Exception as error:  # a model of the user's may raise anything
        raise ModelError(
            f"The fitted {reader.model.name} cannot score these rows. {reason(error)}"
        ) from error
    seen = Finding(
        "IMB312",
        "warning",
        f"{reader.model.name} was fitted elsewhere and is only scored here; it may have seen these rows.",
        "Pass rows that it has not seen, or the model unfitted.",
    )
    found = CrossValScores(
        parts,
        folds,
        {"none": replace(scores, predicted_oof=oof, predicted_test=test)},
        hasattr(model, "predict_proba"),
        (seen, *unpredicted(f"the fitted {reader.model.name}", why)),
        one_model=True,
    )
    return replace(found, again=tuple(replace(found, folds=deal) for deal in folds.again)).deciding()
