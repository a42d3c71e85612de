"""Rows that belong together, or follow each other in time, while the split takes them as independent."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.date_text import BIRTH
from imbalance_accessor.data.ids import is_id_name
from imbalance_accessor.findings import Severity
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence, share_text
from imbalance_accessor.leakage.statistics import drift, same_label_pairs

#: Names of what has many rows of its own.
_WHO = (
    "patient|customer|user|subject|client|account|person|household|family|student|session|device|machine|merchant|"
    "employee|driver|vehicle|sensor|donor|member"
)
_GROUP_NAME = re.compile(
    rf"^({_WHO})[_ ]?(no|nr|num|number|nummer|code|name|ref)?$|^(e?_?mail|mrn|ssn|iban|phone)$", re.IGNORECASE
)
_COUNT_NAME = re.compile(r"(num|number|nummer)$", re.IGNORECASE)
#: Fewest groups, and rows per group on average, where a column may name groups.
_FEWEST_GROUPS, _ROWS_A_GROUP = 20, 1.25
#: The same without a telling name: different values per row, and rows per value.
_MANY_GROUPS, _TWICE = 0.02, 2.0
#: Columns that must stay the same within groups, in what share of them, and how often two rows agree by chance at most.
_ATTRIBUTES, _CONSTANT, _AGREE = 2, 0.95, 0.5
#: Groups that are looked into.
_LOOKED = 2_000
#: How much more often rows of a group share a label than any two rows, to be a warning.
_ALIKE = 0.05

_TIME_NAME = re.compile(r"(^|_|\b)(time|timestamp|datetime|date|year|epoch|ts)$|_at$", re.IGNORECASE)
#: Chance of a drift, and how many times its smallest share the largest is.
_NO_CHANCE, _DRIFTS = 1e-6, 1.5
#: Rank correlation below which a feature is the age of a date: rows were then taken at one time.
_AGE = -0.98


class LikelyGroups(Check):
    """IMB108: an id with many repeated values, while the split takes rows as independent."""

    code, title, severity, cost = "IMB108", "rows that belong together?", "warning", 2

    def _answer(self, evidence: Evidence) -> Answer:
        if evidence.answers["IMB102"].findings:
            return self.clear("not asked of copies")  # copies of one row share every id
        if evidence.ruled:
            return self.clear(f"{evidence.ruled} rules the split")
        for name in sorted(evidence.parts.features.X.columns, key=lambda each: not _is_named(each)):
            groups = _as_groups(evidence, name)
            if groups is not None:
                return self._grouped(evidence, name, groups)
        return self.clear("no id with repeated values")

    def _grouped(self, evidence: Evidence, name: Hashable, groups: NDArray[np.intp]) -> Answer:
        here = groups >= 0
        same, anyhow = same_label_pairs(groups[here], evidence.codes[here])
        n_groups, rows = int(groups.max()) + 1, int(here.sum())
        saw = f"{name!r} has {n_groups:,} values on {rows:,} rows"
        sentence = (
            f"{saw}, like a group column: two rows of one value have the same label in {share_text(same)} of the pairs, any "
            f"two rows in {share_text(anyhow)}, and the split puts rows of one value on both sides."
        )
        line = f"df.imb.fit_eval({evidence.target_typed}, groups={name!r})"
        cure = f"If new rows bring new values of it, keep each on one side: {line}."
        severity: Severity = "warning" if same - anyhow >= _ALIKE else "note"
        return self.found(
            saw, sentence, cure, rows=rows, share=n_groups / rows, columns=(name,), severity=severity
        )


def _is_named(name: Hashable) -> bool:
    return bool(is_id_name(name) or _GROUP_NAME.search(str(name)))


def _as_groups(evidence: Evidence, name: Hashable) -> NDArray[np.intp] | None:
    """Return each row's group, where a column looks as if it named groups."""
    features = evidence.parts.features
    named = _is_named(name)
    if name in features.columns.numeric and name not in features.columns.whole:
        return None
    if features.columns.kinds[name] == "date" or not (
        named or name in (*features.columns.whole, *features.columns.categorical)
    ):
        return None
    try:
        groups, values = pd.factorize(evidence.column(name))
    except TypeError:  # cells that cannot be compared name nothing
        return None
    n, filled = len(groups), int((groups >= 0).sum())
    # "device" may be a category, and "session number" a count
    fewest = _FEWEST_GROUPS if is_id_name(name) else max(_FEWEST_GROUPS, _MANY_GROUPS * n)
    if len(values) < fewest or filled < (_ROWS_A_GROUP if named else _TWICE) * len(values):
        return None
    if named and not (name in features.columns.numeric and _COUNT_NAME.search(str(name))):
        return groups
    return groups if _attributes(evidence, name, groups) >= _ATTRIBUTES else None


