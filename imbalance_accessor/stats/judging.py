"""From scores to figures: each strategy on the test part, and out of fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.stats.arrays import Bools, Codes, Floats
from imbalance_accessor.stats.bootstrap import Resamples
from imbalance_accessor.stats.figures import (
    ClassScores,
    Figures,
    Measured,
    Scores,
    decision_figures,
    measure,
    points_of,
)
from imbalance_accessor.stats.metrics import confusion
from imbalance_accessor.stats.registry import names
from imbalance_accessor.stats.thresholds import best_cut, can_be_judged, cross_fitted_flags


@dataclass(frozen=True, eq=False)
class Sides:
    """One strategy's scores of the positive class.

    Attributes
    ----------
    y, score : numpy.ndarray, shape (n_test,)
        The test part: is it positive, and what the model says.
    y_oof, score_oof, fold : numpy.ndarray, shape (n_train,)
        The train part, out of fold; fold -1 where no fold scored a row.
    is_probability : bool
        Whether scores are probabilities.
    ordered : bool
        Whether folds follow each other in time, so that later ones may not choose for earlier ones.
    """

    y: Bools
    score: Floats
    y_oof: Bools
    score_oof: Floats
    fold: NDArray[np.intp]
    is_probability: bool
    ordered: bool = False

    @property
    def default_cut(self) -> float:
        """The cut that ``predict`` uses."""
        return 0.5 if self.is_probability else 0.0

    @property
    def seen(self) -> Bools:
        """Which train rows some fold scored."""
        return np.asarray(self.fold >= 0)


@dataclass(frozen=True, eq=False)
class Several:
    """One strategy's scores of each class.

    Attributes
    ----------
    y : numpy.ndarray of int, shape (n_test,)
    score : numpy.ndarray, shape (n_test, k)
    y_oof, score_oof, fold : numpy.ndarray
        The train part, out of fold; fold -1 where no fold scored a row.
    is_probability : bool
    labels : tuple of str
        The classes' names, for the columns of recalls.
    """

    y: Codes
    score: Floats
    y_oof: Codes
    score_oof: Floats
    fold: NDArray[np.intp]
    is_probability: bool
    labels: tuple[str, ...]

    @property
    def seen(self) -> Bools:
        """Which train rows some fold scored."""
        return np.asarray(self.fold >= 0)


@dataclass(frozen=True, eq=False)
class Judged(Figures):
    """One strategy's figures on the test part; decision figures at its own cut end in ``_tuned``.

    Attributes
    ----------
    cut : float
        Its own best out-of-fold cut; nan for several classes.
    cv : dict of str to float
        The same out of fold: ranking figures as means over folds, the others pooled, tuned ones cross-fitted.
    compared : Figures
        What differences between strategies are taken of: the figures themselves, or, where the test part has too few
        groups, those of the rows out of fold.
    """

    cut: float
    cv: dict[str, float]
    compared: Figures


def judge(
    strategies: Mapping[str, Sides],
    resamples: Resamples,
    *,
    criterion: str = "f1",
    out_of_fold: Resamples | None = None,
) -> dict[str, Judged]:
    """Judge several strategies on the same test rows, in the same draws.

    Parameters
    ----------
    strategies : mapping of str to Sides
        All with the same `y`.
    resamples : Resamples
        Of the test rows.
    criterion : str
        What a strategy's own cut maximises, out of fold.
    out_of_fold : Resamples, optional
        Of the train rows that folds scored; then strategies are compared on these.

    Returns
    -------
    dict of str to Judged
    """
    cuts = {
        name: best_cut(each.y_oof[each.seen], each.score_oof[each.seen], criterion)
        for name, each in strategies.items()
    }
    on_test = {
        name: _scores(
            each.y, each.score, each, {"": each.score >= each.default_cut, "_tuned": each.score >= cuts[name]}
        )
        for name, each in strategies.items()
    }
    crossed = {name: _crossed(each, criterion) for name, each in strategies.items()}
    cv = {name: _out_of_fold(each, crossed[name]) for name, each in strategies.items()}
    return _judged(on_test, crossed, cuts, cv, resamples, out_of_fold)


def judge_several(
    strategies: Mapping[str, Several], resamples: Resamples, *, out_of_fold: Resamples | None = None
) -> dict[str, Judged]:
    """Judge several strategies on several classes; a row goes to the class with the highest score.

    Returns
    -------
    dict of str to Judged
        Ranking figures as plain means over the classes, each against the rest; no cut.
    """
    on_test = {
        name: ClassScores(each.y, each.score, each.is_probability, each.labels)
        for name, each in strategies.items()
    }
    crossed = {
        name: ClassScores(
            each.y_oof[each.seen],
            each.score_oof[each.seen],
            each.is_probability,
            each.labels,
            each.fold[each.seen],
        )
        for name, each in strategies.items()
    }
    cv = {name: _out_of_fold_several(each) for name, each in crossed.items()}
    return _judged(on_test, crossed, dict.fromkeys(strategies, np.nan), cv, resamples, out_of_fold)


def _judged(
    on_test: Mapping[str, Measured],
    crossed: Mapping[str, Measured],
    cuts: Mapping[str, float],
    cv: Mapping[str, dict[str, float]],
    resamples: Resamples,
    out_of_fold: Resamples | None,
) -> dict[str, Judged]:
    reported = measure(on_test, resamples)
    compared = reported if out_of_fold is None else measure(crossed, out_of_fold)
    return {
        name: Judged(**vars(each), cut=cuts[name], cv=cv[name], compared=compared[name])
        for name, each in reported.items()
    }


def _scores(
    y: Bools, score: Floats, side: Sides, flags: Mapping[str, Bools], folds: Codes | None = None
) -> Scores:
    return Scores(y, score, score if side.is_probability else None, flags, folds)


def _crossed(side: Sides, criterion: str) -> Scores:
    """Return the rows out of fold, flagged at the default cut and at the cut that other folds chose for each."""
    y, score, fold = side.y_oof[side.seen], side.score_oof[side.seen], side.fold[side.seen]
    tuned = cross_fitted_flags(y, score, fold, criterion, ordered=side.ordered)
    return _scores(y, score, side, {"": score >= side.default_cut, "_tuned": tuned}, fold)


def _out_of_fold(side: Sides, crossed: Scores) -> dict[str, float]:
    fold = side.fold[side.seen]
    by_fold = [
        points_of(
            Scores(crossed.y[fold == each], side.score_oof[side.seen][fold == each]),
            np.ones((1, int((fold == each).sum()))),
        )
        for each in np.unique(fold)
    ]
    found = {name: float(np.mean([points[name] for points in by_fold])) for name in names("ranking")}
    found |= dict.fromkeys(names("probability"), np.nan)
    if side.is_probability:
        pooled = points_of(Scores(crossed.y, p=crossed.p), np.ones((1, len(crossed.y))))
        found |= {name: pooled[name] for name in names("probability")}
    # in the order of time the first fold has no others that may choose for it
    rows = can_be_judged(fold, ordered=side.ordered)
    for suffix, flagged in crossed.flags.items():
        found |= decision_figures(confusion(crossed.y[rows], flagged[rows]), suffix)
    return found


def _out_of_fold_several(crossed: ClassScores) -> dict[str, float]:
    """Pool rows over folds, but for ranking figures, which are means over folds."""

    def points(rows: Bools, *, is_probability: bool) -> dict[str, float]:
        some = ClassScores(crossed.y[rows], crossed.scores[rows], is_probability, crossed.labels)
        return points_of(some, np.ones((1, int(rows.sum()))))

    assert crossed.folds is not None
    pooled = points(np.ones(len(crossed.y), dtype=bool), is_probability=crossed.is_probability)
    by_fold = [points(crossed.folds == each, is_probability=False) for each in np.unique(crossed.folds)]
    means = {name: float(np.mean([each[name] for each in by_fold])) for name in names("ranking")}
    empty = dict.fromkeys(names("probability", several=True), np.nan)
    return empty | pooled | means
