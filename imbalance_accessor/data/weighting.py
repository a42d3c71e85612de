"""How much rows count: a column of weights, and the share of each class where the model will be used."""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.cells import as_float
from imbalance_accessor.data.checks import check_column_names
from imbalance_accessor.data.column_kinds import Format, read_columns
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.lazy.weights import sum_weights
from imbalance_accessor.data.row_weights import WeightsPlace, check_weights, put_into
from imbalance_accessor.data.target import Label, Target, plain, reads_alike
from imbalance_accessor.data.weight_sums import WeightSums
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    OptionError,
    change,
    listed,
    near,
    nearest_of,
    one_line,
)
from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.process_state import cached_property

#: Shares that differ by less than this part of themselves are the same.
_SAME = 1e-9
#: Shares whose products and ratios are finite are larger.
_LEAST = 1e-50
#: How far from 1 rounding takes a sum of shares, for each of them.
_ROUNDED = 1e-6


@dataclass(frozen=True, eq=False)
class Weighting:
    """How much the rows of a frame count.

    Attributes
    ----------
    column : hashable or None
        The column that holds the rows' own weights.
    prevalence : float, mapping of label to float, or None
        The positive class's share where the model will be used, or each class's, as it was given.
    shares : ndarray of float, shape (k,)
        Each class's share of the frame, by its rows' weights.
    wanted : ndarray of float, shape (k,), or None
        Each class's share where the model will be used; None: as in the frame.
    in_frame : bool
        Whether the weights are a column of the user's frame, not a Series beside it.
    are_ones : bool
        Whether every row of the frame, and of a test frame of one's own, weighs 1, as if nothing weighed it.
    copies : ndarray of int, optional
        How many rows of a table each row of the frame stands for, by its index; None: each is one.
    """

    column: Hashable | None
    prevalence: float | Mapping[Label, float] | None
    shares: Floats
    wanted: Floats | None
    in_frame: bool = True
    are_ones: bool = True
    copies: NDArray[np.int64] | None = None

    @cached_property
    def factors(self) -> Floats | None:
        """How much more each class counts than in the frame, shape (k,); None where its shares stay."""
        if self.wanted is None or np.allclose(self.wanted, self.shares, rtol=_SAME, atol=0):
            return None
        return np.asarray(self.wanted / self.shares)

    def at(self, prevalence: float, positive: int) -> Weighting:
        """Return the same at another prevalence of one class; the others keep their shares among themselves."""
        wanted = self.shares * (1 - prevalence) / (1 - self.shares[positive])
        wanted[positive] = prevalence
        return replace(self, prevalence=prevalence, wanted=wanted)

    def own(self, X: pd.DataFrame) -> Floats | None:
        """Return the rows' own weights, shape (n,); None where there are none, or all of the frame are 1."""
        return None if self.are_ones else np.asarray(as_float(X[self.column]).to_numpy(np.float64))

    def with_test(self, X: pd.DataFrame) -> Weighting:
        """Return the same where there is a test frame of one's own."""
        return replace(self, are_ones=self.are_ones and _weigh_one(X, self.column))

    def of(self, X: pd.DataFrame, positive: int | None) -> Weights:
        """Return how much rows count, one class against the rest where one is named, else each class."""
        factors = self.factors
        if factors is not None and positive is not None and self.wanted is not None:
            wanted, share = self.wanted[positive], self.shares[positive]
            factors = np.array([(1 - wanted) / (1 - share), wanted / share])
        return Weights(self.own(X), factors, None if self.copies is None else self.copies[X.index])


