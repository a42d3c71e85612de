"""Samplers, and the only place in this package that resamples rows: it takes rows of a train part alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import ADASYN, SMOTE, SMOTEN, SMOTENC, BorderlineSMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from imbalance_accessor.data.features import Columns
from imbalance_accessor.data.target import Codes, Label
from imbalance_accessor.errors import ModelError, OptionError, counted, listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.models import Estimator
from imbalance_accessor.neighbours import brute_force_is_sooner
from imbalance_accessor.one_hot import QuickOneHotEncoder
from imbalance_accessor.options import is_whole
from imbalance_accessor.ratios import SamplingStrategy
from imbalance_accessor.side_by_side import quieted
from imbalance_accessor.strategy_table import TABLE, Asked, kinds


def _appends(sampler: Estimator) -> bool:
    """Whether a sampler is known to keep all rows in front and to put made ones behind them."""
    return type(sampler) in {SMOTE, SMOTENC, SMOTEN, BorderlineSMOTE, ADASYN}


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


def with_affordable_neighbours(sampler: Estimator, fewest: int) -> tuple[Estimator, list[Finding]]:
    """Return a clone of a sampler of the user's own, its neighbours lowered where the rarest class is too small."""
    sampler = clone(sampler)
    asked: Any = sampler.get_params(deep=False).get("k_neighbors")
    if not is_whole(asked):
        return sampler, []
    k, findings = affordable_neighbours(asked, fewest)
    return (sampler.set_params(k_neighbors=k), findings) if 0 < k < asked else (sampler, [])


def by_code(sampler: Estimator, classes: tuple[Label, ...]) -> Estimator:
    """Return a clone of a sampler of the user's own whose ``sampling_strategy`` names classes by position.

    Raises
    ------
    OptionError
        A label that no row has.
    """
    given = sampler.get_params(deep=False).get("sampling_strategy")
    if not isinstance(given, dict | list):
        return sampler
    place = {label: code for code, label in enumerate(classes)}
    unknown = [label for label in given if label not in place]
    if unknown:
        raise OptionError(
            f"sampling_strategy: {listed(unknown)} {'is' if len(unknown) == 1 else 'are'} not among the labels "
            f"{listed(classes)}. Name labels as the column holds them."
        )
    codes = [place[label] for label in given]
    named = dict(zip(codes, given.values(), strict=True)) if isinstance(given, dict) else codes
    return clone(sampler).set_params(sampling_strategy=named)


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


def named_sampler(name: str, asked: Asked, fewest: int) -> tuple[Estimator, list[Finding]]:
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


def check_sampler(sampler: Any) -> None:
    """Refuse an object that is no sampler, or that is fitted already."""
    if not hasattr(sampler, "fit_resample") or isinstance(sampler, type):
        raise OptionError(
            f"{sampler!r:.60} is no sampler. Known kinds: {listed(kinds())}, or an imbalanced-learn sampler."
        )
    if any(name.endswith("_") and not name.startswith("_") for name in vars(sampler)):
        raise OptionError(
            f"The sampler {type(sampler).__name__} is fitted already, so that it may have seen any rows. "
            "Pass a new one, or sklearn.clone(sampler)."
        )


@dataclass(frozen=True, eq=False)
class Made:
    """What a sampler made of rows of a train part.

    Attributes
    ----------
    X : pandas.DataFrame
        Rows after resampling.
    codes : numpy.ndarray of int
        Their classes' positions.
    origin : numpy.ndarray of int
        The train row that each one is; -1 for rows that were made or copied.
    """

    X: pd.DataFrame
    codes: Codes
    origin: Codes


@quieted()
def resample(sampler: Estimator, X: pd.DataFrame, codes: Codes) -> Made:
    """Resample rows of a train part.

    Parameters
    ----------
    sampler : sampler
        Not fitted; a clone does the work.
    X : pandas.DataFrame, shape (n_train, n_features)
    codes : numpy.ndarray of int, shape (n_train,)

    Raises
    ------
    ModelError
        What the sampler said, where it cannot work on these rows.
    """
    sampler = decoded_sooner(clone(sampler), X)
    try:
        made, made_codes = sampler.fit_resample(_rows_for(sampler, X), codes)
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"{type(sampler).__name__} cannot work on these rows: {reason} Use another kind, such as 'oversample'."
        ) from None
    if copies(sampler):
        made = X.iloc[made.ravel()]
    elif isinstance(made, np.ndarray):
        made = pd.DataFrame(made, columns=X.columns, copy=False)
    return Made(made, np.asarray(made_codes, dtype=np.intp), _origin(sampler, X, made))


def _rows_for(sampler: Estimator, X: pd.DataFrame) -> Any:
    """Return what a sampler is handed: positions where it copies rows, an array where cells are float64, else the frame.

    A frame of floats comes back as the same numbers, copied twice more on its way.
    """
    if copies(sampler):
        return np.arange(len(X)).reshape(-1, 1)
    return X.to_numpy() if _appends(sampler) and (X.dtypes == np.float64).all() else X


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


def decoded_sooner(sampler: Estimator, X: pd.DataFrame) -> Estimator:
    """Return a SMOTENC sampler that decodes its made rows all at once, to the same cells; any other as it is."""
    if type(sampler) is not SMOTENC or sampler.categorical_encoder is not None:
        return sampler
    numbers = X.drop(columns=sampler.categorical_features).dtypes
    kinds = (
        np.result_type(*numbers) if all(isinstance(each, np.dtype) for each in numbers) else np.dtype(object)
    )
    dtype = np.float64 if kinds.kind == "O" else kinds.type  # what the sampler gives an encoder of its own
    encoder = QuickOneHotEncoder(handle_unknown="ignore", dtype=dtype)
    return clone(sampler).set_params(categorical_encoder=encoder)


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
    made, labels = clone(sampler).fit_resample(X, y)
    return made, np.asarray(labels)


def resampled_rows(sampler: Estimator, X: Any, codes: Codes, labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return the rows of each class after resampling, in the order of `labels`; see `passed_on`."""
    rows = np.arange(len(codes)).reshape(-1, 1) if copies(sampler) else X
    _, made = passed_on(sampler, rows, labels[codes])
    return np.array([np.count_nonzero(made == label) for label in labels], dtype=np.int64)


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


def _origin(sampler: Estimator, X: pd.DataFrame, made: pd.DataFrame) -> Codes:
    n_before, n_after = len(X), len(made)
    for inner in ("tomek_", "enn_"):
        if hasattr(sampler, inner):  # SMOTE appends, then the cleaner keeps some of all rows
            kept = np.asarray(getattr(sampler, inner).sample_indices_)
            return np.where(kept < n_before, kept, -1)
    if hasattr(sampler, "sample_indices_"):
        indices = np.asarray(sampler.sample_indices_)
        return np.where(pd.Series(indices).duplicated(), -1, indices)
    behind = n_after >= n_before
    if behind and (_appends(sampler) or np.array_equal(made.to_numpy()[:n_before], X.to_numpy())):
        places = np.arange(n_after)
        return np.where(places < n_before, places, -1)
    return _origin_by_cells(X, made)


def _origin_by_cells(X: pd.DataFrame, made: pd.DataFrame) -> Codes:
    """Find each made row among the train rows by its cells; a second one of the same cells is a copy."""
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, cells in enumerate(X.itertuples(index=False, name=None)):
        places.setdefault(cells, []).insert(0, place)
    found = [
        places[cells].pop() if places.get(cells) else -1 for cells in made.itertuples(index=False, name=None)
    ]
    return np.array(found, dtype=np.intp)
