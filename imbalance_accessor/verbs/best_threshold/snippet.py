"""The code of a `Threshold`: plain scikit-learn and numpy that finds the same threshold and judges it alike."""

from __future__ import annotations

from imbalance_accessor.evaluation.fit import answers
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.metrics.registry import rows
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.writer import Group, Snippet, Writer, on_one_line, spread_out
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_intervals import (
    has_weights,
    range_is_searched,
    several_flags,
    summed,
    write_ends,
    write_helpers,
    write_threshold_range,
)
from imbalance_accessor.verbs.shared import snippet_data, snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import name_of, raw_numbers, write_parts
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_scores import write_rest
from imbalance_accessor.verbs.shared.snippet_threshold import (
    amount_text,
    elkan,
    weight_arguments,
    write_best_threshold,
)
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    say_left_out,
    weighted_code,
    write_counted,
)


def write(t: ThresholdData) -> Snippet:
    """Write the choice as a program, with intervals."""
    if isinstance(t.strategy_scores, FittedScores) and not carries_weights(estimator_of(t.strategy_scores)):
        return Snippet(say_left_out([t.strategy_scores.name]))
    writer = Writer()
    lines = [line for part in lines_of_scores(writer, t) for line in part]
    write_costs(writer, t)
    write_chooser(writer, t, searched=t.feasible and range_is_searched(t))
    writer.add(*lines)
    if t.feasible:
        _write_figures(writer, t)
    else:
        write_threshold(writer, t, cross_fitted=False)
        writer.add("print(threshold)  # no threshold keeps the limits")
    return writer.text()


def estimator_of(strategy_scores: FittedScores) -> Estimator:
    """Return the pipeline that is written."""
    return strategy_scores.plan.candidates[strategy_scores.name].estimator


def lines_of_scores(writer: Writer, t: ThresholdData, *, folded: bool = True) -> tuple[list[str], list[str]]:
    """Write the rows, and return the lines that score: out of fold, and on the test set.

    folded: whether the folds of scores that came with the rows are wanted.
    """
    writer.use_module("numpy", "np")
    if isinstance(t.strategy_scores, FittedScores):
        test = t.feasible and t.strategy_scores.scored.held_out
        return _from_fits(writer, t, t.strategy_scores.plan, test=test)
    return _from_column(writer, t, folded=folded)


def write_chooser(writer: Writer, t: ThresholdData, *, searched: bool = False) -> None:
    """Write the function that chooses; searched: whether the exact search is wanted beside a median over draws."""
    write_best_threshold(
        writer,
        t.found.tuning,
        amounts=None if t.asked.costs is None or t.asked.cost_columns else t.asked.costs,
        ceiling=ceiling(t),
        searched=searched,
        deals=_deals(t),
        weights=t.strategy_scores.labelled_scores.weights_oof,
    )


def _terms(writer: Writer, t: ThresholdData, y: str, w: str) -> list[str]:
    """Write what each outcome costs times how often it comes, or how much it weighs, leaving out amounts that are 0."""
    amount = _amounts(writer, t, "train")
    kinds = {"tp": f"{y} & flag", "fp": f"~{y} & flag", "fn": f"{y} & ~flag", "tn": f"~{y} & ~flag"}
    counted = f"{w}[{{}}].sum()" if has_weights(t) else "({}).sum()"
    return [f"{amount[each]} * {counted.format(kind)}" for each, kind in kinds.items() if amount[each] != "0"]


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
    indent = 4 * (_deals(t) > 1)
    lines = snippet_scores.score_lines(writer, plan, scored, column, test=False, indent=indent, **keys)
    lines += correction.out_of_fold(writer, **{"params": "", "weights": ""} | keys, indent=indent)
    on_test = snippet_scores.score_lines(writer, plan, scored, column, oof=False, **keys) if test else []
    on_test += correction.on_test(writer) if test else []
    if not scored.is_probability and scored.positive == 0:
        turned = ["oof = -oof  # margins point to the second label"]
        lines, on_test = [*lines, *turned], [*on_test, "score = -score"] if test else []
    if indent:
        kept = {"oofs": "oof"} | ({"raws": "raw"} if correction.by_sigmoid else {})
        lines += [f"{every}.append({each})" for every, each in kept.items()]
        start = f"{', '.join(kept)} = {', '.join(['[]'] * len(kept))}"
        lines = [start, "for folds in deals:", *(f"    {line}" for line in lines)]
    return lines, on_test


