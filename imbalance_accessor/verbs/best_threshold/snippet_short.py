"""The short code of a `Threshold`: the search as a person would write it, where that finds the same number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.evaluation.table_scores import TableScores
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.snippets.templates import replaced_names, write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, on_one_line
from imbalance_accessor.verbs.best_threshold import snippet
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_intervals import has_weights
from imbalance_accessor.verbs.best_threshold.snippet_search import Names, Search, cost_sum, write_search
from imbalance_accessor.verbs.shared.short.column import write_column
from imbalance_accessor.verbs.shared.short.counts import RowCounts, read_counts
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program
from imbalance_accessor.verbs.shared.snippet_threshold import amount_text
from imbalance_accessor.verbs.shared.snippet_weights import carries_weights, say_left_out


def write(t: ThresholdData) -> Snippet:
    """Write the choice as a short program: the threshold, and what it comes to on the test set."""
    writer, scores, search = Writer(), t.strategy_scores, Search(t)
    if isinstance(scores, FittedScores) and not carries_weights(snippet.estimator_of(scores)):
        return Snippet(say_left_out([scores.name]))
    short = None
    if search.is_exact and isinstance(scores, FittedScores):
        short = short_program(writer, scores.plan, scores.scored, [scores.name], routes=True)
    if short is not None:
        _write_fitted(writer, search, short)
    elif isinstance(scores, TableScores) or (search.is_exact and isinstance(scores, ColumnScores)):
        _write_given(writer, search, scores)
    else:
        _write_longer(writer, search)
    return writer.text()


def _count_lines(writer: Writer, search: Search, counts: RowCounts, *, by_sigmoid: bool = False) -> str:
    """Write how much rows count at a prevalence, as far as this program reads it."""
    by_row = bool(search.t.asked.cost_columns)
    used = {"train": counts.has_own or by_row or by_sigmoid, "test": search.t.feasible or by_row}
    outcome = {part: y for part, y in counts.outcome.items() if used[part]}
    if not outcome and not search.reads_classes:
        return ""
    return replace(counts, outcome=outcome, takes_half=False).lines(writer)


def _write_fitted(writer: Writer, search: Search, short: ShortProgram) -> None:
    """Write the rows, the pipeline and its scores, the search, and what it comes to."""
    t, brought = search.t, short.brought
    scores, by_sigmoid = t.strategy_scores, bool(brought and brought.sigmoids)
    assert isinstance(scores, FittedScores)
    count_lines = _count_lines(writer, search, short.counts, by_sigmoid=by_sigmoid)
    snippet.write_unique_index(writer, t, scores.plan)
    names = _names(scores, short)
    values = {
        "short": replace(short, count_lines=count_lines),
        "given": "weights" if short.weights or short.asking else "",
        "given_code": "".join(short.weights.values()) or f'{{"sample_weight": {short.counts.own("train")}}}',
        "b": brought and replace(brought, odds=dict.fromkeys(brought.odds, "odds")),
        "odds": "".join(brought.odds.values()) if brought else "",
        "sigmoid": by_sigmoid,
    }
    write_template(writer, "best_threshold/pipeline.py.j2", **values)
    snippet.write_costs(writer, t, short.y_train, short.y_test)
    write_search(writer, search, names)
    has_p = bool(short.asking) and brought is None  # it stands there already
    write_p = None if has_p else lambda: write_template(writer, "best_threshold/test.py.j2", **values)
    _write_end(writer, t, names, write_p)


def _names(scores: FittedScores, short: ShortProgram) -> Names:
    names = Names(score=short.score, y_train=short.y_train, y_test=short.y_test).of(short.y_train)
    labels = scores.scored.parts.features.target.labels
    if scores.plan.reader.coded or labels.dtype.kind in "iuf":  # they may be whole numbers
        names = replace(names, positive=f"{short.y_train} == 1", negative=f"{short.y_train} == 0")
    return names


def _write_given(writer: Writer, search: Search, scores: ColumnScores) -> None:
    """Write the scores that came in a column, the search, and what it comes to."""
    t, own = search.t, replace(writer, lines=[])
    column = write_column(own, scores, more=bool(t.asked.cost_columns))
    counts = read_counts(writer, scores.scored, column.truth, (column.y_train, column.y_test))
    own.add(*_count_lines(own, search, counts).splitlines())
    writer.add(*counts.renamed("\n".join(own.lines)).splitlines())
    snippet.write_costs(writer, t, column.y_train, column.y_test)
    names = Names(column.p_train, column.p_test, y_test=column.y_test).of(column.y_train)
    write_search(writer, search, names)
    _write_end(writer, t, names)


def _write_longer(writer: Writer, search: Search) -> None:
    """Write the same by the lines of the full style, where no shorter ones give the same numbers."""
    t = search.t
    oof, on_test = snippet.lines_of_scores(writer, t)
    snippet.write_costs(writer, t)
    if search.is_exact:
        if search.reads_classes:
            writer.add("w_neg, w_pos = factors")
        writer.add(*oof)
        write_search(writer, search, Names())
    else:
        snippet.write_chooser(writer, t)
        writer.add(*oof)
        snippet.write_threshold(writer, t, cross_fitted=False)
    _write_end(writer, t, Names(), lambda: writer.add(*on_test))


def _write_end(
    writer: Writer, t: ThresholdData, names: Names, write_scores: Callable[[], None] | None = None
) -> None:
    """Write what the threshold comes to on the test set, where there is one."""
    if not t.feasible:
        writer.add('print("threshold", threshold)  # no threshold keeps the limits')
        return
    if not len(t.strategy_scores.scored.parts.test):
        writer.add('print("threshold", threshold)')
        if t.asked.threshold is not None and _reads_oof(t):
            writer.add("", "# your threshold, which no row chose")
            _write_figures(writer, t, replace(names, y_test=names.y_train, score=names.oof), alone=True)
        return
    writer.add("")
    if write_scores is not None:
        write_scores()
    _write_figures(writer, t, names)


def _reads_oof(t: ThresholdData) -> bool:
    """Whether the scores that chose are one array of all rows, each of which counts once."""
    whole = len(t.found.grids) == 1 and bool((t.strategy_scores.scored.folds.ids >= 0).all())
    return whole and not has_weights(t) and not t.asked.cost_columns


def _write_figures(writer: Writer, t: ThresholdData, names: Names, *, alone: bool = False) -> None:
    """Write the lines that judge the threshold on the test set, beside the user's own and the default; or the user's `alone`."""
    others = [t.found.rows[name].threshold for name in ("yours", "default") if name in t.found.rows]
    shown = [row.points["flag_rate"] for name, row in t.found.rows.items() if name != "closed_form"]
    cost, w = cost_sum(t, {}), "w_test" if has_weights(t) else ""
    write_template(
        writer,
        "best_threshold/figures.py.j2",
        y=names.y_test,
        p=names.score,
        w=w,
        criterion=_criterion(t, names.y_test, w),
        yours=t.asked.threshold if alone else None,
        others=[on_one_line(writer.expression(each)) for each in dict.fromkeys(others)],
        flags_nobody=min(shown) == 0,
        by_row=bool(t.asked.cost_columns),
        cost=cost,
        counts=", ".join(name if name in cost else "_" for name in ("tn", "fp", "fn", "tp")),
    )


def _criterion(t: ThresholdData, y: str, w: str) -> dict[str, Any] | None:
    """Return what was maximised, as a call, where it is none of the figures that are always printed."""
    objective = t.asked.objective
    weighed = f", sample_weight={w}" if w else ""
    if objective.criterion == "fbeta":
        beta = amount_text(objective.beta)
        code = f"fbeta_score({y}, flag, beta={beta}{weighed})"
        return {"name": "fbeta", "code": code, "library": ("sklearn.metrics", "fbeta_score")}
    if objective.criterion == "specificity":  # the recall of the others
        code = f"recall_score({y} == 0, ~flag{weighed})"
        return {"name": "specificity", "code": code, "library": ("sklearn.metrics", "recall_score")}
    metric = METRICS.get(objective.criterion)
    if metric is None or metric.library is None or metric.name in ("f1", "precision", "recall"):
        return None
    code = replaced_names(metric.code, {"is_test": y})
    return {"name": metric.name, "code": f"{code[:-1]}{weighed})", "library": metric.library}
