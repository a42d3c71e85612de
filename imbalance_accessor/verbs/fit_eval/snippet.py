"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_fallback import write_fallback
from imbalance_accessor.verbs.fit_eval.snippet_full import FullProgram
from imbalance_accessor.verbs.fit_eval.snippet_short import write_short


def write(evaluation: EvaluationData, style: Style) -> Snippet:
    """Write the comparison as a program."""
    writer = Writer()
    if style == "full":
        FullProgram(writer, evaluation).write("fit_eval/full.py.j2")
    elif not write_short(writer, evaluation):
        write_fallback(writer, evaluation)
    return writer.text()
