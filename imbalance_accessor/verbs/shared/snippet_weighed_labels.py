"""The lines of snippets that count rows by their weights, and classes as often as where the model will be used."""

from __future__ import annotations

from imbalance_accessor.data.target import Label
from imbalance_accessor.data.weighting import WeighedLabels
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared.snippet_data import labelled_rows, name_of, write_labels


def write_weighed_labels(writer: Writer, weighed: WeighedLabels, *, in_frame: bool) -> None:
    """Write ``y``; and where its rows have weights, ``sample_weight``, on the same rows."""
    write_labels(writer, weighed.target, in_frame=in_frame, with_features=weighed.sums is not None)
    if weighed.sums is None:
        return
    weighting, rows = weighed.weighting, labelled_rows(weighed.target, in_frame=in_frame)
    cells = f"df[{name_of(weighting.column)}]" if weighting.in_frame else "sample_weight"
    cells = cells if weighed.written is None else weighed.written.code(cells)
    template = "shared/full/sample_weight.py.j2"
    write_template(writer, template, weighting=weighting, cells=cells, rows=rows)


def write_row_counts(writer: Writer, weighed: WeighedLabels) -> str:
    """Write how much each row counts where the model will be used, and return what it is called."""
    if weighed.weighting.factors is None:
        return "sample_weight"
    wanted, has_own = wanted_shares(weighed), weighed.sums is not None
    write_template(writer, "shared/full/row_counts.py.j2", wanted=wanted, has_own=has_own)
    return "weight"


def wanted_shares(weighed: WeighedLabels) -> dict[Label, float]:
    """Return each class's share where the model will be used, by label."""
    # 1 − 0.02 is written as 0.98
    shares = [float(f"{share:.12g}") for share in weighed.shares]
    return dict(zip(weighed.target.classes, shares, strict=True))
