"""Rows that lie exactly between two others: a frame that SMOTE, or one of its kin, grew before it came here."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.stats import binom
from sklearn.neighbors import NearestNeighbors

from imbalance_accessor.data.row_hashes import row_hashes
from imbalance_accessor.evaluation.parallel import in_threads
from imbalance_accessor.leakage.check import Check
from imbalance_accessor.leakage.evidence import Answer, Evidence
from imbalance_accessor.leakage.straight_lines import Lines, unexplained
from imbalance_accessor.metrics.arrays import Bools, Codes, Floats

#: Rows of a class that neighbours are searched among; classes that are looked at; rows that steps are read from.
_MOST_ROWS, _MOST_CLASSES, _READ = 100_000, 10, 5_000
#: Share of missing cells up to which a column is looked at; rows with one are left out.
_MISSING = 0.05
#: Values whose squares overflow are no measurements.
_HUGE = 1e150

_CURE = (
    "Start from the frame as it was recorded: strategies=['smote'] resamples inside each training fold; for series keep each "
    "on one side with groups=."
)


class Interpolated(Check):
    """IMB103: rows of a class lie exactly between two of their near neighbours."""

    code, title, severity, cost = "IMB103", "oversampled by interpolation?", "error", 3
    by_itself = True

    def _answer(self, evidence: Evidence) -> Answer:
        names = _filled(evidence)
        if len(names) < FEWEST_COLUMNS:
            count = f"{len(names) or 'no'} complete numeric column{'' if len(names) == 1 else 's'}"
            return self.cannot_tell(f"{count}: three are needed")
        rows, tolerance = _by_class(evidence, names)
        if len(rows) < 2:
            return self.cannot_tell("no complete rows of two classes")
        # the largest class, which comes first, is hardly ever the one that was grown
        quick = {code: _QUICK if place else 0 for place, code in enumerate(rows)}
        codes, n = list(rows), len(evidence.codes)
        looked = in_threads(lambda code: between(rows[code], tolerance, quick=quick[code]), codes, rows=n)
        found = dict(zip(codes, looked, strict=True))
        # whoever was grown, the class that nobody grew has fewest rows on lines
        held_against = [code for code in found if found[code].evaluated >= FEWEST_ROWS] or list(found)
        other = min(held_against, key=lambda code: (found[code].share, -evidence.rows[code]))
        suspects = {code: alarm(each, found[other]) for code, each in found.items() if code != other}
        for code in [
            code for code, raised in suspects.items() if not raised and found[code].is_open(len(rows[code]))
        ]:
            found[code] = between(rows[code], tolerance, quick=_OPEN * _QUICK)
            suspects[code] = alarm(found[code], found[other])
        by_rule = False
        for code in [code for code, raised in suspects.items() if raised]:
            found[code] = found[code].of_lines(
                unexplained(found[code].lines, rows[code], list(rows.values()), tolerance)
            )
            suspects[code] = alarm(found[code], found[other]) or None
            by_rule |= not suspects[code]
        grown = [code for code, raised in suspects.items() if raised]
        if grown:
            return self._grown(evidence, found, max(grown, key=lambda code: found[code].share), other)
        if by_rule:
            return self.cannot_tell("rows lie on straight lines by themselves: series, or computed columns")
        if None in suspects.values() or not suspects:
            return self.cannot_tell("values are too rounded, tied or few")
        if not evidence.small_are_whole:
            return self.cannot_tell("rows are seldom drawn together with those that they were made of")
        evaluated = sum(found[code].evaluated for code in suspects)
        hits = sum(found[code].hits for code in suspects)
        return self.clear(
            f"{hits} of {evaluated} sampled rows {'lies' if hits == 1 else 'lie'} between two others",
            hits,
            hits / evaluated,
        )

    def _grown(self, evidence: Evidence, found: dict[int, Between], code: int, other: int) -> Answer:
        label, each, rest = evidence.classes[code], found[code], found[other]
        lie = "lies" if each.hits == 1 else "lie"
        saw = f"{each.hits} of {each.evaluated} sampled rows of class {label!r} {lie} exactly between two others"
        beside = f"{rest.hits} of {rest.evaluated}" if rest.evaluated else "none"
        sentence = (
            f"{saw} of their class ({beside} of class {evidence.classes[other]!r}): "
            "SMOTE or the like added rows before, or series run straight."
        )
        return self.found(saw, sentence, _CURE, rows=each.hits, share=each.share)


def _filled(evidence: Evidence) -> list[Hashable]:
    """Return the numeric columns with hardly a missing cell: a sampler leaves none."""
    names = evidence.parts.features.columns.numeric
    both = (evidence.parts.train.X, evidence.parts.test.X)
    missing = {name: sum(int(X[name].isna().sum()) for X in both) for name in names}
    return [name for name, cells in missing.items() if cells / len(evidence.codes) <= _MISSING]


def _by_class(evidence: Evidence, names: list[Hashable]) -> tuple[dict[int, Floats], Floats]:
    """Return the rows of the largest class and of the smaller ones, and each column's tolerance."""
    order = np.argsort(-evidence.rows, kind="stable")
    looked = [code for code in (*order[:1], *order[1:][-(_MOST_CLASSES - 1) :]) if evidence.rows[code]]
    found = {int(code): _values(evidence, names, int(code)) for code in looked}
    values = {code: rows for code, rows in found.items() if len(rows)}
    if not values:
        return {}, np.zeros(len(names))
    each = max(_READ // len(values), 1)
    return values, tolerances(np.concatenate([rows[:each] for rows in values.values()]))


def _values(evidence: Evidence, names: list[Hashable], code: int) -> Floats:
    """Return the different complete rows of a class, in an order that hangs on their cells alone."""
    at = np.flatnonzero(evidence.codes == code)
    if len(at) > _MOST_ROWS:
        at = at[np.argpartition(evidence.draws[at], _MOST_ROWS)[:_MOST_ROWS]]
    columns = np.array([evidence.numbers(name, at) for name in names])
    complete = columns[:, (np.abs(columns) < _HUGE).all(axis=0)].T
    hashes = row_hashes(pd.DataFrame(complete, copy=False), range(len(names)))
    _, once = np.unique(hashes, return_index=True)
    return np.ascontiguousarray(complete[once])


#: Rows of a class that are looked at closely, and near neighbours of each.
SAMPLED_PER_CLASS, NEIGHBOURS = 300, 30
#: Distances, and cells of neighbours, up to which more rows of a class are searched for lines.
_QUICK = 6_000_000
#: How many times as far a class is searched that has some hits, but not enough.
_OPEN = 6
#: Cells of neighbours that are held at a time; columns that show how finely rows are resolved.
_AT_A_TIME, _RESOLVING = 500_000, 64
#: Tolerances from a line up to which a row misses it, and the most rows of those that chance puts on it.
NEAR, ON_OF_NEAR = 4.0, 0.25
#: A pair of neighbours counts only where chance puts a row between them less often than this.
_CHANCE = 1e-7
#: A column resolves a pair where its ends are this many tolerances apart.
_RESOLVED = 20.0
#: Columns that must resolve a pair.
FEWEST_COLUMNS = 3
#: Rows with pairs to judge by, below which nothing can be told.
FEWEST_ROWS = 5
#: The chance of an alarm on rows that are real.
ALARM = 1e-6
#: Decimal places up to which a column is taken for rounded.
_DECIMALS = 7
#: Numbers nearer to 0 than this have no digits to be looked at.
_NEAR_ZERO = 1e-290


@dataclass(frozen=True)
class Between:
    """How many rows of a class lie exactly between two of their near neighbours.

    Attributes
    ----------
    hits : int
        Rows that do.
    evaluated : int
        Rows that have neighbours fine enough to judge by.
    sampled : int
        Rows looked at.
    pairs : float
        Mean pairs of neighbours that an evaluated row was held against.
    near : int
        Rows that miss such a line by one to four tolerances.
    lines : ndarray of int, shape (n_lines, 3)
        Places of a hit and of the two rows it lies between; several a hit.
    """

    hits: int
    evaluated: int
    sampled: int
    pairs: float
    near: int = 0
    lines: Lines = field(default_factory=lambda: np.empty((0, 3), dtype=np.intp), compare=False, repr=False)

    def is_open(self, n: int) -> bool:
        """Whether some of the rows looked at are hits, and others of the class's n rows were not looked at."""
        return self.hits > 0 and self.sampled < n

    def of_lines(self, share: float) -> Between:
        """Return the same where only a share of the hits counts."""
        return replace(self, hits=int(share * self.hits))

    @property
    def share(self) -> float:
        """Hits among the evaluated rows; 0 where there are none."""
        return self.hits / self.evaluated if self.evaluated else 0.0


def steps(values: Floats) -> Floats:
    """Return the step that each column's values are multiples of; 0 where they have none.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)

    Returns
    -------
    ndarray of float, shape (n_columns,)
        The smallest gap between two values, where all are decimals of at most six places.

    Examples
    --------
    >>> steps(np.array([[1.5, 0.1234567891], [2.0, 0.5], [4.5, 0.25]])).tolist()
    [0.5, 0.0]
    """
    found = np.zeros(values.shape[1])
    for place, column in enumerate(values.T):
        levels = np.unique(column)
        if len(levels) > 1 and any(_is_whole(levels * 10.0**decimals) for decimals in range(_DECIMALS)):
            found[place] = np.diff(levels).min()
    return found


def _is_whole(values: Floats) -> bool:
    return bool((np.abs(values - np.round(values)) <= 1e-6 + 4 * np.spacing(np.abs(values))).all())


def decimal_digits(values: Floats) -> Floats:
    """Return the relative step that each column's values were rounded to.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)

    Returns
    -------
    ndarray of float, shape (n_columns,)
        10^(1 − d) for d significant digits, 3 to 12; 2^-23 for single precision, 2^-10 for half; 2^-52 for none of them.

    Examples
    --------
    >>> decimal_digits(np.array([[0.123456, 1 / 3], [123.456, 2 / 3]])).tolist()
    [1e-05, 2.220446049250313e-16]
    """
    found = np.full(values.shape[1], np.finfo(np.float64).eps)
    with np.errstate(over="ignore"):
        for kind in (np.float32, np.float16):
            same = (values.astype(kind) == values).all(axis=0)
            found[same] = np.finfo(kind).eps
    # numbers so near 0 have no power of ten to be scaled by
    exponent = np.floor(np.log10(np.abs(np.where(np.abs(values) < _NEAR_ZERO, 1.0, values))))
    for kept in range(12, 2, -1):
        scaled = values * 10.0 ** (kept - 1 - exponent)
        rounded = (np.abs(scaled - np.round(scaled)) <= 1e-15 * 10.0**kept).all(axis=0)
        found[rounded] = np.maximum(found[rounded], 10.0 ** (1 - kept))
    return found


def tolerances(values: Floats) -> Floats:
    """Return how far off a straight line each column's rounding can put a row that was made on it.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        Rows of every class.

    Returns
    -------
    ndarray of float, shape (n_columns,)
        A step for columns that have one, else a few units of the last digit of the largest value.
    """
    largest, step = np.abs(values).max(axis=0), steps(values)
    exact = 16 * np.finfo(np.float64).eps * largest + 1e-9 * values.std(axis=0) + np.finfo(np.float64).tiny
    return np.asarray(np.maximum(exact, np.where(step > 0, step, 4 * decimal_digits(values) * largest)))


def between(values: Floats, tolerance: Floats, *, quick: int = _QUICK) -> Between:
    """Count the rows of one class that lie between two of their near neighbours, within rounding.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        Different rows of one class, in an order that says nothing: the first of them are looked at.
    tolerance : ndarray of float, shape (n_columns,)
        See `tolerances`.
    quick : int
        Distances, and cells of neighbours, up to which more than 300 rows are searched.

    Returns
    -------
    Between

    Notes
    -----
    A row s lies between a and b when s = a + λ (b − a), 0 < λ < 1, in every column within its tolerance. With R_j the
    distance of a and b in column j in tolerances, a row that falls anywhere in the box around a and b is that near to
    the line with a chance of about Π 2 / R_j over all columns but the widest. Pairs where that chance is above 10⁻⁷, or
    that fewer than three columns resolve, are left out: rounded, tied and low-dimensional data are then not evaluated.
    Columns that are computed from each other do not make that box wide: the row is left out where the same product
    over the principal axes of its neighbours among the first 300 rows, each with its standard deviation in tolerances,
    is above 10⁻⁷. First rows, since all near neighbours may have been made on one line.

    Lines are looked for at 300 rows or, in classes that are quickly searched, at more; how many of those can be
    evaluated is told from the first 300.
    """
    n, d = values.shape
    if n < 3:
        return Between(0, 0, n, 0.0)
    first = min(SAMPLED_PER_CLASS, n)
    looked = min(n, max(first, quick // max(n, NEIGHBOURS * d)))
    spread = values.std(axis=0)
    scaled = values / np.where(spread > 0, spread, 1.0)
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS + 1, n), algorithm="brute").fit(scaled)
    around = _others(search.kneighbors(scaled[:looked], return_distance=False))
    telling = np.sort(np.argsort(-spread / tolerance, kind="stable")[:_RESOLVING])
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS + 1, first), algorithm="brute").fit(scaled[:first])

    def units(rows: Codes) -> Floats:
        return np.asarray(values[rows][..., telling] / tolerance[telling])

    def wide(rows: Codes) -> Bools:
        far = search.kneighbors(scaled[rows], return_distance=False)
        return _are_wide(units(far))

    fills = wide(np.arange(first))
    ends = np.triu_indices(around.shape[1], 1)
    pairs = np.array([_fine_pairs(units(around[row]), *ends) if fills[row] else 0 for row in range(first)])
    evaluated = int((pairs > 0).sum())
    lines, off = _lines(values, tolerance, around)
    rows = np.unique(lines[:, 0])
    kept = np.isin(lines[:, 0], rows[wide(rows)]) if len(rows) else np.zeros(0, dtype=bool)
    lines, off = lines[kept], off[kept]
    hits = len(np.unique(lines[off <= 1, 0]))
    return Between(
        hits,
        max(round(evaluated * looked / first), hits),
        looked,
        float(pairs.sum() / evaluated) if evaluated else 0.0,
        len(np.unique(lines[:, 0])) - hits,
        lines[off <= 1],
    )