def _attributes(evidence: Evidence, name: Hashable, groups: NDArray[np.intp]) -> int:
    """Count the features that stay the same within groups, though two rows hardly agree in them by chance."""
    rows = np.bincount(groups[groups >= 0])
    several = np.flatnonzero(rows > 1)
    picked = np.random.default_rng(0).permutation(several)[:_LOOKED]
    at = np.flatnonzero(np.isin(groups, picked))
    of = groups[at]
    count = 0
    for other in evidence.parts.features.columns.used:
        if other == name:
            continue
        cells = pd.Series(pd.factorize(evidence.column(other, at), use_na_sentinel=False)[0])
        shares = cells.value_counts(normalize=True).to_numpy()
        by_group = cells.groupby(of)
        constant = (by_group.min() == by_group.max()).mean()
        count += bool(constant >= _CONSTANT and np.square(shares).sum() <= _AGREE)
    return count


class LikelyTime(Check):
    """IMB109: a column in the order of time along which the classes drift, while the split shuffles rows."""

    code, title, severity, cost = "IMB109", "classes that drift in time?", "warning", 2

    def _answer(self, evidence: Evidence) -> Answer:
        if evidence.ruled:
            return self.clear(f"{evidence.ruled} rules the split")
        looked = []
        for name in evidence.parts.features.X.columns:
            order = _as_time(evidence, name)
            if order is None:
                continue
            looked.append(name)
            check = self._drifting(evidence, name, order)
            if check is not None:
                return check
        if looked:
            return self.clear(f"no drift along {looked[0]!r}", columns=tuple(looked))
        return self.clear("no column in the order of time")

    def _drifting(self, evidence: Evidence, name: Hashable, order: NDArray[np.float64]) -> Answer | None:
        known = ~np.isnan(order)
        y = evidence.codes[evidence.sample] == evidence.focus
        if known.sum() < 100 or not y[known].any() or y[known].all():
            return None
        found = drift(order[known], y[known])
        # the sample holds the rare class more often than the frame does: back to the frame's shares
        rare_rows = evidence.rows[evidence.focus]
        rare, rest = rare_rows / y.sum(), (len(evidence.codes) - rare_rows) / (~y).sum()
        shares = found.shares * rare / (found.shares * rare + (1 - found.shares) * rest)
        low, high = float(shares.min()), float(shares.max())
        if found.p >= _NO_CHANCE or high < _DRIFTS * low or _is_an_age(evidence, order):
            return None
        label = evidence.classes[evidence.focus]
        saw = f"{label!r} drifts along {name!r}: {share_text(low)} to {share_text(high)}"
        sentence = (
            f"The share of {label!r} drifts along {name!r}, between {share_text(low)} and {share_text(high)} in tenths of the "
            f"rows ({share_text(float(shares[0]))} in the first, {share_text(float(shares[-1]))} in the last), and the split "
            "mixes early and late rows."
        )
        line = f"df.imb.fit_eval({evidence.target_typed}, time={name!r})"
        where = "" if known.all() else ", where every row has one"
        cure = f"If it says when a row was recorded, and rows to be scored come later, judge on later rows{where}: {line}."
        return self.found(saw, sentence, cure, rows=int(known.sum()), share=high, columns=(name,))


def _as_time(evidence: Evidence, name: Hashable) -> NDArray[np.float64] | None:
    """Return the sampled rows' times as numbers, nan where missing; None of columns that are no times."""
    features = evidence.parts.features
    if BIRTH.search(str(name)) or name in (features.groups, features.time):
        return None
    if features.columns.kinds[name] == "date":
        return _seconds(evidence.column(name, evidence.sample))
    whole = name in features.columns.whole or name in evidence.ids
    return evidence.numbers(name, evidence.sample) if whole and _TIME_NAME.search(str(name)) else None


def _seconds(cells: pd.Series) -> NDArray[np.float64] | None:
    """Return dates as numbers in the same order, nan where missing, however far away they are; None for other cells."""
    missing = cells.isna().to_numpy()
    if isinstance(cells.dtype, pd.PeriodDtype):
        numbers = cells.astype("int64").to_numpy(dtype=np.float64)
    elif isinstance(cells.dtype, np.dtype | pd.DatetimeTZDtype) and cells.dtype.kind == "M":
        plain = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        numbers = plain.to_numpy().astype("datetime64[s]").astype(np.float64)
    else:
        filled = cells[~missing]
        if not all(isinstance(cell, date) for cell in filled):
            return None
        numbers = np.full(len(cells), np.nan)
        numbers[~missing] = [_days(cell) for cell in filled]
    return np.where(missing, np.nan, numbers)


def _days(cell: date) -> float:
    if not isinstance(cell, datetime):
        return float(cell.toordinal())
    return cell.toordinal() + (cell.hour * 3600 + cell.minute * 60 + cell.second) / 86_400


def _is_an_age(evidence: Evidence, order: NDArray[np.float64]) -> bool:
    """Whether a feature is the time from this date to one day, so that all rows were taken on that day."""
    dates = pd.Series(order)
    return any(
        dates.corr(pd.Series(evidence.numbers(name, evidence.sample)), method="spearman") <= _AGE
        for name in evidence.parts.features.columns.numeric
    )
