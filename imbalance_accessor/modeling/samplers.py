"""Samplers, and the only place in this package that resamples rows: it takes rows of a training set alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from imblearn.utils import check_sampling_strategy
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neighbors import KDTree, NearestNeighbors

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import IN_WORDS, Fix, ImbalanceError, ModelError, change, counted
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.modeling.mixed_neighbours import searched_in_blocks
from imbalance_accessor.modeling.parents import APPENDING, parents_of, rows_that_stayed
from imbalance_accessor.modeling.sampler_causes import Cause, cause_of
from imbalance_accessor.modeling.sampling_ratio import SamplingStrategy
from imbalance_accessor.modeling.strategies import TABLE, Estimator, SamplerContext
from imbalance_accessor.options import is_whole
from imbalance_accessor.process_state import quieted, recorded

#: Samplers that make as many rows as they are asked for; and the share of the rows asked for that rounding leaves.
_KEEPING, _ROUNDED = {SMOTE, SMOTENC, SMOTEN, RandomOverSampler}, 0.95


def copies(sampler: Estimator) -> bool:
    """Whether a sampler only copies or drops rows, so that it takes any column."""
    copying = isinstance(sampler, RandomOverSampler | RandomUnderSampler)
    return copying and getattr(sampler, "shrinkage", None) is None


def takes_categories(sampler: Estimator) -> bool:
    """Whether a sampler wants raw categories."""
    return isinstance(sampler, SMOTENC | SMOTEN)


def affordable_neighbours(asked: int, fewest: int) -> tuple[int, list[Finding]]:
    """Lower a number of neighbours below the rarest class's rows: a row is no neighbour of itself."""
    if fewest > asked:
        return asked, []
    lowered = max(fewest - 1, 0)
    sentence = f"{counted(lowered, 'neighbour')} instead of {asked}: the rarest class has {counted(fewest, 'row')} to learn from."
    cure = "New rows lie closer together; more real rows help."
    return lowered, [Finding("IMB302", "warning", sentence, cure)]


def sampler_for_one_row(
    random_state: int | None, sampling_strategy: SamplingStrategy = "auto"
) -> tuple[Estimator, list[Finding]]:
    """Return a sampler that copies, for a class with one row, and the finding that says so."""
    sentence = "The rarest class has one row to learn from: rows are copied, since one row has no neighbour."
    cure = "More rows of that class are needed."
    sampler = RandomOverSampler(random_state=random_state, sampling_strategy=sampling_strategy)
    return sampler, [Finding("IMB303", "warning", sentence, cure)]


#: What a sampler that knows categories does with a new row's cells.
_MEANS_OTHERWISE = "Categories stay among those that the real rows have."
_MEANS = {
    "SMOTENC": "New numbers lie between two rows; a new category is the one most neighbours have.",
    "SMOTEN": "Each new category is the one most neighbours have.",
}


def chosen_sampler(sampler: Estimator, columns: Columns) -> Finding:
    """Say which kind of SMOTE the columns called for."""
    name = type(sampler).__name__
    kinds = f"{len(columns.numeric)} numeric and {counted(len(columns.categorical), 'categorical column')}"
    return Finding("IMB310", "note", f"smote means {name} here: {kinds}.", _MEANS.get(name, _MEANS_OTHERWISE))


def named_sampler(name: str, asked: SamplerContext, fewest: int) -> tuple[Estimator, list[Finding]]:
    """Make a strategy's sampler, not fitted, its neighbours lowered where the rarest class has too few rows; say so."""
    row = TABLE[name]
    assert row.sampler is not None
    if not row.interpolates:
        return row.sampler(asked), []
    k, findings = affordable_neighbours(asked.k_neighbors, fewest)
    if k == 0:
        return sampler_for_one_row(asked.random_state, asked.sampling_strategy)
    sampler = row.sampler(replace(asked, k_neighbors=k))
    chosen = [chosen_sampler(sampler, asked.columns)] if takes_categories(sampler) else []
    return sampler, [*findings, *chosen]


