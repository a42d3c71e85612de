"""Rows that belong together, or follow each other in time, while the split takes them as independent."""

from __future__ import annotations

import re
from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.date_text import BIRTH
from imbalance_accessor.data.row_hashes import row_hashes
from imbalance_accessor.findings import Severity
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence, as_seconds, share_text
from imbalance_accessor.leakage.fixes import ruled_by
from imbalance_accessor.leakage.group_columns import GroupColumn, group_column
from imbalance_accessor.leakage.statistics import drift

#: Names of points in time; and of such or of durations (a lead time, a runtime), where the values must tell.
_TIME_NAME = re.compile(r"^(time|timestamp|datetime|date|epoch|ts)$", re.IGNORECASE)
_TIME_OR_DURATION = re.compile(
    r"(^|_|\b)(time|timestamp|datetime|date|year|epoch|ts)$|_at$|(?-i:[a-z](Time|Timestamp|Date|Year|At)$)",
    re.IGNORECASE,
)
#: Years, alone and with a month; and seconds since 1970 (1980 to 2100), which are also counted in thousands.
_YEARS, _SECONDS, _COUNTED = (1900, 2100), (3.1e8, 4.2e9), (1, 1e3, 1e6, 1e9)
#: Chance of a drift or of labels that agree, and how many times its smallest share the largest is.
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
        groups = group_column(evidence)
        if groups is None and evidence.is_of_table:
            return self.cannot_tell("rows of one value are seldom drawn together")
        return self.clear("no id with repeated values") if groups is None else self._grouped(evidence, groups)

    def _grouped(self, evidence: Evidence, groups: GroupColumn) -> Answer:
        saw = f"{groups.name!r} has {groups.values:,} values on {groups.rows:,} rows"
        sentence = f"{saw}, and the split puts rows of one value on both sides."
        if groups.alike:
            sentence += (
                f" Two rows of one value have the same label in {share_text(groups.same)} of the pairs, any two rows in "
                f"{share_text(groups.anyhow)}."
            )
        fix = ruled_by(evidence, "groups", groups.name)
        cure = "If new rows bring new values, keep each value on one side"
        cure += (
            f", with groups={groups.name!r}." if fix else "; here too few groups hold each class for that."
        )
        severity: Severity = "warning" if groups.alike else "note"
        share = groups.values / groups.rows
        return self.found(
            saw,
            sentence,
            cure,
            rows=groups.rows,
            share=share,
            columns=(groups.name,),
            severity=severity,
            fix=fix,
        )


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
        at, order = evidence.sample[known], order[known]
        y = evidence.codes[at] == evidence.focus
        if len(at) < 100 or not y.any() or y.all():
            return None
        found = drift(order, y)
        # the sample holds the rare class more often than the frame, or the table, does: back to its shares
        rows, sampled = evidence.rows * evidence.stands_for, evidence.codes[evidence.sample] == evidence.focus
        rare_rows = rows[evidence.focus]
        rare, rest = rare_rows / sampled.sum(), (rows.sum() - rare_rows) / (~sampled).sum()
        shares = found.shares * rare / (found.shares * rare + (1 - found.shares) * rest)
        low, high = float(shares.min()), float(shares.max())
        if found.p >= _NO_CHANCE or high < _DRIFTS * low:
            return None
        if drift(order, y, kinds=_rows_beside(evidence, name, at)).p >= _NO_CHANCE or _is_an_age(
            evidence, at, order
        ):
            return None
        label = evidence.classes[evidence.focus]
        saw = f"{label!r} drifts along {name!r}: {share_text(low)} to {share_text(high)}"
        sentence = (
            f"The share of {label!r} drifts along {name!r}, between {share_text(low)} and {share_text(high)} in tenths of the "
            f"rows. It is {share_text(float(shares[0]))} in the first, {share_text(float(shares[-1]))} in the last, "
            "and the split mixes early and late rows."
        )
        fix = ruled_by(evidence, "time", name)
        cure = "If it says when a row was recorded, and rows to be scored come later, test on later rows"
        cure += f", with time={name!r}." if fix else "."
        return self.found(saw, sentence, cure, rows=int(known.sum()), share=high, columns=(name,), fix=fix)


def _rows_beside(evidence: Evidence, name: Hashable, at: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the place of each of some rows among the different rows of the other columns."""
    others = [each for each in evidence.compared if each != name]
    if len(others) == len(evidence.compared):
        return evidence.kinds[at]
    rows = pd.DataFrame({place: evidence.column(other, at) for place, other in enumerate(others)})
    return np.asarray(pd.factorize(row_hashes(rows, list(rows.columns)))[0], dtype=np.intp)


def _as_time(evidence: Evidence, name: Hashable) -> NDArray[np.float64] | None:
    """Return the sampled rows' times as numbers, nan where missing; None of columns that are no times."""
    columns = evidence.parts.features.columns
    if BIRTH.search(str(name)) or columns.kinds[name] in ("groups", "time", "weights"):
        return None
    if columns.kinds[name] == "date":
        return as_seconds(evidence.column(name, evidence.sample))
    if name not in (*columns.whole, *evidence.ids) or not _TIME_OR_DURATION.search(str(name)):
        return None
    numbers = evidence.numbers(name, evidence.sample)
    return numbers if _TIME_NAME.search(str(name)) or _are_times(numbers) else None


def _are_times(numbers: NDArray[np.float64]) -> bool:
    """Whether whole numbers can be years, months of years, or seconds since 1970."""
    known = numbers[~np.isnan(numbers)]
    low, high = known.min(), known.max()
    years = [_YEARS[0] <= low and high <= _YEARS[1]]
    years += [
        _YEARS[0] <= low // 100
        and high // 100 <= _YEARS[1]
        and bool(np.isin(known % 100, np.arange(1, 13)).all())
    ]
    return any(years) or any(_SECONDS[0] <= low / each and high / each <= _SECONDS[1] for each in _COUNTED)


def _is_an_age(evidence: Evidence, at: NDArray[np.intp], order: NDArray[np.float64]) -> bool:
    """Whether a feature is the time from this date to one day, so that all rows were taken on that day."""
    dates = pd.Series(order).rank()
    numbers = (evidence.numbers(name, at) for name in evidence.parts.features.columns.numeric)
    return any(dates.corr(pd.Series(each).rank()) <= _AGE for each in numbers)