def write_unique_index(writer: Writer, t: ThresholdData, plan: Plan) -> None:
    """Write new index labels, where amounts are found by them and they stand more than once."""
    absent = any(name not in plan.reader.names for name in t.asked.cost_columns)
    if absent and not t.strategy_scores.scored.parts.features.target.labels.index.is_unique:
        writer.add("df = df.reset_index(drop=True)  # its labels stand more than once")


def _from_column(writer: Writer, t: ThresholdData, *, folded: bool) -> tuple[list[str], list[str]]:
    """Write the rows, and return the lines that read their scores."""
    assert isinstance(t.strategy_scores, ColumnScores)
    scored, column = t.strategy_scores.scored, t.strategy_scores.column
    parts = scored.parts
    write_parts(
        writer, parts, list(parts.features.X.columns), plain=False, raw=True, picked=parts.split_by.own_test
    )
    target, divided = parts.features.target, bool(len(parts.test))
    snippet_data.write_outcome(writer, target, divided=divided)
    coded = answers(target).dtype == object
    if coded:
        snippet_scores.write_codes(writer, target, divided=divided)
    if folded:
        snippet_data.write_folds(writer, parts, scored.folds, t.strategy_scores.random_state)
        write_rest(writer, scored)
    writer.add("")
    snippet_scores.write_sides(writer, scored, coded=coded)
    write_counted(writer, scored, coded=coded)
    name = name_of(column)
    oof, score = (
        raw_numbers(writer, parts.features, f"{part}[{name}]", column) for part in ("X_train", "X_test")
    )
    lines = [f"oof = {oof}", *[f"oofs = [oof] * {_deals(t)}"] * (_deals(t) > 1)]
    return lines, [f"score = {score}"] if len(parts.test) else []


def _deals(t: ThresholdData) -> int:
    """Return how often folds were dealt."""
    return len(t.found.grids)


def some_of(t: ThresholdData) -> str:
    """Write the subscript of the rows that folds scored; nothing where these are all."""
    return "" if (t.strategy_scores.scored.folds.ids >= 0).all() else "[scored]"


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
    writer.use_module("numpy", "np")
    for part, y in zip(_parts(t), outcomes or ("is_train", "is_test"), strict=False):
        amount, where = _amounts(writer, t, part), f"w_{part} * np.where(" if has_weights(t) else "np.where("
        flagged = Group(where, (("", y), ("", amount["tp"]), ("", amount["fp"])), ")")
        passed = Group(where, (("", y), ("", amount["fn"]), ("", amount["tn"])), ")")
        writer.assign(f"flagged_{part}", flagged)
        writer.assign(f"passed_{part}", passed)


def _parts(t: ThresholdData) -> list[str]:
    return ["train", "test"] if len(t.strategy_scores.scored.parts.test) else ["train"]


def ceiling(t: ThresholdData) -> str:
    """Write the bound of the flag rate as it was asked for, so that it is the same number."""
    bound = next(
        (constraint.bound for constraint in reversed(t.asked.objective.constraints) if constraint.is_ceiling),
        0.0,
    )
    if t.asked.top_k is not None and t.asked.top_k >= 1:
        return f"{t.asked.top_k} / {t.asked.rows}"
    return repr(bound)


def _by_row(t: ThresholdData) -> bool:
    return bool(t.asked.cost_columns) and t.asked.objective.criterion == "cost"


