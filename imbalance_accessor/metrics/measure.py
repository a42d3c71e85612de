"""Measure figures with their intervals, and the differences between strategies, in the same draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.bootstrap import Key, Resamples, Samples
from imbalance_accessor.metrics.bootstrap_statistics import Statistic
from imbalance_accessor.metrics.counted_shares import CountedShare, interval_of_shares
from imbalance_accessor.metrics.draw_intervals import max_t, percentile
from imbalance_accessor.metrics.intervals import roc_auc_interval, wilson
from imbalance_accessor.metrics.multiclass import is_of_one_class
from imbalance_accessor.metrics.registry import IntervalKind, metric_names, metric_of

COUNTS = ("tp", "fp", "fn", "tn")
#: What moves less than this between draws does not move.
_STILL = 1e-12

#: The shares that an interval is made of.
Counted: TypeAlias = "Sequence[CountedShare]"


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

    def shares(
        self, points: Mapping[str, float], squares: Mapping[str, float] | None
    ) -> Mapping[str, Counted]:
        """Return the figures that are shares of counted rows, or means of such: how many of how many.

        `squares` are sums where rows count by the squares of their own weights, if they have any.
        """
        ...

    def unseen(self, found: Sequence[Floats], counted: NDArray[Any]) -> Mapping[str, float]:
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
    percentile bootstrap's. Too few groups: nan. Rows with weights of their own count as Kish's effective number of rows.
    """
    unique = {id(one): one for one in measured.values()}  # one model may stand under two names
    drawn = iter(resamples.measure([each for one in unique.values() for each in one.statistics]))
    found = {}
    for one in unique.values():
        samples = one.figures([next(drawn) for _ in one.statistics])
        undrawn = [each.of(resamples.undrawn) for each in one.statistics]
        points = first_of_each(one.figures(undrawn))
        ends = _ends(one, points, samples, resamples)
        ends |= _ends_of_costs(one, points, samples, resamples, undrawn)
        low, high = ({name: each[at] for name, each in ends.items()} for at in (0, 1))
        without = one.figures([resamples.without_each(each) for each in one.statistics])
        unseen = dict.fromkeys(metric_names("ranking"), undecided(resamples))
        unseen |= one.unseen(undrawn, resamples.effective_rows) if compared else {}
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
            units = resamples.effective_units
            found[name] = roc_auc_interval(points[name], values, units, one.n_averaged)
        else:
            low, high = map(float, percentile(values, points[name]))
            if len(values) and np.ptp(values) < _STILL and not name.startswith("cost"):
                rest, least = undecided(resamples), -1.0 if name.startswith("mcc") else 0.0
                low, high = max(low - rest, least), min(high + rest, 1.0)
            found[name] = min(low, points[name]), max(high, points[name])
    if not resamples.too_few_groups:
        for name, counted in one.shares(points, _squares(one, resamples)).items():
            ends = interval_of_shares(interval_of(name), counted)
            if resamples.n_groups is not None:
                ends = min(ends[0], found[name][0]), max(ends[1], found[name][1])
            # a mean over repeats need not lie where its mean counts do
            found[name] = min(ends[0], points[name]), max(ends[1], points[name])
    return found


def _ends_of_costs(
    one: Measured,
    points: Mapping[str, float],
    samples: Samples,
    resamples: Resamples,
    undrawn: Sequence[Floats],
) -> dict[str, tuple[float, float]]:
    """Return the ends of costs that are the same in every draw: as rows that are not here may be decided otherwise."""
    still = [
        name
        for name, values in samples.items()
        if name.startswith("cost") and len(values) and np.ptp(values) < _STILL * max(1.0, abs(points[name]))
    ]
    moves = one.unseen(undrawn, resamples.effective_rows) if still else {}
    return {name: (points[name] - moves[name], points[name] + moves[name]) for name in still if name in moves}


def _squares(one: Measured, resamples: Resamples) -> dict[str, float] | None:
    """Return what is counted where rows count by the squares of their own weights; None where they have none."""
    return None if resamples.squares is None else points_of(one, resamples.squares)


def undecided(resamples: Resamples) -> float:
    """Return the share of the rarest class that may be decided otherwise where no draw is: Wilson's upper end of none of n."""
    square = float(ndtri(0.975)) ** 2
    return square / (float(resamples.effective_units.min()) + square)


def points_of(one: Measured, undrawn: Floats) -> dict[str, float]:
    """Return the figures of the rows as they are; `undrawn` are their weights, shape (1, n)."""
    return first_of_each(one.figures([each.of(undrawn) for each in one.statistics]))


def first_of_each(figures: Samples) -> dict[str, float]:
    """Return each figure's first value: that of the rows as they are, before any draw."""
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
    As in `paired_differences`.
    """
    pairs = [(name, reference) for name in figures if name != reference]
    found = paired_differences(figures, metric, pairs, n_groups=n_groups)
    return {name: each for (name, _), each in found.items()}


def paired_differences(
    figures: Mapping[str, Figures],
    metric: str,
    pairs: Sequence[tuple[str, str]],
    *,
    n_groups: int | None = None,
) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Compare a metric within pairs, each a name and what it is held against, with intervals that hold for all at once.

    Parameters
    ----------
    figures : mapping of str to Figures
    metric : str
    pairs : sequence of (str, str)
    n_groups : int, optional
        As in `differences`.

    Returns
    -------
    dict of (str, str) to (difference, low, high)

    Notes
    -----
    Two models that decide alike on all of these rows need not do so on others. The interval of a decision metric is
    therefore at least ± the smaller of both models' `unseen_moves` long: what it would take if rows that are not here
    were decided otherwise by the other one, as often as no such row among so many allows. One model under two names
    differs from itself by nothing.
    """
    if not pairs:
        return {}
    both = [(figures[name], figures[reference]) for name, reference in pairs]
    points = np.array([one.points[metric] - base.points[metric] for one, base in both])
    if not (np.isfinite(points).all() and len(both[0][1].samples[metric])):
        return {pair: (float(point), np.nan, np.nan) for pair, point in zip(pairs, points, strict=True)}
    samples, without = (
        np.column_stack([getattr(one, at)[metric] - getattr(base, at)[metric] for one, base in both])
        for at in ("samples", "without")
    )
    row = metric_of(metric)
    # an order that no draw tells from the other's may be told from it by rows that are not here
    wanted = np.ptp(samples, axis=0) < _STILL if row and row.kind == "ranking" else np.ones(len(both), bool)
    least = [
        min(each.unseen.get(metric, 0.0) for each in pair) if floored and pair[0] is not pair[1] else 0.0
        for pair, floored in zip(both, wanted, strict=True)
    ]
    low, high, _ = max_t(samples, points, without=without, n_groups=n_groups, least=least)
    return {
        pair: (float(p), float(a), float(b)) for pair, p, a, b in zip(pairs, points, low, high, strict=True)
    }


def unseen_moves(
    table: Floats, counted: NDArray[Any], figures: Mapping[str, Callable[[Floats], Floats]]
) -> dict[str, float]:
    """Return how far decision figures move where as many rows are decided otherwise as may be and are not seen.

    Parameters
    ----------
    table : ndarray of float, shape (k, k)
        Rows of each true class by the decided one.
    counted : ndarray of float, shape (k,)
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


def interval_of(name: str) -> IntervalKind:
    """Return which interval a figure has; a single class's recall and precision are shares."""
    metric = metric_of(name)
    if metric is None:
        return "wilson" if is_of_one_class(name) else "percentile"
    return metric.interval