@dataclass(frozen=True, eq=False)
class ResampledRows:
    """What a sampler made of rows of a training set.

    Attributes
    ----------
    X : pandas.DataFrame
        Rows after resampling.
    codes : numpy.ndarray of int
        Their classes' positions.
    train_row : numpy.ndarray of int
        The train row that each one is; -1 for rows that were made or copied.
    parents : numpy.ndarray of int, optional
        The train row whose weight each one takes; see `parents_of`.
    short : dict of int to (int, int)
        Of classes that got fewer rows than asked for: the rows to be made, and those made.
    """

    X: pd.DataFrame
    codes: Codes
    train_row: Codes
    short: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    parents: Codes | None = None


@quieted()
def resample(
    sampler: Estimator,
    X: pd.DataFrame,
    codes: Codes,
    *,
    given: Any = None,
    others: Sequence[tuple[str, Estimator]] = (),
    weighted: bool = False,
) -> ResampledRows:
    """Resample rows of a training set.

    Parameters
    ----------
    sampler : sampler
        Not fitted; a clone does the work.
    X : pandas.DataFrame, shape (n_train, n_features)
    codes : numpy.ndarray of int, shape (n_train,)
    given : str or sampler, optional
        As what the user named the sampler.
    others : sequence of (str, sampler)
        Other kinds, to be tried where this one cannot work on these rows.
    weighted : bool
        Whether rows have weights, so that it is found out whose each one takes.

    Raises
    ------
    ModelError
        Why the sampler cannot work on these rows, and what can.
    """
    sampler = clone(sampler)
    rows = _rows_for(sampler, X)
    try:
        with searched_in_blocks(sampler):
            made, resampled_codes = sampler.fit_resample(rows, codes)
    except ImbalanceError:
        raise
    except (ValueError, RuntimeError, TypeError) as error:
        cause = cause_of(error, sampler, X)
        cure, fix = _what_works(sampler, X, codes, cause, given, others)
        raise ModelError(
            f"{type(sampler).__name__} cannot work on these rows: {cause.reason}. {cure}", fix=fix
        ) from None
    after = np.asarray(resampled_codes, dtype=np.intp)
    parents = parents_of(sampler, rows, codes, made, after) if weighted else None
    if copies(sampler):
        made = X.iloc[made.ravel()]
    elif isinstance(made, np.ndarray):
        made = pd.DataFrame(made, columns=X.columns, copy=False)
    return ResampledRows(
        made, after, rows_that_stayed(sampler, X, made), _short(sampler, codes, after), parents
    )


def _short(sampler: Estimator, before: NDArray[Any], after: NDArray[Any]) -> dict[Any, tuple[int, int]]:
    """Return the classes for which a sampler, after its work, made fewer rows than asked, up to rounding."""
    if not may_fall_short(sampler):
        return {}
    asked = sampler.sampling_strategy_
    made = {
        label: int(np.count_nonzero(after == label) - np.count_nonzero(before == label)) for label in asked
    }
    return {plain(label): (int(n), made[label]) for label, n in asked.items() if made[label] < _ROUNDED * n}


def may_fall_short(sampler: Estimator) -> bool:
    """Whether a sampler makes rows of some real rows alone, of which there may be too few."""
    place = type(sampler).__module__
    return place.startswith("imblearn.over_sampling") and type(sampler) not in _KEEPING


def rows_short(sampler: Estimator, X: Any, y: NDArray[Any]) -> dict[Any, tuple[int, int]]:
    """Run a sampler again on what a pipeline handed it, and return of each class the rows asked for and made, where fewer."""
    with recorded():
        again = clone(sampler)
        with searched_in_blocks(again):
            _, after = again.fit_resample(X, y)
    return _short(again, np.asarray(y), np.asarray(after))


def _what_works(
    sampler: Estimator,
    X: pd.DataFrame,
    codes: Codes,
    cause: Cause,
    given: Any,
    others: Sequence[tuple[str, Estimator]],
) -> tuple[str, Fix]:
    """Return the first cure that was tried and works: other parameters, or another kind."""
    if given is not None and not isinstance(given, str):
        for changes in cause.changes:
            if _works(clone(sampler).set_params(**changes), X, codes):
                told = " and ".join(f"{name}={value!r}" for name, value in changes.items())
                return f"Give it {told}.", change(kind=clone(given).set_params(**changes))
    for kind, other in others:
        if kind != given and _works(other, X, codes):
            return f"Use kind={kind!r}.", change(kind=kind)
    return "Use other rows, or another sampler.", IN_WORDS


