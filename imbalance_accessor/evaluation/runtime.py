"""What grows with the square of the rows, neighbour searches and support vectors, timed on some of them before it starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors, RadiusNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC, NuSVC

from imbalance_accessor.data.features import Columns
from imbalance_accessor.data.target import Codes
from imbalance_accessor.evaluation.fit import Feed
from imbalance_accessor.evaluation.plan import Fits
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.pipelines import Plan
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


def seconds_of_fits(fits: Fits, trial: Trial = _TRIAL) -> float:
    """Return about how long all fits and searches take, of those that grow with the square of the rows; else 0.

    What cannot be timed counts as nothing: the fits themselves say what is wrong.
    """
    try:
        with recorded():
            return _seconds_of_fits(fits, trial)
    except Exception:  # of the user's model, or of too few rows of a class
        return 0.0


def _seconds_of_fits(fits: Fits, trial: Trial) -> float:
    if len(fits.parts.train) < trial.few or fits.model.fitted:
        return 0.0
    searches = _searches(fits, trial.few)
    if not (_is_quadratic(fits) or searches):
        return 0.0
    feed, search = Feed(fits.reading, fits.folds), 0.0
    for plan in searches[:1]:  # the others take as long
        columns, codes = fits.parts.task.columns, fits.parts.train.codes
        search = seconds_of_search(
            _standardised(feed.X_train, columns), codes, columns, plan.strategy.sampler, trial
        )
    return (len(fits.folds.every) + 1) * (len(searches) * search + _fits(fits, feed, trial))


def _is_quadratic(fits: Fits) -> bool:
    return "none" in fits.plans and isinstance(fits.model.classifier, (*_VECTORS, *_NEIGHBOURS))


def _searches(fits: Fits, few: int) -> list[Plan]:
    """Return the strategies that look for neighbours in a class of many rows, each fitted for itself."""
    rows = np.sort(np.bincount(fits.parts.train.codes))
    plans = [
        plan for plan in fits.plans.values() if plan.strategy.neighbours and plan.strategy.same_as is None
    ]
    return plans if len(rows) > 1 and rows[-2] >= few else []


def _fits(fits: Fits, feed: Feed, trial: Trial) -> float:
    """Return about how long each strategy's fit and its scores take together; 0 for what does not grow so."""
    if not _is_quadratic(fits):
        return 0.0
    vectors, n = isinstance(fits.model.classifier, _VECTORS), len(fits.parts.train)
    order = np.random.default_rng(0).permutation(n)
    estimator, looked_up = fits.plans["none"].estimator, feed.X_train.iloc[order[: trial.looked_up]]

    def fitted(rows: int) -> Any:
        return clone(estimator).fit(feed.X_train.iloc[order[:rows]], feed.y[order[:rows]])

    if vectors:
        few, more = (trial.seconds(partial(fitted, rows)) for rows in trial.fitted)
        one = max(more - few, 0.0) / (trial.fitted[1] ** 2 - trial.fitted[0] ** 2) * n**2
    else:
        ready = fitted(n)
        one = trial.seconds(lambda: ready.predict_proba(looked_up)) * n / len(fits.folds) / len(looked_up)
    # classes grown to the same size nearly double the rows: four times the pairs, or twice the rows to look in
    return one * sum((4 if vectors else 2) if plan.strategy.resamples else 1 for plan in fits.plans.values())


def _standardised(X: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    numbers = X[list(columns.numeric)].astype(np.float64)
    scaled = ((numbers - numbers.mean()) / numbers.std().replace(0.0, 1.0)).fillna(0.0)
    return pd.concat([scaled, X[list(columns.categorical)].astype(str)], axis=1)


def said(seconds: float) -> str:
    """Return a long time in words.

    Examples
    --------
    >>> said(22.0), said(65.0), said(400.0), said(9000.0)
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
    n, rule = len(parts.train), parts.rule
    capped = max(1_000, int(float(f"{n * (SHORT_SECONDS / seconds) ** 0.5:.0e}")))
    short = seconds * (capped / n) ** 2
    sentence = f"{what} on {n:,} train rows: expected to take {said(seconds)}, and to grow with the square of the rows."
    cure = f"Learn from fewer, drawn by class: max_rows={capped:_} should take {said(short)}."
    if rule.groups is not None or rule.time is not None:
        cure = f"Cut the frame to fewer groups, or to its latest rows: {capped:,} train rows should take {said(short)}."
    return [Finding("IMB317", "note", sentence, cure)]