def read_weighting(
    prevalence: Any, column: Hashable | None, target: Target, X: pd.DataFrame, *, in_frame: bool = True
) -> Weighting:
    """Read how much rows count, or say what is wrong with it.

    Parameters
    ----------
    prevalence : float, mapping or Series of label to float, or None
    column : hashable or None
        Of weights.
    target : Target
    X : pandas.DataFrame, shape (n_labelled, n_columns)
        The labelled rows.
    in_frame : bool
        Whether the weights are a column of the user's frame.

    Raises
    ------
    OptionError
        One sentence.
    """
    if column is None:
        return weighting_of(prevalence, None, target, target.rows)
    codes: Codes = target.codes[target.codes >= 0]
    totals = np.bincount(codes, as_float(X[column]).to_numpy(np.float64), len(target.classes))
    are_ones = _weigh_one(X, column)
    return weighting_of(prevalence, column, target, totals, in_frame=in_frame, are_ones=are_ones)


def weighting_of(
    prevalence: Any,
    column: Hashable | None,
    target: Target,
    totals: NDArray[Any],
    *,
    in_frame: bool = True,
    are_ones: bool = True,
) -> Weighting:
    """Read how much rows count whose weights are added up by class; see `read_weighting`."""
    if isinstance(prevalence, pd.Series):  # such as value_counts(normalize=True) of other rows
        _check_once(prevalence)
        prevalence = prevalence.to_dict()
    shares = np.asarray(totals / totals.sum(), np.float64)
    return Weighting(column, prevalence, shares, _wanted(prevalence, target, shares), in_frame, are_ones)


def _weigh_one(X: pd.DataFrame, column: Hashable | None) -> bool:
    """Whether no column weighs the rows, or one by which each weighs 1."""
    return column is None or bool((as_float(X[column]) == 1).all())


@dataclass(frozen=True, eq=False)
class WeighedLabels:
    """Labels, and how much the rows of each class count.

    Attributes
    ----------
    target : Target
    weighting : Weighting
    sums : WeightSums or None
        What the rows' own weights add up to; None where all are 1.
    own : ndarray of float, shape (n_labelled,), or None
        These weights, where the rows are here.
    written : NumberFormat or DateFormat, optional
        How the weights are written as text.
    engine : str
        What counts the rows of a table that is read piece by piece: ``"polars"``, ``"duckdb"``, ``"dask"``, ``"pyspark"``.
    """

    target: Target
    weighting: Weighting
    sums: WeightSums | None = None
    own: Floats | None = None
    written: Format | None = None
    engine: str = ""

    @property
    def are_rows(self) -> bool:
        """Whether every row counts once."""
        return self.sums is None and self.weighting.factors is None

    @cached_property
    def totals(self) -> NDArray[Any]:
        """The sum of the weights of each class, shape (k,): its rows where every row counts once."""
        rows = self.target.rows if self.sums is None else self.sums.totals
        factors = self.weighting.factors
        return rows if factors is None else np.asarray(self.shares * rows.sum())

    @property
    def shares(self) -> Floats:
        """Each class's share where the model will be used; of the weights, where no prevalence is given."""
        wanted = self.weighting.wanted
        return self.weighting.shares if wanted is None or self.weighting.factors is None else wanted

    @property
    def effective(self) -> Floats:
        """Kish's effective number of rows of each class, shape (k,): as many of one weight tell as much."""
        return self.target.rows.astype(np.float64) if self.sums is None else self.sums.effective


