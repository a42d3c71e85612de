"""The code of a `Threshold`: plain scikit-learn and numpy that finds the same threshold and judges it alike."""

from __future__ import annotations

from typing import Any

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.metrics import registry
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import template_lines, write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_intervals import total, write_helpers
from imbalance_accessor.verbs.best_threshold.snippet_program import ThresholdProgram
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import name_of, raw_numbers
from imbalance_accessor.verbs.shared.snippet_dealt import scores_of_column, scores_of_fits
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_threshold import amount_text, elkan, write_best_threshold
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    say_left_out,
    weighted_code,
    write_counted,
)

#: Which rows an outcome's costs are of.
_ROWS = {"tp": "y & flag", "fp": "~y & flag", "fn": "y & ~flag", "tn": "~y & ~flag"}


def write(t: ThresholdData) -> Snippet:
    """Write the choice as a program, with intervals."""
    if isinstance(t.strategy_scores, FittedScores) and not carries_weights(estimator_of(t.strategy_scores)):
        return Snippet(say_left_out([t.strategy_scores.name]))
    writer = Writer()
    lines = [line for part in lines_of_scores(writer, t) for line in part]
    write_costs(writer, t)
    write_chooser(writer, t, searched=t.feasible and ThresholdProgram(t).is_searched)
    writer.add(*lines)
    write_threshold(writer, t, cross_fitted=t.feasible)
    if t.feasible:
        _write_figures(writer, t)
    else:
        writer.add("print(threshold)  # no threshold keeps the limits")
    return writer.text()


def estimator_of(strategy_scores: FittedScores) -> Estimator:
    """Return the pipeline that is written."""
    return strategy_scores.plan.candidates[strategy_scores.name].estimator


def lines_of_scores(writer: Writer, t: ThresholdData, *, folded: bool = True) -> tuple[list[str], list[str]]:
    """Write the rows, and return the lines that score: out of fold, and on the test set.

    folded: whether the folds of scores that came with the rows are wanted.
    """
    if isinstance(t.strategy_scores, FittedScores):
        test = t.feasible and t.strategy_scores.scored.held_out
        return _from_fits(writer, t, t.strategy_scores.plan, test=test)
    assert isinstance(t.strategy_scores, ColumnScores)
    scores = scores_of_column(writer, t.strategy_scores, folded=folded)
    return _lines(writer, scores, test=t.strategy_scores.scored.held_out)


def write_chooser(writer: Writer, t: ThresholdData, *, searched: bool = False) -> None:
    """Write the function that chooses; searched: whether the exact search is wanted beside a median over draws."""
    write_best_threshold(
        writer,
        t.found.tuning,
        amounts=None if t.asked.costs is None or t.asked.cost_columns else t.asked.costs,
        ceiling=ceiling(t),
        searched=searched,
        deals=ThresholdProgram(t).deals,
        weights=t.strategy_scores.labelled_scores.weights_oof,
    )


def _from_fits(writer: Writer, t: ThresholdData, plan: Plan, *, test: bool) -> tuple[list[str], list[str]]:
    """Write rows and pipeline, and return the lines that score."""
    scored = t.strategy_scores.scored
    write_unique_index(writer, t, plan)
    snippet_scores.write_data(writer, plan, scored)
    keys = snippet_scores.write_pipeline(writer, plan, scored, t.strategy_scores.name)
    snippet_scores.write_sides(writer, scored, coded=plan.reader.coded)
    write_counted(writer, scored, coded=plan.reader.coded)
    correction = Correction(plan, scored, (t.strategy_scores.name,))
    correction.write(writer)
    column = snippet_scores.positive_column(plan, scored)
    scores = scores_of_fits(writer, plan, scored, column, correction, weighted=bool(keys), test=test)
    return _lines(writer, scores, test=test)


def _lines(writer: Writer, scores: dict[str, Any], *, test: bool) -> tuple[list[str], list[str]]:
    on_test = template_lines(writer, "shared/full/tested.py.j2", **scores) if test else []
    return template_lines(writer, "shared/full/dealt.py.j2", **scores), on_test


def write_unique_index(writer: Writer, t: ThresholdData, plan: Plan) -> None:
    """Write new index labels, where amounts are found by them and they stand more than once."""
    absent = any(name not in plan.reader.names for name in t.asked.cost_columns)
    if absent and not t.strategy_scores.scored.parts.features.target.labels.index.is_unique:
        writer.add("df = df.reset_index(drop=True)  # its labels stand more than once")


def some_of(t: ThresholdData) -> str:
    """Write the subscript of the rows that folds scored; nothing where these are all."""
    return ThresholdProgram(t).some


