"""The code of `split`: the same split in plain scikit-learn."""

from __future__ import annotations

from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.shared.snippet_data import write_parts
from imbalance_accessor.verbs.split.fields import SplitData


def write(split: SplitData) -> Snippet:
    """Write the split as a program, the same in both styles."""
    writer = Writer()
    write_parts(writer, split.parts, list(split.parts.features.X.columns), plain=False)
    write_template(writer, "split/rows.py.j2")
    return writer.text()
