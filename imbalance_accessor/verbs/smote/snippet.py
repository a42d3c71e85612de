"""The code of `smote`: the same rows in plain pandas and imbalanced-learn."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd
from imblearn.over_sampling import SMOTENC

from imbalance_accessor.data.target import Target
from imbalance_accessor.modeling.by_code import sampler_by_label
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import broken
from imbalance_accessor.rendering.snippets.writer import (
    CODE_WIDTH,
    Group,
    Snippet,
    Writer,
    on_one_line,
    quoted_code,
)
from imbalance_accessor.verbs.shared.short.pipelines import by_kind
from imbalance_accessor.verbs.shared.snippet_data import name_of, write_code_map, write_parts
from imbalance_accessor.verbs.smote.fields import ResampledData
from imbalance_accessor.verbs.smote.units import Units


def write(made: ResampledData) -> Snippet:
    """Write the split and what is done to its training set as a program, the same in both styles."""
    writer, units = Writer(), made.units
    write_parts(writer, made.parts, list(made.X_test.columns), plain=not units.as_they_came)
    _write_fills(writer, units)
    if made.sampler is not None:
        if units.scales:
            _write_scales(writer, units)
        _write_sampler(writer, made.sampler, made.parts.features.target, units.train)
        if units.scales:
            writer.add("X_train[numeric] = X_train[numeric] * spread + mean")
    writer.add("print(y_train.value_counts())")
    return writer.text()


def _write_fills(writer: Writer, units: Units) -> None:
    if not units.fills:
        return
    parts = tuple((f"{name_of(name)}: ", _fill(name, value)) for name, value in units.fills.items())
    writer.add("# what fills missing cells is learned on the training set")
    writer.assign("fills", Group("{", parts, "}"))
    if units.opened:
        writer.assign("types", writer.expression(dict.fromkeys(units.opened, "object")))
        writer.add("X_train, X_test = X_train.astype(types), X_test.astype(types)")
    writer.add("X_train, X_test = X_train.fillna(fills), X_test.fillna(fills)")


def _fill(name: Hashable, value: object) -> str:
    return f"X_train[{name_of(name)}].median()" if isinstance(value, float) else quoted_code(str(value))


def _write_scales(writer: Writer, units: Units) -> None:
    writer.add("# neighbours are searched in units learned on the training set")
    writer.assign("numeric", writer.expression(list(units.means.index)))
    writer.add(
        "mean, spread = X_train[numeric].mean(), X_train[numeric].std(ddof=0)",
        "X_train = X_train.copy()",
        "X_train[numeric] = (X_train[numeric] - mean) / spread",
    )


def _write_sampler(writer: Writer, sampler: Estimator, target: Target, X: pd.DataFrame) -> None:
    if target.needs_codes:
        writer.add("# the sampler takes no labels of this kind, but their codes")
        write_code_map(writer, target)
        writer.add("y_train = y_train.map(codes).astype(int)")
    else:  # rows by code inside, by label for the reader
        sampler = sampler_by_label(sampler, target.classes)
    writer.add("# resample the training set only: done before the split, test rows would leak into it")
    if type(sampler) is SMOTENC and isinstance(sampler.categorical_features, list):
        _write_cat(writer, sampler.categorical_features, X)
    made = on_one_line(writer.expression(sampler)).replace("(categorical_features=", "(", 1)
    line = f"X_train, y_train = {made}.fit_resample(X_train, y_train)"
    if len(line) > CODE_WIDTH:
        writer.add(*broken(f"sampler = {made}"))
        line = "X_train, y_train = sampler.fit_resample(X_train, y_train)"
    writer.add(line)
    if target.needs_codes:
        writer.add("y_train = y_train.map({code: label for label, code in codes.items()})")


def _write_cat(writer: Writer, categorical: list[Hashable], X: pd.DataFrame) -> None:
    """Write ``cat``, the columns of categories."""
    names = on_one_line(writer.expression(categorical))
    together = by_kind(names, categorical, X)
    if not together:
        writer.name("cat", categorical)
        return
    writer.add(f"cat = {together}.tolist()")
    writer.named[names] = "cat"
