"""Row weights, a column or a Series beside the frame: refused where they cannot weigh rows; columns that look like such."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.beside import aligned, beside, free_column, put_beside
from imbalance_accessor.data.cells import as_float, holds_numbers, kinds_of, with_columns
from imbalance_accessor.data.checks import number_code
from imbalance_accessor.data.column_kinds import Columns, Format
from imbalance_accessor.data.lines import assigned, cells, dropped, kept_of
from imbalance_accessor.data.target import Target, plain
from imbalance_accessor.data.weight_sums import WeightSums, sums_of
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Code,
    Fix,
    OptionError,
    change,
    counted,
    listed,
    near,
    nearest_of,
    one_line,
)
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.metrics.weights import effective

#: Between these, products of two sums of squared weights are finite, and none is lost.
_LEAST, _MOST = 1e-50, 1e50
#: The part of Kish's effective number of rows below which weights add up to too little.
_LITTLE = 0.1
#: How many times as much a row of one class counts as one of another, from which weights that are one for each are spoken of.
_DIFFER = 2.0
#: Names by which surveys and their guides call row weights, and those that may also mean what a thing weighs, or was exposed to.
_WEIGHTS = re.compile(
    r"(sample|sampling|survey|case|row|record|obs(ervation)?|instance|design|final|person|pop(ulation)?|household|"
    r"(post_?)?strat\w*|replicate|freq(uency)?|importance|expansion|prob(ability)?|inverse_prob\w*|ip[tc]?|[adfip]|an)_?(weights?|wg?h?ts?)\d*"
    r"|_?(samp|surv|case|row|obs|(a_?)?fnl|fin(al)?|tot|hou|sen|per|hh|rep|earn|asec|marsup|pwss|psp|llcp|p|d)_?wg?h?ts?\d*"
    r"|p?wgtp\d*|repwtp\d*|wt(finl|supp|int\w*|mec\w*|saf\w*|ss(all|nr|ps)?)|w_fstuwt|ip[tc]?w",
    re.IGNORECASE,
)
_MAYBE = re.compile("weights?|wgts?|wts?|w|pw|exposure", re.IGNORECASE)
#: Names beside which a weight is that of a body or a thing.
_MEASURED = re.compile(
    "height|length|width|bmi|waist|girth|pulse|pressure|cholesterol|glucose|horsepower|cylinders",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WeightsPlace:
    """Where row weights stand in the reader's code.

    Attributes
    ----------
    column : hashable
        The column that holds them here.
    own : bool
        Whether they are a Series of their own there, not a column.
    rows : tuple of str
        What has these rows: the frame, the labels and the weights beside it.
    frames : tuple of str
        The frames that hold the column.
    """

    column: Hashable
    own: bool
    rows: tuple[str, ...]
    frames: tuple[str, ...] = ("df",)

    @property
    def said(self) -> str:
        """The option, for sentences."""
        of = " of test=" if self.rows == ("test",) else ""
        return "The Series of sample_weight=" if self.own else f"sample_weight={self.column!r}{of}"

    @property
    def cells(self) -> str:
        """The weights, as code."""
        return "sample_weight" if self.own else cells(self.column, self.rows[0])

    def changed(self, form: str) -> str:
        """Write the lines that give the weights other values."""
        if self.own:
            return f"sample_weight = {form.format('sample_weight')}"
        return assigned(self.column, self.frames, form.format)


def put_into(
    data: pd.DataFrame, given: Any, target: Target, *, named: Mapping[str, Any], test: Any = None
) -> tuple[pd.DataFrame, Hashable, bool]:
    """Return a frame that has the row weights in a column, the column, and whether they stood beside the frame.

    Parameters
    ----------
    data : pandas.DataFrame
        Not changed; without a column where labels alone are read.
    given : hashable or pandas.Series
        What names the weights, or holds them.
    target : Target
    named : mapping of str to hashable
        Options that name columns which are no weights, with what they name.
    test : pandas.DataFrame, optional
        A test frame of one's own.

    Raises
    ------
    OptionError
        What is no column, or another one; a Series that has not a weight for each row.
    """
    given = plain(given)
    if isinstance(given, pd.Series) and _is_column(given, data):
        given = plain(given.name)
    if isinstance(given, pd.Series):
        _check_series(given, data, target, test)
        name = free_column("sample_weight", data)
        return with_columns(data, {name: given}), name, True
    is_name = pd.api.types.is_hashable(given) and given is not pd.NA
    taken = {
        "the target": target.labels.name,
        **{f"the column of {key}=": each for key, each in named.items()},
    }
    for what, name in taken.items():
        if is_name and name is not None and given == plain(name):
            raise OptionError(
                f"sample_weight={given!r} is {what}. Name the column of row weights, or leave it out.",
                fix=change(sample_weight=LEFT_OUT),
            )
    if not is_name or given not in data.columns:
        _refuse_name(given, data, target)
    return data, given, False


def _is_column(values: pd.Series, data: pd.DataFrame) -> bool:
    """Whether a Series is a column of the frame as it stands there."""
    return values.name in data.columns and values.equals(data[values.name])


def _check_series(values: pd.Series, data: pd.DataFrame, target: Target, test: Any) -> None:
    if values.equals(target.labels):
        raise OptionError(
            "sample_weight= holds the cells of the target. Pass the row weights, or leave it out.",
            fix=change(sample_weight=LEFT_OUT),
        )
    if test is not None:
        same = isinstance(test, pd.DataFrame) and values.name is not None and values.name in test.columns
        name = plain(values.name)
        raise OptionError(
            "sample_weight= is a Series beside the first frame, and test= needs weights too. Put them into both frames, and "
            "name the column.",
            fix=Fix(f"{cells(name)} = sample_weight", {"sample_weight": name})
            if same and values.index.equals(data.index)
            else IN_WORDS,
        )
    if not values.index.equals(data.index):
        alone = not len(data.columns)
        cure, line = aligned(values, data, "sample_weight", on="y" if alone else "df")
        raise OptionError(
            f"sample_weight= ({len(values):,} rows) does not stand on the index of the {'labels' if alone else 'frame'} "
            f"({len(data):,} rows). {cure}",
            fix=Fix(line),
        )


def _refuse_name(given: Any, data: pd.DataFrame, target: Target) -> None:
    if not len(data.columns):
        as_long = (
            pd.api.types.is_list_like(given) and not isinstance(given, set | dict) and len(given) == len(data)
        )
        raise OptionError(
            f"sample_weight={one_line(given)} must be a Series of weights, one for each label. Make one of it.",
            fix=Fix(
                "sample_weight = pd.Series(sample_weight, index=y.index)",
                {"sample_weight": Code("sample_weight")},
            )
            if as_long and np.ndim(given) == 1
            else IN_WORDS,
        )
    put, meant = put_beside("sample_weight", given, data), near(given, data.columns)
    told = beside("sample_weight", given, data)
    cure = "" if meant or told else " Name a column of row weights, or leave it out."
    raise OptionError(
        f"sample_weight={one_line(given)} is not a column of this frame.{meant}{told}{cure}",
        fix=put or _nearest(given, data, target),
    )


def _nearest(given: Any, data: pd.DataFrame, target: Target) -> Fix:
    """Return the column with nearly this name, if it holds weights as they should be."""
    alone = given[0] if isinstance(given, list) and len(given) == 1 else given
    likely = (
        [alone]
        if pd.api.types.is_hashable(alone) and alone in data.columns
        else nearest_of(alone, data.columns)
    )
    for name in likely:
        if name != target.labels.name and holds_numbers(data[name], truths=False):
            values = as_float(data[name]).to_numpy(np.float64)
            if ((values >= _LEAST) & (values <= _MOST)).all():
                return change(sample_weight=plain(name))
    return IN_WORDS


def check_weights(
    column: pd.Series, codes: Codes, target: Target, place: WeightsPlace, formats: Mapping[Hashable, Format]
) -> WeightSums:
    """Add up weights, or refuse cells that are none: no numbers, missing, infinite, negative, all 0, not to be squared.

    Parameters
    ----------
    column : pandas.Series
        The weights of labelled rows; numbers that are written as text are read.
    codes : numpy.ndarray of int
        Their classes.
    target : Target
    place : WeightsPlace
    formats : mapping
        How columns write numbers as text.
    """
    sums = sums_of(column, codes, len(target.classes))
    if sums.odd is not None:
        _refuse_kind(sums.odd, place)
    number = number_code(column, formats)
    left = Fix(kept_of(place.rows, f"{number(place.cells)}.between(0, {_MOST:g})"))
    check_sums(sums, target, place, number("{}"), left if _keeps_enough(column, codes, target) else IN_WORDS)
    return sums


def check_sums(
    sums: WeightSums, target: Target, place: WeightsPlace, number: str = "{}", left: Fix = IN_WORDS
) -> None:
    """Refuse what `check_weights` refuses, by the sums.

    Parameters
    ----------
    sums : WeightSums
    target : Target
    place : WeightsPlace
    number : str
        How a weight is read as a number, as code.
    left : Fix
        What leaves out the rows whose weights are none.
    """
    if sums.odd is not None:
        _refuse_kind(sums.odd, place)
    if n := sums.missing:
        raise OptionError(
            f"{place.said} has {counted(n, 'missing cell')}. Fill them or drop those rows first.", fix=left
        )
    if n := sums.infinite:
        raise OptionError(f"{place.said} has {counted(n, 'infinite cell')}. Drop those rows.", fix=left)
    if n := sums.negative:
        raise OptionError(
            f"{place.said} is negative in {counted(n, 'row')}, such as {sums.least:g}; weights are 0 or more. Drop those rows.",
            fix=left,
        )
    _check_sizes(sums, place, number)
    _check_zeros(sums, target, place)


def _refuse_kind(column: pd.Series, place: WeightsPlace) -> None:
    kinds, read = " and ".join(sorted(kinds_of(column) or {"no cells"})), False
    if isinstance(column.dtype, pd.CategoricalDtype):
        kinds = f"categories of {kinds}"
    elif column.dtype.kind == "c":
        kinds = "complex numbers"
    is_time = isinstance(column.dtype, pd.PeriodDtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)
    if not is_time and column.dtype.kind not in "mc":
        try:
            read = bool(pd.to_numeric(column).notna().sum() == column.notna().sum() > 0)
        except (ValueError, TypeError):
            read = False
    raise OptionError(
        f"{place.said} holds {kinds}, and weights are numbers. {'Convert it' if read else 'Name a column of numbers'}.",
        fix=Fix(place.changed("pd.to_numeric({})")) if read else IN_WORDS,
    )


def _keeps_enough(column: pd.Series, codes: Codes, target: Target) -> bool:
    """Whether half of the rows, and some of every class, have weights as they should be."""
    values = as_float(column).to_numpy(np.float64)
    good = (values >= 0) & (values <= _MOST)
    left = np.bincount(codes[good], minlength=len(target.classes))
    return bool(good.mean() >= 0.5 and left[np.bincount(codes, minlength=len(left)) > 0].min() >= 2)


def _check_sizes(sums: WeightSums, place: WeightsPlace, number: str) -> None:
    least, most = sums.least_above_0, sums.most
    if np.isinf(least) or (most <= _MOST and least >= _LEAST):
        return
    odd = most if most > _MOST else least
    power = 10.0 ** np.floor(np.log10(most))
    fits = np.isfinite(power) and power > 1e-300 and least / power >= _LEAST
    raise OptionError(
        f"{place.said} has a weight of {odd:.3g}, and weights above 0 lie between {_LEAST:g} and {_MOST:g}. Divide them by a "
        "power of ten.",
        fix=Fix(place.changed(f"{number} / {power:g}")) if fits else IN_WORDS,
    )


def _check_zeros(sums: WeightSums, target: Target, place: WeightsPlace) -> None:
    rows = sums.rows
    unweighted = [target.classes[code] for code in np.flatnonzero((sums.totals == 0) & (rows > 0))]
    if not unweighted:
        return
    if len(unweighted) == (rows > 0).sum():
        which, then = "", "no row counts"
    else:
        which, then = f" of class {listed(unweighted)}", "it never counts"
    raise OptionError(
        f"{place.said} is 0 in every row{which}, so that {then}. Name other weights, or leave them out.",
        fix=change(sample_weight=LEFT_OUT),
    )


def small_weights(
    column: pd.Series, place: WeightsPlace, formats: Mapping[Hashable, Format]
) -> list[Finding]:
    """Say that weights add up to far less than the rows they tell as much as, such as those that were divided by their sum.

    A penalty, a least weight of a leaf and the counts of Platt's sigmoid are held against that sum.
    """
    values = as_float(column).to_numpy(np.float64)
    total, known = float(values.sum()), effective(values)
    if total >= known * _LITTLE:
        return []
    sentence = (
        f"{place.said} adds up to {total:.3g} over {len(values):,} rows: a model's penalty and a sigmoid take that for hardly "
        "any data."
    )
    each = f"{number_code(column, formats)('{}')} / {total / len(values):.3g}"
    return [Finding("IMB215", "warning", sentence, "Divide them by their mean.", Fix(place.changed(each)))]


def weights_of_classes(
    values: Floats, codes: Codes, target: Target, place: WeightsPlace, shares: Floats, *, given: bool
) -> list[Finding]:
    """Say that weights are one number for each class, which is how classes were sampled: a prevalence says so.

    Of weighted rows nothing tells that each negative stands for many that were not sampled: average precision is then too
    high, and the interval of a precision without a false alarm too narrow.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
    codes : ndarray of int, shape (n,)
    target : Target
    place : WeightsPlace
    shares : ndarray of float, shape (k,)
        Each class's share by the weights.
    given : bool
        Whether a prevalence was given too.
    """
    lows, highs = np.full(len(target.classes), np.inf), np.zeros(len(target.classes))
    np.minimum.at(lows, codes, values)
    np.maximum.at(highs, codes, values)
    is_one_each = bool((highs - lows <= 1e-9 * highs).all())
    if target.is_one_vs_rest or not is_one_each or highs.max() < _DIFFER * highs.min():
        return []
    of = {label: float(f"{share:.9g}") for label, share in zip(target.classes, shares, strict=True)}
    share: Any = of if target.positive is None else of[target.classes[target.positive]]
    said = {} if given else {"prevalence": share}
    sentence = (
        f"{place.said} is one number for each class, and allows for no negatives that were not sampled."
    )
    cure = (
        "Leave the weights out."
        if given
        else f"Say so by the share: prevalence={share!r}, without these weights."
    )
    lines = "" if place.own else dropped([place.column], place.frames)
    return [Finding("IMB216", "warning", sentence, cure, Fix(lines, {"sample_weight": LEFT_OUT, **said}))]


def unnamed_weights(X: pd.DataFrame, columns: Columns, *, given: bool, names: Sequence[str]) -> list[Finding]:
    """Name the features that look like row weights: by their names, and by cells that are all positive numbers.

    Parameters
    ----------
    X : pandas.DataFrame
    columns : Columns
    given : bool
        Whether other weights were named.
    names : sequence of str
        What the frames are called, in lines that mend them.
    """
    thing = any(_MEASURED.search(str(name)) for name in X.columns)
    called = [name for name in columns.numeric if _WEIGHTS.fullmatch(str(name).strip().replace(" ", "_"))]
    maybe = [name for name in columns.numeric if not thing and _MAYBE.fullmatch(str(name).strip())]
    found = [name for name in (*called, *maybe) if _are_positive(X[name])]
    if not found:
        return []
    first, *more = found
    looks = (
        f"look{'' if more else 's'} like row weights"
        if first in called and not thing
        else "may be row weights"
    )
    sentence = f"{listed(found)} {looks}, and {'are features' if more else 'is a feature'} here."
    others, can = found if given else more, len(found) < len(columns.used)
    lines = dropped(others, names) if others else ""
    cure, options = "If so, leave it out.", {}
    if not given:
        cure, options = (
            f"If it says how much a row counts: sample_weight={first!r}.",
            {"sample_weight": plain(first)},
        )
    return [Finding("IMB214", "note", sentence, cure, Fix(lines, options) if can else IN_WORDS)]


def _are_positive(column: pd.Series) -> bool:
    values = as_float(column).to_numpy(np.float64)
    return bool(((values >= _LEAST) & (values <= _MOST)).all())
