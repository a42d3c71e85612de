"""Models that learn in rounds: what they said after each of them, on rows they learned from and on rows held out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier

from imbalance_accessor.evaluation.fit import FitTask, FoldData
from imbalance_accessor.evaluation.outputs import Matrix
from imbalance_accessor.evaluation.parallel import Job, run_all
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.inspection.pipeline_trace import transformed, transformers_of
from imbalance_accessor.metrics import multiclass
from imbalance_accessor.metrics.binary import log_loss
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.row_weights import fit_clone
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import own_filters

#: Rounds that are looked at, spread over all of them.
MOST_ROUNDS = 40
#: Epochs of a network that are all looked at, each by a fit of its own.
_EVERY_EPOCH = 20


@dataclass(frozen=True, eq=False)
class FoldRounds:
    """What one fold's model said after each round that is looked at.

    Attributes
    ----------
    learned, held_out : dict of int to ndarray, shape (n_rows, n_classes)
        Probabilities by round, of the rows learned from (as they came, not resampled) and of those held out.
    seconds : float
    """

    learned: dict[int, Matrix]
    held_out: dict[int, Matrix]
    seconds: float


def n_rounds(classifier: Estimator) -> int:
    """Return the rounds that a fitted classifier took; 0 where it does not learn in rounds, or cannot say."""
    if not hasattr(classifier, "predict_proba"):
        return 0
    library = type(classifier).__module__.split(".")[0]
    if isinstance(classifier, MLPClassifier):
        return int(classifier.n_iter_)
    if hasattr(classifier, "get_booster"):
        of_trees = classifier.get_params().get("booster") != "gblinear"
        return int(classifier.get_booster().num_boosted_rounds()) if of_trees else 0
    if hasattr(classifier, "booster_"):
        return int(classifier.booster_.current_iteration())
    if hasattr(classifier, "staged_predict_proba") and library == "catboost":
        return int(classifier.tree_count_)
    if hasattr(classifier, "staged_predict_proba"):
        taken = getattr(classifier, "n_iter_", None)
        return int(len(classifier.estimators_) if taken is None else taken)
    return 0


def looked_at(n: int) -> list[int]:
    """Return the rounds to look at: the first, the last, and others evenly between.

    Examples
    --------
    >>> looked_at(3), len(looked_at(1000))
    ([1, 2, 3], 40)
    """
    return [int(each) for each in np.unique(np.linspace(1, n, min(n, MOST_ROUNDS)).round())]


def doubling(n: int) -> list[int]:
    """Return 1, 2, 4, ... and the last round.

    Examples
    --------
    >>> doubling(10), doubling(8)
    ([1, 2, 4, 8, 10], [1, 2, 4, 8])
    """
    return sorted({*(2**power for power in range(n.bit_length()) if 2**power < n), n})


def epochs(n: int) -> list[int]:
    """Return every epoch up to 20, then 40, 80, ... and the last one.

    Examples
    --------
    >>> epochs(3), epochs(50)[-4:]
    ([1, 2, 3], [19, 20, 40, 50])
    """
    later = [_EVERY_EPOCH * 2**power for power in range(1, n.bit_length())]
    return sorted({*range(1, min(n, _EVERY_EPOCH) + 1), *(each for each in later if each < n), n})


def by_round(classifier: Estimator, X: Any, at: list[int]) -> Iterator[Matrix]:
    """Yield a fitted ensemble's probabilities, shape (n_rows, n_classes), after each of some rounds."""
    if hasattr(classifier, "get_booster"):
        for each in at:
            yield np.asarray(classifier.predict_proba(X, iteration_range=(0, each)), np.float64)
    elif hasattr(classifier, "booster_"):
        for each in at:
            yield np.asarray(classifier.predict_proba(X, num_iteration=each), np.float64)
    else:
        wanted = set(at)
        for place, said in enumerate(classifier.staged_predict_proba(X), start=1):
            if place in wanted:
                yield np.asarray(said, np.float64)


def rounds_frame(strategy_scores: FittedScores) -> pd.DataFrame:
    """Fit each fold of a strategy again, and measure it after its rounds: the frame that `Trace.rounds` tells of.

    Notes
    -----
    Trees are asked for their staged predictions. A neural network keeps its weights after epochs 1, 2, 3, ..., 20, 40, 80, ...
    of one more fit. Where it keeps none (early stopping, L-BFGS) it is fitted again with ``max_iter`` of each: with the same
    seed its first epochs are the same ones. The models that are handed out are not touched.
    """
    strategy_scores = strategy_scores.as_fitted
    plan, scored = strategy_scores.plan, strategy_scores.scored
    candidate, fold_data = _settled(strategy_scores), FoldData(plan.reader, scored.folds)
    jobs = [Job(strategy_scores.name, fold) for fold in range(len(scored.folds))]

    def call(job: Job) -> Any:
        return joblib.delayed(follow)(candidate.estimator, fold_data.rows(candidate, job.fold))

    return _measured(strategy_scores, run_all(jobs, call, n_jobs=None, progress=None))


def _settled(strategy_scores: FittedScores) -> Candidate:
    """Return the strategy's pipeline with the parameters that a search around it chose."""
    candidate = strategy_scores.plan.candidates[strategy_scores.name]
    if not hasattr(candidate.estimator, "estimator"):
        return candidate
    fitted = strategy_scores.scored.by_name[strategy_scores.name].model
    chosen = next(step.best_estimator_ for _, step in fitted.steps if hasattr(step, "best_estimator_"))
    return Candidate(candidate.strategy, clone(chosen))


