"""What flagged rows come to: counts, shares, scores and costs, with intervals, for several cuts on the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.stats.aims import fbeta
from imbalance_accessor.stats.arrays import Bools, Floats, sum_by_cell
from imbalance_accessor.stats.costs import Costs
from imbalance_accessor.stats.intervals import draws, percentile, wilson
from imbalance_accessor.stats.metrics import DECISION, Confusion

#: Shares of counted rows: what is counted, of what.
SHARES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "precision": (("tp",), ("tp", "fp")),
    "recall": (("tp",), ("tp", "fn")),
    "specificity": (("tn",), ("tn", "fp")),
    "flag_rate": (("tp", "fp"), ("tp", "fp", "fn", "tn")),
    "accuracy": (("tp", "tn"), ("tp", "fp", "fn", "tn")),
}
COUNTS = ("tp", "fp", "fn", "tn")
#: Rows above which draws are made of the few kinds of rows there are, not row by row.
_MANY_ROWS = 200_000
N_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Figures:
    """What one way of flagging comes to.

    Attributes
    ----------
    points : dict of str to float
        Counts, decision metrics, ``specificity``, ``flag_rate``, and ``fbeta``, ``cost``, ``cost_per_row`` where asked.
    low, high : dict of str to float
        95 % intervals; none for counts.
    samples : dict of str to ndarray, shape (n_draws,)
        The figures over bootstrap draws, the same draws for every way of flagging.
    """

    points: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    samples: dict[str, Floats]


def figures(
    y: Bools,
    flags: Mapping[str, Bools],
    *,
    beta: float | None = None,
    costs: Costs | None = None,
    clusters: NDArray[np.intp] | None = None,
    n_draws: int | None = None,
    seed: int = 0,
) -> dict[str, Figures]:
    """Judge several ways of flagging the same rows.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    flags : mapping of str to ndarray of bool, shape (n,)
    beta : float, optional
        Adds ``fbeta``.
    costs : Costs, optional
        Adds ``cost``, the total, and ``cost_per_row``.
    clusters : ndarray of int, shape (n,), optional
        What each row belongs to; then whole clusters are drawn.
    n_draws : int, optional
        Bootstrap draws; none: no intervals. By default 1,000, fewer where many rows are drawn one by one.
    seed : int, default 0

    Returns
    -------
    dict of str to Figures

    Notes
    -----
    Shares of counted rows carry Wilson's interval (with clusters: the wider of it and the bootstrap's), the other
    figures the percentile bootstrap of the rows, drawn without regard to class. Above 200,000 rows the draws are
    made from the few kinds of rows there are (label and flags), a multinomial, which is the same bootstrap.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([True] * 6 + [False] * 94)
    >>> found = figures(y, {"all": np.ones(100, bool)}, costs=Costs(fp=1, fn=5))["all"]
    >>> found.points["recall"], found.points["precision"], found.points["cost"]
    (1.0, 0.06, 94.0)
    """
    judged = {name: _Flagged(y, flagged, beta, costs) for name, flagged in flags.items()}
    drawn: dict[str, list[dict[str, Floats]]] = {name: [] for name in flags}
    kind, n_kinds = _kinds(y, flags)
    if n_draws == 0:
        return {name: Figures(each.points(), {}, {}, {}) for name, each in judged.items()}
    for counts, weights in _draws(y, kind, n_kinds, costs, clusters, n_draws, seed):
        for name, each in judged.items():
            drawn[name].append(each.drawn(counts, weights, kind))
    found = {}
    for name, each in judged.items():
        samples = {key: np.concatenate([part[key] for part in drawn[name]]) for key in drawn[name][0]}
        found[name] = each.figures(samples, clustered=clusters is not None)
    return found


def _kinds(y: Bools, flags: Mapping[str, Bools]) -> tuple[NDArray[np.intp], int]:
    """Give each kind of row, its label with its flags, a number."""
    kind = y.astype(np.intp)
    for place, flagged in enumerate(flags.values(), start=1):
        kind += flagged.astype(np.intp) << place
    return kind, 2 ** (len(flags) + 1)


def _draws(
    y: Bools,
    kind: NDArray[np.intp],
    n_kinds: int,
    costs: Costs | None,
    clusters: NDArray[np.intp] | None,
    n_draws: int | None,
    seed: int,
) -> Iterator[tuple[Floats, Floats | None]]:
    """Yield how often each kind was drawn, (b, n_kinds), and each row, (b, n), where that is needed."""
    by_row = costs is not None and costs.by_row
    if draws_kinds(len(y), clustered=clusters is not None, by_row=by_row):
        rows = np.bincount(kind, minlength=n_kinds)
        counts = np.random.default_rng(seed).multinomial(len(y), rows / len(y), size=n_draws or N_DRAWS)
        yield counts.astype(np.float64), None
        return
    for weights in draws(y, groups=clusters, n_draws=n_draws or n_draws_for(len(y)), seed=seed):
        yield sum_by_cell(kind, n_kinds, weights), weights


def draws_kinds(n: int, *, clustered: bool, by_row: bool) -> bool:
    """Whether draws of so many rows are made of the few kinds of rows there are."""
    return n > _MANY_ROWS and not clustered and not by_row


def n_draws_for(n: int) -> int:
    """Return how many times so many rows are drawn one by one.

    Examples
    --------
    >>> n_draws_for(400), n_draws_for(500_000)
    (1000, 400)
    """
    return int(np.clip(N_DRAWS * _MANY_ROWS // max(n, 1), 200, N_DRAWS))


class _Flagged:
    """One way of flagging rows."""

    def __init__(self, y: Bools, flagged: Bools, beta: float | None, costs: Costs | None) -> None:
        self.y, self.flagged, self.beta, self.costs = y, flagged, beta, costs
        self.paid: Floats | None = None
        if costs is not None:
            self.paid = np.where(flagged, *costs.of_rows(y))

    def points(self) -> dict[str, float]:
        counts = _counts(self.y, self.flagged)
        points = {name: float(getattr(counts, name)) for name in COUNTS}
        paid = None if self.paid is None else np.asarray(self.paid.sum())
        return points | {name: float(value) for name, value in self._values(counts, paid).items()}

    def figures(self, samples: dict[str, Floats], *, clustered: bool) -> Figures:
        points, low, high = self.points(), {}, {}
        for name, values in samples.items():
            ends = percentile(values, points[name])
            low[name], high[name] = float(ends[0]), float(ends[1])
        for name, (hits, trials) in SHARES.items():
            begin, end = wilson(sum(points[each] for each in hits), sum(points[each] for each in trials))
            low[name] = min(float(begin), low[name]) if clustered else float(begin)
            high[name] = max(float(end), high[name]) if clustered else float(end)
        return Figures(points, low, high, samples)

    def drawn(self, counts: Floats, weights: Floats | None, kind: NDArray[np.intp]) -> dict[str, Floats]:
        """Return the figures of each draw, from how often each kind of row was drawn."""
        cell = np.zeros(counts.shape[1], dtype=np.intp)
        cell[kind] = 2 * self.flagged + self.y
        tn, fn, fp, tp = (counts[:, cell == each].sum(axis=1) for each in range(4))
        table = Confusion(tp, fp, fn, tn)
        if self.paid is None or self.costs is None:
            return self._values(table, None)
        by_row = self.costs.by_row and weights is not None
        return self._values(table, weights @ self.paid if by_row else self.costs.of(table))  # type: ignore[operator]

    def _values(self, counts: Confusion, paid: Floats | None) -> dict[str, Floats]:
        found = {name: np.asarray(getattr(counts, name)) for name in (*DECISION, "specificity", "flag_rate")}
        if self.beta is not None:
            found["fbeta"] = fbeta(counts, self.beta)
        if paid is not None:
            found |= {"cost": paid, "cost_per_row": paid / (counts.tp + counts.fp + counts.fn + counts.tn)}
        return found


def _counts(y: Bools, flagged: Bools) -> Confusion:
    tn, fn, fp, tp = np.bincount(2 * flagged + y, minlength=4)
    return Confusion(tp, fp, fn, tn)
