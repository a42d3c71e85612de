"""From scores to figures: points, intervals, out-of-fold figures and paired differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.stats.intervals import draws, max_t, percentile, wilson
from imbalance_accessor.stats.metrics import (
    DECISION,
    PROBABILITY,
    RANKING,
    Confusion,
    Ranking,
    confusion,
    probability_losses,
)
from imbalance_accessor.stats.thresholds import best_cut, can_be_judged, cross_fitted_flags

Floats: TypeAlias = "NDArray[np.float64]"
Bools: TypeAlias = "NDArray[np.bool_]"
Samples: TypeAlias = "dict[str, Floats]"

COUNTS = ("tp", "fp", "fn", "tn")


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


@dataclass(frozen=True, eq=False)
class Judged:
    """One strategy's figures.

    Attributes
    ----------
    cut : float
        Its own best out-of-fold cut.
    points : dict of str to float
        Figures on the test part; decision figures at its own cut end in ``_tuned``.
    cv : dict of str to float
        The same out of fold: ranking figures as means over folds, the others pooled, tuned ones cross-fitted.
    low, high : dict of str to float
        95 % intervals of the points.
    samples : dict of str to numpy.ndarray, shape (n_draws,)
        The figures over bootstrap draws of the test rows.
    """

    cut: float
    points: dict[str, float]
    cv: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    samples: Samples


class Meter(Protocol):
    """Measures one strategy's test scores, as they are and under draws of the rows."""

    def points(self) -> dict[str, float]:
        """Return every figure on the test rows."""
        ...

    def drawn(self, weights: Floats) -> Samples:
        """Return the figures that are bootstrapped, each of shape (n_draws,)."""
        ...

    def wilson(self, points: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """Return Wilson's interval of the figures that are shares of counted rows."""
        ...


def judge(
    sides: Mapping[str, Sides],
    *,
    criterion: str = "f1",
    groups: NDArray[np.intp] | None = None,
    n_draws: int = 1000,
    seed: int = 0,
) -> dict[str, Judged]:
    """Judge several strategies on the same test rows, with the same bootstrap draws.

    Parameters
    ----------
    sides : mapping of str to Sides
        All with the same `y`.
    criterion : str
        What a strategy's own cut maximises, out of fold.
    groups : numpy.ndarray of int, optional
        Each test row's group; then whole groups are drawn.
    n_draws, seed : int
        Bootstrap draws and their seed.

    Returns
    -------
    dict of str to Judged

    Notes
    -----
    Recall, precision and accuracy carry Wilson's interval (with groups: the wider of it and the bootstrap's), the
    other figures the percentile bootstrap of the test rows, which are drawn without regard to class.
    """
    y = next(iter(sides.values())).y
    cuts = {name: _own_cut(side, criterion) for name, side in sides.items()}
    meters = {name: _TwoSided(side, cuts[name]) for name, side in sides.items()}
    cv = {name: _out_of_fold(side, criterion) for name, side in sides.items()}
    return gather(meters, cuts, cv, y, groups=groups, n_draws=n_draws, seed=seed)


def gather(
    meters: Mapping[str, Meter],
    cuts: Mapping[str, float],
    cv: Mapping[str, dict[str, float]],
    y: NDArray[Any],
    *,
    groups: NDArray[np.intp] | None,
    n_draws: int,
    seed: int,
) -> dict[str, Judged]:
    """Measure every strategy on the same draws of the test rows, and put its figures together."""
    samples = _bootstrap(meters, draws(y, groups=groups, n_draws=n_draws, seed=seed))
    found = {}
    for name, meter in meters.items():
        points = meter.points()
        low, high = _intervals(meter, points, samples[name], clustered=groups is not None)
        found[name] = Judged(cuts[name], points, cv[name], low, high, samples[name])
    return found


def differences(
    judged: Mapping[str, Judged], metric: str, reference: str = "none"
) -> dict[str, tuple[float, float, float]]:
    """Compare a metric with the reference's, with intervals that hold for all strategies at once (max-t).

    Returns
    -------
    dict of str to (difference, low, high)
        For every strategy but the reference.
    """
    names = [name for name in judged if name != reference]
    if not names:
        return {}
    base = judged[reference]
    points = np.array([judged[name].points[metric] - base.points[metric] for name in names])
    if not np.isfinite(points).all():
        return dict.fromkeys(names, (np.nan, np.nan, np.nan))
    samples = np.column_stack([judged[name].samples[metric] - base.samples[metric] for name in names])
    low, high, _ = max_t(samples, points)
    return {
        name: (float(p), float(a), float(b)) for name, p, a, b in zip(names, points, low, high, strict=True)
    }


def decision_figures(counts: Confusion, suffix: str = "") -> dict[str, float]:
    """Return the decision metrics and the four counts, by name."""
    return {f"{name}{suffix}": float(getattr(counts, name)) for name in (*DECISION, *COUNTS)}


def _own_cut(side: Sides, criterion: str) -> float:
    scored = side.fold >= 0
    return best_cut(side.y_oof[scored], side.score_oof[scored], criterion)


class _TwoSided:
    """Measures scores of a positive class against the rest, at the default cut and at the strategy's own."""

    def __init__(self, side: Sides, cut: float) -> None:
        self.y = side.y
        self.losses = probability_losses(side.y, side.score) if side.is_probability else {}
        self.flags = {"": side.score >= side.default_cut, "_tuned": side.score >= cut}
        self.ranking = Ranking(side.y, side.score, tuple(self.flags.values()))

    def points(self) -> dict[str, float]:
        found = {name: float(getattr(self.ranking, name)()) for name in RANKING}
        found |= {name: float(np.mean(self.losses[name])) if self.losses else np.nan for name in PROBABILITY}
        for suffix, flagged in self.flags.items():
            found |= decision_figures(confusion(self.y, flagged), suffix)
        return found

    def drawn(self, weights: Floats) -> Samples:
        ranked, counted = self.ranking.drawn(weights)
        found: Samples = dict(ranked)
        rows = weights.sum(axis=1)
        found |= {name: weights @ losses / rows for name, losses in self.losses.items()}
        for suffix, counts in zip(self.flags, counted, strict=True):
            found |= {f"{name}{suffix}": np.asarray(getattr(counts, name)) for name in DECISION}
        return found

    def wilson(self, points: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        found: dict[str, tuple[float, float]] = {}
        for suffix in self.flags:
            tp, fp, fn, tn = (points[f"{name}{suffix}"] for name in COUNTS)
            trials = {
                "recall": (tp, tp + fn),
                "precision": (tp, tp + fp),
                "accuracy": (tp + tn, tp + fp + fn + tn),
            }
            found |= {f"{metric}{suffix}": wilson_ends(*trials[metric]) for metric in trials}
        return found


def wilson_ends(successes: float, trials: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval as two plain floats."""
    low, high = wilson(successes, trials)
    return float(low), float(high)


def _bootstrap(meters: Mapping[str, Meter], blocks: Iterable[Floats]) -> dict[str, Samples]:
    drawn: dict[str, list[Samples]] = {name: [] for name in meters}
    for weights in blocks:
        for name, meter in meters.items():
            drawn[name].append(meter.drawn(weights))
    return {
        name: {metric: np.concatenate([part[metric] for part in parts]) for metric in parts[0]}
        for name, parts in drawn.items()
    }


def _intervals(
    meter: Meter, points: Mapping[str, float], samples: Samples, *, clustered: bool
) -> tuple[dict[str, float], dict[str, float]]:
    low, high = dict.fromkeys(points, np.nan), dict.fromkeys(points, np.nan)
    for metric, values in samples.items():
        ends = percentile(values, points[metric])
        low[metric], high[metric] = float(ends[0]), float(ends[1])
    for metric, (begin, end) in meter.wilson(points).items():
        low[metric] = np.fmin(begin, low[metric]) if clustered else begin
        high[metric] = np.fmax(end, high[metric]) if clustered else end
    return low, high


def _out_of_fold(side: Sides, criterion: str) -> dict[str, float]:
    scored = side.fold >= 0
    y, score, fold = side.y_oof[scored], side.score_oof[scored], side.fold[scored]
    per_fold = [Ranking(y[fold == each], score[fold == each]) for each in np.unique(fold)]
    found = {name: float(np.mean([getattr(ranking, name)() for ranking in per_fold])) for name in RANKING}
    losses = probability_losses(y, score) if side.is_probability else {}
    found |= {name: float(np.mean(losses[name])) if losses else np.nan for name in PROBABILITY}
    tuned = cross_fitted_flags(y, score, fold, criterion, ordered=side.ordered)
    judged = can_be_judged(fold, ordered=side.ordered)
    for suffix, flagged in {"": score >= side.default_cut, "_tuned": tuned}.items():
        found |= decision_figures(confusion(y[judged], flagged[judged]), suffix)
    return found
