"""The code of `smote`: the same rows in plain pandas and imbalanced-learn."""

from __future__ import annotations

from typing import Any

from imblearn.over_sampling import SMOTENC

from imbalance_accessor.modeling.by_code import sampler_by_label
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, on_one_line
from imbalance_accessor.verbs.shared.short.pipelines import by_kind
from imbalance_accessor.verbs.shared.snippet_data import write_code_map, write_parts
from imbalance_accessor.verbs.smote.fields import ResampledData


def write(made: ResampledData) -> Snippet:
    """Write the split and what is done to its training set as a program, the same in both styles."""
    writer, units, target = Writer(), made.units, made.parts.features.target
    write_parts(writer, made.parts, list(made.X_test.columns), plain=not units.as_they_came)
    values: dict[str, Any] = {"fills": units.fills, "opened": dict.fromkeys(units.opened, "object")}
    sampler, coded = made.sampler, made.sampler is not None and target.needs_codes
    if coded:
        write_code_map(writer, target)
    elif sampler is not None:  # rows by code inside, by label for the reader
        sampler = sampler_by_label(sampler, target.classes)
    if sampler is not None:
        values["cat"] = _name_categories(writer, sampler, made)
        values["sampler"] = on_one_line(writer.expression(sampler)).replace("(categorical_features=", "(", 1)
    scaled = list(units.means.index) if sampler is not None else []
    write_template(writer, "smote/resample.py.j2", coded=coded, scaled=scaled, **{"sampler": ""} | values)
    return writer.text()


def _name_categories(writer: Writer, sampler: Estimator, made: ResampledData) -> str:
    """Give the columns of categories, where the sampler takes them by name, the name ``cat``, and return what it stands for."""
    if not (type(sampler) is SMOTENC and isinstance(sampler.categorical_features, list)):
        return ""
    names = on_one_line(writer.expression(sampler.categorical_features))
    together = by_kind(names, sampler.categorical_features, made.units.train)
    writer.named[names] = "cat"
    return f"{together}.tolist()" if together else names
