"""The code of `overview`: the counts in plain pandas, and the weights."""

from __future__ import annotations

from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.counts.snippet import write_rows
from imbalance_accessor.verbs.overview.fields import OverviewData
from imbalance_accessor.verbs.weights.snippet import weight_values


def write(overview: OverviewData, style: Style) -> Snippet:
    """Write the counts as a program; the full style adds the report on always saying the majority, and weights."""
    writer = Writer()
    write_rows(writer, overview.counts, style)
    if style == "full":
        writer.add("")
        write_template(writer, "overview/weights.py.j2", **weight_values(overview.weights))
    return writer.text()