def write_scored(writer: Writer, t: ThresholdData) -> None:
    """Write ``scored``, the positions of the rows that folds scored."""
    if isinstance(t.strategy_scores, ColumnScores):
        writer.add("scored = np.sort(np.concatenate([held for _, held in folds]))")
    else:
        known = "oofs).any(axis=0)" if _deals(t) > 1 else "oof)"
        writer.add(f"scored = np.flatnonzero(~np.isnan({known})  # no fold scores the other rows")


def write_threshold(writer: Writer, t: ThresholdData, *, cross_fitted: bool) -> None:
    """Write the threshold, and which rows are flagged at the threshold that the other folds chose."""
    some = some_of(t)
    if some:
        write_scored(writer, t)
    arrays = [f"{each}{some}" for each in _arrays(t)]
    if _deals(t) == 1:
        writer.assign("threshold", _call("best_threshold", arrays))
    elif t.asked.objective.constraints:  # an average need not keep a limit
        writer.add("# the best by the means of what the deals count")
        sure = [str(_deals(t))] if t.asked.objective.confidence is not None else []
        tiled = [f"np.tile({each}, {_deals(t)})" for each in arrays]
        tiled[1] = _every_oof(t)
        writer.assign("threshold", _call("best_threshold", [*tiled, *sure]))
    else:
        writer.add(
            *spread_out(
                "thresholds = ", [f"best_threshold({', '.join(arrays)})", "for oof in oofs"], ("[", "]")
            )
        )
        writer.add("threshold = averaged(thresholds)")
    if cross_fitted:
        _write_cross_fitted(writer, t)


def _arrays(t: ThresholdData) -> list[str]:
    """Return what ``best_threshold_of`` takes."""
    weights, by_row = t.strategy_scores.labelled_scores.weights_oof, _by_row(t)
    weighed = weight_arguments(t.asked.objective, weights, by_row=by_row)
    found = ["is_train", "oof", *(["flagged_train", "passed_train"] if by_row else [])]
    return found + [f"{each}_train" for each in weighed]


def _call(function: str, arguments: list[str]) -> Group:
    return Group(f"{function}(", tuple(("", each) for each in arguments), ")")


def _every_oof(t: ThresholdData) -> str:
    """Write the scores of all deals, one after another."""
    return "np.array(oofs)[:, scored].ravel()" if some_of(t) else "np.concatenate(oofs)"


def _write_cross_fitted(writer: Writer, t: ThresholdData) -> None:
    """Write which rows are flagged at the threshold that the other folds chose, in each deal of the folds."""
    kept = {"cross_fitted": "crossed"}
    if _parts(t) == ["train"] and _estimated(t):  # nothing is held out: theory is cross-fitted too
        kept["by_theory"] = "theories"
    pad = ""
    if _deals(t) > 1:
        pad = "    "
        writer.add(f"{', '.join(kept.values())} = {', '.join(['[]'] * len(kept))}")
        writer.add("for folds, oof in zip(deals, oofs):")
    writer.add(*(f"{pad}{name} = np.zeros(len(oof), dtype=bool)" for name in reversed(kept)))
    if t.strategy_scores.labelled_scores.ordered:
        writer.add(
            "later = np.sort(np.concatenate([held for _, held in folds[1:]]))",
            "# only earlier folds choose",
            "for place, (_, held) in enumerate(folds[1:], start=1):",
            "    others = np.concatenate([earlier for _, earlier in folds[:place]])",
        )
    else:
        every = "scored" if some_of(t) else "np.arange(len(oof))"
        writer.add(f"{pad}for _, held in folds:", f"{pad}    others = np.setdiff1d({every}, held)")
    pad = f"{pad}    "
    call = _call("best_threshold", [f"{array}[others]" for array in _arrays(t)])
    writer.assign("others_threshold", call, indent=len(pad))
    writer.add(f"{pad}cross_fitted[held] = oof[held] >= others_threshold")
    if "by_theory" in kept:
        name, best, share = _estimate(t, "[others]", "others_threshold")
        if best is not None:
            writer.assign(name, best, indent=len(pad))
        writer.add(f"{pad}by_theory[held] = oof[held] >= {share}")
    if _deals(t) > 1:
        writer.add(*(f"    {every}.append({each})" for each, every in kept.items()))


