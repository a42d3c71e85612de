"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_full import write_full
from imbalance_accessor.verbs.fit_eval.snippet_short import write_short


def write(evaluation: EvaluationData, style: Style) -> Snippet:
    """Write the comparison as a program; where the short style would give other numbers, by average precision alone."""
    writer = Writer()
    if style == "full":
        write_full(writer, evaluation)
    elif not write_short(writer, evaluation):
        write_full(writer, evaluation, alone=True)
    return writer.text()
