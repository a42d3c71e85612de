"""The short code of a `CheapestClass`: the cheapest class of each row, as a person would write it."""

from __future__ import annotations

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, on_one_line
from imbalance_accessor.verbs.best_threshold import snippet_cost_matrix
from imbalance_accessor.verbs.shared.short.program import short_program
from imbalance_accessor.verbs.shared.snippet_weights import is_weighted


def write(plan: Plan, scored: CrossValScores, costs: Floats) -> Snippet:
    """Write the answers as a short program, and what each costs a row."""
    writer, (name,) = Writer(), plan.candidates
    plain = not (is_weighted(scored.parts) or scored.again or (scored.folds.ids < 0).any())
    short = short_program(writer, plan, scored, [name]) if plain else None
    if short is None:
        return snippet_cost_matrix.write(plan, scored, costs)
    labels = list(range(len(costs))) if plan.reader.coded else plan.reader.classes.tolist()
    write_template(
        writer,
        "best_threshold/short_costs.py.j2",
        short=short,
        given="weights" if short.weights else "",
        given_code="".join(short.weights.values()),
        costs=_amounts(costs),
        labels=on_one_line(writer.expression(labels)),
    )
    return writer.text()


def _amounts(costs: Floats) -> str:
    return repr((costs.astype(int) if (costs == costs.astype(int)).all() else costs).tolist())