def _estimated(t: ThresholdData) -> bool:
    """Whether the closed form's threshold follows from the scores, not from amounts alone."""
    return "closed_form" in t.found.rows and t.asked.objective.criterion in {
        "f1",
        "fbeta",
        "balanced_accuracy",
    }


def _estimate(t: ThresholdData, some: str, threshold: str) -> tuple[str, Group | None, str]:
    """Write the best value that some rows reach, or what else theory asks for, with a name; and the closed form's threshold."""
    objective, beta = t.asked.objective, amount_text(t.asked.objective.beta)
    weighed = [f"w_train{some}"] if has_weights(t) else []
    if objective.criterion == "balanced_accuracy" and weighed:
        return "share", _call("np.average", [f"is_train{some}", f"weights={weighed[0]}"]), "share"
    if objective.criterion == "balanced_accuracy":
        return "", None, f"is_train{some}.mean()"
    is_f1 = objective.criterion == "f1"
    given = [f"is_train{some}", f"oof{some} >= {threshold}", *([] if is_f1 else [f"beta={beta}"])]
    given += [f"sample_weight={each}" for each in weighed]
    best = _call("f1_score" if is_f1 else "fbeta_score", given)
    return "best", best, "best / 2" if is_f1 else f"best / (1 + {beta}**2)"


def _write_figures(writer: Writer, t: ThresholdData) -> None:
    """Write the function of the figures, and the table of the thresholds."""
    by_row = bool(t.asked.cost_columns)
    write_threshold(writer, t, cross_fitted=True)
    writer.use_module("pandas", "pd")
    arguments = ["y", "flag", *(["flagged", "passed"] if by_row else []), *(["w"] if has_weights(t) else [])]
    writer.add("", "", f"def figures({', '.join(arguments)}):", "    found = {")
    for metric in rows("decision", compared=False):
        if metric.library is not None:
            writer.use(*metric.library)
        code = weighted_code(metric, metric.code, t.strategy_scores.scored)
        writer.add(f'        "{metric.name}": {code.replace("is_test", "y")},')
    if t.asked.objective.criterion == "fbeta":
        writer.use("sklearn.metrics", "fbeta_score")
        weighed = ", sample_weight=w" if has_weights(t) else ""
        beta = amount_text(t.asked.objective.beta)
        writer.add(f'        "fbeta": fbeta_score(y, flag, beta={beta}{weighed}),')
    writer.add("    }")
    if by_row:
        writer.add('    found["cost"] = np.where(flag, flagged, passed).sum()')
    elif t.asked.costs is not None:
        writer.add(
            *spread_out(
                '    found["cost"] = ', summed(_terms(writer, t, "y", "w")), ("(", ")"), indent=4, bare=True
            )
        )
    writer.add("    return found", "", "")
    if _deals(t) > 1:
        writer.add(*_MEANS.splitlines(), "", "")
    write_helpers(writer, t, _amounts(writer, t, "train"))
    _write_rows(writer, t)
    write_threshold_range(writer, t, _every_oof(t) if _deals(t) > 1 else f"oof{some_of(t)}")


_MEANS = """\
def means(of, y, flags, *others):  # over the deals of the folds
    found = [of(y, flag, *others) for flag in flags]
    return {name: np.mean([each[name] for each in found]) for name in found[0]}"""


