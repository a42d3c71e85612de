"""What the short style writes where its own program would give other numbers: average precision alone."""

from __future__ import annotations

from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_full import FullProgram


class _Fallback(FullProgram):
    """The full program without its figures."""

    by_predict = False
    of_each_deal = property(lambda self: ["out_of_fold", *self.raw_scores])


def write_fallback(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the comparison by average precision."""
    _Fallback(writer, evaluation).write("fit_eval/fallback.py.j2")
