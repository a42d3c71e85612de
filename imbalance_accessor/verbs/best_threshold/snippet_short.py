"""The short code of a `Threshold`: the search as a person would write it, where that finds the same number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Context
from typing import Any

import numpy as np

from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.metrics.objectives import Constraint
from imbalance_accessor.metrics.thresholds import CANDIDATES, best_of_draws
from imbalance_accessor.modeling.calibrators import Calibrator
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.best_threshold import snippet
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_intervals import has_weights
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program
from imbalance_accessor.verbs.shared.snippet_data import name_of, raw_numbers
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_threshold import amount_text
from imbalance_accessor.verbs.shared.snippet_weights import carries_weights, say_left_out

#: Criteria that a median over draws is written for, as the field says them.
_NAMES = {
    "f1": "F1",
    "fbeta": "F-beta",
    "mcc": "MCC",
    "balanced_accuracy": "balanced accuracy",
    "g_mean": "the G-mean",
    "accuracy": "accuracy",
}
_CRITERIA = {*_NAMES, "precision", "recall", "specificity", "flag_rate", "cost"}


@dataclass(frozen=True)
class _Names:
    """What the program calls its arrays.

    Attributes
    ----------
    oof, score : str
        The scores that choose, and those of the test set.
    y_train, y_test : str
        The outcome.
    positive, negative : str
        Which training rows are of which class, as truth values.
    """

    oof: str = "oof"
    score: str = "score"
    y_train: str = "is_train"
    y_test: str = "is_test"
    positive: str = "is_train"
    negative: str = "~is_train"

    def of(self, y: str) -> _Names:
        """Return the names where another array holds the outcome."""
        return replace(self, y_train=y, positive=y, negative=f"~{y}")


def write(t: ThresholdData) -> Snippet:
    """Write the choice as a short program: the threshold, and what it comes to on the test set."""
    writer, scores = Writer(), t.strategy_scores
    if isinstance(scores, FittedScores) and not carries_weights(snippet.estimator_of(scores)):
        return Snippet(say_left_out([scores.name]))
    rounding = _rounding(t) if _is_short(t) else None
    short = _read_short(writer, t) if rounding is not None and isinstance(scores, FittedScores) else None
    if rounding is not None and short is not None:
        names = _write_pipeline(writer, t, short)
        _write_search(writer, t, rounding, names)
        _write_end(
            writer,
            t,
            names,
            lambda: write_template(
                writer, "best_threshold/test.py.j2", short=short, **_given(short), **_prevalence(t)
            ),
        )
    elif rounding is not None and _is_plain_column(t):
        names = _write_column(writer, t)
        _write_search(writer, t, rounding, names)
        _write_end(writer, t, names)
    else:
        _write_longer(writer, t, rounding)
    return writer.text()


def _read_short(writer: Writer, t: ThresholdData) -> ShortProgram | None:
    """Return what pipeline and scores are written of; at a prevalence the search alone counts classes by it."""
    scores = t.strategy_scores
    assert isinstance(scores, FittedScores)
    scored = scores.scored
    if not _counts_classes(t):
        return short_program(writer, scores.plan, scored, [scores.name])
    weighting = replace(scored.parts.features.weighting, wanted=None)
    parts = replace(scored.parts, features=replace(scored.parts.features, weighting=weighting))
    short = short_program(writer, scores.plan, replace(scored, parts=parts, as_fitted=None), [scores.name])
    labels = scored.parts.features.target.labels
    is_outcome = short is not None and (" == " in short.data.splitlines()[0] or labels.dtype.kind in "bi")
    return short if is_outcome and short is not None and short.y_train == "y_train" else None


def _counts_classes(t: ThresholdData) -> bool:
    """Whether classes count by a prevalence, to which odds bring the scores, and rows by nothing else."""
    scores = t.strategy_scores
    weights, parts = scores.labelled_scores.weights_oof, scores.scored.parts
    if not isinstance(scores, FittedScores) or weights.factors is None or weights.own is not None:
        return False
    correction = Correction(scores.plan, scores.scored, (scores.name,))
    target = parts.features.target
    if target.is_one_vs_rest or target.needs_codes or target.positive != 1:
        return False
    is_plain = parts.features.in_frame and not parts.split_by.own_test and len(t.found.grids) == 1
    return is_plain and correction.is_needed and not correction.by_sigmoid and not snippet.some_of(t)


def _prevalence(t: ThresholdData) -> dict[str, Any]:
    """Return the prevalence, and what odds are divided by; nothing where classes are as they come."""
    if not _counts_classes(t):
        return {"prevalence": "", "odds": ""}
    scores = t.strategy_scores
    weighting, target = scores.scored.parts.features.weighting, scores.scored.parts.features.target
    calibrator = scores.scored.by_name[scores.name].calibrator
    assert weighting.wanted is not None and target.positive is not None and isinstance(calibrator, Calibrator)
    share = float(weighting.wanted[target.positive])
    return {"prevalence": repr(share), "odds": repr(calibrator.odds_shift)}


def _write_pipeline(writer: Writer, t: ThresholdData, short: ShortProgram) -> _Names:
    """Write the rows, the pipeline and its out-of-fold scores."""
    scores = t.strategy_scores
    assert isinstance(scores, FittedScores)
    snippet.write_unique_index(writer, t, scores.plan)
    write_template(writer, "best_threshold/pipeline.py.j2", short=short, **_given(short), **_prevalence(t))
    snippet.write_costs(writer, t, short.y_train, short.y_test)
    names = _Names(score=short.score, y_train=short.y_train, y_test=short.y_test).of(short.y_train)
    labels = scores.scored.parts.features.target.labels
    if scores.plan.reader.coded or labels.dtype.kind in "iuf":  # they may be whole numbers
        names = replace(names, positive=f"{short.y_train} == 1", negative=f"{short.y_train} == 0")
    return names


def _given(short: ShortProgram) -> dict[str, str]:
    """Return what the blocks of scores call the weights that fits are handed, and their code; nothing where there are none."""
    return {"given": "weights" if short.weights else "", "given_code": "".join(short.weights.values())}


def _write_column(writer: Writer, t: ThresholdData) -> _Names:
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
        strata="y" if target.is_binary and target.positive == 1 else labels,
        is_divided=bool(len(parts.test)),
        test_size=repr(split_by.test_size),
        random_state=repr(split_by.random_state),
    )
    return (
        _Names("p_train", "p_test", y_test="y_test").of("y_train") if len(parts.test) else _Names("p").of("y")
    )


def _is_plain_column(t: ThresholdData) -> bool:
    """Whether all rows of the frame are divided by chance, or not at all, and no column but the scores is read."""
    parts = t.strategy_scores.scored.parts
    target, split_by = parts.features.target, parts.split_by
    return (
        isinstance(t.strategy_scores, ColumnScores)
        and len(t.found.grids) == 1
        and not t.asked.cost_columns
        and parts.features.in_frame
        and not (target.missing or target.needs_codes or target.as_float)
        and (target.labels == target.pos_label).dtype == bool
        and not (split_by.own_test or split_by.groups is not None or split_by.time is not None)
        and not parts.has_fewer_rows
        and split_by.random_state is not None
    )


def _write_longer(writer: Writer, t: ThresholdData, rounding: dict[str, Any] | None) -> None:
    """Write the same by the lines of the full style, where no shorter ones give the same numbers."""
    oof, on_test = snippet.lines_of_scores(writer, t, folded=bool(snippet.some_of(t)))
    snippet.write_costs(writer, t)
    if rounding is None:
        snippet.write_chooser(writer, t)
        writer.add(*oof)
        snippet.write_threshold(writer, t, cross_fitted=False)
    else:
        writer.add(*oof)
        _write_search(writer, t, rounding, _Names())
    _write_end(writer, t, _Names(), lambda: writer.add(*on_test))


def _write_end(
    writer: Writer, t: ThresholdData, names: _Names, write_scores: Callable[[], None] | None = None
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


def _is_short(t: ThresholdData) -> bool:
    """Whether the search that the template writes finds the same threshold."""
    objective = t.asked.objective
    limited, repeated = bool(objective.constraints), len(t.found.grids) > 1
    if objective.criterion not in _CRITERIA:
        return False
    if has_weights(t) and (
        limited or objective.criterion == "mcc" or t.asked.cost_columns or not _counts_classes(t)
    ):
        return False
    if limited and (_is_by_row(t) or (repeated and objective.confidence is not None)):
        return False
    return all(each.bound > 0 for each in objective.constraints)  # of nothing flagged no share is taken


def _is_by_row(t: ThresholdData) -> bool:
    return bool(t.asked.cost_columns) and t.asked.objective.criterion == "cost"


def _write_search(writer: Writer, t: ThresholdData, rounding: dict[str, Any], names: _Names) -> None:
    """Write the lines that find the threshold in ``oof``, or the mean of those of several deals of the folds."""
    deals = len(t.found.grids)
    if snippet.some_of(t):
        snippet.write_scored(writer, t)
        rows = ".iloc[scored]" if names.y_train == "y_train" else "[scored]"
        every = "oofs = np.array(oofs)[:, scored]" if deals > 1 else "oof = oof[scored]"
        writer.add(f"is_scored = ({names.positive}){rows}", every)
        names = names.of("is_scored")
    if deals > 1 and t.asked.objective.constraints:  # an average need not keep a limit
        writer.add("oof = np.concatenate(oofs)  # a row stands here once for each deal")
        writer.add(f"is_dealt = np.tile({names.positive}, {deals})")
        names, deals = names.of("is_dealt"), 1
    writer.add("")
    given = {"oof": names.oof, "y": names.y_train, "positive": names.positive, "negative": names.negative}
    write_template(writer, "best_threshold/search.py.j2", **given, deals=deals, s=_search(t) | rounding)


def _search(t: ThresholdData) -> dict[str, Any]:
    """Return what the template of the search is written of."""
    objective, tuning = t.asked.objective, t.found.tuning
    tables = [grid.table for grid in t.found.grids]
    candidates = [np.count_nonzero(np.diff(table.rows[0]) > 0) for table in tables]
    step = -(-candidates[0] // CANDIDATES)
    square = 16 * objective.beta**2
    return {
        "criterion": objective.criterion,
        "beta": amount_text(objective.beta),
        "is_rounded": has_weights(t)
        or objective.criterion == "mcc"
        or (objective.criterion == "fbeta" and square != int(square)),
        "counts_classes": has_weights(t),
        "is_median": tuning.is_median,
        "thinned": f"[::{step}]" if step > 1 else "",
        "nobody": tuning.is_median
        and any(0 in best_of_draws(table, objective, tuning.seed) for table in tables),
        "seed": tuning.seed,
        "limits": [{"metric": each.metric, "bound": _bound(t, each)} for each in objective.constraints],
        "chance": "" if objective.confidence is None else repr(round(1 - objective.confidence, 12)),
        "cost": _total(t, {"fn": "(n_pos - tp)", "tn": "(n_neg - fp)"}),
        "rounding": _cost_rounding(t),
        "is_by_row": _is_by_row(t),
        "some": snippet.some_of(t),
        "has_ties": any(len(table.thresholds) <= table.n_rows for table in tables),
        "is_feasible": t.feasible,
    }


def _bound(t: ThresholdData, limit: Constraint) -> str:
    return snippet.ceiling(t) if limit.is_ceiling else repr(limit.bound)


def _total(t: ThresholdData, counts: dict[str, str]) -> str:
    """Write what decisions cost together, of amounts that are the same for all rows; nothing where there are no such."""
    if t.asked.costs is None or t.asked.cost_columns:
        return ""
    terms = [
        f"{amount_text(amount)} * {counts.get(name, name)}"
        for name, amount in t.asked.costs.items()
        if amount
    ]
    return " + ".join(terms).replace("+ -", "- ") or "0 * tp"


def _cost_rounding(t: ThresholdData) -> str:
    """Write by how much totals may differ and be the same; nothing where they are sums of whole numbers."""
    if t.asked.costs is None or t.asked.objective.criterion != "cost":
        return ""
    if (
        not has_weights(t)
        and not t.asked.cost_columns
        and all(float(amount).is_integer() for amount in t.asked.costs.values())
    ):
        return ""
    return f"{1e-12 * t.found.table.scale:.0e}"


def _rounding(t: ThresholdData) -> dict[str, Any] | None:
    """Return how the template rounds down to the threshold; None where several deals are not averaged so."""
    none = {"power": "", "digits": 0, "decimals": 0}
    if not t.feasible:
        return none
    if len(t.found.grids) > 1 and not t.asked.objective.constraints:
        return _averaged(t)
    exact, wanted = float(t.found.table.thresholds[t.found.place]), t.found.threshold
    if exact == wanted:
        return none
    for power in range(18):
        if np.floor(exact * 10.0**power) / 10.0**power == wanted:
            return none | {"power": _power(power)}
    for digits in range(1, 18):
        if float(Context(digits, ROUND_FLOOR).create_decimal(repr(exact))) == wanted:
            return none | {"digits": digits}
    return None


def _averaged(t: ThresholdData) -> dict[str, Any] | None:
    """Return how each deal's threshold is rounded down, as far as that shows in their mean, and the decimals of that."""
    choices = [t.found.tuning.choose(grid.table) for grid in t.found.grids]
    chosen = [each.threshold for each in choices]
    exact = np.array(
        [grid.table.thresholds[at.place] for grid, at in zip(t.found.grids, choices, strict=True)]
    )
    decimals = next((each for each in range(18) if round(np.mean(chosen), each) == t.found.threshold), None)
    if decimals is None:
        return None
    for power in range(8):
        rounded = np.floor(exact * 10.0**power) / 10.0**power if power else exact
        if round(np.mean(rounded), decimals) == t.found.threshold:
            return {"power": _power(power) if power else "", "digits": 0, "decimals": decimals}
    return {"power": "", "digits": "fewest", "decimals": decimals}


def _power(power: int) -> str:
    return str(10**power) if power < 4 else f"1e{power}"


def _write_figures(writer: Writer, t: ThresholdData, names: _Names) -> None:
    """Write the lines that judge the threshold on the test set, beside the default one."""
    default = t.found.rows.get("default")
    shown = [row.figures.points["flag_rate"] for name, row in t.found.rows.items() if name != "closed_form"]
    total = _total(t, {})
    write_template(
        writer,
        "best_threshold/figures.py.j2",
        y=names.y_test,
        p=names.score,
        w="w_test" if has_weights(t) else "",
        default=None if default is None else f"{default.threshold:g}",
        flags_nobody=min(shown) == 0,
        by_row=bool(t.asked.cost_columns),
        cost=total,
        counts=", ".join(name if name in total else "_" for name in ("tn", "fp", "fn", "tp")),
    )