def _amounts(writer: Writer, t: ThresholdData, part: str) -> dict[str, str]:
    """Write the amounts of a part's rows: a number, or the column that holds them."""
    costs = t.asked.costs or {}
    features, names = t.strategy_scores.scored.parts.features, []
    if isinstance(t.strategy_scores, FittedScores):
        names = t.strategy_scores.plan.reader.names
    own_test = part == "test" and t.strategy_scores.scored.parts.split_by.own_test
    found = {}
    for outcome, amount in costs.items():
        if amount not in t.asked.cost_columns:
            found[outcome] = amount_text(amount)
        elif amount in names:
            found[outcome] = f'X_{part}[{name_of(amount)}].to_numpy("float64")'
        else:
            cells = f"df.loc[X_{part}.index, {name_of(amount)}]"
            if isinstance(t.strategy_scores, ColumnScores):
                cells = f"X_{part}[{name_of(amount)}]"
            elif own_test:  # its unlabelled rows are out already
                cells = f"test[{name_of(amount)}]"
            found[outcome] = raw_numbers(writer, features, cells, amount)
    return found


def write_costs(writer: Writer, t: ThresholdData, *outcomes: str) -> None:
    """Write what each row costs if it is flagged and if it is passed over, where that differs from row to row.

    `outcomes` are the names of both parts' outcome, by default ``is_train`` and ``is_test``.
    """
    if not t.asked.cost_columns:
        return
    program = ThresholdProgram(t)
    sides = [
        {"part": part, "y": y, "amounts": _amounts(writer, t, part)}
        for part, y in zip(("train", "test"), outcomes or ("is_train", "is_test"), strict=True)
        if part == "train" or program.is_held_out
    ]
    write_template(writer, "best_threshold/costs.py.j2", sides=sides, is_weighted=program.is_weighted)


def ceiling(t: ThresholdData) -> str:
    """Write the bound of the flag rate as it was asked for, so that it is the same number."""
    bound = next(
        (constraint.bound for constraint in reversed(t.asked.objective.constraints) if constraint.is_ceiling),
        0.0,
    )
    if t.asked.top_k is not None and t.asked.top_k >= 1:
        return f"{t.asked.top_k} / {t.asked.rows}"
    return repr(bound)


def write_scored(writer: Writer, t: ThresholdData) -> None:
    """Write ``scored``, the positions of the rows that folds scored."""
    write_template(writer, "best_threshold/scored.py.j2", c=ThresholdProgram(t))


def write_threshold(writer: Writer, t: ThresholdData, *, cross_fitted: bool) -> None:
    """Write the threshold, and which rows are flagged at the threshold that the other folds chose."""
    write_template(writer, "best_threshold/threshold.py.j2", c=ThresholdProgram(t), cross_fitted=cross_fitted)


def _write_figures(writer: Writer, t: ThresholdData) -> None:
    """Write the functions of the figures and of their intervals, and the table of the thresholds."""
    program, metrics = ThresholdProgram(t), list(registry.rows("decision", compared=False))
    codes = {each.name: weighted_code(each, each.code, t.strategy_scores.scored) for each in metrics}
    amounts = {} if program.costs_by_row else _amounts(writer, t, "train")
    paid = {outcome: amount for outcome, amount in amounts.items() if amount != "0"}
    counted = "w[{}].sum()" if program.is_weighted else "({}).sum()"
    terms = [
        f"{paid[outcome]} * {counted.format(rows)}" for outcome, rows in _ROWS.items() if outcome in paid
    ]
    write_template(
        writer,
        "best_threshold/measured.py.j2",
        c=program,
        metrics=metrics,
        codes={name: code.replace("is_test", "y") for name, code in codes.items()},
        total=total(terms, '    found["cost"] = '),
    )
    write_helpers(writer, program, [f"{amount} * {outcome}" for outcome, amount in paid.items()])
    named, elkan = _theory(writer, t, "test" if program.is_held_out else "train")
    write_template(writer, "best_threshold/table.py.j2", c=program, named=named, elkan=elkan)


def _theory(writer: Writer, t: ThresholdData, part: str) -> tuple[dict[str, str], str]:
    """Return the columns of amounts, which are given names, and Elkan's closed form."""
    if not t.asked.costs:
        return {}, ""
    amounts = _amounts(writer, t, part)
    named = {each: amounts[each] for each, given in t.asked.costs.items() if given in t.asked.cost_columns}
    amounts |= {outcome: f"{outcome}_{part}" for outcome in named}
    return named, elkan(amounts["fp"], amounts["fn"], amounts["tp"], amounts["tn"])
