"""Figures with their intervals: what scores, flags and probabilities come to on the same rows, in the same draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Protocol, TypeAlias

import numpy as np
from scipy.special import ndtri

from imbalance_accessor.stats.aims import fbeta
from imbalance_accessor.stats.arrays import Bools, Codes, Floats, ratio
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
from imbalance_accessor.stats.intervals import (
    geometric_mean_of_shares,
    mean_of_shares,
    roc_auc_interval,
    wilson,
)
from imbalance_accessor.stats.metrics import Confusion
from imbalance_accessor.stats.multiclass import ClassCounts
from imbalance_accessor.stats.registry import (
    Interval,
    Kind,
    Metric,
    losses_of_classes,
    metric_of,
    names,
    probability_losses,
    rows,
)

COUNTS = ("tp", "fp", "fn", "tn")
#: What moves less than this between draws does not move.
_STILL = 1e-12
#: So many hits of so many rows, for each share that an interval is made of.
Counted: TypeAlias = "Sequence[tuple[float, float]]"


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
    unseen : dict of str to float
        How far rows that are too rare to be among these may move a decision figure; see `unseen_moves`.
    """

    points: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    samples: Samples
    without: Samples
    unseen: dict[str, float]


class Measured(Protocol):
    """Something that is measured: which statistics of weighted rows it takes, and the figures that follow from them."""

    @property
    def statistics(self) -> Sequence[Statistic]:
        """What is summed up or ranked in every draw."""
        ...

    def figures(self, found: Sequence[Floats]) -> Samples:
        """Return figures of shape (b,) from the statistics of b draws."""
        ...

    @property
    def n_averaged(self) -> int:
        """How many areas under a ROC curve are averaged."""
        ...

    def shares(self, points: Mapping[str, float]) -> Mapping[str, Counted]:
        """Return the figures that are shares of counted rows, or means of such: how many of how many."""
        ...

    def unseen(self, found: Sequence[Floats], counted: Codes) -> Mapping[str, float]:
        """Return how far unseen rows may move each decision figure, from the statistics of the rows as they are."""
        ...


def measure(
    measured: Mapping[Key, Measured], resamples: Resamples, *, compared: bool = True
) -> dict[Key, Figures]:
    """Measure several models, or several ways of flagging, on the same rows.

    Parameters
    ----------
    measured : mapping to Measured
    resamples : Resamples
        Of these rows.
    compared : bool
        Whether differences will be taken, for which `Figures.unseen` is found out.

    Returns
    -------
    dict of Figures

    Notes
    -----
    Which interval a figure has says its `Metric`: shares of counted rows Wilson's, means of recalls MOVER's from theirs
    (with groups: the wider of either and the bootstrap's), the area under the ROC curve one on logits, the others the
    percentile bootstrap's. Too few groups: nan.
    """
    once = {id(one): one for one in measured.values()}  # one model may stand under two names
    drawn = iter(resamples.measure([each for one in once.values() for each in one.statistics]))
    found = {}
    for one in once.values():
        samples = one.figures([next(drawn) for _ in one.statistics])
        undrawn = [each.of(resamples.undrawn) for each in one.statistics]
        points = _first(one.figures(undrawn))
        ends = _ends(one, points, samples, resamples)
        low, high = ({name: each[at] for name, each in ends.items()} for at in (0, 1))
        without = one.figures([resamples.without_each(each) for each in one.statistics])
        unseen = dict.fromkeys(names("ranking"), undecided(resamples))
        unseen |= one.unseen(undrawn, resamples.rows) if compared else {}
        found[id(one)] = Figures(points, low, high, samples, without, unseen)
    return {key: found[id(one)] for key, one in measured.items()}


def _ends(
    one: Measured, points: Mapping[str, float], samples: Samples, resamples: Resamples
) -> dict[str, tuple[float, float]]:
    """Return the ends of each figure's interval; counts have none."""
    found: dict[str, tuple[float, float]] = {}
    for name, values in samples.items():
        if name.removesuffix("_tuned") in COUNTS:
            continue
        if interval_of(name) == "logit":
            units = resamples.units_by_class
            found[name] = roc_auc_interval(points[name], values, units, one.n_averaged)
        else:
            low, high = map(float, percentile(values, points[name]))
            if len(values) and np.ptp(values) < _STILL and not name.startswith("cost"):
                rest, least = undecided(resamples), -1.0 if name.startswith("mcc") else 0.0
                low, high = max(low - rest, least), min(high + rest, 1.0)
            found[name] = min(low, points[name]), max(high, points[name])
    if resamples.counts_rows and not resamples.too_few_groups:
        for name, counted in one.shares(points).items():
            ends = _of_counted(interval_of(name), counted)
            if resamples.n_groups is not None:
                ends = min(ends[0], found[name][0]), max(ends[1], found[name][1])
            # a mean over repeats need not lie where its mean counts do
            found[name] = min(ends[0], points[name]), max(ends[1], points[name])
    return found


