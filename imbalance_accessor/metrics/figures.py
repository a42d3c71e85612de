"""What is measured of one model's scores: its ranking, its probabilities and its flags, of two classes or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats, odds_divided
from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.bootstrap import Samples
from imbalance_accessor.metrics.bootstrap_statistics import Cells, Ranked, Statistic, Totals
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.counted_shares import CountedShare, shares_of_cells
from imbalance_accessor.metrics.measure import COUNTS, Counted, first_of_each, unseen_moves
from imbalance_accessor.metrics.multiclass import ClassCounts
from imbalance_accessor.metrics.objectives import fbeta
from imbalance_accessor.metrics.registry import Kind, losses_of_classes, probability_losses, rows
from imbalance_accessor.metrics.weights import ONES, Weights, effective_by_class
from imbalance_accessor.process_state import cached_property


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
    weights : Weights
        How much rows count in every draw.
    """

    y: Bools
    rank: Floats | None = None
    p: Floats | None = None
    flags: Mapping[str, Bools] = field(default_factory=dict)
    folds: Codes | None = None
    beta: float | None = None
    costs: Costs | None = None
    decided: Bools | None = None
    weights: Weights = ONES

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
        p = (
            None
            if self.p is None
            else np.full_like(self.p, np.average(self.y, weights=self.weights.of(self.y)))
        )
        return tuple(
            replace(self, rank=rank, p=p, flags={to: np.full(len(self.y), all_) for to in self.flags})
            for all_ in (True, False)
        )

    def __getstate__(self) -> dict[str, Any]:
        return _without_statistics(self)

    @cached_property
    def statistics(self) -> Sequence[Statistic]:
        """What is summed up or ranked in every draw."""
        found: list[Statistic] = []
        if self.rank is not None:
            figures = {each.name: each.of for each in rows("ranking")}
            unseen = self.weights.half_a_negative(self.y, self.y)
            found.append(Ranked(self.y, self.rank, figures, self.folds, unseen))
        if self.p is not None:
            losses = [
                np.column_stack(list(probability_losses(self.y, p).values())) for p in np.atleast_2d(self.p)
            ]
            found += [Totals(np.mean(losses, axis=0)), self._by_class]
        for flagged in self.flags.values():
            found += [self._cells(each) for each in np.atleast_2d(flagged)]
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
            sums, (negatives, positives) = next(given).T, next(given).T
            total = negatives + positives
            figures |= {each.name: sum_ / total for each, sum_ in zip(rows("probability"), sums, strict=True)}
            share = positives / total
            unsure = share * (1 - share)
            figures["brier_skill"] = 1 - figures["brier"] / np.where(unsure > 0, unsure, np.nan)
        for suffix, flagged in self.flags.items():
            counts = [next(given).T for _ in np.atleast_2d(flagged)]
            by_row = next(given)[:, 0] if self.costs is not None and self.costs.by_row else None
            repeats = [self._decided(Confusion(tp, fp, fn, tn), by_row) for tn, fn, fp, tp, *_ in counts]
            figures |= {
                f"{name}{suffix}": np.mean([each[name] for each in repeats], axis=0) for name in repeats[0]
            }
        return figures

    @property
    def n_averaged(self) -> int:
        """One area under the ROC curve, that of positives against negatives."""
        return 1

    def shares(
        self, points: Mapping[str, float], squares: Mapping[str, float] | None = None
    ) -> Mapping[str, Counted]:
        """Return how many rows of how many, for shares of counted rows and means of such."""
        if any(np.ndim(flagged) > 1 for flagged in self.flags.values()):
            return {}  # means over repeats are no counts
        found: dict[str, Counted] = {}
        for suffix in self.flags:
            cells, again = (
                None if each is None else {cell: each[f"{cell}{suffix}"] for cell in COUNTS}
                for each in (points, squares)
            )
            assert cells is not None
            found |= {
                f"{each.name}{suffix}": [
                    share
                    for terms in each.shares
                    for share in shares_of_cells(terms, cells, again, self.weights)
                ]
                for each in rows("decision", compared=False)
                if each.shares
            }
        return found

    def unseen(self, found: Sequence[Floats], counted: NDArray[Any]) -> Mapping[str, float]:
        """Return how far unseen rows may move each decision figure, from the statistics of the rows as they are."""
        points = first_of_each(self.figures(found))
        moves: dict[str, float] = {}
        if self.decided is not None:
            counted = self.weights.take(self.decided).rows(self.y[self.decided], len(counted))
        figures = {each.name: partial(_of_table, each.of) for each in rows("decision", compared=False)}
        if self.costs is not None and not self.costs.by_row:
            figures |= {
                "cost": partial(_of_table, self.costs.of),
                "cost_per_row": partial(_cost_per_row, self.costs),
            }
        for suffix in self.flags:
            tp, fp, fn, tn = (points[f"{cell}{suffix}"] for cell in COUNTS)
            side = unseen_moves(np.array([[tn, fp], [fn, tp]]), counted, figures) if len(counted) == 2 else {}
            moves |= {f"{name}{suffix}": move for name, move in side.items()}
        return moves

    @property
    def _by_class(self) -> Cells:
        return Cells(self.y.astype(np.uint8), 2)

    def _cells(self, flagged: Bools) -> Cells:
        """Return the cells tn, fn, fp, tp, and one for rows whose flags do not count."""
        cells = 2 * flagged.astype(np.uint8) + self.y
        return Cells(cells if self.decided is None else np.where(self.decided, cells, 4), 5)

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
    weights : Weights
        How much rows count in every draw.

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
    weights: Weights = ONES

    def only(self, kind: Kind) -> ClassScores:  # noqa: ARG002
        """Return all: figures of several classes are made together."""
        return self

    def constants(self) -> tuple[ClassScores, ...]:
        """Return what says the classes' shares of every row."""
        counted = np.bincount(self.y, self.weights.of(self.y), minlength=len(self.labels))
        shares = counted / counted.sum()
        return (replace(self, scores=np.tile(shares, (len(self.y), 1)), rank=None),)

    def __getstate__(self) -> dict[str, Any]:
        return _without_statistics(self)

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
                self.weights.half_a_negative(self.y, self.y == code),
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
        of_class = {"recall": counts.recalls, "precision": counts.precisions}
        return figures | {
            f"{name}[{label}]": each[:, code]
            for name, each in of_class.items()
            for code, label in enumerate(self.labels)
        }

    @property
    def n_averaged(self) -> int:
        """An area under the ROC curve for each class, against the rest."""
        return len(self.labels)

    def shares(
        self,
        points: Mapping[str, float],
        squares: Mapping[str, float] | None = None,  # noqa: ARG002
    ) -> Mapping[str, Counted]:
        """Return how many rows of how many, for shares of counted rows and means of such."""
        n = effective_by_class(self.weights, self.y, len(self.labels)).tolist()
        recalls = [
            CountedShare(points[f"recall[{label}]"] * of, of)
            for label, of in zip(self.labels, n, strict=True)
        ]
        found = {f"recall[{label}]": [recall] for label, recall in zip(self.labels, recalls, strict=True)}
        means = [each.name for each in rows("decision", several=True) if each.interval.endswith("mover")]
        means.append("recall")  # the mean over classes
        there = [recall for recall in recalls if recall.rows]
        rows_all = self.weights.without_factors.worth(self.y)
        accuracy = [CountedShare(points["accuracy"] * rows_all, rows_all)]
        if self.weights.factors is not None:  # the mean of the recalls, each by its class's share
            counted = np.bincount(self.y, self.weights.of(self.y), minlength=len(n))
            shares = zip(recalls, counted.tolist(), strict=True)
            accuracy = [
                replace(recall, weight=share, of_rows=self.weights.table_rows)
                for recall, share in shares
                if recall.rows
            ]
        return {**found, **self._precisions(points), **dict.fromkeys(means, there), "accuracy": accuracy}

    def _precisions(self, points: Mapping[str, float]) -> Mapping[str, Counted]:
        """Return each class's share of the rows that are predicted as it.

        Where classes count differently from how they were sampled, its odds are those of the sample times its factor, over
        the mean factor of the other rows: those predicted as it, or all where there are none.
        """
        predicted = self.scores.argmax(axis=1)
        found: dict[str, Counted] = {}
        for code, label in enumerate(self.labels):
            as_it, name = predicted == code, f"precision[{label}]"
            n = self.weights.without_factors.take(as_it).worth(self.y[as_it])
            if self.weights.factors is None:
                found[name] = [CountedShare(points[name] * n, n)]
                continue
            others = self.y != code
            odds = self.weights.factors[code] / self._mean_factor(
                others & as_it if (others & as_it).any() else others
            )
            found[name] = [CountedShare(float(odds_divided(points[name], odds)) * n, n, odds=odds)]
        return found

    def _mean_factor(self, rows: Bools) -> float:
        assert self.weights.factors is not None
        own = self.weights.take(rows).total_own
        return float(np.average(self.weights.factors[self.y[rows]], weights=own))

    def unseen(self, found: Sequence[Floats], counted: NDArray[Any]) -> Mapping[str, float]:
        """Return how far unseen rows may move each decision figure, from the statistics of the rows as they are."""
        k = len(self.labels)
        figures = {
            each.name: (lambda tables, of=each.of_classes: of(ClassCounts(tables)))
            for each in rows("decision", several=True)
        }
        return unseen_moves(found[k].reshape(k, k), counted, figures) if len(counted) == k else {}


def _of_table(of: Callable[[Confusion], Floats], tables: Floats) -> Floats:
    (tn, fp), (fn, tp) = np.moveaxis(tables, 0, -1)
    return np.asarray(of(Confusion(tp, fp, fn, tn)))


def _cost_per_row(costs: Costs, tables: Floats) -> Floats:
    return np.asarray(_of_table(costs.of, tables) / tables.sum(axis=(1, 2)))


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

    def shares(
        self, points: Mapping[str, float], squares: Mapping[str, float] | None = None
    ) -> Mapping[str, Counted]:
        """Return how many rows of how many, for shares of counted rows: the points' counts are means over repeats."""
        return self.repeats[0].shares(points, squares)

    def unseen(self, found: Sequence[Floats], counted: NDArray[Any]) -> Mapping[str, float]:
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


def _without_statistics(scores: Scores | ClassScores) -> dict[str, Any]:
    """Return what is pickled: statistics are as large as the rows they are made of, from which they are made again."""
    return {name: kept for name, kept in vars(scores).items() if name != "statistics"}
