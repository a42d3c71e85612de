"""The result of `smote`: a split whose training set was resampled, its card, its plot and its snippet."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from imbalance_accessor.data.columns import Columns
from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import counted
from imbalance_accessor.modeling.models import Estimator
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, laid_out
from imbalance_accessor.verbs.shared.snippet_data import write_code_map, write_parts
from imbalance_accessor.verbs.smote import text
from imbalance_accessor.verbs.smote.fields import ResampledData

#: Rows drawn in the picture.
_DRAWN = 2000


#: Copied rows may hold any number, also infinite ones; a picture places them no further out.
_FAR = 1e150


@dataclass(frozen=True, repr=False, eq=False)
class Resampled(ResampledData):
    """A split whose training set was resampled; unpacks as ``X_train, X_test, y_train, y_test``.

    Attributes
    ----------
    X_train, X_test : pandas.DataFrame
        Features. Real train rows keep their index labels, made ones get new ones. No test row is made, dropped or
        moved; its cells are as they were, but for fills that you asked for, and text where no sampler takes the cells.
    y_train, y_test : pandas.Series
        Their labels.
    is_synthetic : pandas.Series of bool
        On the index of `X_train`: whether a row was made or copied.
    sampler : sampler or None
        What resampled, not fitted; None where there was nothing to do.
    parts : Parts
        The split before resampling.
    findings : Findings
        What the reader must know.
    """

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the same rows in plain imbalanced-learn: split first, then ``fit_resample`` on the training set."""
        check_library(library)
        check_style(style)
        writer = Writer()
        write_parts(writer, self.parts, list(self.X_test.columns), plain=not self.units.as_they_came)
        self.units.write(writer, scaled=self.sampler is not None)
        if self.sampler is not None:
            _write_sampler(writer, self.sampler, self.parts.features.target)
            self.units.write_back(writer)
        writer.add("print(y_train.value_counts())")
        return writer.text()

    @property
    def _kind(self) -> str:
        return "nothing" if self.sampler is None else type(self.sampler).__name__

    def _card(self) -> Card:
        made, before = int(self.is_synthetic.sum()), len(self.parts.train)
        after = len(self.X_train)
        change = (
            f"{self._kind}: {counted(before, 'train row')} became {after:,}"
            if self.sampler is not None
            else f"Nothing to do: {before:,} train rows stay"
        )
        kept = counted(len(self.X_test), "test row")
        filled = int(self.parts.test.X[list(self.units.fills)].isna().to_numpy().sum())
        return Card(
            title=f"{change}; the {kept} {'was' if len(self.X_test) == 1 else 'were'} not resampled",
            figures=(
                ("train", f"{before:,} → {counted(after, 'row')}, {made:,} of them synthetic"),
                (
                    "test",
                    f"{counted(len(self.X_test), 'row')}, not resampled"
                    + (f", {counted(filled, 'cell')} filled as in train" if filled else ""),
                ),
            ),
            table=self.frame,
            notes=(self.parts.split_by.text,),
            findings=self.findings,
            next=("X_train, X_test, y_train, y_test = df.imb.smote(...)",),
        )

    def _pictures(self) -> Mapping[str, Picture]:
        return {"before_after": Panels(2, self._draw)}

    def _draw(self, axes: Any) -> None:
        from imbalance_accessor.rendering.plots.scatter import before_after

        target = self.parts.features.target
        codes = self._codes
        made = self.is_synthetic.to_numpy()
        shown = np.random.default_rng(0).permutation(len(codes))[:_DRAWN]
        columns = self.parts.features.columns
        only = _only_number(self.X_train, columns)
        if only is None:
            xy, named = _two_components(self.X_train, made, columns), {}
        else:
            xy = _one_line_a_class(self.X_train[only], codes)
            named = {"axis_labels": (str(only), "one band a class, spread evenly")}
        before_after(axes, xy[shown], codes[shown], made[shown], target.classes, self._card().title, **named)
        if only is not None:
            for ax in axes:
                ax.set_yticks([])

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)


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


def _write_sampler(writer: Writer, sampler: Estimator, target: Target) -> None:
    given, classes = sampler.get_params(deep=False).get("sampling_strategy"), target.classes
    if target.needs_codes:
        writer.add("# the sampler takes no labels of this kind, but their codes")
        write_code_map(writer, target)
        writer.add("y_train = y_train.map(codes).astype(int)")
    elif isinstance(given, dict):  # rows by code inside, by label for the reader
        labelled: Any = {classes[code]: count for code, count in given.items()}
        sampler = clone(sampler).set_params(sampling_strategy=labelled)
    elif isinstance(given, list):
        sampler = clone(sampler).set_params(sampling_strategy=[classes[code] for code in given])
    writer.add("# resample the training set only: done before the split, test rows would leak into it")
    writer.add(f"sampler = {laid_out(writer.expression(sampler), before=10)}")
    writer.add("X_train, y_train = sampler.fit_resample(X_train, y_train)")
    if target.needs_codes:
        writer.add("y_train = y_train.map({code: label for label, code in codes.items()})")
