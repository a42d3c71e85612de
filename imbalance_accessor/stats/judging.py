"""From scores to figures: each strategy on the test part, and out of fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.stats.aims import Aim
from imbalance_accessor.stats.arrays import Bools, Floats
from imbalance_accessor.stats.bootstrap import Resamples
from imbalance_accessor.stats.figures import ClassScores, Figures, Scores, measure, points_of
from imbalance_accessor.stats.registry import names
from imbalance_accessor.stats.thresholds import Ladder, Tuning, can_be_judged, flags_by_fold, others_tables


@dataclass(frozen=True, eq=False)
class Sides:
    """One strategy's scores of the positive class, or of each of several classes.

    Attributes
    ----------
    y : numpy.ndarray, shape (n_test,)
        The test part: is a row positive, or of several classes its code.
    score : numpy.ndarray, shape (n_test,) or (n_test, k)
        What the model says.
    y_oof, score_oof, fold : numpy.ndarray
        The train part, out of fold; fold -1 where no fold scored a row.
    is_probability : bool
        Whether scores are probabilities.
    ordered : bool
        Whether folds follow each other in time, so that later ones may not choose for earlier ones.
    labels : tuple of str, optional
        Several classes' names, for the columns of recalls.
    seed : int
        Of the draws by which a cut is tuned.
    """

    y: NDArray[Any]
    score: Floats
    y_oof: NDArray[Any]
    score_oof: Floats
    fold: NDArray[np.intp]
    is_probability: bool
    ordered: bool = False
    labels: tuple[str, ...] | None = None
    seed: int = 0

    @property
    def default_cut(self) -> float:
        """The cut that ``predict`` uses."""
        return 0.5 if self.is_probability else 0.0

    @cached_property
    def seen(self) -> Bools:
        """Which train rows some fold scored."""
        return np.asarray(self.fold >= 0)

    def own_cut(self, criterion: str) -> float:
        """Return the cut tuned out of fold; nan for several classes, which have none."""
        if self.labels is not None:
            return np.nan
        return self.tuning(Aim(criterion)).cut(Ladder(self.y_oof[self.seen], self.score_oof[self.seen]).table)

    def tuning(self, aim: Aim) -> Tuning:
        """Return how a cut of these scores is chosen, out of fold and without each fold."""
        return Tuning(aim, int(self.seen.sum()), self.seed, np.result_type(self.score, np.float32).type)

    def on_test(self, cut: float) -> Scores | ClassScores:
        """Return the test part, flagged at the default cut and at another one."""
        if self.labels is not None:
            return ClassScores(self.y, self.score, self.is_probability, self.labels)
        flags = {"": self.score >= self.default_cut, "_tuned": self.score >= cut}
        return Scores(self.y, self.score, self.score if self.is_probability else None, flags)

    def out_of_fold(self, criterion: str) -> Scores | ClassScores:
        """Return the rows out of fold, flagged at the default cut and at the cut that other folds chose for each."""
        y, score, fold = self.y_oof[self.seen], self.score_oof[self.seen], self.fold[self.seen]
        if self.labels is not None:
            return ClassScores(y, score, self.is_probability, self.labels, fold)
        tables = others_tables(Ladder(y, score), fold, ordered=self.ordered)
        tuning = self.tuning(Aim(criterion))
        tuned = flags_by_fold(score, fold, {each: tuning.cut(table) for each, table in tables})
        flags = {"": score >= self.default_cut, "_tuned": tuned}
        return Scores(y, score, score if self.is_probability else None, flags, fold)


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
        All with the same `y`. Of several classes a row goes to the one with the highest score, and ranking figures are
        plain means over the classes, each against the rest.
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
    cuts = {name: each.own_cut(criterion) for name, each in strategies.items()}
    crossed = {name: each.out_of_fold(criterion) for name, each in strategies.items()}
    reported = measure({name: each.on_test(cuts[name]) for name, each in strategies.items()}, resamples)
    compared = reported if out_of_fold is None else measure(crossed, out_of_fold)
    cv = {name: _out_of_fold(each, crossed[name]) for name, each in strategies.items()}
    return {
        name: Judged(**vars(each), cut=cuts[name], cv=cv[name], compared=compared[name])
        for name, each in reported.items()
    }


def _out_of_fold(side: Sides, crossed: Scores | ClassScores) -> dict[str, float]:
    """Pool rows over folds, but for ranking figures, which are means over folds."""
    fold = side.fold[side.seen]
    # in the order of time the first fold has no others that may choose for it
    judged = can_be_judged(fold, ordered=side.ordered)
    pooled, decided = (_points(crossed, rows) for rows in (np.ones(len(fold), dtype=bool), judged))
    pooled |= {name: value for name, value in decided.items() if name not in names("probability")}
    by_fold = [_points(crossed, fold == each) for each in np.unique(fold)]
    means = {name: float(np.mean([points[name] for points in by_fold])) for name in names("ranking")}
    absent = dict.fromkeys(names("probability", several=side.labels is not None), np.nan)
    return absent | pooled | means


def _points(measured: Scores | ClassScores, rows: Bools) -> dict[str, float]:
    return points_of(measured.take(rows), np.ones((1, int(rows.sum()))))
