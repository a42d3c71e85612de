"""How rows are dealt into two sides and into folds, by arrays alone; and the search for what can be dealt where a call cannot."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product, takewhile
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split

from imbalance_accessor.data.class_shares import fair_share
from imbalance_accessor.errors import LEFT_OUT
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.options import SEEDS, is_nothing
from imbalance_accessor.process_state import own_filters

Positions: TypeAlias = "NDArray[np.intp]"
Pairs: TypeAlias = "list[tuple[Positions, Positions]]"
#: Whether the sides that a share gives are those that are looked for.
Wanted: TypeAlias = Callable[[float, Positions, Positions], bool]
#: Folds that groups are dealt into at most, to hold out a small share of them.
MOST_DEALT = 25
#: Shares and numbers of folds that are tried in place of those that were asked for.
_SHARES, _FOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5), (10, 5, 4, 3, 2)
#: More folds, in the order of time.
_MORE_FOLDS = (10, 15, 20, 30)


@dataclass(frozen=True)
class SplitRule:
    """How rows were divided, enough to do it again, and what else the verb takes.

    Attributes
    ----------
    test_size : float
        The share asked for.
    random_state : int or None
        The seed, handed on verbatim.
    groups, time : hashable or None
        The column that defined the split.
    own_test : bool
        Whether the test set was handed in.
    max_rows : int or None
        Train rows that are learned from at most.
    cv : int or None
        The folds that the training set is to be dealt into; None for a verb that folds nothing.
    repeats : int
        How often they are to be dealt.
    takes_nothing : bool
        Whether the verb takes ``test_size=0``.
    """

    test_size: float
    random_state: int | None
    groups: Hashable | None = None
    time: Hashable | None = None
    own_test: bool = False
    max_rows: int | None = None
    cv: int | None = None
    repeats: int = 1
    takes_nothing: bool = False

    @property
    def text(self) -> str:
        """The rule, for small print."""
        capped = f", max_rows={self.max_rows:_}" if self.max_rows is not None else ""
        if self.own_test:
            return f"test: a frame of your own, random_state={self.random_state}{capped}"
        ruled = f", groups={self.groups!r}" if self.groups is not None else ""
        ruled += f", time={self.time!r}" if self.time is not None else ""
        return f"test_size={self.test_size:g}, random_state={self.random_state}{ruled}{capped}"

    def group_share(self, n_groups: int) -> tuple[int, int]:
        """Return k and n such that k of n folds of groups come near the share of the rows.

        Examples
        --------
        >>> [SplitRule(share, 0).group_share(n) for share, n in ((0.2, 100), (0.04, 100), (0.04, 8))]
        [(1, 5), (1, 25), (1, 8)]
        """
        share = Fraction(self.test_size).limit_denominator(max(2, min(10, n_groups)))
        smaller = min(self.test_size, 1 - self.test_size)
        if 0 < share < 1 and smaller >= 0.1:
            return share.numerator, share.denominator
        dealt = max(2, min(round(1 / smaller), n_groups, MOST_DEALT))
        return (1 if self.test_size < 0.5 else dealt - 1), dealt

    @property
    def seeds(self) -> list[int | None]:
        """The seed of each deal of the folds."""
        seed = self.random_state
        return [None if seed is None else (seed + k) % SEEDS for k in range(int(self.repeats))]


@dataclass(frozen=True, eq=False)
class RuledRows:
    """What rules how rows are dealt.

    Attributes
    ----------
    codes : numpy.ndarray of int, shape (n_rows,)
        Their classes: all of them must stand on both sides of a split.
    outcome : numpy.ndarray of int, shape (n_rows,)
        What models learn: each of it must stand on both sides of a fold.
    groups : numpy.ndarray of int, or None
        Their groups, where these define the split.
    time : numpy.ndarray, or None
        Their times, where these do.
    """

    codes: Codes
    outcome: Codes
    groups: Codes | None = None
    time: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, at: Positions) -> RuledRows:
        """Return the rows at some positions."""
        groups, time = (None if each is None else each[at] for each in (self.groups, self.time))
        return RuledRows(self.codes[at], self.outcome[at], groups, time)


def group_codes(groups: pd.Series) -> Codes:
    """Return each row's group as a number, in the groups' sort order, as scikit-learn numbers them.

    Categories may have an order of their own, which scikit-learn does not see; names of several types have one in pandas.
    """
    cells = groups.astype(object) if isinstance(groups.dtype, pd.CategoricalDtype) else groups
    return np.asarray(pd.factorize(cells, sort=True)[0], dtype=np.intp)


def sides(rows: RuledRows, rule: SplitRule) -> tuple[Positions, Positions] | None:
    """Return positions of the training set and of the test set; None where the rows cannot be divided so."""
    everything = np.arange(len(rows))
    if rule.own_test or is_nothing(rule.test_size):
        return everything, everything[:0]
    if rows.time is not None:
        return _by_time(rows.time, rule.test_size)
    if rows.groups is not None:
        return _by_groups(rows, rows.groups, rule)
    fewest, n_test = np.bincount(rows.codes).min(), int(np.ceil(rule.test_size * len(rows)))
    if fewest < 2 or min(n_test, len(rows) - n_test) <= rows.codes.max():
        return None
    train_at, test_at = train_test_split(
        everything, test_size=rule.test_size, stratify=rows.codes, random_state=rule.random_state
    )
    return train_at, test_at


def _by_time(time: NDArray[Any], test_size: float) -> tuple[Positions, Positions] | None:
    """Train before, test after; the boundary falls between two distinct times, nearest to the share asked for."""
    order, n = np.argsort(time, kind="stable"), len(time)
    starts = time_starts(time[order])
    if not starts.size:
        return None
    boundary = starts[np.argmin(np.abs(starts - (1 - test_size) * n))]
    return np.sort(order[:boundary]), np.sort(order[boundary:])


def time_starts(ordered: NDArray[Any]) -> Positions:
    """Positions at which a new time begins, the first one left out."""
    return np.flatnonzero(ordered[1:] != ordered[:-1]) + 1


def _by_groups(rows: RuledRows, groups: Codes, rule: SplitRule) -> tuple[Positions, Positions] | None:
    """Hold out whole groups: deal them into n stratified folds and take k of them, k/n near the share."""
    n_groups = len(np.unique(groups))
    taken, dealt = rule.group_share(n_groups)
    if n_groups < dealt or np.bincount(rows.codes).max() < dealt:
        return None
    held = [side for _, side in _group_folds(rows.codes, groups, dealt, rule.random_state)]
    held_out = np.zeros(len(groups), dtype=bool)
    held_out[np.concatenate(held[:taken])] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _group_folds(codes: Codes, groups: Codes, n_splits: int, seed: int | None) -> Pairs:
    with own_filters():  # a class that a fold lacks is the caller's to see
        warnings.simplefilter("ignore", UserWarning)
        folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed)
        return list(folds.split(np.zeros(len(codes)), codes, groups))


def most_folds(rows: RuledRows) -> int:
    """Return how many folds the rows of the rarest class, and the groups, are enough for."""
    rarest = int(np.bincount(rows.outcome).min())
    return rarest if rows.groups is None else min(rarest, len(np.unique(rows.groups)))


def fold_pairs(rows: RuledRows, n_splits: int, seed: int | None) -> Pairs:
    """Deal rows into folds: stratified, by groups, or in the order of time; none where there is one time only."""
    if rows.time is not None:
        return list(_time_folds(rows.time, n_splits))
    if rows.groups is not None:
        return _group_folds(rows.outcome, rows.groups, n_splits, seed)
    folds = StratifiedKFold(n_splits, shuffle=True, random_state=seed)
    return list(folds.split(np.zeros(len(rows)), rows.outcome))


def _time_folds(time: NDArray[Any], n_splits: int) -> Iterator[tuple[Positions, Positions]]:
    """Yield blocks in the order of time, each scored by a model of all rows before it.

    Boundaries are those of ``TimeSeriesSplit``, moved to the nearest change of time.
    """
    order = np.argsort(time, kind="stable")
    starts, n = time_starts(time[order]), len(time)
    if not starts.size:
        return
    ideal = np.arange(1, n_splits + 1) * n / (n_splits + 1)
    boundaries = np.unique([starts[np.argmin(np.abs(starts - place))] for place in ideal])
    for begin, end in zip(boundaries, [*boundaries[1:], n], strict=True):
        yield np.sort(order[:begin]), np.sort(order[begin:end])


def with_every_class(pairs: Pairs, outcome: Codes) -> Pairs:
    """Leave out the folds that lack a class on one side."""
    n_classes = int(outcome.max()) + 1
    return [
        pair for pair in pairs if all(np.bincount(outcome[side], minlength=n_classes).all() for side in pair)
    ]


def kept_rows(codes: Codes, share: int, random_state: int | None) -> Positions:
    """Return the positions of at most so many rows of each class, drawn by chance, in order."""
    mixed = pd.Series(codes).sample(frac=1, random_state=random_state)
    return np.sort(mixed.groupby(mixed).head(share).index.to_numpy(dtype=np.intp))


def what_works(
    rows: RuledRows,
    rule: SplitRule,
    *,
    shares: tuple[float, ...] | None = None,
    wanted: Wanted = lambda *_: True,
    whole: bool = False,
) -> dict[str, Any] | None:
    """Search for the options that deal every class to both sides, and to both sides of two folds or more.

    Each is tried on these very rows; nothing is fitted.

    Parameters
    ----------
    rows : RuledRows
        All that are to be divided.
    rule : SplitRule
        What was asked for.
    shares : tuple of float, optional
        The values of ``test_size=`` to try, in this order.
    wanted : callable
        What else the sides must be, by the share, the train positions and the test positions.
    whole : bool
        Whether all folds must hold every class, in the very number that is named.

    Returns
    -------
    dict or None
        What to change of ``test_size``, ``cv``, ``repeats`` and ``max_rows``; None where nothing that was tried helps.
    """
    for share in _shares_to_try(rows, rule) if shares is None else shares:
        divided = sides(rows, replace(rule, test_size=share))
        if divided is None or not _both_hold_all(rows, divided, rule, share) or not wanted(share, *divided):
            continue
        train = rows.take(divided[0])
        for cv, repeats, most in product(
            _folds_to_try(rule), dict.fromkeys([rule.repeats, 1]), _caps_to_try(rule, rows)
        ):
            tried = replace(rule, test_size=share, cv=cv, repeats=repeats, max_rows=most)
            if _folds_hold_all(train, tried, whole=whole):
                return _changed(rule, tried)
    return None


def _shares_to_try(rows: RuledRows, rule: SplitRule) -> list[float]:
    """Return the share that was asked for, nothing where the verb takes it, and shares from the nearest on."""
    if rule.own_test or is_nothing(rule.test_size):
        return [rule.test_size]
    others = {*_SHARES, *_shares_of_times(rows)} - {rule.test_size}
    nearest = sorted(others, key=lambda share: abs(share - rule.test_size))
    return [rule.test_size, *([0.0] if rule.takes_nothing else []), *nearest]


def _shares_of_times(rows: RuledRows) -> set[float]:
    """Return shares whose boundary falls among the rows of the rarest class."""
    if rows.time is None:
        return set()
    ordered = rows.codes[np.argsort(rows.time, kind="stable")]
    places = np.flatnonzero(ordered == np.argmin(np.bincount(rows.codes)))
    among = places[np.unique([len(places) // 2, 3 * len(places) // 4, len(places) - 1])]
    shares = {float(f"{1 - place / len(rows):.3g}") for place in among}
    return {share for share in shares if 0 < share < 1}


def _folds_to_try(rule: SplitRule) -> list[int | None]:
    cv = rule.cv
    if cv is None:
        return [None]
    more = _MORE_FOLDS if rule.time is not None else ()  # the later ones may hold what the first lack
    return [cv, *(fewer for fewer in _FOLDS if fewer < cv), *(each for each in more if each > cv)]


def _caps_to_try(rule: SplitRule, rows: RuledRows) -> list[int | None]:
    """Return the cap that was asked for, the least that leaves two rows of a class, it doubled again and again, and none."""
    most = rule.max_rows
    if most is None:
        return [None]
    least = int(np.minimum(np.bincount(rows.codes if rule.cv is None else rows.outcome), 2).sum())
    doubled = (least * 2**k for k in range(64))
    return [most, *(cap for cap in takewhile(lambda cap: cap < len(rows), doubled) if cap > most), None]


def _both_hold_all(
    rows: RuledRows, divided: tuple[Positions, Positions], rule: SplitRule, share: float
) -> bool:
    k = int(rows.codes.max()) + 1
    needed = divided[:1] if rule.own_test or is_nothing(share) else divided
    return all(bool(np.bincount(rows.codes[side], minlength=k).all()) for side in needed)


def _folds_hold_all(train: RuledRows, rule: SplitRule, *, whole: bool) -> bool:
    """Whether the training set can be capped and folded so."""
    kept: Positions | None = None
    if rule.max_rows is not None and rule.max_rows < len(train):
        codes = train.codes if rule.cv is None else train.outcome
        share = fair_share(np.bincount(codes), rule.max_rows)
        if share < 2:
            return False
        kept = kept_rows(codes, share, rule.random_state)
    if rule.cv is None:
        return True
    n_splits = min(rule.cv, most_folds(train))
    if n_splits < 2 or (whole and n_splits < rule.cv):
        return False
    for seed in rule.seeds:
        pairs = learned_from(fold_pairs(train, n_splits, seed), kept)
        good = len(with_every_class(pairs, train.outcome))
        if good < 2 or (whole and good < len(pairs)):
            return False
    return True


def learned_from(pairs: Pairs, kept: Positions | None) -> Pairs:
    """Return folds that learn from the rows that are kept alone; None for all."""
    return pairs if kept is None else [(np.intersect1d(learn, kept), held) for learn, held in pairs]


def _changed(rule: SplitRule, tried: SplitRule) -> dict[str, Any]:
    """Return the options that differ, as the call is to name them."""
    changed: dict[str, Any] = {}
    if tried.test_size != rule.test_size:
        changed["test_size"] = 0 if is_nothing(tried.test_size) else tried.test_size
    if tried.cv != rule.cv:
        changed["cv"] = tried.cv
    if tried.repeats != rule.repeats:
        changed["repeats"] = LEFT_OUT
    if tried.max_rows != rule.max_rows:
        changed["max_rows"] = LEFT_OUT if tried.max_rows is None else tried.max_rows
    return changed


def too_narrow(rows: RuledRows, rule: SplitRule) -> tuple[int, int, int] | None:
    """Return a class that lies in too few groups or times, in how many, and how many are needed; None where none does.

    Every side of a split needs one of its groups; folds need two, and in the order of time three.
    """
    ruled = rows.time if rows.groups is None else rows.groups
    if ruled is None:
        return None
    held_out = 0 if rule.own_test or rule.takes_nothing else 1
    folds = 1 if rule.cv is None else 2 if rows.time is None else 3
    for code in range(int(rows.codes.max()) + 1):
        found = len(np.unique(ruled[rows.codes == code]))
        # of several classes, one against the rest: the others are one in the folds
        needed = held_out + (folds if np.array_equal(rows.codes, rows.outcome) else 1)
        if found < needed:
            return code, found, needed
    return None
