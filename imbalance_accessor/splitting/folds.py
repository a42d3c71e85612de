"""Folds of the training set: stratified, by group or in the order of time, dealt once or several times."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from imbalance_accessor.errors import SplitError
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.options import SEEDS, check_cv, check_repeats
from imbalance_accessor.splitting.split import Parts, Positions, time_starts


@dataclass(frozen=True, eq=False)
class Folds:
    """Folds of the training set.

    Attributes
    ----------
    pairs : tuple of (train positions, test positions)
        Positions within the training set; those of rows that are not learned from are in test positions alone.
    ids : numpy.ndarray of int, shape (n_train,)
        The fold that scores each row; -1 where none does (the first block of time-ordered folds).
    made : int
        How many were made, before those that lack a class were dropped.
    findings : tuple of Finding
    again : tuple of Folds
        The same rows dealt again, with the next seeds.
    """

    pairs: tuple[tuple[Positions, Positions], ...]
    ids: NDArray[np.intp]
    made: int
    findings: tuple[Finding, ...]
    again: tuple[Folds, ...] = ()

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def deals(self) -> tuple[Folds, ...]:
        """These folds, and those that were dealt again."""
        return (self, *self.again)

    @property
    def every(self) -> list[tuple[Positions, Positions]]:
        """The pairs of all deals, one after another."""
        return [pair for deal in self.deals for pair in deal.pairs]

    @property
    def text(self) -> str:
        """How many folds there are, for small print."""
        return f"{len(self)} folds{f', dealt {len(self.deals)} times' if self.again else ''}"


def make_folds(parts: Parts, *, cv: int = 5, random_state: int | None = 0, repeats: int = 1) -> Folds:
    """Divide the training set into folds: stratified, by groups, or in the order of time.

    Parameters
    ----------
    parts : Parts
        Only the training set is looked at.
    cv : int
        Number of folds; lowered, with a finding, when the rarest class has fewer rows.
    random_state : int or None
        Seed of the shuffle.
    repeats : int
        How often folds are dealt, with this seed and the next ones.

    Raises
    ------
    OptionError
        `cv` below 2, or not a whole number; `repeats` below 1, or in the order of time.
    SplitError
        A class with fewer than two rows to learn from, or fewer than two folds that hold every class.
    """
    check_cv(cv)
    check_repeats(repeats, time=parts.split_by.time)
    seeds = [None if random_state is None else (random_state + k) % SEEDS for k in range(int(repeats))]
    first, *again = (_dealt(parts, int(cv), seed) for seed in seeds)
    if not again:
        return first
    # groups may leave a row without a score in one deal: it is then left out of all
    seen = np.all([deal.ids >= 0 for deal in (first, *again)], axis=0)
    first, *again = (replace(deal, ids=np.where(seen, deal.ids, -1)) for deal in (first, *again))
    return replace(first, again=tuple(again))


def _dealt(parts: Parts, cv: int, random_state: int | None) -> Folds:
    outcome = parts.train_outcome
    n_splits, lowered = _affordable(parts, outcome, cv)
    every = [
        (learn if parts.kept is None else np.intersect1d(learn, parts.kept), held)
        for learn, held in _fold_pairs(parts, outcome, n_splits, random_state)
    ]
    n_classes = len(np.unique(outcome))
    pairs = [pair for pair in every if all(len(np.unique(outcome[side])) == n_classes for side in pair)]
    dropped = _dropped(len(every), len(pairs))
    if len(pairs) < 2:
        raise SplitError(
            f"Only {len(pairs)} of {len(every)} folds hold every class on both sides. "
            + (
                "Use fewer folds (cv=2), or fold without groups= or time=."
                if parts.kept is None
                else f"Raise max_rows={parts.split_by.max_rows:_}."
            )
        )
    ids = np.full(len(outcome), -1, dtype=np.intp)
    for fold, (_, scored) in enumerate(pairs):
        ids[scored] = fold
    return Folds(tuple(pairs), ids, n_splits, (*lowered, *dropped))


def _affordable(parts: Parts, outcome: Codes, cv: int) -> tuple[int, list[Finding]]:
    """Lower the number of folds to the rows (or groups, or times) there are."""
    split_by, rarest = parts.split_by, int(np.bincount(outcome).min())
    if rarest < 2:
        name = parts.features.target.name
        raise SplitError(
            f"The training set has {rarest} row of the rarest class of {name!r}; out-of-fold scores need two. "
            "Use a smaller test_size, or more rows of that class."
        )
    limit, what = rarest, "rows of the rarest class"
    if split_by.groups is not None:
        limit = min(limit, parts.train.X[split_by.groups].nunique())
        what = "groups, or rows of the rarest class"
    if limit < 2:
        raise SplitError(
            f"The training set has one group of groups={split_by.groups!r}; folds need two. "
            "Use a smaller test_size, or more groups."
        )
    if limit >= cv:
        return cv, []
    sentence = f"{limit} folds instead of {cv}: the training set has {limit} {what}."
    return limit, [Finding("IMB301", "warning", sentence, "More rows of that class would help most.")]


def _fold_pairs(
    parts: Parts, outcome: Codes, n_splits: int, random_state: int | None
) -> Iterator[tuple[Positions, Positions]]:
    blank = np.zeros(len(outcome))
    if parts.split_by.time is not None:
        yield from _time_folds(parts.train.X[parts.split_by.time].to_numpy(), n_splits)
    elif parts.split_by.groups is not None:
        with warnings.catch_warnings():  # folds that lack a class are dropped by the caller, with a finding
            warnings.simplefilter("ignore", UserWarning)
            folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=random_state)
            yield from folds.split(blank, outcome, parts.train_groups)
    else:
        yield from StratifiedKFold(n_splits, shuffle=True, random_state=random_state).split(blank, outcome)


def _time_folds(time: NDArray[Any], n_splits: int) -> Iterator[tuple[Positions, Positions]]:
    """Yield blocks in the order of time, each scored by a model of all rows before it.

    Boundaries are those of ``TimeSeriesSplit``, moved to the nearest change of time.
    """
    order = np.argsort(time, kind="stable")
    starts, n = time_starts(time[order]), len(time)
    if not starts.size:
        raise SplitError(
            f"The training set has one time, {time[0]!s}; folds in the order of time need two. Use a smaller test_size."
        )
    ideal = np.arange(1, n_splits + 1) * n / (n_splits + 1)
    boundaries = np.unique([starts[np.argmin(np.abs(starts - place))] for place in ideal])
    for begin, end in zip(boundaries, [*boundaries[1:], n], strict=True):
        yield np.sort(order[:begin]), np.sort(order[begin:end])


def _dropped(made: int, kept: int) -> list[Finding]:
    if made == kept:
        return []
    verbs = ("lacks", "is") if made - kept == 1 else ("lack", "are")
    sentence = f"{made - kept} of {made} folds {verbs[0]} a class on one side and {verbs[1]} dropped."
    return [Finding("IMB311", "warning", sentence, "Use fewer folds: cv=2.")]
