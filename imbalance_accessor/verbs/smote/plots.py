"""The picture of a `Resampled`: the rows of the training set as points, before and after."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import IN_WORDS, OptionError, change, listed, near, nearest_of, one_line
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.verbs.smote import text
from imbalance_accessor.verbs.smote.fields import ResampledData

#: Rows that are drawn at most, and the part of them that the rarest class may take before it is thinned as well.
_DRAWN, _RARE = 1200, 1 / 8
#: Copied rows may hold any number, also infinite ones; a picture places them no further out.
_FAR = 1e150


def pictures(
    made: ResampledData, x: Hashable | None = None, y: Hashable | None = None
) -> Mapping[str, Picture]:
    """Return what can be drawn, by two columns where they are named."""
    pair = _pair(made, x, y)
    return {"before_after": Panels(2, lambda axes: _before_after(made, axes, pair))}


def _before_after(made: ResampledData, axes: Any, pair: tuple[Hashable, Hashable] | None) -> None:
    from imbalance_accessor.rendering.plots.scatter import before_after

    rows, labels = _every_row(made), made.parts.features.target.classes
    xy, axis_labels, is_band = _placed(rows, made.parts.features.columns, pair)
    shown = _drawn(rows.codes, rows.made)
    shown = shown[~np.isnan(xy[shown]).any(axis=1)]
    few = len(shown) < len(rows.codes)
    before_after(
        axes,
        xy[shown],
        rows.codes[shown],
        rows.made[shown],
        labels,
        text.title(made),
        dropped=rows.dropped[shown],
        subtitles=text.before_and_after(made),
        axis_labels=axis_labels,
        note=f"{len(shown):,} of {len(rows.codes):,} rows drawn" if few else "",
    )
    for ax in axes if is_band else ():
        ax.set_yticks([])


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of the training set as they were and as they became.

    Attributes
    ----------
    X : pandas.DataFrame
        Those that it has now, then those that it no longer has.
    codes : array of int
        The class of each.
    made, dropped : array of bool
        Which rows it had not before, and has no longer.
    """

    X: pd.DataFrame
    codes: Any
    made: Any
    dropped: Any


def _every_row(made: ResampledData) -> _Rows:
    new, real, train = made.is_synthetic.to_numpy(), made.units.real, made.parts.train
    gone = ~real.index.isin(made.X_train.index[~new])
    X = pd.concat([made.X_train, real[gone]]) if gone.any() else made.X_train
    codes = np.concatenate([made._codes, train.codes[gone]])
    none = np.zeros(gone.sum(), dtype=bool)
    return _Rows(X, codes, np.concatenate([new, none]), np.arange(len(codes)) >= len(new))


def _pair(made: ResampledData, x: Hashable | None, y: Hashable | None) -> tuple[Hashable, Hashable] | None:
    """Return the two columns to draw: those that were named, else the only two that hold numbers, or None."""
    numeric: list[Hashable] = [
        name for name in made.X_train.columns if name in made.parts.features.columns.numeric
    ]
    if x is None and y is None:
        return (numeric[0], numeric[1]) if len(numeric) == 2 else None
    for option, name, other in (("x", x, y), ("y", y, x)):
        if name is not None:
            _check_column(option, name, numeric, other)
    left = [name for name in numeric if name not in (x, y)]
    if x is not None and y is not None:
        return x, y
    if not left:
        raise OptionError(
            "A picture by two columns takes two numeric features, and there is one. Leave x= and y= out."
        )
    return (left[0] if x is None else x), (left[0] if y is None else y)


def _check_column(option: str, name: Hashable, numeric: list[Hashable], other: Hashable | None) -> None:
    """Refuse what is no numeric feature, or the column of the other axis."""
    left = [each for each in numeric if each != other]
    if name in left:
        return
    is_other = name in numeric
    said = "is the column of the other axis" if is_other else "is no numeric feature"
    instead = next(iter([*([] if is_other else nearest_of(name, left)), *left]), None)
    raise OptionError(
        f"{option}={one_line(name)} {said}.{'' if is_other else near(name, left)} Known: {listed(left, most=40)}.",
        fix=IN_WORDS if instead is None else change(**{option: instead}),
    )


def _placed(
    rows: _Rows, columns: Columns, pair: tuple[Hashable, Hashable] | None
) -> tuple[Any, tuple[str, str], bool]:
    """Return where rows lie, what the axes are, and whether one of them only parts the classes."""
    if pair is not None:
        xy = rows.X[[*pair]].astype("float64").clip(-_FAR, _FAR).to_numpy()
        return xy, (str(pair[0]), str(pair[1])), False
    only = _only_number(rows.X, columns)
    if only is not None:
        named = (str(only), "one band a class, spread evenly")
        return _one_line_a_class(rows.X[only], rows.codes), named, True
    named = ("first principal component", "second principal component")
    return _two_components(rows.X, rows.made, columns), named, False


def _drawn(codes: Any, new: Any) -> Any:
    """Return which rows are drawn where all would be too many: the real ones of the rarest class first, the rest by chance."""
    shuffled = np.random.default_rng(0).permutation(len(codes))
    rarest = np.argmin(np.bincount(codes[~new]))
    first = shuffled[(codes[shuffled] == rarest) & ~new[shuffled]][: int(_RARE * _DRAWN)]
    rest = shuffled[~np.isin(shuffled, first)]
    return np.concatenate([first, rest])[:_DRAWN]


def _only_number(X: pd.DataFrame, columns: Columns) -> Hashable | None:
    """Return the one numeric feature of a frame that has no other, or None."""
    known = [name for name in X.columns if name in columns.numeric or name in columns.categorical]
    return known[0] if len(known) == 1 and known[0] in columns.numeric else None


def _one_line_a_class(feature: pd.Series, codes: Any) -> Any:
    """Place rows by their one feature from left to right, in a band for each class, the first class on top.

    The heights within a band are multiples of the golden ratio, modulo 1: spread evenly, and the same every time.
    """
    values = feature.astype("float64").clip(-_FAR, _FAR)
    heights = (np.arange(len(values)) * (np.sqrt(5) - 1) / 2) % 1.0 - 0.5
    return np.column_stack([values.fillna(values.median()).fillna(0.0), 0.6 * heights - codes])


def _two_components(X: pd.DataFrame, made: Any, columns: Columns) -> Any:
    """Project rows on two principal components of the real ones, in standardised units."""
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    numeric = [name for name in columns.numeric if name in X.columns]
    table = X[numeric].astype("float64").clip(-_FAR, _FAR)
    rest = [name for name in columns.categorical if name in X.columns]
    if len(numeric) < 2 and rest:
        table = pd.concat([table, pd.get_dummies(X[rest].astype(str)).astype("float64")], axis=1)
    values = table.fillna(table.median()).fillna(0.0).to_numpy()
    if values.shape[1] < 2:
        values = np.column_stack([values, np.zeros((len(values), 2 - values.shape[1]))])
    scaler = StandardScaler().fit(values[~made])
    # where all rows are the same, there is a share of no variance
    with np.errstate(invalid="ignore", divide="ignore"):
        found = PCA(2, random_state=0).fit(scaler.transform(values[~made]))
    return found.transform(scaler.transform(values))
