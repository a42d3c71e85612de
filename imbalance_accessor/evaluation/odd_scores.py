"""What is odd of scores themselves: that they are decisions, that they rank backwards, that they do not vary."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import IN_WORDS, Fix, change, counted
from imbalance_accessor.evaluation.score_column import changed_scores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, StrategyScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Floats

#: Rows below which equal scores are no surprise.
_FEW = 10
#: Share of the other class that may have the one score of a class which a score made from the labels would have.
_HARDLY = 0.05
#: How labels say yes.
_YES = {"1", "1.0", "true", "t", "yes", "y", "positive", "pos"}


def odd_scores(scores: StrategyScores) -> list[Finding]:
    """Return what keeps scores from being used as they are, whatever for."""
    return [*_decisions(scores), *_backwards(scores), *_constant(scores)]


def are_decisions(scores: StrategyScores) -> bool:
    """Whether all scores are the two answers of ``predict``."""
    return two_values(scores) in {(0, 1), (-1, 1)}


def two_values(scores: StrategyScores) -> tuple[float, float] | None:
    """Return the two values that all scores have; None where there are others."""
    every = _every(scores)
    low, high = float(every.min()), float(every.max())
    return (low, high) if low < high and ((every == low) | (every == high)).all() else None


def ranks_backwards(scores: StrategyScores) -> bool:
    """Whether scores that were not made here rank positives below negatives, beyond chance."""
    if isinstance(scores, FittedScores) and not scores.plan.model.fitted:
        return False
    signal = scores.ranking_signal
    return signal is not None and signal.is_below_chance


def _every(scores: StrategyScores) -> Floats:
    found = scores.labelled_scores
    return np.concatenate([found.score_oof[found.seen], found.score])


def _called(scores: StrategyScores) -> str:
    return "The model's scores" if scores.name == "none" else f"The scores of {scores.name!r}"


def _decisions(scores: StrategyScores) -> Iterator[Finding]:
    if not are_decisions(scores):
        return
    whose = f"{_called(scores)} are"
    cure = "Use a model with graded scores; a tree has them with min_samples_leaf=20."
    if isinstance(scores, ColumnScores):
        whose = f"scores={scores.column!r} holds"
        cure = f"Give probabilities instead: predict_proba(X)[:, {scores.scored.positive}]."
    low = 0 if scores.scored.is_probability else -1
    yield Finding("IMB412", "error", f"{whose} {low} and 1 alone: these are decisions, not scores.", cure)


def _backwards(scores: StrategyScores) -> Iterator[Finding]:
    signal = scores.ranking_signal if ranks_backwards(scores) else None
    if signal is None:
        return
    whose = f"scores={scores.column!r} ranks" if isinstance(scores, ColumnScores) else "The model ranks"
    sentence = f"{whose} backwards: positives have the lower scores (ROC-AUC {signal.auc:.3f} within folds)."
    cure, fix = "Map the target to the labels that it was fitted on.", IN_WORDS
    if isinstance(scores, ColumnScores):
        cure, fix = _turned(scores)
    yield Finding("IMB413", "error", sentence, cure, fix)


def _turned(scores: ColumnScores) -> tuple[str, Fix]:
    """Return what turns scores round: the other class as the positive one where its label says yes, else the scores."""
    target = scores.scored.parts.features.target
    other = None if target.is_one_vs_rest else plain(target.classes[1 - (target.positive or 0)])
    if str(other).casefold() in _YES:
        return f"They look like scores of {other!r}: make it the positive class.", change(pos_label=other)
    sign = "1 - " if scores.scored.is_probability else "-"
    lines = changed_scores(scores.scored.parts, scores.column, (sign + "{}").format)
    return "Turn them round.", Fix(lines)


def _constant(scores: StrategyScores) -> Iterator[Finding]:
    """Say in one sentence where scores do not vary: everywhere, on the test set, in folds, or within a class."""
    where = _where_constant(scores)
    if not where:
        return
    whose, cure = f"{_called(scores)} are", "Use a model that ranks these rows."
    if isinstance(scores, ColumnScores):
        whose, cure = f"scores={scores.column!r} is", "Look at how these rows were scored."
    yield Finding("IMB414", "warning", f"{whose} the same {where}.", cure)


def _where_constant(scores: StrategyScores) -> str:
    found = scores.labelled_scores
    fold, score = found.fold[found.seen], found.score_oof[found.seen]
    rows = np.bincount(fold)
    one = np.zeros(len(rows))
    one[fold] = score  # that of any row of the fold
    folds = np.flatnonzero(rows)
    constant = np.bincount(fold, score != one[fold])[folds] == 0
    if constant.all():
        return "for all rows of a fold: nothing ranks them"
    if _is_constant(found.score):
        return f"for all {len(found.score):,} test rows ({found.score[0]:.3g}): figures on test say nothing"
    still = int((constant & (rows[folds] >= _FEW)).sum())
    if still:
        return f"for all rows of {still} of {len(folds)} folds: nothing ranks them there"
    return "" if are_decisions(scores) else _class_of_one_score(scores)


def _class_of_one_score(scores: StrategyScores) -> str:
    """Say that a class has one score, which the other one hardly has."""
    found, every = scores.labelled_scores, _every(scores)
    y = np.concatenate([found.y_oof[found.seen], found.y])
    for own, others, what in ((every[y], every[~y], "positive"), (every[~y], every[y], "negative")):
        if _is_constant(own) and np.mean(others == own[0]) < _HARDLY:
            return f"for all {counted(len(own), what)} ({own[0]:.3g}), as if made from the labels"
    return ""


def _is_constant(values: Floats, fewest: int = _FEW) -> bool:
    return len(values) >= fewest and bool(values.min() == values.max())