def _works(sampler: Estimator, X: pd.DataFrame, codes: Codes) -> bool:
    if copies(sampler):
        return True
    tried = clone(sampler)
    try:
        with searched_in_blocks(tried):
            tried.fit_resample(_rows_for(sampler, X), codes)
    except (ValueError, RuntimeError, TypeError):
        return False
    return True


def _rows_for(sampler: Estimator, X: pd.DataFrame) -> Any:
    """Return what a sampler is handed: positions where it copies rows, an array where cells are float64, else the frame.

    A frame of floats comes back as the same numbers, copied twice more on its way.
    """
    if copies(sampler):
        return np.arange(len(X)).reshape(-1, 1)
    as_array = type(sampler) in APPENDING and not takes_categories(sampler) and (X.dtypes == np.float64).all()
    return X.to_numpy() if as_array else X


def searched_sooner(sampler: Estimator, X: NDArray[np.float64], codes: Codes) -> Estimator:
    """Return a SMOTE sampler that searches by brute force where that is sooner, or the sampler as it is.

    Parameters
    ----------
    sampler : sampler
        Not fitted.
    X : numpy.ndarray, shape (n_rows, n_columns)
        Rows in the units in which the sampler meets them.
    codes : numpy.ndarray of int, shape (n_rows,)
        Their classes.
    """
    if type(sampler) is not SMOTE or not is_whole(sampler.k_neighbors):
        return sampler
    k = int(sampler.k_neighbors)
    rows = np.bincount(codes)
    small = [X[codes == code] for code in np.flatnonzero((rows > 0) & (rows < rows.max()))]
    if not small or not all(brute_force_is_sooner(each, k) for each in small):
        return sampler
    return clone(sampler).set_params(k_neighbors=NearestNeighbors(n_neighbors=k + 1, algorithm="brute"))