def follow(pipeline: Estimator, rows: FitTask) -> FoldRounds:
    """Fit a clone of a pipeline, and say what it gives after each round that is looked at."""
    start = perf_counter()
    with own_filters():  # few epochs do not converge, which is what is asked for
        warnings.simplefilter("ignore")
        fitted = fit_clone(_watched(pipeline), rows.X, rows.y, rows.fit_params)
        steps, classifier = transformers_of(fitted)
        both = [transformed(steps, X) for X in (rows.X, rows.scored)]
        if not isinstance(classifier, MLPClassifier):
            at = looked_at(n_rounds(classifier))
            learned, held_out = (tuple(by_round(classifier, X, at)) for X in both)
        else:
            at = epochs(n_rounds(classifier))
            if set(at) <= getattr(classifier, "kept_", {}).keys():
                learned, held_out = (tuple(_by_epoch(classifier, X, at)) for X in both)
            else:
                learned, held_out = zip(*(_stopped(pipeline, rows, each) for each in at), strict=True)
    before, beside = (dict(zip(at, each, strict=True)) for each in (learned, held_out))
    return FoldRounds(before, beside, perf_counter() - start)


class _WatchedNetwork(MLPClassifier):  # type: ignore[misc]
    """The same network, which keeps its weights after the epochs that are looked at; it learns in no other way."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "n_iter_" and value:
            self._keep(int(value))

    def _keep(self, epoch: int) -> None:
        kept: dict[int, Any] = self.__dict__.setdefault("kept_", {})
        for earlier in set(kept) - set(epochs(epoch)):
            del kept[earlier]
        kept[epoch] = [[each.copy() for each in some] for some in (self.coefs_, self.intercepts_)]


def _watched(pipeline: Estimator) -> Estimator:
    """Return the pipeline with a network that keeps its weights; others, and those that go back to their best, as they are."""
    name, last = pipeline.steps[-1]
    if type(last) is not MLPClassifier or last.early_stopping:
        return pipeline
    return clone(pipeline).set_params(**{name: _WatchedNetwork(**last.get_params())})


def _by_epoch(classifier: _WatchedNetwork, X: Any, at: list[int]) -> Iterator[Matrix]:
    """Yield what the network said after each of some epochs."""
    for each in at:
        then = copy(classifier)
        then.coefs_, then.intercepts_ = classifier.kept_[each]
        yield np.asarray(then.predict_proba(X), np.float64)


def _stopped(pipeline: Estimator, rows: FitTask, epoch: int) -> tuple[Matrix, Matrix]:
    """Return what a network says that is fitted anew and stops after an epoch: with the same seed that is the same one."""
    name, last = pipeline.steps[-1]
    seed = 0 if last.random_state is None else last.random_state
    shorter = clone(pipeline).set_params(**{f"{name}__max_iter": epoch, f"{name}__random_state": seed})
    fitted = fit_clone(shorter, rows.X, rows.y, rows.fit_params)
    return tuple(np.asarray(fitted.predict_proba(X), np.float64) for X in (rows.X, rows.scored))  # type: ignore[return-value]


def _measured(strategy_scores: FittedScores, folds: list[FoldRounds]) -> pd.DataFrame:
    scored = strategy_scores.scored
    codes, pairs, labelled_scores = (
        scored.train_codes,
        scored.folds.pairs,
        scored.labelled_scores(strategy_scores.name),
    )
    weights, measured = scored.parts.train_weights, dict[int, tuple[float, ...]]()
    for each in sorted({at for fold in folds for at in fold.held_out}):
        # a fold that stopped earlier says what it said last
        said = [(_until(fold.learned, each), _until(fold.held_out, each)) for fold in folds]
        learned = [(codes[learn], p) for (learn, _), (p, _) in zip(pairs, said, strict=True)]
        held_out = [(codes[held], p) for (_, held), (_, p) in zip(pairs, said, strict=True)]
        tested = weights.take(np.concatenate([held for _, held in pairs])).own
        oof = np.full(labelled_scores.score_oof.shape, np.nan)
        for (_, held), (_, p) in zip(pairs, said, strict=True):
            oof[held] = p if scored.positive is None else p[:, scored.positive]
        ranked = replace(labelled_scores, score_oof=oof).ranking()["average_precision"]
        figures = list[float]()
        for of in (_losses, _hits):
            # rows count as they do in the fit
            inner = [
                np.average(of(*fold, scored.positive), weights=weights.take(learn).own)
                for fold, (learn, _) in zip(learned, pairs, strict=True)
            ]
            outer = np.concatenate([of(*fold, scored.positive) for fold in held_out])
            figures += [float(np.mean(inner)), float(np.average(outer, weights=tested))]
        measured[each] = (*figures, ranked)
    names = ["train_loss", "oof_loss", "train_accuracy", "oof_accuracy", "oof_average_precision"]
    frame = pd.DataFrame.from_dict(measured, orient="index", columns=names)
    frame.index.name = "round"
    return frame


def _until(said: dict[int, Matrix], each: int) -> Matrix:
    return said[max(at for at in said if at <= each)]


def _losses(codes: NDArray[np.intp], p: Matrix, positive: int | None) -> Matrix:
    if positive is None:
        return multiclass.log_loss(codes, p)
    return log_loss(codes == positive, p[:, positive])


def _hits(codes: NDArray[np.intp], p: Matrix, positive: int | None) -> Matrix:
    """Return 1 for each row that is decided rightly: at one half, or as the likeliest of several classes."""
    if positive is None:
        return np.asarray(p.argmax(axis=1) == codes, np.float64)
    return np.asarray((p[:, positive] >= 0.5) == (codes == positive), np.float64)
