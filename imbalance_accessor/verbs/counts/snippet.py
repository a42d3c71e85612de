"""The code of `counts`: the same counts in plain pandas."""

from __future__ import annotations

import pandas as pd

from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Group, Snippet, Writer, laid_out
from imbalance_accessor.verbs.counts.fields import CountsData
from imbalance_accessor.verbs.shared.snippet_data import name_of
from imbalance_accessor.verbs.shared.snippet_weighed_labels import write_row_counts, write_weighed_labels


def write(counts: CountsData, style: Style) -> Snippet:
    """Write the counts as a program; the full style adds the report on always saying the majority."""
    writer = Writer()
    write_rows(writer, counts, style)
    return writer.text()


def write_rows(writer: Writer, counts: CountsData, style: Style) -> None:
    """Write ``y`` and its ``rows``, as an overview begins too."""
    weighed, counted = counts.weighed, ""
    write_weighed_labels(writer, weighed, in_frame=counts.in_frame)
    if weighed.are_rows:
        unused = isinstance(counts.target.labels.dtype, pd.CategoricalDtype)
        writer.add(f"rows = y{'.cat.remove_unused_categories()' if unused else ''}.value_counts()")
    else:
        counted = write_row_counts(writer, weighed)
        writer.add(f"rows = {counted}.groupby(y, observed=True).sum().sort_values(ascending=False)")
    writer.add(r'print(rows, rows / rows.sum(), rows.max() / rows.min(), sep="\n")')
    if style == "full":
        _write_report(writer, counts, counted)


def _write_report(writer: Writer, counts: CountsData, counted: str) -> None:
    target = counts.target
    writer.use("sklearn.metrics", "classification_report")
    said, label = "y", name_of(counts.majority)
    if target.needs_codes:
        said, label = "said", name_of(target.names[counts._largest])
        as_text = "str" if target.names == tuple(map(str, target.classes)) else "repr"
        writer.add(f"said = y.map({as_text})  # scikit-learn reports on no labels of this kind")
    line = f"always = [{label}] * len(y)"
    writer.add(*([line] if len(line) <= CODE_WIDTH else ["always = [", f"    {label}", "] * len(y)"]))
    weights = [f"sample_weight={counted}"] if counted else []
    given = (said, "always", *weights, "digits=3", "zero_division=0")
    report = Group("classification_report(", tuple(("", each) for each in given), ")")
    writer.add(laid_out(Group("print(", (("", report),), ")")))