def _of_counted(interval: Interval, counted: Counted) -> tuple[float, float]:
    """Return the interval of a share, or of the mean or geometric mean of several."""
    hits, rows = np.transpose(counted)
    low, high = wilson(hits, rows)
    if len(counted) == 1:
        return float(low[0]), float(high[0])
    of = geometric_mean_of_shares if interval == "log mover" else mean_of_shares
    return of(ratio(hits, rows), low, high)


def undecided(resamples: Resamples) -> float:
    """Return the share of the rarest class that may be decided otherwise where no draw is: Wilson's upper end of none of n."""
    square = float(ndtri(0.975)) ** 2
    return square / (float(resamples.units_by_class.min()) + square)


def points_of(one: Measured, undrawn: Floats) -> dict[str, float]:
    """Return the figures of the rows as they are; `undrawn` are their weights, shape (1, n)."""
    return _first(one.figures([each.of(undrawn) for each in one.statistics]))


def _first(figures: Samples) -> dict[str, float]:
    return {name: float(value[0]) for name, value in figures.items()}


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

    Notes
    -----
    Two models that decide alike on all of these rows need not do so on others. The interval of a decision metric is
    therefore at least ± the smaller of both models' `unseen_moves` long: what it would take if rows that are not here
    were decided otherwise by the other one, as often as no such row among so many allows. One model under two names
    differs from itself by nothing.
    """
    others = [name for name in figures if name != reference]
    if not others:
        return {}
    base = figures[reference]
    points = np.array([figures[name].points[metric] - base.points[metric] for name in others])
    if not (np.isfinite(points).all() and len(base.samples[metric])):
        return {name: (float(point), np.nan, np.nan) for name, point in zip(others, points, strict=True)}
    samples, without = (
        np.column_stack([getattr(figures[name], at)[metric] - getattr(base, at)[metric] for name in others])
        for at in ("samples", "without")
    )
    row = metric_of(metric)
    # an order that no draw tells from the other's may be told from it by rows that are not here
    wanted = np.ptp(samples, axis=0) < _STILL if row and row.kind == "ranking" else np.ones(len(others), bool)
    least = [
        min(each.unseen.get(metric, 0.0) for each in (figures[name], base))
        if floored and figures[name] is not base
        else 0.0
        for name, floored in zip(others, wanted, strict=True)
    ]
    low, high, _ = max_t(samples, points, without=without, n_groups=n_groups, least=least)
    return {
        name: (float(p), float(a), float(b)) for name, p, a, b in zip(others, points, low, high, strict=True)
    }


def unseen_moves(
    table: Floats, counted: Codes, figures: Mapping[str, Callable[[Floats], Floats]]
) -> dict[str, float]:
    """Return how far decision figures move where as many rows are decided otherwise as may be and are not seen.

    Parameters
    ----------
    table : ndarray of float, shape (k, k)
        Rows of each true class by the decided one.
    counted : ndarray of int, shape (k,)
        Rows of each class, each counted once.
    figures : mapping of str to callable
        Of tables, shape (m, k, k), to figures, shape (m,).

    Returns
    -------
    dict of str to float

    Notes
    -----
    None of n rows: at most a share z² / (n + z²) of all, Wilson's upper end (z = 1.96). Such a share of the rows of each
    class c moves from its right decision to one wrong one, or back from there, as far as the table has them. Of these
    moves the figure's largest change is m_c, and the classes' go together as independent errors do, √Σ m_c².

    Examples
    --------
    >>> import numpy as np
    >>> recall = lambda tables: tables[:, 1, 1] / tables[:, 1].sum(axis=1)
    >>> found = unseen_moves(np.array([[90.0, 10.0], [4.0, 16.0]]), np.array([100, 20]), {"recall": recall})
    >>> round(found["recall"], 3)  # 1.96² / (20 + 1.96²)
    0.161
    """
    k, rows = len(table), table.sum(axis=1)
    most = rows * np.asarray(wilson(np.zeros(k), counted)[1])
    moves = [
        (c, new, *pair) for c in range(k) for new in range(k) if new != c for pair in ((c, new), (new, c))
    ]
    moved = np.repeat(table[None], len(moves), axis=0)
    for each, (c, _, source, to) in zip(moved, moves, strict=True):
        step = min(most[c], table[c, source])
        each[c, source] -= step
        each[c, to] += step
    of_class = np.array([c for c, *_ in moves])
    found = {}
    for name, of in figures.items():
        change = np.abs(of(moved) - of(table[None]))
        largest = [change[of_class == c].max(initial=0.0) for c in range(k)]
        found[name] = float(np.linalg.norm(largest))
    return found


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
            replace(self, rank=rank, p=p, flags={to: np.full(len(self.y), all_) for to in self.flags})
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

    @property
    def n_averaged(self) -> int:
        """One area under the ROC curve, that of positives against negatives."""
        return 1

    def shares(self, points: Mapping[str, float]) -> Mapping[str, Counted]:
        """Return how many rows of how many, for shares of counted rows and means of such."""
        if any(np.ndim(flagged) > 1 for flagged in self.flags.values()):
            return {}  # means over repeats are no counts
        return {
            f"{each.name}{suffix}": [
                (
                    sum(points[f"{cell}{suffix}"] for cell in cells),
                    sum(points[f"{cell}{suffix}"] for cell in of),
                )
                for cells, of in each.shares
            ]
            for suffix in self.flags
            for each in rows("decision", compared=False)
            if each.shares
        }

    def unseen(self, found: Sequence[Floats], counted: Codes) -> Mapping[str, float]:
        """Return how far unseen rows may move each decision figure, from the statistics of the rows as they are."""
        points = _first(self.figures(found))
        moves: dict[str, float] = {}
        if self.decided is not None:
            counted = np.bincount(self.y[self.decided], minlength=len(counted))
        figures = {each.name: partial(_of_table, each) for each in rows("decision", compared=False)}
        for suffix in self.flags:
            tp, fp, fn, tn = (points[f"{cell}{suffix}"] for cell in COUNTS)
            side = unseen_moves(np.array([[tn, fp], [fn, tp]]), counted, figures) if len(counted) == 2 else {}
            moves |= {f"{name}{suffix}": move for name, move in side.items()}
        return moves

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

    @property
    def n_averaged(self) -> int:
        """An area under the ROC curve for each class, against the rest."""
        return len(self.labels)

    def shares(self, points: Mapping[str, float]) -> Mapping[str, Counted]:
        """Return how many rows of how many, for shares of counted rows and means of such."""
        n = np.bincount(self.y, minlength=len(self.labels)).astype(np.float64)
        recalls = [
            (points[f"recall[{label}]"] * of, of) for label, of in zip(self.labels, n.tolist(), strict=True)
        ]
        found = {f"recall[{label}]": [recall] for label, recall in zip(self.labels, recalls, strict=True)}
        means = [each.name for each in rows("decision", several=True) if each.interval.endswith("mover")]
        means.append("recall")  # the mean over classes
        there = [recall for recall in recalls if recall[1]]
        return {**found, **dict.fromkeys(means, there), "accuracy": [(points["accuracy"] * n.sum(), n.sum())]}

    def unseen(self, found: Sequence[Floats], counted: Codes) -> Mapping[str, float]:
        """Return how far unseen rows may move each decision figure, from the statistics of the rows as they are."""
        k = len(self.labels)
        figures = {
            each.name: (lambda tables, of=each.of_classes: of(ClassCounts(tables)))
            for each in rows("decision", several=True)
        }
        return unseen_moves(found[k].reshape(k, k), counted, figures) if len(counted) == k else {}


def interval_of(name: str) -> Interval:
    """Return which interval a figure has; a single class's recall is a share."""
    metric = metric_of(name)
    if metric is None:
        return "wilson" if name.startswith("recall[") else "percentile"
    return metric.interval


