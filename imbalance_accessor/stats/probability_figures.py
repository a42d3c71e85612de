"""What probabilities come to: Brier score, skill, log loss, level and ranking, with intervals, several on the same rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.stats.arrays import Bools, Floats
from imbalance_accessor.stats.cut_figures import Figures, n_draws_for
from imbalance_accessor.stats.intervals import draws, percentile
from imbalance_accessor.stats.metrics import Ranking, probability_losses

Key = TypeVar("Key", bound=Hashable)

#: Rows above which means carry normal intervals, and the ranking is drawn in groups of like scores.
MANY_ROWS = 150_000
_GROUPS, _DRAWS = 2048, 300
_Z = 1.959963984540054
_LOSSES = ("brier", "log_loss", "mean_probability")


def probability_figures(
    y: Bools,
    ps: Mapping[Key, Floats],
    ranks: Mapping[Key, Floats],
    *,
    clusters: NDArray[np.intp] | None = None,
    seed: int = 0,
) -> dict[Key, Figures]:
    """Judge several sets of probabilities on the same rows.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    ps : mapping to ndarray of float, shape (n,)
        Probabilities; nan throughout where scores are none.
    ranks : mapping to ndarray of float, shape (n,)
        What each is ranked by; the same array for those of one order, which is then ranked once.
    clusters : ndarray of int, shape (n,), optional
        What each row belongs to; then whole clusters are drawn.
    seed : int

    Returns
    -------
    dict of Figures
        ``brier``, ``brier_skill``, ``log_loss``, ``mean_probability``, ``average_precision``.

    Notes
    -----
    Percentile bootstrap of the rows (of clusters), drawn without regard to class, with the same draws for all. Above
    150,000 rows means carry Wald intervals from their influence functions, and average precision a bootstrap of groups
    of like scores.

    Examples
    --------
    >>> y, p = np.array([True, False] * 50), np.array([0.8, 0.2] * 50)
    >>> found = probability_figures(y, {"a": p}, {"a": p})["a"]
    >>> round(found.points["brier"], 3), round(found.points["brier_skill"], 3)
    (0.04, 0.84)
    """
    losses = {key: probability_losses(y, p) for key, p in ps.items()}
    rankings = {id(rank): Ranking(y, rank) for rank in ranks.values()}
    points = {key: _points(y, losses[key], rankings[id(ranks[key])]) for key in ps}
    if is_wald(len(y), clustered=clusters is not None):
        precision = {
            place: _grouped(y, rank, seed) for place, rank in {id(r): r for r in ranks.values()}.items()
        }
        return {key: _wald(y, losses[key], points[key], precision[id(ranks[key])]) for key in ps}
    samples: dict[Key, list[dict[str, Floats]]] = {key: [] for key in ps}
    for weights in draws(y, groups=clusters, n_draws=n_draws_for(len(y)), seed=seed):
        ranked = {place: ranking.average_precision(weights) for place, ranking in rankings.items()}
        for key in ps:
            samples[key].append(_drawn(y, losses[key], ranked[id(ranks[key])], weights))
    found = {}
    for key, parts in samples.items():
        whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        ends = {name: percentile(values, points[key][name]) for name, values in whole.items()}
        low = {name: float(end[0]) for name, end in ends.items()}
        high = {name: float(end[1]) for name, end in ends.items()}
        found[key] = Figures(points[key], low, high, whole)
    return found


def is_wald(n: int, *, clustered: bool) -> bool:
    """Whether means of so many rows carry normal intervals, and nothing is drawn row by row."""
    return n > MANY_ROWS and not clustered


def _points(y: Bools, losses: Mapping[str, Floats], ranking: Ranking) -> dict[str, float]:
    found = {name: float(np.mean(losses[name])) for name in _LOSSES}
    prevalence = float(y.mean())
    found["brier_skill"] = 1 - found["brier"] / (prevalence * (1 - prevalence))
    return found | {"average_precision": ranking.average_precision()}


def _drawn(y: Bools, losses: Mapping[str, Floats], ranked: Floats, weights: Floats) -> dict[str, Floats]:
    total = weights.sum(axis=1)
    found = {name: weights @ losses[name] / total for name in _LOSSES}
    prevalence = weights @ y / total
    found["brier_skill"] = 1 - found["brier"] / (prevalence * (1 - prevalence))
    return found | {"average_precision": ranked}


def _wald(
    y: Bools, losses: Mapping[str, Floats], points: dict[str, float], precision: tuple[float, float]
) -> Figures:
    """Return normal intervals of means; the skill's follows from its influence function."""
    prevalence, brier = y.mean(), points["brier"]
    unsure = prevalence * (1 - prevalence)
    influence = {name: losses[name] for name in _LOSSES}
    influence["brier_skill"] = (
        brier / unsure**2 * (1 - 2 * prevalence) * (y - prevalence) - losses["brier"] / unsure
    )
    half = {name: _Z * float(np.std(values)) / np.sqrt(len(y)) for name, values in influence.items()}
    low = {name: points[name] - each for name, each in half.items()}
    high = {name: points[name] + each for name, each in half.items()}
    low["average_precision"] = points["average_precision"] + precision[0]
    high["average_precision"] = points["average_precision"] + precision[1]
    return Figures(points, low, high, {})


def _grouped(y: Bools, rank: Floats, seed: int) -> tuple[float, float]:
    """Return how far average precision lies below and above its point over draws of groups of like scores."""
    order = np.argsort(-rank, kind="stable")
    mass = np.cumsum(np.where(y[order], 0.5 / y.sum(), 0.5 / (~y).sum()))
    group = np.minimum((mass * _GROUPS).astype(np.intp), _GROUPS - 1)
    rows = np.bincount(2 * group + y[order], minlength=2 * _GROUPS)
    point = float(_precision(rows[None, :].astype(np.float64))[0])
    drawn = np.concatenate([_precision(each) for each in _multinomials(rows, seed)])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return min(float(low) - point, 0.0), max(float(high) - point, 0.0)


def _multinomials(rows: NDArray[np.intp], seed: int) -> Iterator[Floats]:
    rng, n = np.random.default_rng(seed), int(rows.sum())
    for _ in range(0, _DRAWS, 50):
        yield rng.multinomial(n, rows / n, size=50).astype(np.float64)


def _precision(counts: Floats) -> Floats:
    """Return average precision of grouped rows, shape (b,)."""
    hits, errors = counts[:, 1::2], counts[:, 0::2]
    tp, fp = hits.cumsum(axis=1), errors.cumsum(axis=1)
    precision = np.divide(tp, tp + fp, out=np.zeros_like(tp), where=tp + fp > 0)
    return np.asarray((precision * hits).sum(axis=1) / tp[:, -1])
