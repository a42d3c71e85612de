"""Values behind which all rows are of one class: what is written down after the outcome often looks so."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, binom

from imbalance_accessor.errors import counted, one_line
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.column_views import ROWS_OF_A_LEVEL, ColumnLevels
from imbalance_accessor.leakage.evidence import Answer, Evidence, levels_of, share_text
from imbalance_accessor.leakage.fixes import without_columns
from imbalance_accessor.metrics.arrays import Bools, Floats

#: Share of one class that makes a subset pure; share of the rarer class in the rest where a subset is of the commoner one.
_PURE, _REST = 0.99, 0.9
#: How much less is let pass in a sample, before all rows are counted.
_SLACK = 0.03
#: Share of the rarer class that a threshold must set apart: where the class is rare, the other side of any is pure.
_SET_APART = 0.5
#: Chance, over all subsets that were tried, below which purity is no accident.
_NO_ACCIDENT = 1e-4
#: Different whole numbers up to which they may be codes.
_MOST_CODES = 20
#: Share of different rows from which on a row that comes again is a case that was met again.
_RICH = 1 / 3
#: Columns that are named with their rule.
_NAMED = 3


@dataclass(frozen=True)
class Subset:
    """The rows that one rule takes from a column.

    Attributes
    ----------
    rule : str
        What is said of the cell: ``is missing``, ``is not missing``, ``= {}``, ``is not {}``, ``> {}`` or ``<= {}``.
    place : int
        The level whose cell stands in the braces.
    rows, rare : float
        Its rows, and those of the rarer class among them.
    is_threshold : bool
        Whether it is one side of a measured quantity.
    next_share : float
        Of the rarer class in the next best level, at most: levels may go up to a pure one by degrees.
    """

    rule: str
    place: int
    rows: float
    rare: float
    is_threshold: bool = False
    next_share: float = 0.0

    def takes(self, levels: ColumnLevels) -> Bools:
        """Return which rows it takes."""
        missing, at = levels.is_missing[levels.of_row], levels.of_row
        found = {
            "is missing": missing,
            "is not missing": ~missing,
            "= {}": at == self.place,
            "is not {}": ~missing & (at != self.place),
            "> {}": ~missing & (at > self.place),
            "<= {}": at <= self.place,
        }
        return np.asarray(found[self.rule])


def subsets_of(
    levels: ColumnLevels, rows: Floats, rare: Floats, *, by_level: bool, slack: float = 0.0
) -> Iterator[Subset]:
    """Yield the subsets that an owner would ask about.

    Parameters
    ----------
    levels : ColumnLevels
    rows, rare : ndarray of float, shape (n_levels,)
        Rows of each level, and those of the rarer class among them.
    by_level : bool
        Whether each level is a subset: those of an id are not.
    slack : float
        How much less purity of a side of a threshold is let pass.
    """
    n, known = len(levels.cells), slice(0, len(levels.cells))
    if levels.has_missing and n:
        yield Subset("is missing", n, rows[n], rare[n])
        yield Subset("is not missing", n, rows[known].sum(), rare[known].sum())
    has_zeros = levels.is_ordered and n > 1 and levels.cells[0] == 0 and rows[0] >= ROWS_OF_A_LEVEL
    if has_zeros:
        yield Subset("= {}", 0, rows[0], rare[0])
        yield Subset("> {}", 0, rows[1:n].sum(), rare[1:n].sum())
    if by_level and not levels.is_ordered:
        yield from _levels(rows[known], rare[known])
    if levels.is_ordered:
        if by_level and n <= _MOST_CODES:
            yield from _codes(rows[known], rare[known])
        yield from _sides(rows[known], rare[known], _PURE - slack)
    most = int(np.argmax(rows[known])) if n > 1 else 0
    if n > 1 and 2 * rows[most] >= rows.sum() and not (has_zeros and most == 0):
        others, others_rare = rows[known].sum() - rows[most], rare[known].sum() - rare[most]
        yield Subset("is not {}", most, others, others_rare)


def _levels(rows: Floats, rare: Floats) -> Iterator[Subset]:
    """Yield the levels, each with the share of the rarer class that the next best of them may have: Clopper & Pearson."""
    large = np.flatnonzero(rows >= ROWS_OF_A_LEVEL)
    share = rare / np.maximum(rows, 1)
    high = np.asarray(beta.ppf(0.975, rare + 1, np.maximum(rows - rare, 1e-9)))
    for at in large:
        others = high[large][share[large] < min(_PURE, share[at])]
        yield Subset("= {}", int(at), rows[at], rare[at], next_share=float(others.max(initial=0.0)))


def _codes(rows: Floats, rare: Floats) -> Iterator[Subset]:
    """Yield numbers that may be codes: of the rarer class, between numbers of the other one."""
    share = rare / np.maximum(rows, 1)
    for at in range(1, len(rows) - 1):
        if share[at] > _REST and max(share[at - 1], share[at + 1]) < 1 - _REST:
            yield Subset("= {}", at, rows[at], rare[at])


def _sides(rows: Floats, rare: Floats, pure: float) -> Iterator[Subset]:
    """Yield, of both sides of all thresholds that set the rarer class apart, the largest of that class."""
    low, low_rare = np.cumsum(rows)[:-1], np.cumsum(rare)[:-1]
    high, high_rare = rows.sum() - low, rare.sum() - low_rare
    for rule, inside, inside_rare, outside, outside_rare in (
        ("> {}", high, high_rare, low, low_rare),
        ("<= {}", low, low_rare, high, high_rare),
    ):
        both = (inside_rare >= pure * inside) & (outside_rare <= (1 - pure) * outside)
        apart = np.flatnonzero(both & (inside_rare >= _SET_APART * rare.sum()))
        if len(apart):
            at = int(apart[np.argmax((2 * inside_rare - inside)[apart])])
            yield Subset(rule, at, inside[at], inside_rare[at], is_threshold=True)


def is_pure(
    subset: Subset, rows: float, rare: float, *, slack: float = 0.0, unseen: tuple[float, float] = (0.0, 0.0)
) -> bool:
    """Whether a subset is nearly all of the rarer class, or of the commoner one and the rest nearly all of the rarer.

    Parameters
    ----------
    subset : Subset
    rows, rare : float
        Of the whole frame.
    slack : float
        How much less is let pass.
    unseen : (float, float)
        Rows of the rarer class, and of the commoner one, that may hide where none of them was drawn.
    """
    hidden, hidden_common = unseen
    rest, rest_rare = rows - subset.rows, rare - subset.rare
    if min(subset.rows, rest) < ROWS_OF_A_LEVEL:
        return False
    common = subset.rows - subset.rare
    of_common = common >= (_PURE - slack) * (subset.rows + hidden)
    of_common = of_common and rest_rare >= (_REST - slack) * (rest + hidden_common)
    of_rare = subset.rare >= (_PURE - slack) * (subset.rows + hidden_common)
    return of_rare or (of_common and not subset.is_threshold)


def is_no_accident(subset: Subset, rows: float, rare: float, tried: int, *, worth: float = 1.0) -> bool:
    """Whether rows drawn at random, from the frame or from the next best level, hardly hold so many of the rarer class.

    Parameters
    ----------
    subset : Subset
    rows, rare : float
        Of the whole frame.
    tried : int
        Subsets that were looked at: the chance is that of any of them.
    worth : float
        Rows that were drawn for each row of the rarer class.
    """
    if 2 * subset.rare > subset.rows:
        n, hits = subset.rows, subset.rare
    else:
        n, hits = rows - subset.rows, rare - subset.rare
    n, hits = np.floor(worth * n), np.floor(worth * hits)
    drawn, next_level = (float(binom.sf(hits - 1, n, share)) for share in (rare / rows, subset.next_share))
    return tried * drawn < _NO_ACCIDENT and next_level < _NO_ACCIDENT


class PureSubsets(Check):
    """IMB112: a level, zero, missing, or a side of a threshold, whose rows are nearly all of one class."""

    code, title, severity, cost = "IMB112", "a value that gives the class away?", "warning", 3

    def _answer(self, evidence: Evidence) -> Answer:
        named = evidence.named_by("IMB106", "IMB107")
        names = [name for name in evidence.suspects if name not in named]
        stand_for = _stand_for(evidence)
        n_rare = round(stand_for[0] * int(evidence.is_rarer.sum()))
        n_rows = n_rare + round(stand_for[1] * int((~evidence.is_rarer).sum()))
        unseen = _unseen(evidence)
        slack = 0.0 if len(evidence.sample) == len(evidence.codes) else _SLACK
        sampled = {name: _in_sample(evidence, name, slack) for name in names}
        tried = sum(map(len, sampled.values()))
        pure = {}
        for name, subsets in sampled.items():
            if any(is_pure(each, n_rows, n_rare, slack=slack) for each in subsets):
                found = [
                    each
                    for each, rows in _in_all_rows(evidence, name)
                    if is_pure(each, n_rows, n_rare, unseen=unseen)
                    and is_no_accident(each, n_rows, n_rare, tried, worth=1 / stand_for[0])
                    and _different(evidence, rows) >= ROWS_OF_A_LEVEL
                ]
                if found:
                    pure[name] = max(found, key=lambda each: max(each.rare, n_rare - each.rare))
        if not tried and not any(evidence.levels(name).is_ordered for name in names):
            return self.cannot_tell(f"no value with {ROWS_OF_A_LEVEL} rows or more")
        if not pure:
            return self.clear(_looked_at(evidence, names), 0)
        return self._found(evidence, pure, n_rows, n_rare)

    def _found(self, evidence: Evidence, pure: dict[Hashable, Subset], n_rows: int, n_rare: int) -> Answer:
        rarer, _ = evidence.side_labels
        order = sorted(pure, key=lambda name: -pure[name].rows)
        said = [_said(evidence, name, pure[name], n_rows, n_rare) for name in order[:_NAMED]]
        more = len(order) - _NAMED
        also = f" So it is with {counted(more, 'more column')}." if more > 0 else ""
        of = ", as far as rows were drawn" if evidence.is_of_table else ""
        sentence = (
            f"{' '.join(said)}{also} Of all {n_rows:,} rows {share_text(n_rare / n_rows)} are {rarer}{of}."
        )
        cure = f"Known before the outcome? If not, leave {'it' if len(order) == 1 else 'them'} out."
        rows, fix = int(pure[order[0]].rows), without_columns(evidence, order)
        return self.found(
            said[0][:-1], sentence, cure, rows=rows, share=rows / n_rows, columns=tuple(order), fix=fix
        )


def _looked_at(evidence: Evidence, names: list[Hashable]) -> str:
    """Say what was looked at, and of which class."""
    rest = "the other " if len(names) < len(evidence.suspects) else ""
    of_class = f", for class {evidence.classes[evidence.focus]!r}" if len(evidence.classes) > 2 else ""
    return f"no value and no threshold of {rest}{counted(len(names), 'column')}{of_class}"


def _stand_for(evidence: Evidence) -> tuple[float, float]:
    """Return how many rows of the table each row of the rarer class, and each of the commoner one, stands for."""
    each, rarer = evidence.stands_for[evidence.codes], evidence.is_rarer
    return float(each[rarer].mean()), float(each[~rarer].mean())


def _unseen(evidence: Evidence) -> tuple[float, float]:
    """Return how many rows of the rarer class, and of the commoner one, may hide where none of them was drawn.

    Of m rows of which one in f was drawn none is seen with a chance of exp(−m / f).
    """
    each, rarer = evidence.stands_for[evidence.codes] - 1, evidence.is_rarer
    none = -float(np.log(_NO_ACCIDENT))
    return none * float(each[rarer].max()), none * float(each[~rarer].max())


def _in_sample(evidence: Evidence, name: Hashable, slack: float) -> list[Subset]:
    """Return the subsets of a column, their rows estimated from the sampled ones."""
    rarer, every = evidence.is_rarer[evidence.sample], evidence.is_rarer
    rare, common = _stand_for(evidence)
    stand_for = (rare * every.sum() / rarer.sum(), common * (~every).sum() / (~rarer).sum())
    by_level = not evidence.names_things(name)
    return list(_counted(evidence.levels(name), rarer, stand_for, by_level=by_level, slack=slack))


def _in_all_rows(evidence: Evidence, name: Hashable) -> Iterator[tuple[Subset, Bools]]:
    """Yield the subsets of a column, with the rows that they take."""
    levels = levels_of(evidence.column(name), numbers=evidence.is_number(name))
    by_level = not evidence.names_things(name)
    for subset in _counted(levels, evidence.is_rarer, _stand_for(evidence), by_level=by_level):
        yield subset, subset.takes(levels)


def _counted(
    levels: ColumnLevels,
    rarer: Bools,
    stand_for: tuple[float, float] = (1.0, 1.0),
    *,
    by_level: bool,
    slack: float = 0.0,
) -> Iterator[Subset]:
    """Yield the subsets of some rows, of which each stands for so many of the rarer class, or of the other one."""
    hits = np.bincount(levels.of_row[rarer], minlength=len(levels.rows))
    rare = np.asarray(hits * stand_for[0], dtype=np.float64)
    rows = np.asarray(rare + (levels.rows - hits) * stand_for[1], dtype=np.float64)
    return subsets_of(levels, rows, rare, by_level=by_level, slack=slack)


def _different(evidence: Evidence, rows: Bools) -> int:
    """Return how many different rows there are, of the class that they are of; where most rows come again, all count."""
    rich = len(np.unique(evidence.kinds)) >= _RICH * len(rows)
    of_one = rows & (evidence.is_rarer == (2 * evidence.is_rarer[rows].sum() > rows.sum()))
    return len(np.unique(evidence.kinds[of_one])) if rich else int(rows.sum())


def _said(evidence: Evidence, name: Hashable, subset: Subset, n_rows: int, n_rare: int) -> str:
    """Say a rule, its rows and their class."""
    cell = subset.rule.format(_cell(evidence, name, subset)) if "{}" in subset.rule else subset.rule
    rows, rare = int(subset.rows), int(subset.rare)
    rarer, commoner = evidence.side_labels
    if 2 * rare > rows:
        count = f"All {rows:,}" if rare == rows else f"{rare:,} of {rows:,}"
        return f"{count} rows where {name!r} {cell} are {rarer}."
    common, rest, rest_rare = rows - rare, n_rows - rows, n_rare - rare
    count = f"All {rows:,}" if common == rows else f"{common:,} of {rows:,}"
    others = f"all {rest:,}" if rest_rare == rest else f"{rest_rare:,} of {rest:,}"
    return f"{count} rows where {name!r} {cell} are {commoner}, and {others} others are {rarer}."


def _cell(evidence: Evidence, name: Hashable, subset: Subset) -> str:
    """Write the cell of a level, as it stands in the frame."""
    column = evidence.column(name)
    levels = levels_of(column, numbers=evidence.is_number(name))
    cell = column.iloc[int(np.argmax(levels.of_row == subset.place))]
    if isinstance(cell, str):
        return one_line(cell)
    is_whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if is_whole else cell)[:60].removesuffix(" 00:00:00")
