"""The code of `counts`: the same counts in plain pandas."""

from __future__ import annotations

import pandas as pd

from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.counts.fields import CountsData
from imbalance_accessor.verbs.shared.snippet_table_rows import write_table_rows
from imbalance_accessor.verbs.shared.snippet_weighed_labels import write_row_counts, write_weighed_labels


def write(counts: CountsData, style: Style) -> Snippet:
    """Write the counts as a program; the full style adds the report on always saying the majority."""
    writer = Writer()
    write_rows(writer, counts, style)
    return writer.text()


def write_rows(writer: Writer, counts: CountsData, style: Style) -> None:
    """Write ``y`` and its ``rows``, as an overview begins too; of a table the rows alone."""
    weighed, target = counts.weighed, counts.target
    as_text, majority = "", counts.majority
    if target.needs_codes:
        as_text = "str" if target.names == tuple(map(str, target.classes)) else "repr"
        majority = target.names[counts._largest]
    values = {
        "may_be_unused": isinstance(target.labels.dtype, pd.CategoricalDtype),
        "with_report": style == "full",
        "as_text": as_text,
        "majority": majority,
    }
    if weighed.engine:
        write_table_rows(writer, weighed)
        write_template(writer, "counts/rows_of_table.py.j2", **values)
        return
    write_weighed_labels(writer, weighed, in_frame=counts.in_frame)
    counted = "" if weighed.are_rows else write_row_counts(writer, weighed)
    write_template(writer, "counts/rows.py.j2", counted=counted, **values)
