"""Why a sampler of imbalanced-learn cannot work on some rows, in words: its own messages speak of arrays and of parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from imbalance_accessor.errors import listed, one_line
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.options import is_whole

#: Where a sampler's own work stands, and that of an ensemble which resamples.
_OF_SAMPLERS = ("imblearn.over_sampling", "imblearn.under_sampling", "imblearn.combine", "imblearn.base")
_NEIGHBOURS = ("k_neighbors", "m_neighbors", "n_neighbors", "n_neighbors_ver3")


@dataclass(frozen=True)
class Cause:
    """Why a sampler cannot work.

    Attributes
    ----------
    reason : str
        A clause without a full stop.
    changes : tuple of dict
        Parameters with which it may work, the likeliest first; each is to be tried.
    """

    reason: str
    changes: tuple[Mapping[str, Any], ...] = ()


def cause_of(error: BaseException, sampler: Estimator, X: Any = None) -> Cause:
    """Say in words what a sampler's error means.

    Parameters
    ----------
    error : exception
    sampler : sampler
        That raised it.
    X : pandas.DataFrame, optional
        The rows it was given.

    Examples
    --------
    >>> from imblearn.over_sampling import ADASYN
    >>> cause_of(ValueError("No samples will be generated with the provided ratio settings."), ADASYN()).reason
    'each row would get less than half a new one, which it rounds to none'
    """
    said = " ".join(str(error).split())
    for pattern, meaning in _MEANINGS:
        found = re.search(pattern, said)
        if found:
            return meaning(found, sampler, X)
    return Cause(f"its message is {said.split('. ')[0].rstrip('.')!r}")


def failed_sampler(error: BaseException) -> Estimator | None:
    """Return the sampler inside of which an error was raised; None where it was raised elsewhere."""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        itself = frame.f_locals.get("self")
        if str(frame.f_globals.get("__name__")).startswith(_OF_SAMPLERS) and hasattr(itself, "fit_resample"):
            return itself
        trace = trace.tb_next
    return None


def _too_many_neighbours(found: re.Match[str], sampler: Estimator, _: Any) -> Cause:
    asked, rows = map(int, found.groups())
    params = sampler.get_params(deep=False)
    lowered = {
        name: rows - 1 for name in _NEIGHBOURS if is_whole(params.get(name)) and params[name] >= rows > 1
    }
    reason = f"a search for neighbours needs {asked:,} rows, and has {rows:,}"
    return Cause(reason, (lowered,) if lowered else ())


def _no_numbers(_: re.Match[str], sampler: Estimator, X: Any) -> Cause:
    text = _categories(X)
    if not text:
        return Cause("it takes numbers only, and met other cells")
    hold = "holds" if len(text) == 1 else "hold"
    return Cause(
        f"it takes numbers only, and {listed(text)} {hold} categories", _named_categories(sampler, text)
    )


def _wrong_columns(_: re.Match[str], sampler: Estimator, X: Any) -> Cause:
    given = sampler.get_params(deep=False).get("categorical_features")
    reason = f"its categorical_features={one_line(given)} are not all columns of these rows"
    known = [name for name in given if name in X.columns] if isinstance(X, pd.DataFrame) else []
    return Cause(reason, _named_categories(sampler, list(dict.fromkeys([*known, *_categories(X)]))))


def _no_category(_: re.Match[str], sampler: Estimator, X: Any) -> Cause:
    return Cause(
        "it needs categorical columns, and its categorical_features name none here",
        _named_categories(sampler, _categories(X)),
    )


def _named_categories(sampler: Estimator, names: list[Any]) -> tuple[Mapping[str, Any], ...]:
    takes = "categorical_features" in sampler.get_params(deep=False)
    return ({"categorical_features": names},) if takes and names else ()


def _categories(X: Any) -> list[Any]:
    """Return the columns of no numbers; none where the rows are no frame."""
    if not isinstance(X, pd.DataFrame):
        return []
    return [name for name in X.columns if X[name].dtype.kind not in "iufb"]


def _no_cluster(_: re.Match[str], sampler: Estimator, __: Any) -> Cause:
    del sampler
    lower: Iterator[float] = iter((0.1, 0.01))
    return Cause(
        "no cluster holds enough rows of the class that is to grow",
        tuple({"cluster_balance_threshold": threshold} for threshold in lower),
    )


def _always(reason: str) -> Callable[[re.Match[str], Estimator, Any], Cause]:
    return lambda _, __, ___: Cause(reason)


_MEANINGS: tuple[tuple[str, Callable[[re.Match[str], Estimator, Any], Cause]], ...] = (
    (
        r"Expected n_neighbors <= n_samples_fit, but n_neighbors = (\d+), n_samples_fit = (\d+)",
        _too_many_neighbours,
    ),
    (
        r"could not convert string|only numerical data|could not be promoted|Cannot (?:cast|convert)",
        _no_numbers,
    ),
    (
        r"column names are not columns|all features must be in|No valid specification of the columns|"
        r"not a column of the dataframe|Specifying the columns using strings",
        _wrong_columns,
    ),
    (r"work only with numerical features", _no_category),
    (
        r"work only with categorical features",
        _always("it needs a numeric column beside the categorical ones"),
    ),
    (
        r"Not any neigbours belong to the majority",
        _always(
            "no row of the class that is to grow has a row of another class near, and it grows such rows alone"
        ),
    ),
    (
        r"No samples will be generated with the provided ratio",
        _always("each row would get less than half a new one, which it rounds to none"),
    ),
    (r"No clusters found with sufficient samples", _no_cluster),
    (
        r"All support vectors are considered as noise",
        _always(
            "all support vectors of the class that is to grow lie among rows of others, and it takes them for noise"
        ),
    ),
    (r"contains NaN|contains infinity", _always("it takes no missing or infinite cells")),
    (
        r"^The (\{.*\}) target class is/are not present",
        lambda found, _, __: Cause(
            f"its sampling_strategy names {found[1][1:-1]}, and no row has that label"
        ),
    ),
    (
        r"Originally, there is (\d+) samples and (\d+) samples are asked",
        lambda found, _, __: Cause(
            f"its sampling_strategy wants {int(found[2]):,} rows of a class that has {int(found[1]):,}, "
            "and it cannot go that way"
        ),
    ),
)