def _write_rows(writer: Writer, t: ThresholdData) -> None:
    part = _parts(t)[-1]
    arrays = ["is_{0}", *(["flagged_{0}", "passed_{0}"] if t.asked.cost_columns else [])]
    arrays += ["w_{0}"] if has_weights(t) else []
    names = [each.format(part) for each in arrays]
    flags = _flags(writer, t, part)
    rows = "later" if t.strategy_scores.labelled_scores.ordered else "scored" if some_of(t) else ""
    if part == "train" and rows:
        at = f"[:, {rows}]" if _deals(t) > 1 else f"[{rows}]"
        names = [each.format(rows) for each in arrays]
        writer.add(*(f"{each.format(rows)} = {each.format('train')}[{rows}]" for each in arrays))
        flags = {name: f"{f'({flag})' if ' ' in flag else flag}{at}" for name, flag in flags.items()}
    writer.add(
        'print("threshold", threshold)',
        "flags = {",
        *(f'    "{name}": {flag},' for name, flag in flags.items()),
        "}",
    )
    of = "means(figures, " if several_flags(t) else "figures("
    figures = f"{of}{', '.join([names[0], 'flag', *names[1:]])})"
    writer.add(*spread_out("rows = ", [f"name: {figures}", "for name, flag in flags.items()"], ("{", "}")))
    write_ends(writer, t, names)
    if part == "test":
        _write_chosen_cv(writer, t, [each.format("train") for each in arrays])
    writer.add("print(pd.DataFrame(rows).T.to_string())")


def _flags(writer: Writer, t: ThresholdData, part: str) -> dict[str, str]:
    """Write which rows are flagged by each threshold."""
    score, chosen, by_theory = "oof", "cross_fitted", "by_theory"
    if part == "test":
        score, chosen = "score", "score >= threshold"
    elif _deals(t) > 1:
        score, chosen, by_theory = "np.array(oofs)", "np.array(crossed)", "np.array(theories)"
    flags = {"chosen": chosen}
    if "default" in t.found.rows:
        flags["default"] = f"{score} >= {t.found.rows['default'].threshold:g}"
    if part == "train" and _estimated(t):
        flags["closed_form"] = by_theory
    elif "closed_form" in t.found.rows:
        writer.add(f"closed_form = {_theory(writer, t, part)}")
        flags["closed_form"] = f"{score} >= closed_form"
    return flags


def _write_chosen_cv(writer: Writer, t: ThresholdData, arrays: list[str]) -> None:
    """Write the figures of the rows that chose: those that a fold scores."""
    some = "[later]" if t.strategy_scores.labelled_scores.ordered else some_of(t)
    if _deals(t) == 1:
        call = _call("figures", [f"{each}{some}" for each in (arrays[0], "cross_fitted", *arrays[1:])])
    else:
        own, *more = (f"{each}{some}" for each in arrays)
        flags = f"np.array(crossed)[:, {some[1:-1]}]" if some else "crossed"
        call = _call("means", ["figures", own, flags, *more])
    writer.assign('rows["chosen_cv"]', call)


def _theory(writer: Writer, t: ThresholdData, part: str) -> str:
    """Write the closed form's threshold, with a name for each column of amounts."""
    objective = t.asked.objective
    if objective.criterion == "accuracy":
        return "0.5"
    if objective.criterion != "cost":
        name, best, share = _estimate(t, some_of(t), "threshold")
        if name == "best" and best is not None and _deals(t) > 1:
            each = on_one_line(best)
            writer.add(*spread_out("best = ", [each, "for oof in oofs"], ("np.mean([", "])")))
        elif best is not None:
            writer.assign(name, best)
        return share
    amount = _amounts(writer, t, part)
    for outcome, given in (t.asked.costs or {}).items():
        if given in t.asked.cost_columns:
            writer.add(f"{outcome}_{part} = {amount[outcome]}")
            amount[outcome] = f"{outcome}_{part}"
    return elkan(amount["fp"], amount["fn"], amount["tp"], amount["tn"])
