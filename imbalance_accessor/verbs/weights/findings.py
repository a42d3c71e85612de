"""What must be known of weights of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.data.target import Target, plain
from imbalance_accessor.errors import listed
from imbalance_accessor.findings import Finding


def unnamed_labels(target: Target, given: Mapping[Any, float]) -> list[Finding]:
    """Name the labels that were given no weight."""
    named = {plain(label) for label in given}
    absent = [label for label in target.classes if label not in named]
    if not absent:
        return []
    sentence = f"No weight was given for class {listed(absent)}: 1 is taken, as scikit-learn does."
    return [Finding("IMB204", "note", sentence, "Name every label.")]
