"""Columns that look as if they named groups: by their name, by what stays the same within them, or by their labels."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.ids import is_id_name
from imbalance_accessor.leakage.evidence import Evidence
from imbalance_accessor.leakage.statistics import chance_of_pairs, same_label_pairs
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.process_state import cached_property

#: Names of what has many rows of its own.
_WHO = (
    "patient|customer|user|subject|client|account|person|household|family|student|session|device|machine|merchant|"
    "employee|driver|vehicle|sensor|donor|member"
)
_GROUP_NAME = re.compile(
    rf"^({_WHO})[_ ]?(no|nr|num|number|nummer|code|name|ref)?$|^(e?_?mail|mrn|ssn|iban|phone)$", re.IGNORECASE
)
_COUNT_NAME = re.compile(r"(num|number|nummer)$", re.IGNORECASE)
#: Fewest groups, and different rows per group on average, where a column may name groups.
_FEWEST_GROUPS, _ROWS_A_GROUP = 20, 1.25
#: The same without a telling name: different values per row, and rows per value.
_MANY_GROUPS, _TWICE = 0.02, 2.0
#: Columns that must stay the same within groups, in what share of them, and how often two rows agree by chance at most.
_ATTRIBUTES, _CONSTANT, _AGREE = 2, 0.95, 0.5
#: Groups that are looked into, and rows of some of them that tell of most columns that they do not stay the same.
_LOOKED, _FIRST_ROWS = 2_000, 64
#: Share of steps in one direction from which a column only says a number again.
_ONE_WAY = 0.98
#: Cells that are kept as codes from column to column.
_KEPT_CELLS = 5_000_000
#: How far labels agree within groups, from 0 as by chance to 1: by what else tells of groups; and the chance of that.
_ALIKE, _NO_CHANCE = {"name": 0.1, "attributes": 0.5, "labels": 0.8}, 1e-6


@dataclass(frozen=True)
class GroupColumn:
    """A column that looks as if it named groups.

    Attributes
    ----------
    name : hashable
    values, rows : int
        How many groups, and rows that have one.
    same, anyhow : float
        How often two different rows of one group, and any two, have the same label.
    by : {"name", "attributes", "labels"}
        What tells of groups.
    alike : bool
        Whether labels agree within groups as they hardly do by chance.
    """

    name: Hashable
    values: int
    rows: int
    same: float
    anyhow: float
    by: Literal["name", "attributes", "labels"]
    alike: bool


def group_column(evidence: Evidence) -> GroupColumn | None:
    """Return the likeliest of the columns that look as if they named groups: one in which labels agree, if there is one."""
    search = _Search(evidence)
    found: list[GroupColumn] = []
    for name in search.names:
        if (groups := search.groups(name, beside=bool(found))) is not None:
            found.append(groups)
    # of patients and visits patients are named, who have the rows of all their visits
    return min(found, key=lambda each: (not each.alike, each.by != "name", each.values), default=None)


class _Search:
    """The columns that may name groups, those whose name says so first."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence, self._columns = evidence, evidence.parts.features.columns

    @property
    def names(self) -> list[Hashable]:
        columns = self._columns
        may_be = {*columns.of_kind("repeated id"), *columns.whole, *columns.categorical}
        return sorted(
            (name for name in columns.kinds if name in may_be), key=lambda name: not self._named(name)
        )

    def _named(self, name: Hashable) -> bool:
        telling = (
            is_id_name(name) or _GROUP_NAME.search(str(name)) or self._columns.kinds[name] == "repeated id"
        )
        return bool(telling)

    def groups(self, name: Hashable, *, beside: bool) -> GroupColumn | None:
        """Return a column's groups; beside others only if labels agree within them."""
        if self._most_values(name) < self._fewest(name):
            return None
        named = self._named(name)
        try:
            if beside and not named and self._sampled_alike(name) < _ALIKE["attributes"] / 2:
                return None
            groups, values = self._factorized(name)
        except TypeError:  # cells that cannot be compared name nothing
            return None
        rows_a_group = _ROWS_A_GROUP if named else _TWICE
        filled = int((groups >= 0).sum())
        if len(values) < self._fewest(name) or filled < rows_a_group * len(values):
            return None
        at = self._different_rows(groups)
        if len(at) < rows_a_group * len(values):  # copies of rows make no groups
            return None
        of, codes = groups[at], self._evidence.codes[at]
        same, anyhow = same_label_pairs(of, codes)
        alike = _beyond(same, anyhow)
        surely = alike >= _ALIKE["name"] and chance_of_pairs(of, codes == self._evidence.focus) < _NO_CHANCE
        by = self._told_by(
            name, at, of, values, wanted=not beside or (surely and alike >= _ALIKE["attributes"])
        )
        surely &= alike >= _ALIKE[by]
        if by == "labels" and not (surely and not self._is_graded(name, at, same, anyhow)):
            return None
        return GroupColumn(name, len(values), filled, same, anyhow, by, surely)

    def _fewest(self, name: Hashable) -> float:
        # "device" may be a category, and "session number" a count
        return (
            _FEWEST_GROUPS
            if is_id_name(name)
            else max(_FEWEST_GROUPS, _MANY_GROUPS * len(self._evidence.codes))
        )

    def _sampled_alike(self, name: Hashable) -> float:
        """Return how far labels agree within the values of a column of a large frame, on the sampled rows."""
        at = self._evidence.sample
        if len(at) == len(self._evidence.codes):
            return 1.0
        groups = pd.factorize(self._evidence.column(name, at))[0]
        return _beyond(*same_label_pairs(groups[groups >= 0], self._evidence.codes[at[groups >= 0]]))

    def _most_values(self, name: Hashable) -> float:
        """Return how many values a column has at most."""
        if name in self._kept_values:
            return len(self._kept_values[name])
        if name in self._columns.levels:
            return self._columns.levels[name]
        cells = self._evidence.numbers(name, np.arange(len(self._evidence.codes)))
        return float(np.fmax.reduce(cells) - np.fmin.reduce(cells)) + 1

    def _factorized(self, name: Hashable) -> tuple[Codes, Any]:
        if name in self._kept_values:
            return self._kept_codes[:, self._place[name]].astype(np.intp), self._kept_values[name]
        return pd.factorize(self._evidence.column(name))

    def _different_rows(self, groups: Codes) -> NDArray[np.intp]:
        """Return where the different rows of groups stand, each once."""
        evidence = self._evidence
        at = np.flatnonzero(groups >= 0)
        if self._all_differ:
            return at
        n_kinds, n_classes = int(evidence.kinds.max()) + 1, len(evidence.classes)
        rows = (groups[at] * n_kinds + evidence.kinds[at]) * n_classes + evidence.codes[at]
        return at[~pd.Series(rows).duplicated().to_numpy()]

    @cached_property
    def _all_differ(self) -> bool:
        return int(self._evidence.kinds.max()) + 1 == len(self._evidence.kinds)

    # ------------------------------------------------------------ what stays the same within groups

    def _told_by(
        self, name: Hashable, at: NDArray[np.intp], of: Codes, values: Any, *, wanted: bool
    ) -> Literal["name", "attributes", "labels"]:
        if self._named(name) and not (name in self._columns.numeric and _COUNT_NAME.search(str(name))):
            return "name"
        return "attributes" if wanted and self._has_attributes(name, at, of, values) else "labels"

    def _has_attributes(self, name: Hashable, at: NDArray[np.intp], of: Codes, values: Any) -> bool:
        """Whether features stay the same within groups, though two rows hardly agree in them by chance."""
        rows = np.bincount(of, minlength=len(values))
        several = np.flatnonzero(rows > 1)
        # by their names, so that the same ones are taken in whatever order rows come
        drawn = pd.util.hash_array(
            np.asarray(values, dtype=object if values.dtype == object else None)[several]
        )
        several = several[np.argsort(drawn, kind="stable")][:_LOOKED]
        by_group, ends = np.argsort(of, kind="stable"), np.cumsum(rows)
        first = several[: max(2, int((np.cumsum(rows[several]) <= _FIRST_ROWS).sum()))]
        others = list(self._columns.used)
        for some, least in ((first, 0.5), (several, _CONSTANT)):
            looked = at[np.concatenate([by_group[ends[each] - rows[each] : ends[each]] for each in some])]
            cells, starts = self._cells(looked, others), np.cumsum(rows[some]) - rows[some]
            alike = np.logical_and.reduceat(cells == cells[np.repeat(starts, rows[some])], starts, axis=0)
            kept = np.flatnonzero(alike.mean(axis=0) >= least)
            others = [others[place] for place in kept]
            if len(others) < _ATTRIBUTES:
                return False
        told = [
            other != name and not self._says_a_number_again(name, other, looked[starts]) for other in others
        ]
        vary = [_agreement(cells[:, place]) <= _AGREE for place in kept]
        return sum(np.logical_and(told, vary)) >= _ATTRIBUTES

    def _says_a_number_again(self, name: Hashable, other: Hashable, at: NDArray[np.intp]) -> bool:
        """Whether a column only says a number again, in other units or in ranges: it does not tell of groups."""
        if name not in self._columns.numeric:
            return False
        at = at[np.argsort(self._evidence.numbers(name, at), kind="stable")]
        if other in self._columns.numeric:
            steps = np.diff(self._evidence.numbers(other, at))
            return bool(max(np.mean(steps >= 0), np.mean(steps <= 0)) >= _ONE_WAY)
        ranges = self._cells(at, [other])[:, 0]
        return bool((ranges[1:] != ranges[:-1]).sum() < len(np.unique(ranges)) <= len(ranges) / 2)

    def _is_graded(self, name: Hashable, at: NDArray[np.intp], same: float, anyhow: float) -> bool:
        """Whether labels agree as well between neighbouring numbers: along a quantity, not within groups."""
        if name not in self._columns.numeric:
            return False
        n_classes = len(self._evidence.classes)
        values = pd.factorize(self._evidence.numbers(name, at), sort=True)[0]
        table = np.bincount(
            values * n_classes + self._evidence.codes[at], minlength=(values.max() + 1) * n_classes
        )
        table = table.reshape(-1, n_classes).astype(np.float64)
        rows = table.sum(axis=1)
        beside = float((table[1:] * table[:-1]).sum() / (rows[1:] * rows[:-1]).sum())
        return beside - anyhow >= (same - anyhow) / 2

    # ------------------------------------------------------------ cells as codes

    def _cells(self, at: NDArray[np.intp], names: Sequence[Hashable]) -> NDArray[np.int32]:
        """Return rows of features as whole numbers that are equal where cells are, shape (n_rows, n_names)."""
        if self._kept_values:
            rows: NDArray[np.int32] = self._kept_codes.take(at, axis=0)
            return rows if len(names) == len(self._place) else rows[:, [self._place[name] for name in names]]
        cells = [pd.factorize(self._evidence.column(name, at))[0] for name in names]
        return np.column_stack(cells).astype(np.int32)

    @cached_property
    def _place(self) -> dict[Hashable, int]:
        return {name: place for place, name in enumerate(self._columns.used)}

    @property
    def _kept_codes(self) -> NDArray[np.int32]:
        return self._kept[0]

    @property
    def _kept_values(self) -> dict[Hashable, Any]:
        return self._kept[1]

    @cached_property
    def _kept(self) -> tuple[NDArray[np.int32], dict[Hashable, Any]]:
        """Return the codes and the different values of all features, of a frame that is not large."""
        used, n = self._columns.used, len(self._evidence.codes)
        if n * len(used) > _KEPT_CELLS:
            return np.empty((0, 0), dtype=np.int32), {}
        found = [pd.factorize(self._evidence.column(name)) for name in used]
        codes = np.empty((n, len(used)), dtype=np.int32)
        for place, (column, _) in enumerate(found):
            codes[:, place] = column
        return codes, {name: values for name, (_, values) in zip(used, found, strict=True)}


def _agreement(cells: NDArray[np.int32]) -> float:
    """Return how often two rows agree."""
    rows = np.unique(cells, return_counts=True)[1]
    return float(np.square(rows / len(cells)).sum())


def _beyond(same: float, anyhow: float) -> float:
    """Return how far labels agree within groups, from 0 as anyhow to 1 always."""
    return (same - anyhow) / (1 - anyhow) if anyhow < 1 else 0.0