def weigh_labels(
    data: pd.DataFrame | pd.Series | Table,
    labels: Target,
    prevalence: Any,
    sample_weight: Any,
    *,
    in_frame: bool,
) -> WeighedLabels:
    """Read how much rows count, where nothing but their labels and their weights is read.

    Parameters
    ----------
    data : pandas.DataFrame, pandas.Series or Table
        The frame, or the labels themselves; not changed.
    labels : Target
    prevalence : float, mapping of label to float, or None
    sample_weight : hashable, pandas.Series or None
        A column of the frame, or the weights themselves.
    in_frame : bool
        Whether the labels are a column of the frame.

    Raises
    ------
    OptionError
        One sentence.
    """
    engine = data.engine if isinstance(data, Table) else ""
    if sample_weight is None:
        return WeighedLabels(labels, weighting_of(prevalence, None, labels, labels.rows), engine=engine)
    if isinstance(data, Table):
        column, sums = sum_weights(data, labels, sample_weight)
        are_ones = sums.are_ones
        weighting = weighting_of(prevalence, column, labels, sums.totals, are_ones=are_ones)
        return WeighedLabels(labels, weighting, None if are_ones else sums, engine=engine)
    frame = pd.DataFrame(index=data.index) if isinstance(data, pd.Series) else data
    labelled = labels.codes >= 0
    frame, column, beside = put_into(frame, sample_weight, labels, named={})
    named = frame.loc[:, [each == column for each in frame.columns]]
    check_column_names(named, None, {"sample_weight": sample_weight})
    columns, X = read_columns(named[labelled], weights=column)
    rows = [] if isinstance(data, pd.Series) else ["df"]
    rows += [*([] if in_frame else ["y"]), *(["sample_weight"] if beside else [])]
    place = WeightsPlace(column, beside, tuple(rows))
    sums = check_weights(X[column], labels.codes[labelled], labels, place, columns.formats)
    weighting = read_weighting(prevalence, column, labels, X, in_frame=not beside)
    own = weighting.own(X)
    return WeighedLabels(labels, weighting, None if own is None else sums, own, columns.formats.get(column))


def _wanted(prevalence: Any, target: Target, shares: Floats) -> Floats | None:
    """Return each class's share where the model will be used."""
    if prevalence is None:
        return None
    if isinstance(prevalence, Mapping):
        return _by_label(prevalence, target)
    share = _check_share(plain(prevalence), target)
    if target.positive is None:
        raise OptionError(
            f"prevalence={one_line(prevalence)} is the share of one class, and {target.name!r} has {len(target.classes)}. Give "
            "each one's by label, or name one with pos_label=.",
            fix=change(pos_label=target.classes[target.rarest]),
        )
    rest = shares * (1 - share) / (1 - shares[target.positive])
    rest[target.positive] = share
    return np.asarray(rest)


def _check_share(given: Any, target: Target) -> float:
    """Return a share of one class, or say what was meant by what is none."""
    if is_prevalence(given):
        return float(given)
    meant = meant_share(given)
    by_label = None if meant is not None else _in_order(given, target)
    options = ", or each class's by label" if len(target.classes) > 2 else ""
    cure = f"Leave it out where the shares are those of the frame{options}."
    if meant is not None:
        cure = f"Use prevalence={meant:g}."
    if by_label is not None:
        cure = "Give each class's by its label."
    instead: Any = by_label or meant or LEFT_OUT
    raise OptionError(
        f"prevalence={one_line(given)} must be a share between 0 and 1, that of the positive class. {cure}",
        fix=change(prevalence=instead),
    )