def _others(nearest: Codes) -> Codes:
    """Return each row's neighbours without the row itself, or without the farthest where it is not among them."""
    itself = nearest == np.arange(len(nearest))[:, None]
    itself[~itself.any(axis=1), -1] = True
    return np.asarray(nearest[~itself].reshape(len(nearest), -1), dtype=np.intp)


def _lines(values: Floats, tolerance: Floats, around: Codes) -> tuple[Lines, Floats]:
    """Return the rows with two neighbours that they lie between, or nearly, and how many tolerances off the line."""
    found, offs = [np.empty((0, 3), dtype=np.intp)], [np.empty(0)]
    first, second = np.triu_indices(around.shape[1], 1)
    step = max(1, _AT_A_TIME // (around.shape[1] * max(values.shape[1], around.shape[1])))
    for start in range(0, len(around), step):
        near = around[start : start + step]
        offsets = (values[near] - values[start : start + len(near), None]) / tolerance
        length = np.maximum(np.linalg.norm(offsets, axis=2), np.finfo(np.float64).tiny)
        directions = offsets / length[..., None]
        cosine = directions @ directions.transpose(0, 2, 1)
        shorter = length[:, first] * length[:, second] / (length[:, first] + length[:, second])
        # the squared distance from the line is 2 (1 + cos) of this squared; the cosine's last digits are noise
        angle = 1 + cosine[:, first, second]
        opposite = (angle < 0.1) & (2 * (angle - 1e-13) * shorter**2 <= NEAR**2 * values.shape[1])
        row, pair = np.nonzero(opposite)
        a, b = first[pair], second[pair]
        share = (length[row, a] / (length[row, a] + length[row, b]))[:, None]
        off = np.abs((1 - share) * offsets[row, a] + share * offsets[row, b]).max(axis=1, initial=0.0)
        row, a, b, off = (each[off <= NEAR] for each in (row, a, b, off))
        fine = _is_fine(np.abs(offsets[row, a] - offsets[row, b]))
        row, a, b = row[fine], a[fine], b[fine]
        found.append(np.c_[start + row, near[row, a], near[row, b]])
        offs.append(off[fine])
    return np.concatenate(found), np.concatenate(offs)


def _fine_pairs(neighbours: Floats, first: Codes, second: Codes) -> int:
    """Return how many pairs of neighbours, in tolerances, are so far apart that chance hardly puts a row between them."""
    return int(_is_fine(np.abs(neighbours[first] - neighbours[second])).sum())


def _are_wide(boxes: Floats) -> Bools:
    """Whether the rows of each box, in tolerances, fill so many directions that chance hardly puts one of them on a line."""
    around = boxes - boxes.mean(axis=1, keepdims=True)
    axes = np.linalg.svd(around, compute_uv=False) / np.sqrt(boxes.shape[1])
    return np.asarray(np.log10(np.maximum(axes[:, 1:], 1.0)).sum(axis=1) >= -np.log10(_CHANCE))


def _is_fine(apart: Floats) -> Bools:
    """Whether chance hardly puts a row between two neighbours that are so many tolerances apart in each column."""
    orders = np.log10(np.maximum(apart / 2, 1.0))
    chance = orders.max(axis=1, initial=0.0) - orders.sum(axis=1)
    resolved = (apart > _RESOLVED).sum(axis=1)
    return np.asarray((chance <= np.log10(_CHANCE)) & (resolved >= FEWEST_COLUMNS))


def alarm(suspect: Between, others: Between) -> bool | None:
    """Whether a class holds interpolated rows; None where it cannot be told.

    Parameters
    ----------
    suspect : Between
        The class that may have been grown.
    others : Between
        The most frequent class, which nobody grows.

    Notes
    -----
    The null is that each evaluated row of the suspect class lies between two neighbours as often as chance puts it there
    (pairs · 10⁻⁷), or as often as rows of the most frequent class do, whichever is more: columns that are computed
    from each other put real rows on lines in both. The alarm is raised where so many hits have a chance below 10⁻⁶
    under it, and their share is at least three times that of the other class. Without a class to hold it against nothing
    is told.

    Classes differ in how dense they are, so the suspect is held against itself too. Rows that fill a line's surroundings
    in k directions come within r tolerances of it in proportion to r^k, k ≥ 1: of those within four, at most a quarter
    lies within one. Where so many of them do by that chance in 10⁻⁶ or more, it cannot be told.
    """
    if suspect.evaluated < max(FEWEST_ROWS, 0.1 * suspect.sampled) or others.evaluated < FEWEST_ROWS:
        return None
    rate = max(suspect.pairs * _CHANCE, 1e-5)
    if others.hits:
        rate = max(rate, (others.hits + 2) / (others.evaluated + 2))
    unlikely = bool(binom.sf(suspect.hits - 1, suspect.evaluated, rate) < ALARM)
    if unlikely and suspect.share >= 3 * others.share:
        near = suspect.hits + suspect.near
        return True if binom.sf(suspect.hits - 1, near, ON_OF_NEAR) < ALARM else None
    return None if others.share > 0.1 else False
