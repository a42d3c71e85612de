"""Folds of the training set: stratified, by group or in the order of time, dealt once or several times."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.errors import Fix
from imbalance_accessor.findings import Finding
from imbalance_accessor.options import check_cv, check_repeats, in_words
from imbalance_accessor.splitting.deals import (
    Positions,
    RuledRows,
    SplitRule,
    fold_pairs,
    learned_from,
    most_folds,
    what_works,
    with_every_class,
)
from imbalance_accessor.splitting.refusals import refuse, rows_of
from imbalance_accessor.splitting.split import Parts


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
    rule = replace(parts.split_by, random_state=random_state, cv=int(cv), repeats=int(repeats))
    rows = RuledRows(parts.train.codes, parts.train_outcome, parts.train_groups, parts.train_time)
    first, *again = (_dealt(parts, rows, rule, seed) for seed in rule.seeds)
    if not again:
        return first
    # groups may leave a row without a score in one deal: it is then left out of all
    seen = np.all([deal.ids >= 0 for deal in (first, *again)], axis=0)
    first, *again = (replace(deal, ids=np.where(seen, deal.ids, -1)) for deal in (first, *again))
    return replace(first, again=tuple(again))


def _dealt(parts: Parts, rows: RuledRows, rule: SplitRule, seed: int | None) -> Folds:
    n_splits = _affordable(parts, rows, rule)
    every = learned_from(fold_pairs(rows, n_splits, seed), parts.kept)
    if rows.time is not None and not every:
        refuse(parts.features, rule, f"The training set has one time, {rows.time[0]!s}; folds need two.")
    pairs = with_every_class(every, rows.outcome)
    if len(pairs) < 2:
        why = f"{len(pairs)} of {len(every)} folds hold every class on both sides; two are needed."
        refuse(parts.features, rule, why)
    ids = np.full(len(rows), -1, dtype=np.intp)
    for fold, (_, scored) in enumerate(pairs):
        ids[scored] = fold
    is_first = seed == rule.seeds[0]
    findings = _about_lost(parts, rule, n_splits, len(every), len(pairs)) if is_first else ()
    return Folds(tuple(pairs), ids, n_splits, findings)


def _affordable(parts: Parts, rows: RuledRows, rule: SplitRule) -> int:
    """Lower the number of folds to the rows and groups there are, or say that they are too few for any."""
    rarest, most = int(np.bincount(rows.outcome).min()), most_folds(rows)
    if rarest < 2:
        name = parts.features.target.name
        why = (
            f"The training set has {rarest} row of the rarest class of {name!r}; out-of-fold scores need two."
        )
        refuse(parts.features, rule, why, "More rows of that class are needed.")
    if most < 2:
        why = f"The training set has one group of groups={rule.groups!r}; folds need two."
        refuse(parts.features, rule, why, "More groups are needed.")
    return min(most, int(rule.cv or most))


def _about_lost(parts: Parts, rule: SplitRule, made: int, dealt: int, good: int) -> tuple[Finding, ...]:
    """Say that folds are fewer than asked, or lack a class; with the options that deal all of those they name."""
    said = []
    if made < (rule.cv or 0):
        what = (
            "groups, or rows of the rarest class" if rule.groups is not None else "rows of the rarest class"
        )
        said.append(("IMB301", f"{made} folds instead of {rule.cv}: the training set has {made} {what}."))
    if good < dealt:
        verbs = ("lacks", "is") if dealt - good == 1 else ("lack", "are")
        lost = f"{dealt - good} of {dealt} folds"
        said.append(("IMB311", f"{lost} {verbs[0]} a class on one side and {verbs[1]} dropped."))
    if not said:
        return ()
    options = what_works(rows_of(parts.features), rule, whole=True)
    cure = "More rows of the rarest class would help most."
    if options is not None:
        cure = f"{in_words(options)} {cure}"
    fix = Fix(options=options or {})
    return tuple(Finding(code, "warning", sentence, cure, fix=fix) for code, sentence in said)
