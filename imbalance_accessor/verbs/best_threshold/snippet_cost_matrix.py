"""The code of a `CheapestClass`: each row's cheapest class, held against the likeliest one, in plain scikit-learn and numpy."""

from __future__ import annotations

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_dealt import scores_of_fits
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    is_weighted,
    say_left_out,
    write_classes,
)


def write(plan: Plan, scored: CrossValScores, costs: Floats) -> Snippet:
    """Write the answers as a program, and what each costs a row."""
    writer, (name,) = Writer(), plan.candidates
    if not carries_weights(plan.candidates[name].estimator):
        writer.add(say_left_out([name]))
        return writer.text()
    snippet_scores.write_data(writer, plan, scored)
    keys = snippet_scores.write_pipeline(writer, plan, scored, name)
    classes = list(range(len(costs))) if plan.reader.coded else plan.reader.classes.tolist()
    writer.assign("labels", writer.expression(classes))
    writer.assign("costs", writer.expression(costs))
    write_classes(writer, scored, coded=plan.reader.coded)
    correction, wide = Correction(plan, scored, (name,)), snippet_scores.wide(plan, scored)
    correction.write(writer)
    scores = scores_of_fits(writer, plan, scored, wide, correction, weighted=bool(keys), test=scored.held_out)
    write_template(
        writer,
        "best_threshold/cost_matrix.py.j2",
        is_held_out=scored.held_out,
        is_weighted=is_weighted(scored.parts),
        is_whole=bool((scored.folds.ids >= 0).all()),
        **scores,
    )
    return writer.text()
