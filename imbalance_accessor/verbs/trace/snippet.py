"""The code of a `Trace`: the pipeline fitted, and what there is after each of its steps."""

from __future__ import annotations

from imbalance_accessor.modeling.models import is_search
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import is_drawn_anew
from imbalance_accessor.verbs.trace.fields import TraceData


def write(t: TraceData, style: Style) -> Snippet:
    """Write the fit and the walk through it; the full style scores the row too, where one was asked for."""
    writer, strategy = Writer(), t.strategy_scores
    plan, scored = strategy.plan, strategy.scored
    row = (t.answer or t.contributions) if style == "full" else None
    snippet_scores.write_data(writer, plan, scored, folded=row is not None and row.fold >= 0)
    weights = snippet_scores.write_pipeline(writer, plan, scored, strategy.name)
    if row is not None and is_drawn_anew(scored.parts):
        said = "The row's score is left out: it may fall into the other part at each draw."
        writer.placeholders.append(said)
        row = None
    column = "" if t.answer is not None else snippet_scores.positive_column(plan, scored)
    write_template(
        writer,
        "trace/walk.py.j2",
        scoring=snippet_scores.Scoring(plan, scored, column, weighted=bool(weights)),
        opened=_opened(t),
        is_bare=plan.model.fitted and not hasattr(scored.by_name[strategy.name].model, "steps"),
        skips=any(step in (None, "passthrough") for _, step in plan.model.before),
        row=row,
        network=t.network if row is not None else (),
    )
    return writer.text()


def _opened(t: TraceData) -> str:
    """Return the fitted pipeline: the best one, where a search stands around it."""
    plan, name = t.strategy_scores.plan, t.strategy_scores.name
    searched = not plan.model.fitted and is_search(plan.candidates[name].estimator)
    return "pipeline.best_estimator_" if searched else "pipeline"
