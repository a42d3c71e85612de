"""The picture of a `Resampled`: the rows of the training set as points, before and after."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.verbs.smote import text
from imbalance_accessor.verbs.smote.fields import ResampledData

#: Rows that are drawn at most, and the part of them that the rarest class may take before it is thinned as well.
_DRAWN, _RARE = 1200, 1 / 8
#: Copied rows may hold any number, also infinite ones; a picture places them no further out.
_FAR = 1e150


def pictures(made: ResampledData) -> Mapping[str, Picture]:
    """Return what can be drawn."""
    return {"before_after": Panels(2, lambda axes: _before_after(made, axes))}


def _before_after(made: ResampledData, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.scatter import before_after

    codes, new, columns = made._codes, made.is_synthetic.to_numpy(), made.parts.features.columns
    shown = _drawn(codes, new)
    only = _only_number(made.X_train, columns)
    named: dict[str, tuple[str, str]] = {}
    if only is None:
        xy = _two_components(made.X_train, new, columns)
    else:
        xy = _one_line_a_class(made.X_train[only], codes)
        named = {"axis_labels": (str(only), "one band a class, spread evenly")}
    if len(shown) < len(codes):
        real = int((~new[shown]).sum())
        before = f"before: {real:,} of the {int((~new).sum()):,} real rows"
        named["subtitles"] = (before, f"after: and {len(shown) - real:,} of {int(new.sum()):,} made")
    labels = made.parts.features.target.classes
    before_after(axes, xy[shown], codes[shown], new[shown], labels, text.title(made), **named)
    if only is not None:
        for ax in axes:
            ax.set_yticks([])


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