@quieted()
def passed_on(sampler: Estimator, X: Any, y: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Return what a sampler inside a pipeline hands to the next step, from what the steps before it made of train rows.

    Parameters
    ----------
    sampler : sampler
        A clone does the work again.
    X : array-like, shape (n_train, n_features)
    y : numpy.ndarray, shape (n_train,)
        Labels, or their codes.
    """
    again = clone(sampler)
    with searched_in_blocks(again):
        made, labels = again.fit_resample(X, y)
    return made, np.asarray(labels)


@quieted()
def with_parents(sampler: Estimator, X: Any, y: NDArray[Any]) -> tuple[Any, NDArray[Any], Codes]:
    """Return what a sampler inside a pipeline hands to the next step, and the row whose weight each one takes.

    Parameters
    ----------
    sampler : sampler
        It does the work itself, and is fitted by it.
    X : array-like, shape (n_train, n_features)
    y : numpy.ndarray, shape (n_train,)
    """
    with searched_in_blocks(sampler):
        made, labels = sampler.fit_resample(X, y)
    labels = np.asarray(labels)
    return made, labels, parents_of(sampler, X, y, made, labels)


def counts_by_cells(sampler: Estimator, *, weighted: bool) -> bool:
    """Whether only rows of features tell how many rows of each class a sampler makes, or of which weights."""
    return not copies(sampler) and (weighted or type(sampler) not in _KEEPING)


def resampled_rows(
    sampler: Estimator, X: Any, codes: Codes, labels: NDArray[Any], own: Floats | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """Return the rows of each class after resampling, in the order of `labels`, and the sums of their weights."""
    if own is None and type(sampler) in _KEEPING:
        made = check_sampling_strategy(sampler.sampling_strategy, labels[codes], "over-sampling")
        there = np.bincount(codes, minlength=len(labels))
        counts = np.array([n + made.get(label, 0) for n, label in zip(there, labels, strict=True)], np.int64)
        return counts, counts.astype(np.float64)
    rows = np.arange(len(codes)).reshape(-1, 1) if copies(sampler) else X
    if own is None:
        _, made = passed_on(sampler, rows, labels[codes])
        weights = np.ones(len(made))
    else:
        _, made, parents = with_parents(clone(sampler), rows, labels[codes])
        weights = own[parents]
    of_class = [made == label for label in labels]
    counts = np.array([np.count_nonzero(each) for each in of_class], dtype=np.int64)
    return counts, np.array([weights[each].sum() for each in of_class], dtype=np.float64)


@quieted()
def resampled_first(
    before: list[tuple[str, Estimator]], sampler: Estimator, X: pd.DataFrame, codes: Codes
) -> tuple[Any, Codes]:
    """Resample rows that no split has parted yet: the wrong order, for the demonstration of what it would claim.

    Parameters
    ----------
    before : list of (str, transformer)
        Steps that stand before the sampler; clones are fitted.
    sampler : sampler
    X : pandas.DataFrame, shape (n_rows, n_features)
    codes : numpy.ndarray of int, shape (n_rows,)
    """
    for _, step in before:
        X = clone(step).fit_transform(X, codes)
    return passed_on(sampler, X, codes)


#: Fewer rows are searched in no time, either way.
BRUTE_FORCE_ROWS = 2_000
#: scikit-learn searches a tree up to so many columns and by brute force beyond; in very few a tree always wins.
TREE_COLUMNS, MOST_COLUMNS = 5, 15
#: Rows whose neighbours are looked up to see how much of the tree that visits.
_PROBED = 200
#: One distance that a tree computes takes about the time of 8 to 15 of a matrix product's, with one core or two.
_DISTANCES_PER_VISIT = 8
#: Rounding of a squared distance by matrix products, relative to the distance, that swaps no neighbours.
_ROUNDING = 1e-9
#: Share of all columns' variance above which one column keeps distances apart.
_MATTERS = 1e-3


def brute_force_is_sooner(X: Floats, k: int) -> bool:
    """Say whether all distances are computed sooner than a tree is searched, and give the same k neighbours.

    Parameters
    ----------
    X : numpy.ndarray, shape (n_rows, n_columns)
        Complete rows.
    k : int
        Neighbours of a row beside itself.

    Notes
    -----
    A k-d tree is built and some rows are looked up; by the number of distances that took (not by the clock, so that
    any machine decides alike) the whole search is foreseen.
    """
    n, columns = X.shape
    if n < max(BRUTE_FORCE_ROWS, 2 * (k + 1)) or not TREE_COLUMNS <= columns <= MOST_COLUMNS:
        return False
    tree = KDTree(X)
    tree.reset_n_calls()
    probed = X[np.linspace(0, n - 1, _PROBED).astype(np.intp)]
    distances, _ = tree.query(probed, k=k + 1)
    visits = tree.get_n_calls() / _PROBED
    return bool(_DISTANCES_PER_VISIT * visits > n and _gives_the_same(X, distances))


def _gives_the_same(X: Floats, distances: Floats) -> bool:
    """Say whether rounded distances distinguish neighbours too: no ties, and no numbers large beside them.

    Rows that are looked up miss what few rows have, so the smallest distance counts, not a usual one; and values of
    two or three decimals, whose distances tie now and then, are known by a column that repeats a value.
    """
    if not (np.diff(distances, axis=1) > 0).all():
        return False
    longest: Any = np.einsum("ij,ij->i", X, X).max()
    small = longest * np.finfo(np.float64).eps < _ROUNDING * distances[:, 1].min() ** 2
    return bool(small and _has_continuous_column(X))


def _has_continuous_column(X: Floats) -> bool:
    """Say whether a column that matters for distances repeats no value, so that two of them are never the same."""
    spreads = X.var(axis=0)
    positions = np.argsort(-spreads)
    mattering = positions[spreads[positions] > _MATTERS * spreads.sum()]
    return any(len(np.unique(X[:, place])) == len(X) for place in mattering)
