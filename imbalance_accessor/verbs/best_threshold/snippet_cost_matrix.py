"""The code of a `CheapestClass`: each row's cheapest class, held against the likeliest one, in plain scikit-learn and numpy."""

from __future__ import annotations

from typing import Any

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.shared import snippet_scores
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
    writer.use_module("numpy", "np")
    snippet_scores.write_data(writer, plan, scored)
    keys = snippet_scores.write_pipeline(writer, plan, scored, name)
    classes = list(range(len(costs))) if plan.reader.coded else plan.reader.classes.tolist()
    writer.assign("labels", writer.expression(classes))
    writer.assign("costs", writer.expression(costs))
    write_classes(writer, scored, coded=plan.reader.coded)
    correction = Correction(plan, scored, (name,))
    correction.write(writer)
    if scored.again:
        _write_dealt(writer, correction, keys)
        return writer.text()
    seen = "" if (scored.folds.ids >= 0).all() else "[seen]"
    writer.add(*_out_of_fold(writer, correction, keys))
    if scored.held_out:
        writer.add(*_on_test(writer, correction, keys))
    if seen:
        writer.add("seen = ~np.isnan(oof[:, 0])")
    writer.add("train = np.searchsorted(labels, y_train)")
    if scored.held_out:
        writer.add("test = np.searchsorted(labels, y_test)")
    else:
        writer.add(f"test, score = train{seen}, oof{seen}  # nothing is held out")
        writer.add(*([f"w_test = w_train{seen}"] if is_weighted(scored.parts) else []))
    writer.add(
        _one(scored),
        "answers = {",
        f'    "cheapest": ((score @ costs).argmin(axis=1), (oof{seen} @ costs).argmin(axis=1)),',
        f'    "likeliest": (score.argmax(axis=1), oof{seen}.argmax(axis=1)),',
        '    "constant": (one, one),',
        "}",
        "for name, (said, said_oof) in answers.items():",
        *_compared(scored, seen),
    )
    return writer.text()


def _compared(scored: CrossValScores, seen: str) -> list[str]:
    if not is_weighted(scored.parts):
        return [f"    print(name, costs[test, said].mean(), costs[train{seen}, said_oof].mean())"]
    return [
        "    cost = np.average(costs[test, said], weights=w_test)",
        f"    out_of_fold = np.average(costs[train{seen}, said_oof], weights=w_train{seen})",
        "    print(name, cost, out_of_fold)",
    ]


def _one(scored: CrossValScores) -> str:
    if is_weighted(scored.parts):
        return "one = (np.bincount(train, w_train) @ costs).argmin()  # the cheapest for all rows"
    return "one = (np.bincount(train) @ costs).argmin()  # the class that is cheapest for all rows"


def _out_of_fold(writer: Writer, correction: Correction, keys: dict[str, Any], indent: int = 0) -> list[str]:
    scored = (writer, correction.plan, correction.scored, snippet_scores.wide(correction.plan))
    lines = snippet_scores.score_lines(*scored, **keys, test=False, indent=indent)
    return [*lines, *correction.out_of_fold(writer, **{"params": "", "weights": ""} | keys, indent=indent)]


def _on_test(writer: Writer, correction: Correction, keys: dict[str, Any]) -> list[str]:
    scored = (writer, correction.plan, correction.scored, snippet_scores.wide(correction.plan))
    return [*snippet_scores.score_lines(*scored, **keys, oof=False), *correction.on_test(writer)]


def _write_dealt(writer: Writer, correction: Correction, keys: dict[str, Any]) -> None:
    """Write the answers where folds are dealt several times, and what they cost on average."""
    scored = correction.scored
    lines = _out_of_fold(writer, correction, keys, indent=4)
    writer.add("oofs = []", "for folds in deals:", *(f"    {line}" for line in (*lines, "oofs.append(oof)")))
    seen = "" if (scored.folds.ids >= 0).all() else "[seen]"
    writer.add(*(["seen = ~np.isnan(oofs).any(axis=(0, 2))"] if seen else []))
    writer.add("train = np.searchsorted(labels, y_train)")
    if scored.held_out:
        writer.add(*_on_test(writer, correction, keys))
        writer.add("test = np.searchsorted(labels, y_test)")
    reported, out_of_fold = "costs[test, answer(score)].mean()", "np.mean(paid)"
    if is_weighted(scored.parts):
        reported = "np.average(costs[test, answer(score)], weights=w_test)"
        out_of_fold = f"np.average(np.mean(paid, axis=0), weights=w_train{seen})"
    writer.add(
        _one(scored),
        "answers = {",
        '    "cheapest": lambda p: (p @ costs).argmin(axis=1),',
        '    "likeliest": lambda p: p.argmax(axis=1),',
        '    "constant": lambda p: one,',
        "}",
        "for name, answer in answers.items():",
        f"    paid = [costs[train{seen}, answer(oof{seen})] for oof in oofs]",
        f"    out_of_fold = {out_of_fold}{'' if is_weighted(scored.parts) else '  # over the deals of the folds'}",
        f"    print(name, {reported if scored.held_out else 'out_of_fold'}, out_of_fold)",
    )
