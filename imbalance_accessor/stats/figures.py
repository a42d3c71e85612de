"""Figures with their intervals: what scores, flags and probabilities come to on the same rows, in the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np

from imbalance_accessor.stats.aims import fbeta
from imbalance_accessor.stats.arrays import Bools, Codes, Floats
from imbalance_accessor.stats.bootstrap import (
    Cells,
    Key,
    Ranked,
    Resamples,
    Samples,
    Statistic,
    Totals,
    max_t,
    percentile,
)
from imbalance_accessor.stats.costs import Costs
from imbalance_accessor.stats.intervals import wilson
from imbalance_accessor.stats.metrics import Confusion
from imbalance_accessor.stats.multiclass import ClassCounts
from imbalance_accessor.stats.registry import Kind, losses_of_classes, probability_losses, rows

COUNTS = ("tp", "fp", "fn", "tn")
#: An interval that needs no draws.
Ends: TypeAlias = "tuple[float, float]"


@dataclass(frozen=True, eq=False)
class Figures:
    """What is measured on some rows.

    Attributes
    ----------
    points : dict of str to float
    low, high : dict of str to float
        95 % intervals; none for counts, nan where groups are too few.
    samples : dict of str to ndarray, shape (n_draws,)
        The figures over the draws, which are the same for everything that is measured on these rows.
    without : dict of str to ndarray, shape (n_groups,)
        The figures without each group, where some dozens of groups are drawn; else empty.
    """

    points: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    samples: Samples
    without: Samples


class Measured(Protocol):
    """Something that is measured: which statistics of weighted rows it takes, and the figures that follow from them."""

    @property
    def statistics(self) -> Sequence[Statistic]:
        """What is summed up or ranked in every draw."""
        ...

    def figures(self, found: Sequence[Floats]) -> Samples:
        """Return figures of shape (b,) from the statistics of b draws."""
        ...

    def shares(self, points: Mapping[str, float]) -> Mapping[str, tuple[float, float]]:
        """Return the figures that are shares of counted rows: how many of how many."""
        ...


def measure(measured: Mapping[Key, Measured], resamples: Resamples) -> dict[Key, Figures]:
    """Measure several models, or several ways of flagging, on the same rows.

    Parameters
    ----------
    measured : mapping to Measured
    resamples : Resamples
        Of these rows.

    Returns
    -------
    dict of Figures

    Notes
    -----
    Shares of counted rows carry Wilson's interval (with groups: the wider of it and the bootstrap's), the other
    figures the percentile bootstrap. Too few groups: nan.
    """
    drawn = iter(resamples.measure([each for one in measured.values() for each in one.statistics]))
    found = {}
    for key, one in measured.items():
        samples = one.figures([next(drawn) for _ in one.statistics])
        points = points_of(one, resamples.undrawn)
        low, high = {}, {}
        for name, values in samples.items():
            if name.removesuffix("_tuned") not in COUNTS:
                low[name], high[name] = map(float, percentile(values, points[name]))
        if resamples.counts_rows and not resamples.too_few_groups:
            _set_wilson(one.shares(points), low, high, clustered=resamples.n_groups is not None)
        without = one.figures([resamples.without_each(each) for each in one.statistics])
        found[key] = Figures(points, low, high, samples, without)
    return found


def points_of(one: Measured, undrawn: Floats) -> dict[str, float]:
    """Return the figures of the rows as they are; `undrawn` are their weights, shape (1, n)."""
    found = one.figures([each.of(undrawn) for each in one.statistics])
    return {name: float(value[0]) for name, value in found.items()}


def differences(
    figures: Mapping[str, Figures], metric: str, reference: str = "none", *, n_groups: int | None = None
) -> dict[str, tuple[float, float, float]]:
    """Compare a metric with the reference's, with intervals that hold for all strategies at once (max-t).

    Parameters
    ----------
    figures : mapping of str to Figures
    metric, reference : str
    n_groups : int, optional
        How many groups were drawn; few of them widen the intervals, see `max_t`.

    Returns
    -------
    dict of str to (difference, low, high)
        For every strategy but the reference; nan where there are no draws.
    """
    names = [name for name in figures if name != reference]
    if not names:
        return {}
    base = figures[reference]
    points = np.array([figures[name].points[metric] - base.points[metric] for name in names])
    if not (np.isfinite(points).all() and len(base.samples[metric])):
        return {name: (float(point), np.nan, np.nan) for name, point in zip(names, points, strict=True)}
    samples, without = (
        np.column_stack([getattr(figures[name], at)[metric] - getattr(base, at)[metric] for name in names])
        for at in ("samples", "without")
    )
    low, high, _ = max_t(samples, points, without=without, n_groups=n_groups)
    return {
        name: (float(p), float(a), float(b)) for name, p, a, b in zip(names, points, low, high, strict=True)
    }


@dataclass(frozen=True, eq=False)
class Scores:
    """One model's scores of a positive class, as far as they are to be measured.

    Attributes
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    rank : ndarray of float, shape (n,) or (r, n), optional
        What rows are ranked by; of r repeats, whose figures are averaged.
    p : ndarray of float, shape (n,) or (r, n), optional
        Probabilities.
    flags : mapping of str to ndarray of bool, shape (n,) or (r, n)
        Rows that are flagged, by what their figures' names end in.
    folds : ndarray of int, shape (n,) or (r, n), optional
        Which fold scored each row; see `Ranked`.
    beta : float, optional
        Adds ``fbeta``.
    costs : Costs, optional
        Adds ``cost``, the total, and ``cost_per_row``.
    decided : ndarray of bool, shape (n,), optional
        Rows whose flags count; by default all.
    """

    y: Bools
    rank: Floats | None = None
    p: Floats | None = None
    flags: Mapping[str, Bools] = field(default_factory=dict)
    folds: Codes | None = None
    beta: float | None = None
    costs: Costs | None = None
    decided: Bools | None = None

    def only(self, kind: Kind) -> Scores:
        """Return what the figures of one kind are made of."""
        empty: dict[str, Any] = {
            "ranking": {"rank": None},
            "probability": {"p": None},
            "decision": {"flags": {}},
        }
        del empty[kind]
        return replace(self, **{name: value for each in empty.values() for name, value in each.items()})

    def constants(self) -> tuple[Scores, ...]:
        """Return what tells no row from another, flagging all rows and none."""
        rank = None if self.rank is None else np.zeros_like(self.rank)
        p = None if self.p is None else np.full_like(self.p, self.y.mean())
        return tuple(
            replace(
                self, rank=rank, p=p, flags={to: np.full_like(each, all_) for to, each in self.flags.items()}
            )
            for all_ in (True, False)
        )

    @cached_property
    def statistics(self) -> Sequence[Statistic]:
        """What is summed up or ranked in every draw."""
        found: list[Statistic] = []
        if self.rank is not None:
            found.append(
                Ranked(self.y, self.rank, {each.name: each.of for each in rows("ranking")}, self.folds)
            )
        if self.p is not None:
            losses = [
                np.column_stack(list(probability_losses(self.y, p).values())) for p in np.atleast_2d(self.p)
            ]
            found.append(Totals(np.column_stack([np.mean(losses, axis=0), self.y, np.ones(len(self.y))])))
        for flagged in self.flags.values():
            cells = np.column_stack([_cells(self.y, each) for each in np.atleast_2d(flagged)])
            found.append(Totals(cells if self.decided is None else cells * self.decided[:, None]))
            if self.costs is not None and self.costs.by_row:
                paid = np.atleast_2d(np.where(flagged, *self.costs.of_rows(self.y))).mean(axis=0)
                found.append(Totals(paid[:, None]))
        return tuple(found)

    def figures(self, found: Sequence[Floats]) -> Samples:
        """Return figures of shape (b,) from the statistics of b draws."""
        given = iter(found)
        figures: Samples = {}
        if self.rank is not None:
            figures |= dict(zip((each.name for each in rows("ranking")), next(given).T, strict=True))
        if self.p is not None:
            *sums, positives, total = next(given).T
            figures |= {each.name: sum_ / total for each, sum_ in zip(rows("probability"), sums, strict=True)}
            share = positives / total
            unsure = share * (1 - share)
            figures["brier_skill"] = 1 - figures["brier"] / np.where(unsure > 0, unsure, np.nan)
        for suffix in self.flags:
            counts = next(given)
            by_row = next(given)[:, 0] if self.costs is not None and self.costs.by_row else None
            repeats = [
                self._decided(Confusion(*four), by_row) for four in np.split(counts.T, counts.shape[1] // 4)
            ]
            figures |= {
                f"{name}{suffix}": np.mean([each[name] for each in repeats], axis=0) for name in repeats[0]
            }
        return figures

    def shares(self, points: Mapping[str, float]) -> Mapping[str, tuple[float, float]]:
        """Return how many rows of how many, for shares of counted rows."""
        if any(np.ndim(flagged) > 1 for flagged in self.flags.values()):
            return {}  # means over repeats are no counts
        return {
            f"{each.name}{suffix}": (
                sum(points[f"{cell}{suffix}"] for cell in each.share[0]),
                sum(points[f"{cell}{suffix}"] for cell in each.share[1]),
            )
            for suffix in self.flags
            for each in rows("decision", compared=False)
            if each.share is not None
        }

    def _decided(self, counts: Confusion, by_row: Floats | None) -> Samples:
        found = {name: np.asarray(getattr(counts, name)) for name in COUNTS}
        found |= {each.name: np.asarray(each.of(counts)) for each in rows("decision", compared=False)}
        if self.beta is not None:
            found["fbeta"] = fbeta(counts, self.beta)
        if self.costs is not None:
            found["cost"] = self.costs.of(counts) if by_row is None else by_row
            found["cost_per_row"] = found["cost"] / (counts.tp + counts.fp + counts.fn + counts.tn)
        return found


@dataclass(frozen=True, eq=False)
class ClassScores:
    """One model's scores of several classes; a row goes to the class with the highest one.

    Attributes
    ----------
    y : ndarray of int, shape (n,)
    scores : ndarray of float, shape (n, k)
    is_probability : bool
    labels : tuple of str
        The classes' names, for the columns of recalls.
    folds : ndarray of int, shape (n,), optional
        Which fold scored each row; see `Ranked`.
    rank : ndarray of float, shape (n, k), optional
        What orders the rows, by default the scores.

    Notes
    -----
    Average precision and ROC-AUC are plain means over the classes, each against the rest.
    """

    y: Codes
    scores: Floats
    is_probability: bool
    labels: tuple[str, ...]
    folds: Codes | None = None
    rank: Floats | None = None

    def only(self, kind: Kind) -> ClassScores:  # noqa: ARG002
        """Return all: figures of several classes are made together."""
        return self

    def constants(self) -> tuple[ClassScores, ...]:
        """Return what says the classes' shares of every row."""
        shares = np.bincount(self.y, minlength=len(self.labels)) / len(self.y)
        return (replace(self, scores=np.tile(shares, (len(self.y), 1)), rank=None),)

    @cached_property
    def statistics(self) -> Sequence[Statistic]:
        """What is summed up or ranked in every draw."""
        k, ranking = len(self.labels), {each.name: each.of for each in rows("ranking")}
        found: list[Statistic] = [
            Ranked(
                self.y == code,
                (self.scores if self.rank is None else self.rank)[:, code],
                ranking,
                self.folds,
            )
            for code in range(k)
        ]
        found.append(Cells(k * self.y + self.scores.argmax(axis=1), k * k))
        if self.is_probability:
            losses = losses_of_classes(self.y, self.scores)
            found.append(Totals(np.column_stack([*losses.values(), np.ones(len(self.y))])))
        return tuple(found)

    def figures(self, found: Sequence[Floats]) -> Samples:
        """Return figures of shape (b,) from the statistics of b draws."""
        k = len(self.labels)
        means = np.mean(found[:k], axis=0)
        figures: Samples = dict(zip((each.name for each in rows("ranking")), means.T, strict=True))
        if self.is_probability:
            *sums, total = found[k + 1].T
            for each, sum_ in zip(rows("probability", several=True), sums, strict=True):
                figures[each.name] = sum_ / total
        counts = ClassCounts(found[k].reshape(-1, k, k))
        for each in rows("decision", several=True):
            assert each.of_classes is not None
            figures[each.name] = np.asarray(each.of_classes(counts))
        return figures | {
            f"recall[{label}]": counts.recalls[:, code] for code, label in enumerate(self.labels)
        }

    def shares(self, points: Mapping[str, float]) -> Mapping[str, tuple[float, float]]:
        """Return how many rows of how many, for shares of counted rows."""
        counted = np.bincount(self.y, minlength=len(self.labels)).astype(np.float64)
        found = {f"recall[{label}]": n for label, n in zip(self.labels, counted, strict=True)}
        return {name: (points[name] * n, n) for name, n in (found | {"accuracy": float(len(self.y))}).items()}


