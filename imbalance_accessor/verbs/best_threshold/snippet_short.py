"""The short code of a `Threshold`: the search as a person would write it, where that finds the same number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from imbalance_accessor.data.features import Features
from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.modeling.calibrators import Calibrator
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.best_threshold import snippet
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_intervals import has_weights
from imbalance_accessor.verbs.best_threshold.snippet_search import Names, Search, total, write_search
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of, raw_numbers
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_weights import carries_weights, say_left_out


@dataclass(frozen=True)
class There:
    """What brings scores and rows to the prevalence, as code; nothing where there is none.

    Attributes
    ----------
    prevalence, rest : str
        The share of positives where the model will be used, and that of the others.
    share : str
        That of the frame.
    odds : str
        What the odds of scores are divided by.
    sigmoid : str
        What a sigmoid reads of ``{}``.
    deals : int
        How often folds were dealt.
    by_row : bool
        Whether each row's count is wanted before its costs, beside that of its class.
    """

    prevalence: str = ""
    rest: str = ""
    share: str = ""
    odds: str = ""
    sigmoid: str = ""
    deals: int = 1
    by_row: bool = False


def write(t: ThresholdData) -> Snippet:
    """Write the choice as a short program: the threshold, and what it comes to on the test set."""
    writer, scores, search = Writer(), t.strategy_scores, Search(t)
    if isinstance(scores, FittedScores) and not carries_weights(snippet.estimator_of(scores)):
        return Snippet(say_left_out([scores.name]))
    short = _read_short(writer, t) if isinstance(scores, FittedScores) else None
    if search.is_exact and short is not None:
        _write_fitted(writer, search, short)
    elif search.is_exact and _is_plain_column(t):
        names = _write_column(writer, t)
        write_search(writer, search, names)
        _write_end(writer, t, names)
    else:
        _write_longer(writer, search)
    return writer.text()


def _read_short(writer: Writer, t: ThresholdData) -> ShortProgram | None:
    """Return what pipeline and scores are written of; at a prevalence they are those of the frame, which lines bring there."""
    scores = t.strategy_scores
    assert isinstance(scores, FittedScores)
    scored, calibrator = scores.scored, _sigmoid(scores)
    if not has_weights(t):
        return short_program(writer, scores.plan, scored, [scores.name])
    is_plain = scored.folds.ids.min() >= 0 and len(scored.parts.train) <= MANY_ROWS
    weighting = replace(scored.parts.features.weighting, wanted=None)
    if not weighting.are_ones or (calibrator is not None and not is_plain):
        return None
    parts = replace(scored.parts, features=replace(scored.parts.features, weighting=weighting))
    short = short_program(writer, scores.plan, replace(scored, parts=parts, as_fitted=None), [scores.name])
    if short is None or calibrator is None or calibrator.kind != "margin":
        return short
    return replace(short, method="decision_function", column="", sign="-" if scored.positive == 0 else "")


def _sigmoid(scores: FittedScores) -> Correction | None:
    """Return what a sigmoid reads that brings scores to the prevalence; None where none does."""
    correction = Correction(scores.plan, scores.scored, (scores.name,))
    return correction if correction.by_sigmoid else None


def _prevalence(t: ThresholdData) -> There:
    """Return the shares of both classes where the model will be used; nothing where they are the frame's."""
    features = t.strategy_scores.scored.parts.features
    weighting, positive = features.weighting, features.target.positive
    if weighting.factors is None or weighting.wanted is None or positive is None:
        return There()
    share = float(weighting.wanted[positive])
    rest = repr(1 - share)
    return There(repr(share), rest if len(rest) < 8 else f"(1 - {share!r})")


def _there(t: ThresholdData, short: ShortProgram) -> There:
    """Return the prevalence, and what brings scores there."""
    scores, there = t.strategy_scores, _prevalence(t)
    assert isinstance(scores, FittedScores)
    found = scores.scored.by_name[scores.name].calibrator
    if not there.prevalence:
        return there
    there = replace(
        there,
        share=_share(t, short),
        deals=len(t.found.grids),
        by_row=bool(t.asked.cost_columns),
    )
    if not isinstance(found, Calibrator):
        return there
    if found.calibrator is None:
        return replace(there, odds=repr(found.odds_shift))
    return replace(there, sigmoid=Correction(scores.plan, scores.scored, (scores.name,)).reads)


def _share(t: ThresholdData, short: ShortProgram) -> str:
    """Write the share of positives in the frame."""
    target = t.strategy_scores.scored.parts.features.target
    start = next((line for line in short.data.splitlines() if line.startswith("y = ")), "")
    if short.y_train == "y_train" and (" == " in start or target.labels.dtype.kind in "bi"):
        return "y.mean()"
    return f"(y == {name_of(target.pos_label)}).mean()"


def _write_fitted(writer: Writer, search: Search, short: ShortProgram) -> None:
    """Write the rows, the pipeline and its scores, the search, and what it comes to."""
    t = search.t
    scores, there = t.strategy_scores, _there(t, short)
    assert isinstance(scores, FittedScores)
    snippet.write_unique_index(writer, t, scores.plan)
    names = _names(scores, short)
    given = {"given": "weights" if short.weights else "", "given_code": "".join(short.weights.values())}
    values = {"short": short, "there": there, "y_test": names.y_test} | given
    write_template(writer, "best_threshold/pipeline.py.j2", **values)
    snippet.write_costs(writer, t, short.y_train, short.y_test)
    write_search(writer, search, names)
    _write_end(writer, t, names, lambda: write_template(writer, "best_threshold/test.py.j2", **values))


def _names(scores: FittedScores, short: ShortProgram) -> Names:
    names = Names(
        score="p" if _sigmoid(scores) else short.score, y_train=short.y_train, y_test=short.y_test
    ).of(short.y_train)
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
        there=_prevalence(t),
        strata="y" if target.is_binary and target.positive == 1 else labels,
        is_divided=bool(len(parts.test)),
        test_size=repr(split_by.test_size),
        random_state=repr(split_by.random_state),
    )
    if not len(parts.test):
        return Names("p").of("y", "w")
    return Names("p_train", "p_test", y_test="y_test").of("y_train")


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
