"""What grows with the square of the rows, neighbour searches and support vectors, timed on some of them before it starts."""

from __future__ import annotations

from collections.abc import Callable
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

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.evaluation.fit import FoldData, divided
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.samplers import takes_categories
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.threads import recorded

#: Seconds from which on it is said; and what the cap that is proposed should take.
LONG_SECONDS, SHORT_SECONDS = 60.0, 20.0
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
    #: Does a piece of work, and returns the seconds it took.
    seconds: Callable[[Callable[[], object]], float] = timed


_TRIAL = Trial()


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


def _search(X: pd.DataFrame, columns: Columns, sampler: Any, trial: Trial) -> float:
    """Time the look-up of some rows, and take all rows to take as long each."""
    values: Any = X[list(columns.numeric)].to_numpy(dtype=np.float64)
    if takes_categories(sampler):
        values = sparse.hstack(
            [values, OneHotEncoder().fit_transform(X[list(columns.categorical)])], format="csr"
        )
    search = getattr(sampler, "k_neighbors", 5)
    search = clone(search) if hasattr(search, "fit") else NearestNeighbors(n_neighbors=6)
    search.fit(values)
    some = values[np.linspace(0, len(X) - 1, trial.looked_up).astype(np.intp)]
    return trial.seconds(lambda: search.kneighbors(some)) * len(X) / trial.looked_up


def seconds_of_fits(plan: Plan, trial: Trial = _TRIAL) -> float:
    """Return about how long all fits and searches take, of those that grow with the square of the rows; else 0.

    What cannot be timed counts as nothing: the fits themselves say what is wrong.
    """
    try:
        with recorded():
            return _seconds_of_fits(plan, trial)
    except Exception:  # of the user's model, or of too few rows of a class
        return 0.0


def _seconds_of_fits(plan: Plan, trial: Trial) -> float:
    if len(plan.parts.train) < trial.few or plan.model.fitted:
        return 0.0
    searches = _searches(plan, trial.few)
    if not (_is_quadratic(plan) or searches):
        return 0.0
    fold_data, search = FoldData(plan.reader, plan.folds), 0.0
    for candidate in searches[:1]:  # the others take as long
        X, columns = _searched(plan, candidate, fold_data.X_train, fold_data.y, trial)
        search = seconds_of_search(X, plan.parts.train.codes, columns, candidate.strategy.sampler, trial)
    return (len(plan.folds.every) + 1) * (len(searches) * search + _fits(plan, fold_data, trial))


def _is_quadratic(plan: Plan) -> bool:
    return "none" in plan.candidates and isinstance(plan.model.classifier, (*_VECTORS, *_NEIGHBOURS))


def _searches(plan: Plan, few: int) -> list[Candidate]:
    """Return the strategies that look for neighbours in a class of many rows, each fitted for itself."""
    rows = np.sort(np.bincount(plan.parts.train.codes))
    candidates = [
        candidate
        for candidate in plan.candidates.values()
        if candidate.strategy.neighbours and candidate.strategy.same_as is None
    ]
    return candidates if len(rows) > 1 and rows[-2] >= few else []


def _fits(plan: Plan, fold_data: FoldData, trial: Trial) -> float:
    """Return about how long each strategy's fit and its scores take together; 0 for what does not grow so."""
    if not _is_quadratic(plan):
        return 0.0
    vectors, n = isinstance(plan.model.classifier, _VECTORS), len(plan.parts.train)
    order = np.random.default_rng(0).permutation(n)
    estimator, looked_up = plan.candidates["none"].estimator, fold_data.X_train.iloc[order[: trial.looked_up]]

    def fitted(rows: int) -> Any:
        return clone(estimator).fit(fold_data.X_train.iloc[order[:rows]], fold_data.y[order[:rows]])

    if vectors:
        few, more = (trial.seconds(partial(fitted, rows)) for rows in trial.fitted)
        one = max(more - few, 0.0) / (trial.fitted[1] ** 2 - trial.fitted[0] ** 2) * n**2
    else:
        ready = fitted(n)
        one = trial.seconds(lambda: ready.predict_proba(looked_up)) * n / len(plan.folds) / len(looked_up)
    # classes grown to the same size nearly double the rows: four times the pairs, or twice the rows to look in
    return one * sum(
        (4 if vectors else 2) if candidate.strategy.resamples else 1 for candidate in plan.candidates.values()
    )


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


def long_work(seconds: float, parts: Parts, what: str) -> list[Finding]:
    """Say what is long, and how many rows would be short."""
    if seconds < LONG_SECONDS:
        return []
    n, split_by = len(parts.train), parts.split_by
    capped = max(1_000, int(float(f"{n * (SHORT_SECONDS / seconds) ** 0.5:.0e}")))
    short = seconds * (capped / n) ** 2
    sentence = f"{what} on {n:,} train rows: expected to take {duration_text(seconds)}, and to grow with the square of the rows."
    cure = f"Learn from fewer, drawn by class: max_rows={capped:_} should take {duration_text(short)}."
    if split_by.groups is not None or split_by.time is not None:
        rows = f"{capped:,} train rows should take {duration_text(short)}"
        cure = f"Reduce the frame to fewer groups, or to its latest rows: {rows}."
    return [Finding("IMB317", "note", sentence, cure)]
