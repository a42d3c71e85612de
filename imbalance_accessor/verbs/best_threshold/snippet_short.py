"""The short code of a `Threshold`: the search as a person would write it, where that finds the same number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from imbalance_accessor.data.features import Features
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.best_threshold import snippet
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_intervals import has_weights
from imbalance_accessor.verbs.best_threshold.snippet_search import Names, Search, total, write_search
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of, raw_numbers
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
        _write_fitted(writer, search, _counted(writer, search, short))
    elif search.is_exact and _is_plain_column(t):
        names = _write_column(writer, t)
        write_search(writer, search, names)
        _write_end(writer, t, names)
    else:
        _write_longer(writer, search)
    return writer.text()


def _counted(writer: Writer, search: Search, short: ShortProgram) -> ShortProgram:
    """Leave of the lines that say how much rows count at a prevalence what this program reads."""
    counts, t = short.counts, search.t
    if not counts.prevalence:
        return short
    by_row = bool(t.asked.cost_columns)
    used = {
        "train": counts.has_own or by_row or bool(short.brought and short.brought.sigmoids),
        "test": t.feasible or by_row,
    }
    outcome = {part: y for part, y in counts.outcome.items() if used[part]}
    if not outcome and not search.counts_classes:
        return replace(short, count_lines="")
    return replace(short, count_lines=replace(counts, outcome=outcome, takes_half=False).lines(writer))


def _write_fitted(writer: Writer, search: Search, short: ShortProgram) -> None:
    """Write the rows, the pipeline and its scores, the search, and what it comes to."""
    t = search.t
    scores, brought = t.strategy_scores, short.brought
    assert isinstance(scores, FittedScores)
    snippet.write_unique_index(writer, t, scores.plan)
    names = _names(scores, short)
    values = {
        "short": short,
        "given": "weights" if short.weights or short.asking else "",
        "given_code": "".join(short.weights.values()) or f'{{"sample_weight": {short.counts.own("train")}}}',
        "b": brought and replace(brought, odds=dict.fromkeys(brought.odds, "odds")),
        "odds": "".join(brought.odds.values()) if brought else "",
        "sigmoid": bool(brought and brought.sigmoids),
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


def _write_column(writer: Writer, t: ThresholdData) -> Names:
    """Write the rows' scores and labels, divided."""
    assert isinstance(t.strategy_scores, ColumnScores)
    parts, column = t.strategy_scores.scored.parts, t.strategy_scores.column
    target, split_by = parts.features.target, parts.split_by
    cells, labels = (f"df[{name_of(name)}]" for name in (column, target.labels.name))
    write_template(
        writer,
        "best_threshold/column.py.j2",
        cells=raw_numbers(writer, parts.features, cells, column),
        labels=labels,
        label=name_of(target.pos_label),
        weights=_own_weights(writer, parts.features),
        prevalence=_prevalence(t),
        strata="y" if target.is_binary and target.positive == 1 else labels,
        is_divided=bool(len(parts.test)),
        test_size=repr(split_by.test_size),
        random_state=repr(split_by.random_state),
    )
    if not len(parts.test):
        return Names("p").of("y", "w")
    return Names("p_train", "p_test", y_test="y_test").of("y_train")


def _prevalence(t: ThresholdData) -> str:
    """Write the share of positives where the model will be used; nothing where it is the frame's."""
    features = t.strategy_scores.scored.parts.features
    wanted, positive = features.weighting.wanted, features.target.positive
    if features.weighting.factors is None or wanted is None or positive is None:
        return ""
    return repr(float(wanted[positive]))


def _own_weights(writer: Writer, features: Features) -> str:
    """Write the rows' own weights; nothing where they have none."""
    column = features.weighting.column
    return raw_numbers(writer, features, f"df[{name_of(column)}]", column) if has_own(features) else ""


def _is_plain_column(t: ThresholdData) -> bool:
    """Whether all rows of the frame are divided by chance, or not at all, and no column but the scores is read."""
    parts = t.strategy_scores.scored.parts
    target, split_by = parts.features.target, parts.split_by
    return (
        isinstance(t.strategy_scores, ColumnScores)
        and not t.asked.cost_columns
        and parts.features.in_frame
        and parts.features.weighting.in_frame
        and not (target.missing or target.needs_codes or target.as_float)
        and (target.labels == target.pos_label).dtype == bool
        and not (split_by.own_test or split_by.groups is not None or split_by.time is not None)
        and not parts.has_fewer_rows
        and split_by.random_state is not None
    )


def _write_longer(writer: Writer, search: Search) -> None:
    """Write the same by the lines of the full style, where no shorter ones give the same numbers."""
    t = search.t
    oof, on_test = snippet.lines_of_scores(writer, t, folded=bool(search.some))
    snippet.write_costs(writer, t)
    if search.is_exact:
        if search.counts_classes:
            writer.add("w_neg, w_pos = factors")
        writer.add(*oof[: 1 if isinstance(t.strategy_scores, ColumnScores) else None])
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
        return
    writer.add("")
    if write_scores is not None:
        write_scores()
    _write_figures(writer, t, names)


def _write_figures(writer: Writer, t: ThresholdData, names: Names) -> None:
    """Write the lines that judge the threshold on the test set, beside the default one."""
    default = t.found.rows.get("default")
    shown = [row.figures.points["flag_rate"] for name, row in t.found.rows.items() if name != "closed_form"]
    cost = total(t, {})
    write_template(
        writer,
        "best_threshold/figures.py.j2",
        y=names.y_test,
        p=names.score,
        w="w_test" if has_weights(t) else "",
        default=None if default is None else f"{default.threshold:g}",
        flags_nobody=min(shown) == 0,
        by_row=bool(t.asked.cost_columns),
        cost=cost,
        counts=", ".join(name if name in cost else "_" for name in ("tn", "fp", "fn", "tp")),
    )