@dataclass(frozen=True, eq=False)
class Averaged:
    """One model's figures averaged over several scores of the same rows, as repeated folds give them.

    Attributes
    ----------
    repeats : tuple of (Scores or ClassScores)
    """

    repeats: tuple[Scores | ClassScores, ...]

    def only(self, kind: Kind) -> Averaged:
        """Return what the figures of one kind are made of."""
        return Averaged(tuple(each.only(kind) for each in self.repeats))

    def constants(self) -> Sequence[Scores | ClassScores]:
        """Return what constant answers score: they are the same in each repeat."""
        return self.repeats[0].constants()

    @property
    def statistics(self) -> Sequence[Statistic]:
        """What is summed up or ranked in every draw."""
        return [statistic for each in self.repeats for statistic in each.statistics]

    def figures(self, found: Sequence[Floats]) -> Samples:
        """Return figures of shape (b,) from the statistics of b draws."""
        given = iter(found)
        every = [each.figures([next(given) for _ in each.statistics]) for each in self.repeats]
        return {name: np.mean([each[name] for each in every], axis=0) for name in every[0]}

    def shares(self, points: Mapping[str, float]) -> Mapping[str, tuple[float, float]]:
        """Return how many rows of how many on average, for shares of counted rows."""
        every = [each.shares(points) for each in self.repeats]
        of = {name: float(np.mean([each[name][1] for each in every])) for name in every[0]}
        return {name: (points[name] * n, n) for name, n in of.items()}


def decision_figures(counts: Confusion, suffix: str = "") -> dict[str, float]:
    """Return the decision metrics that are compared, and the four counts, by name."""
    found = {each.name: each.of(counts) for each in rows("decision")}
    found |= {name: getattr(counts, name) for name in COUNTS}
    return {f"{name}{suffix}": float(value) for name, value in found.items()}


def _cells(y: Bools, flagged: Bools) -> Floats:
    """Return columns that sum up to tp, fp, fn, tn."""
    return np.column_stack([y & flagged, ~y & flagged, y & ~flagged, ~y & ~flagged]).astype(np.float64)


def _set_wilson(
    shares: Mapping[str, tuple[float, float]],
    low: dict[str, float],
    high: dict[str, float],
    *,
    clustered: bool,
) -> None:
    for name, counted in shares.items():
        begin, end = map(float, wilson(*counted))
        low[name] = min(begin, low[name]) if clustered else begin
        high[name] = max(end, high[name]) if clustered else end
