"""The code of a `LearningCurve`: the plain model fitted on growing parts of the training set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.learning_curve.fields import LearningCurveData
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import has_own
from imbalance_accessor.verbs.shared.snippet_weights import (
    is_weighted,
    takes_half,
    weighted_code,
    write_counted,
    write_precision,
)


def write(c: LearningCurveData) -> Snippet:
    """Write the fits, the figures of each size and the slope over the logarithm of the positives."""
    writer = Writer()
    program = _Program(writer, c)
    snippet_scores.write_data(writer, c.plan, program.scored, folded=not program.held_out)
    weights = snippet_scores.write_pipeline(writer, c.plan, program.scored, "none")
    column = snippet_scores.positive_column(c.plan, program.scored)
    scoring = snippet_scores.Scoring(c.plan, program.scored, column, weighted=bool(weights))
    write_template(writer, "learning_curve/curve.py.j2", full=program, scoring=scoring, sizes=c.sizes)
    return writer.text()


class _Program:
    """A learning curve as its template reads it; and as the one of ranks out of fold does."""

    def __init__(self, writer: Writer, c: LearningCurveData) -> None:
        self.writer, self.plan = writer, c.plan
        self.scored = (c.scored.as_fitted or c.scored).on_sample
        self.held_out, parts = self.scored.held_out, self.scored.parts
        self.several, self.all_scored = False, bool((self.scored.folds.ids >= 0).all())
        self.is_pooled = parts.is_stratified or self.scored.one_model
        self.is_turned = self.scored.positive == 0 and not self.scored.is_probability
        self.has_own, self.is_weighted = has_own(parts.features), is_weighted(parts)
        self.takes_half = takes_half(self.scored)
        self.by_place = "groups" if parts.split_by.groups is not None else ""
        self.by_place = "time" if parts.split_by.time is not None else self.by_place

    @property
    def head(self) -> str:
        """Which rows are positive, how much each counts, and the functions that measure."""
        coded = self.plan.reader.coded
        lines = [self._added(snippet_scores.write_sides, self.scored, coded=coded)]
        if self.is_weighted:
            lines.append(self._added(write_counted, self.scored, coded=coded))
            lines.append(self._added(write_precision, self.scored))
        return "\n".join(lines)

    def _added(self, write: Callable[..., None], *given: Any, **options: Any) -> str:
        """Return the lines that other verbs' programs have too, for the template to place."""
        own = replace(self.writer, lines=[*self.writer.lines])
        write(own, *given, **options)
        return "\n".join(own.lines[len(self.writer.lines) :]).strip("\n")

    def average_precision(self, y: str, score: str, w: str, half: str = "") -> str:
        """Return the call of average precision; half: the half negative, where it is not that of these rows."""
        code = f"average_precision_score({y}, {score})"
        return weighted_code(METRICS["average_precision"], code, self.scored, w, half=half)