def _of_table(metric: Metric, tables: Floats) -> Floats:
    (tn, fp), (fn, tp) = np.moveaxis(tables, 0, -1)
    return np.asarray(metric.of(Confusion(tp, fp, fn, tn)))


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

    @property
    def n_averaged(self) -> int:
        """How many areas under a ROC curve are averaged; those of repeats are of the same rows."""
        return self.repeats[0].n_averaged

    def figures(self, found: Sequence[Floats]) -> Samples:
        """Return figures of shape (b,) from the statistics of b draws."""
        every = [each.figures(own) for each, own in self._each(found)]
        return {name: np.mean([figures[name] for figures in every], axis=0) for name in every[0]}

    def shares(self, points: Mapping[str, float]) -> Mapping[str, Counted]:
        """Return how many rows of how many, for shares of counted rows: the points' counts are means over repeats."""
        return self.repeats[0].shares(points)

    def unseen(self, found: Sequence[Floats], counted: Codes) -> Mapping[str, float]:
        """Return how far unseen rows may move each decision figure, on average."""
        every = [each.unseen(own, counted) for each, own in self._each(found)]
        return {name: float(np.mean([moves[name] for moves in every])) for name in every[0]}

    def _each(self, found: Sequence[Floats]) -> Iterator[tuple[Scores | ClassScores, list[Floats]]]:
        given = iter(found)
        for each in self.repeats:
            yield each, [next(given) for _ in each.statistics]


def decision_figures(counts: Confusion, suffix: str = "") -> dict[str, float]:
    """Return the decision metrics that are compared, and the four counts, by name."""
    found = {each.name: each.of(counts) for each in rows("decision")}
    found |= {name: getattr(counts, name) for name in COUNTS}
    return {f"{name}{suffix}": float(value) for name, value in found.items()}


def _cells(y: Bools, flagged: Bools) -> Floats:
    """Return columns that sum up to tp, fp, fn, tn."""
    return np.column_stack([y & flagged, ~y & flagged, y & ~flagged, ~y & ~flagged]).astype(np.float64)