def is_prevalence(value: Any) -> bool:
    """Whether a value is a share that can be reckoned with: a number between 0 and 1, neither of them, nor hardly more than 0."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return is_number and bool(_LEAST < value < 1)


def meant_share(value: Any) -> float | None:
    """Return the share that percent or text mean; None where they mean none.

    Examples
    --------
    >>> meant_share(2), meant_share("2%"), meant_share("0.02"), meant_share(True), meant_share(200)
    (0.02, 0.02, 0.02, None, None)
    """
    percent = isinstance(value, str) and value.strip().endswith("%")
    if isinstance(value, np.ndarray) and value.ndim:
        return None
    try:
        number = float(value.strip().rstrip("%").replace(",", ".") if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return None
    share = float(f"{number / 100:.12g}") if percent or number >= 1 else number
    return share if _LEAST < share < 1 and not isinstance(value, bool) else None


def _in_order(given: Any, target: Target) -> dict[Label, float] | None:
    """Return the shares of classes that were given in the order of their labels."""
    values: list[Any] = [*map(plain, given)] if isinstance(given, list | tuple | np.ndarray) else []
    are = len(values) == len(target.classes) and all(map(is_prevalence, values)) and _add_to_one(values)
    return dict(zip(target.classes, values, strict=True)) if are else None


def _add_to_one(values: Collection[float]) -> bool:
    """Whether shares add to 1, each rounded to six decimals."""
    return abs(math.fsum(values) - 1) <= _ROUNDED * len(values)


def _by_label(given: Mapping[Any, Any], target: Target) -> Floats:
    """Return the shares of a mapping, in the order of the classes."""
    named = {plain(label): plain(share) for label, share in given.items()}
    _check_labels(named, target)
    if target.is_one_vs_rest:
        one = named[target.pos_label]
        raise OptionError(
            f"prevalence= gives each class's share, and pos_label={target.pos_label!r} takes that class against the rest. Give "
            "its share alone.",
            fix=change(prevalence=one) if is_prevalence(one) else IN_WORDS,
        )
    shares = np.array([_check_number(label, named) for label in target.classes])
    if not _add_to_one(shares):
        meant = {
            label: float(f"{share:.9g}")
            for label, share in zip(target.classes, shares / shares.sum(), strict=True)
        }
        raise OptionError(
            f"prevalence= must add to 1; these shares add to {shares.sum():.9g}. Divide each by that.",
            fix=change(prevalence=meant),
        )
    return np.asarray(shares / shares.sum())


def _check_labels(named: Mapping[Any, Any], target: Target) -> None:
    """Refuse keys that are no labels, and labels without a key."""
    known = {label: type(label) for label in target.classes}
    wrong = [each for each in named if each not in known or isinstance(each, str) != (known[each] is str)]
    if wrong:
        meant = {_meant_label(label, target): _as_number(share) for label, share in named.items()}
        whole = len(meant) == len(named) and None not in meant
        raise OptionError(
            f"prevalence= names {listed(wrong)}, which {target.name!r} has not.{near(wrong[0], target.classes)} Labels: "
            f"{listed(target.classes)}.",
            fix=change(prevalence=meant) if whole else IN_WORDS,
        )
    absent = [label for label in target.classes if label not in named]
    if not absent or (target.is_one_vs_rest and target.pos_label in named):
        return
    rest = 1 - math.fsum(share for share in named.values() if is_prevalence(share))
    can = len(absent) == 1 and is_prevalence(rest) and all(map(is_prevalence, named.values()))
    every = {label: named.get(label, float(f"{rest:.9g}")) for label in target.classes}
    raise OptionError(
        f"prevalence= leaves out {listed(absent)}. Give every class's share; they add to 1.",
        fix=change(prevalence=every) if can else IN_WORDS,
    )


def _check_once(shares: pd.Series) -> None:
    again = shares.index[shares.index.duplicated()].unique()
    if len(again):
        raise OptionError(f"prevalence= names {listed(again)} more than once. Give each class one share.")


def _as_number(share: Any) -> Any:
    """Return the share that text or a decimal number means, and anything else as it is."""
    meant = meant_share(share) if isinstance(share, str | Decimal) else None
    return share if meant is None else meant


def _meant_label(label: Any, target: Target) -> Label | None:
    """Return the label that was meant: itself, one that is written alike, or one near it."""
    same = [
        each for each in target.classes if each == label and isinstance(each, str) == isinstance(label, str)
    ]
    alike = [each for each in target.classes if reads_alike(each, label)]
    return next(iter([*same, *alike, *nearest_of(label, target.classes)]), None)


def _check_number(label: Label, named: Mapping[Any, Any]) -> float:
    share = named[label]
    is_number = isinstance(share, numbers.Real) and not isinstance(share, bool)
    if is_number and _LEAST < share < 1 / _LEAST:
        return float(share)
    meant = {
        each: number if is_prevalence(number := _as_number(value)) else None for each, value in named.items()
    }
    found = [value for value in meant.values() if value is not None]
    cure = "Leave the rows of such a class out" if share == 0 else "Write each as a number"
    raise OptionError(
        f"prevalence= gives class {label!r} {one_line(share)}, and a share lies between 0 and 1. {cure}.",
        fix=change(prevalence=meant) if len(found) == len(named) and _add_to_one(found) else IN_WORDS,
    )
