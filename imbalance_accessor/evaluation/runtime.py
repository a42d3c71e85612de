"""What grows with the square of the rows, neighbour searches and support vectors, timed on some of them before it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors, RadiusNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC, NuSVC

from imbalance_accessor.data.class_shares import fair_share
from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import IN_WORDS, change
from imbalance_accessor.evaluation.fit import FoldData, divided
from imbalance_accessor.evaluation.memory import bytes_held, rows_to_make
from imbalance_accessor.evaluation.outputs import scores_of
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.modeling.mixed_neighbours import neighbours_in_blocks, runs_in_blocks
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.samplers import takes_categories
from imbalance_accessor.process_state import recorded
from imbalance_accessor.splitting.split import Parts

#: Seconds from which on it is said; and what the cap that is proposed should take.
LONG_SECONDS, SHORT_SECONDS = 60.0, 20.0
#: SMOTENC works through its arrays in about the time of so many comparisons of all their cells (measured: 2 to 4).
_ROUNDS = 3
_VECTORS, _NEIGHBOURS = (SVC, NuSVC), (KNeighborsClassifier, RadiusNeighborsClassifier)


def timed(work: Callable[[], object]) -> float:
    """Time a piece of work that is done twice: the first time may wait for memory and threads."""
    taken = []
    for _ in range(2):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return min(taken)


@dataclass(frozen=True)
class Trial:
    """What is tried, to time the rest."""

    #: Fewer rows are searched, or fitted, in seconds.
    few: int = 10_000
    #: Rows whose neighbours are looked up, and rows that are fitted.
    looked_up: int = 500
    fitted: tuple[int, int] = (1_000, 3_000)
    #: Arrays of fewer bytes are worked through in seconds; and the shape of the one that is tried.
    large: float = 1e9
    cells: tuple[int, int] = (1_000, 1_000)
    #: Does a piece of work, and returns the seconds it took.
    seconds: Callable[[Callable[[], object]], float] = timed


_TRIAL = Trial()


@dataclass(frozen=True)
class Work:
    """Seconds that are due, by what they grow with.

    Attributes
    ----------
    pairs : float
        Pairs of rows that are learned from.
    lookups : float
        Rows that are scored, each held against those that are learned from.
    search : float
        Pairs of rows of a class that is not the largest.
    making : float
        Rows to be made, each of which has a cell for every level of its categories.
    """

    pairs: float = 0.0
    lookups: float = 0.0
    search: float = 0.0
    making: float = 0.0

    @classmethod
    def of(cls, every: Iterable[Work]) -> Work:
        """Return the work of several models together."""
        found = list(every)
        return cls(*(sum(getattr(each, name) for each in found) for name in cls.__dataclass_fields__))

    @property
    def seconds(self) -> float:
        """All of them."""
        return self.pairs + self.lookups + self.search + self.making

    def under(self, parts: Parts, most: int) -> float:
        """Return the seconds that are left with a cap on the rows to learn from."""
        rows = np.sort(np.bincount(parts.learned.codes))
        kept = np.minimum(rows, fair_share(rows, most))
        share = kept.sum() / rows.sum()
        of_search = (kept[:-1] ** 2).sum() / (rows[:-1] ** 2).sum()
        of_making = (kept.max() - kept).sum() / max(1, (rows.max() - rows).sum())
        of_rows = self.lookups * share + self.making * of_making
        return float(self.pairs * share**2 + of_rows + self.search * of_search)


def seconds_of_search(
    X: pd.DataFrame, codes: Codes, columns: Columns, sampler: Any, trial: Trial = _TRIAL
) -> float:
    """Return about how long a sampler looks for the neighbours of all rows of the classes that it grows.

    Parameters
    ----------
    X : pandas.DataFrame, shape (n_rows, n_features)
        Complete rows, in the units in which they are searched.
    codes : numpy.ndarray of int, shape (n_rows,)
    columns : Columns
    sampler : sampler
    trial : Trial
    """
    rows = np.bincount(codes)
    large = [code for code in np.flatnonzero(rows < rows.max()) if rows[code] >= trial.few]
    try:
        return sum(_search(X[codes == code], columns, sampler, trial) for code in large)
    except Exception:  # of a search of the user's own: the sampler itself says what is wrong
        return 0.0


def seconds_of_making(held: float, trial: Trial = _TRIAL) -> float:
    """Return about how long a sampler of categories works on arrays of so many bytes, from one of a few.

    Parameters
    ----------
    held : float
        Bytes that it holds at once; see `memory.bytes_held`.
    trial : Trial
    """
    if held < trial.large:
        return 0.0
    cells = np.zeros(trial.cells)
    one = trial.seconds(lambda: np.isclose(cells, cells.max(axis=1, keepdims=True)))
    return _ROUNDS * one * held / cells.nbytes


def _search(X: pd.DataFrame, columns: Columns, sampler: Any, trial: Trial) -> float:
    """Time the look-up of some rows, and take all rows to take as long each."""
    values: Any = X[list(columns.numeric)].to_numpy(dtype=np.float64)
    numbers = values.shape[1]
    if takes_categories(sampler):
        values = sparse.hstack(
            [values, OneHotEncoder().fit_transform(X[list(columns.categorical)])], format="csr"
        )
    search = getattr(sampler, "k_neighbors", 5)
    if runs_in_blocks(sampler):
        search = neighbours_in_blocks(numbers, search + 1)
    else:
        search = clone(search) if hasattr(search, "fit") else NearestNeighbors(n_neighbors=6)
    search.fit(values)
    some = values[np.linspace(0, len(X) - 1, trial.looked_up).astype(np.intp)]
    look_up = partial(search.kneighbors, some, return_distance=False)
    return trial.seconds(look_up) * len(X) / trial.looked_up


def work_of_fits(plan: Plan, trial: Trial = _TRIAL) -> Work:
    """Return about how long all fits and searches take, of those that grow with the square of the rows.

    What cannot be timed counts as nothing: the fits themselves say what is wrong.
    """
    try:
        with recorded():
            return _work_of_fits(plan, trial)
    except Exception:  # of the user's model, or of too few rows of a class
        return Work()


def _work_of_fits(plan: Plan, trial: Trial) -> Work:
    learned = plan.parts.learned
    if len(learned) < trial.few or plan.model.fitted:
        return Work()
    searches, times = _searches(plan, trial.few), len(plan.folds.every) + 1
    making = times * sum(seconds_of_making(held, trial) for held in _held(plan))
    if not (_is_quadratic(plan) or searches):
        return Work(making=making)
    fold_data, search = FoldData(plan.reader, plan.folds), 0.0
    X, y = fold_data.X_train.iloc[fold_data.learned], fold_data.y[fold_data.learned]
    for candidate in searches[:1]:  # the others take as long
        searched, columns = _searched(plan, candidate, X, y, trial)
        search = seconds_of_search(searched, learned.codes, columns, candidate.strategy.sampler, trial)
    pairs, lookups = _fits(plan, X, y, trial)
    return Work(times * pairs, times * lookups, times * len(searches) * search, making)


def _held(plan: Plan) -> Iterator[float]:
    """Yield the bytes that each sampler holds at once, where it is known what it is handed."""
    rows = np.bincount(plan.parts.learned_outcome)
    labels = plan.reader.labels(np.arange(len(rows)))
    for candidate in plan.candidates.values():
        sampler = candidate.strategy.sampler
        if sampler is not None and candidate.strategy.keeps_categories and not plan.model.before:
            X = plan.parts.learned.X[list(plan.parts.features.columns.used)]
            yield bytes_held(sampler, X, rows, partial(rows_to_make, sampler, labels), scaled=True)


def _is_quadratic(plan: Plan) -> bool:
    return "none" in plan.candidates and isinstance(plan.model.classifier, (*_VECTORS, *_NEIGHBOURS))


def _searches(plan: Plan, few: int) -> list[Candidate]:
    """Return the strategies that look for neighbours in a class of many rows, each fitted for itself."""
    rows = np.sort(np.bincount(plan.parts.learned.codes))
    candidates = [
        candidate
        for candidate in plan.candidates.values()
        if candidate.strategy.neighbours and candidate.strategy.same_as is None
    ]
    return candidates if len(rows) > 1 and rows[-2] >= few else []


def _fits(plan: Plan, X: pd.DataFrame, y: NDArray[Any], trial: Trial) -> tuple[float, float]:
    """Return about how long a fit of each strategy takes, and how long its scores; 0 for what does not grow so."""
    if not _is_quadratic(plan):
        return 0.0, 0.0
    n, held = len(X), len(plan.parts.train) / len(plan.folds)
    order = np.random.default_rng(0).permutation(n)
    estimator, looked_up = plan.candidates["none"].estimator, X.iloc[order[: trial.looked_up]]
    grown = [candidate.strategy.resamples for candidate in plan.candidates.values()]

    def fitted(rows: int) -> Any:
        return clone(estimator).fit(X.iloc[order[:rows]], y[order[:rows]])

    def scores(rows: int) -> float:
        """Time the scores of what learned from so many rows, as if it had learned from all."""
        ready = fitted(rows)
        scored = trial.seconds(lambda: scores_of(ready, looked_up, len(plan.reader.classes)))
        return scored * held / len(looked_up) * n / rows

    # classes grown to the same size nearly double the rows: four times the pairs, or twice the rows to look in
    if not isinstance(plan.model.classifier, _VECTORS):
        return 0.0, scores(n) * sum(2 if each else 1 for each in grown)
    few, more = (trial.seconds(partial(fitted, rows)) for rows in trial.fitted)
    one = max(more - few, 0.0) / (trial.fitted[1] ** 2 - trial.fitted[0] ** 2) * n**2
    of_scores = scores(trial.fitted[1]) * sum(2 if each else 1 for each in grown)
    return one * sum(4 if each else 1 for each in grown), of_scores


def _searched(
    plan: Plan, candidate: Candidate, X: pd.DataFrame, y: NDArray[Any], trial: Trial
) -> tuple[pd.DataFrame, Columns]:
    """Return about the rows that a sampler searches, complete and in its units, and their columns by kind."""
    columns = plan.parts.features.columns
    if plan.model.vectorizer is None:
        return _standardised(X, columns), columns
    some = np.linspace(0, len(X) - 1, trial.fitted[0]).astype(np.intp)
    first_steps, _ = divided(candidate.estimator)
    made = pd.DataFrame(clone(first_steps).fit(X.iloc[some], y[some]).transform(X))
    names = tuple(made.columns)
    return made, Columns(names, names, ())


def _standardised(X: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    numbers = X[list(columns.numeric)].astype(np.float64)
    scaled = ((numbers - numbers.mean()) / numbers.std().replace(0.0, 1.0)).fillna(0.0)
    return pd.concat([scaled, X[list(columns.categorical)].astype(str)], axis=1)


def duration_text(seconds: float) -> str:
    """Return a long time in words.

    Examples
    --------
    >>> duration_text(22.0), duration_text(65.0), duration_text(400.0), duration_text(9000.0)
    ('about 20 seconds', 'about 1 minute', 'about 7 minutes', 'about 2.5 hours')
    """
    if seconds < 50:
        return f"about {max(1, round(seconds, -1) if seconds >= 10 else round(seconds)):.0f} seconds"
    minutes = round(seconds / 60)
    if minutes >= 90:
        return f"about {seconds / 3600:.1f} hours"
    return f"about {minutes} minute{'' if minutes == 1 else 's'}"


def long_work(work: Work, parts: Parts, what: str) -> list[Finding]:
    """Say what is long, and how many rows to learn from would be short."""
    if work.seconds < LONG_SECONDS:
        return []
    n, split_by = len(parts.learned), parts.split_by
    takes = f"expected to take {duration_text(work.seconds)}, and to grow with the square of the rows."
    sentence = f"{what} on {n:,} train rows: {takes}"
    if split_by.groups is not None or split_by.time is not None:
        fewer = max(1_000, int(float(f"{n * (SHORT_SECONDS / work.seconds) ** 0.5:.0e}")))
        took = duration_text(work.seconds * (fewer / n) ** 2)
        cure = f"Reduce the frame to fewer groups, or to its latest rows: {fewer:,} train rows should take {took}."
        fix = IN_WORDS
    else:
        most = _short(work, parts)
        took = duration_text(work.under(parts, most))
        cure = f"Learn from fewer rows, the rare ones kept: max_rows={most:_} should take {took}."
        fix = change(max_rows=most) if work.under(parts, most) < LONG_SECONDS else IN_WORDS
    return [Finding("IMB317", "note", sentence, cure, fix)]


def _short(work: Work, parts: Parts) -> int:
    """Return the largest round cap whose work is short; no fewer than a thousand rows."""
    rounded = (digit * 10**power for power in range(3, 9) for digit in range(1, 10))
    tried = (most for most in rounded if most < len(parts.learned))
    short = (most for most in tried if work.under(parts, most) <= SHORT_SECONDS * (1 + 1e-9))
    return max(short, default=1_000)
