"""The code of a `Reliability`: plain scikit-learn and numpy that calibrates and judges alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.fit import answers
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, TopLabelScores
from imbalance_accessor.modeling.models import needs_codes
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, spread_out
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.snippet_calibrators import (
    MAKERS,
    calibrated,
    calibrators_of,
    fits_by_own,
    learned_weight,
    makers,
    on_scores,
    own_weights_of,
    weight_keys_of,
    write_pipelines,
)
from imbalance_accessor.verbs.reliability.snippet_figures import subset_of, weighs_rows, write_figures
from imbalance_accessor.verbs.shared import snippet_data, snippet_scores, snippet_weights
from imbalance_accessor.verbs.shared.snippet_data import name_of, write_parts
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_scores import write_rest

_CANNOT = """\
# {names}: {why}, which CalibratedClassifierCV refuses;
# take the calibrated model itself."""

_CANNOT_BY_WEIGHTS = """\
# {names}: CalibratedClassifierCV would fit the models by these weights too;
# take the calibrated model itself."""


def write(r: ReliabilityData, *, short: bool = False) -> Snippet:
    """Write the comparison as a program; a short one has level, Brier score and ranking alone."""
    writer = Writer()
    writer.use_module("pandas", "pd")
    if isinstance(r._first, FittedScores):
        _write_models(writer, r, r._first.plan, r._first.scored, short=short)
    elif isinstance(r._first, ColumnScores):
        _write_column(writer, r, r._first, short=short)
    writer.add("print(pd.DataFrame(rows).T.to_string())")
    if any("np." in line for line in writer.lines):
        writer.use_module("numpy", "np")
    return writer.text()


def _write_models(
    writer: Writer, r: ReliabilityData, plan: Plan, scored: CrossValScores, *, short: bool
) -> None:
    snippet_scores.write_data(writer, plan, scored)
    write_pipelines(writer, r)
    if isinstance(r._first, TopLabelScores):
        _write_top_class(writer, r, plan, scored, short=short)
        return
    snippet_scores.write_sides(writer, scored, coded=plan.reader.coded)
    snippet_weights.write_counted(writer, scored, coded=plan.reader.coded)
    write_figures(writer, r, short=short)
    keys = weight_keys_of(r)
    if keys:
        snippet_scores.write_given(writer, scored, keys, own_weights_of(writer, r, keys))
    writer.add("rows = {}", "for name, pipeline in strategies.items():")
    writer.add(*_given(r, keys))
    lines = _held_out(writer, r, plan, scored) if scored.held_out else _out_of_fold(writer, r, plan, scored)
    writer.add(*(f"    {line}" for line in lines))


def _given(r: ReliabilityData, keys: Mapping[str, str]) -> list[str]:
    """Return the line of what a fit is handed beside rows and labels."""
    if fits_by_own(r):
        more = " | given.get(name, {})" if keys else ""
        return [f'    weights = {{"sample_weight": own_train}}{more}']
    return ["    weights = given.get(name, {})"] if keys else []


def _held_out(writer: Writer, r: ReliabilityData, plan: Plan, scored: CrossValScores) -> list[str]:
    """Return the lines that calibrate one model's scores of the test set by its scores out of fold."""
    weighted, by_label = bool(weight_keys_of(r)), snippet_scores.names_labels(plan)
    some, whole = scored.parts.kept is not None, has_whole_pipelines(r, plan, scored)
    calibrators = [calibrator for calibrator in calibrators_of(r) if calibrator != "prior"]
    needed = bool(calibrators) and not whole
    lines = _oof_lines(writer, r, plan, scored) if needed else []
    lines += _score_lines(writer, r, plan, scored, oof=False)
    lines += _start(r, scored, "score")
    if whole and calibrators:
        lines += calibrated(writer, scored, calibrators, weighted=weighted)
    elif calibrators and not _has_margins(r):
        if weighs_rows(r):
            lines.append("# CalibratedClassifierCV would fit the models by these weights too")
        elif by_label:
            lines.append("# CalibratedClassifierCV would hand codes to weights that name labels")
        elif some:
            lines.append("# CalibratedClassifierCV would learn from all train rows")
        elif _is_single(r):
            lines.append("# in double precision; CalibratedClassifierCV would fit in XGBoost's single one")
        lines += on_scores(writer, r, calibrators)
    elif calibrators:
        _say_cannot(writer, scored, calibrators)
    return [
        *lines,
        "for calibrator, p in corrected.items():",
        f"    rows[name, calibrator] = figures(is_test, p{_weight(r, 'test')})",
    ]


def has_whole_pipelines(r: ReliabilityData, plan: Plan, scored: CrossValScores) -> bool:
    """Whether `CalibratedClassifierCV` calibrates whole pipelines on the folds as we did."""
    some = scored.parts.kept is not None or bool(scored.again)
    seen = bool((scored.folds.ids >= 0).all()) and not some
    by_hand = (_is_single(r) or snippet_scores.names_labels(plan)) and not _has_margins(r)
    return seen and not plan.model.fitted and not by_hand and not weighs_rows(r)


def _weight(r: ReliabilityData, part: str, some: str = "") -> str:
    """Write the last argument of the figures: how much a part's rows count, where they do not count once each."""
    return f", w_{part}{some}" if weighs_rows(r) else ""


def _say_cannot(writer: Writer, scored: CrossValScores, calibrators: list[str]) -> None:
    """Say why no code of scikit-learn's calibrates these scores."""
    if snippet_weights.is_weighted(scored.parts):
        writer.lines.insert(0, _CANNOT_BY_WEIGHTS.format(names=" and ".join(calibrators)))
        return
    why = "folds are dealt several times" if scored.again else "these folds leave rows unscored"
    if scored.parts.kept is not None:
        why = "not all train rows are learned from"
    writer.lines.insert(0, _CANNOT.format(names=" and ".join(calibrators), why=why))


def _out_of_fold(writer: Writer, r: ReliabilityData, plan: Plan, scored: CrossValScores) -> list[str]:
    """Return the lines that calibrate one model's scores of each fold by what was fitted on the other folds."""
    lines = _start(r, scored, "oof")
    calibrators = [calibrator for calibrator in calibrators_of(r) if calibrator != "prior"]
    if calibrators and _has_margins(r):
        _say_cannot(writer, scored, calibrators)
    elif calibrators:
        lines += _crossed(writer, r, calibrators)
    return [*_oof_lines(writer, r, plan, scored), *_each_deal(r, lines, "name")]


def _each_deal(r: ReliabilityData, lines: list[str], name: str) -> list[str]:
    """Return the lines that make ``calibrated`` of ``oof`` in each deal of the folds, and judge what it holds."""
    scored = r._first.scored
    some = subset_of(scored)
    given = f"is_train{some}, p{some}{_weight(r, 'train', some)}"
    kept = [f"        every.setdefault(calibrator, []).append(({given}))"]
    if weighs_rows(r):
        kept = [f"        given = {given}", "        every.setdefault(calibrator, []).append(given)"]
    if not scored.again:
        end = [
            "for calibrator, p in corrected.items():",
            f"    rows[{name}, calibrator] = figures({given})",
        ]
        return [*_write_subset(scored), *lines, *end]
    return [
        *_write_subset(scored),
        "every = {}",
        "for folds, oof in zip(deals, oofs):",
        *(f"    {line}" for line in lines),
        "    for calibrator, p in corrected.items():",
        *kept,
        "for calibrator, pairs in every.items():",
        f"    rows[{name}, calibrator] = figures(pairs)",
    ]


def _write_subset(scored: CrossValScores) -> list[str]:
    """Return the line that finds these rows."""
    if scored.parts.split_by.time is not None:
        return [
            "# earlier folds calibrate these",
            "later = np.sort(np.concatenate([held for _, held in folds[1:]]))",
        ]
    if not subset_of(scored):
        return []
    axes = "(0, 2)" if scored.positive is None else "0"
    known = f"oofs).any(axis={axes})" if scored.again else "oof)" + ".any(axis=1)" * (scored.positive is None)
    return [f"known = np.flatnonzero(~np.isnan({known})  # no fold scores the other rows"]


def _crossed(writer: Writer, r: ReliabilityData, calibrators: list[str]) -> list[str]:
    """Return the lines that calibrate each fold's ``oof`` by what was fitted on the other folds, or on earlier ones."""
    margins, scored = {row.margin for row in r.report.rows.values()}, r._first.scored
    pairs = "temperature" in calibrators and scored.is_probability
    lines, read = [], "oof"
    if True in margins:
        writer.use("scipy.special", "logit")
        read = "margin"
        lines = ["margin = np.clip(logit(oof), -36, 36)"]
    if pairs and margins != {True}:
        lines = ["both = np.c_[1 - oof, oof]"]
    if len(margins) > 1:
        lines += ["margin = oof", 'if hasattr(pipeline, "decision_function"):']
        lines += ["    margin = np.clip(logit(oof), -36, 36)", *(["    both = margin"] if pairs else [])]
    every = "known" if subset_of(scored) == "[known]" else "np.arange(len(oof))"
    loop = ["for _, held in folds:", f"    others = np.setdiff1d({every}, held)"]
    if scored.parts.split_by.time is not None:
        earlier = "np.concatenate([earlier for _, earlier in folds[:place]])"
        if weighs_rows(r):
            earlier = f"np.sort({earlier})"
        loop = [
            "for place, (_, held) in enumerate(folds[1:], start=1):",
            f"    others = {earlier}",
        ]
    elif len(r.report.y) > MANY_ROWS:
        lines.extend(
            [
                "held_out = [np.concatenate([held for _, held in folds[start::2]]) for start in (0, 1)]",
                "folds = [(None, held) for held in held_out]",
            ]
        )
    loop.append("    own = is_train[others].astype(int)")
    weight = ", weight[others]" if weighs_rows(r) else ""
    lines += [f"weight = {learned_weight(r)}"] if weight else []
    simple = [name for name in calibrators if name in MAKERS]
    if simple:
        lines += [
            *makers(writer, simple),
            "for method, maker in makers.items():",
            "    p = np.full(len(oof), np.nan)",
            *(f"    {line}" for line in loop),
            f"        fitted = maker.fit({read}[others], own{weight})",
            f"        p[held] = fitted.predict({read}[held])",
            "    corrected[method] = p",
        ]
    if "temperature" in calibrators:
        writer.use("sklearn.calibration", "_TemperatureScaling")
        both = "both" if pairs and margins != {True} else read
        lines += [
            "p = np.full(len(oof), np.nan)",
            *loop,
            f"    scaling = _TemperatureScaling().fit({both}[others], own{weight})",
            f"    p[held] = scaling.predict({both}[held])[:, 1]",
            'corrected["temperature"] = p',
        ]
    return lines


def _is_single(r: ReliabilityData) -> bool:
    """Whether scores come in single precision, in which scikit-learn finds the best sigmoid to few digits."""
    return any(
        isinstance(strategy_scores, FittedScores) and needs_codes(strategy_scores.plan.model)
        for strategy_scores in r.scores_by_strategy.values()
    )


def _has_margins(r: ReliabilityData) -> bool:
    """Whether any calibrator reads margins that are not the log odds of the probabilities."""
    every = (
        strategy_scores.scored.by_name[strategy_scores.name]
        for strategy_scores in r.scores_by_strategy.values()
    )
    return any(scores.margin_oof is not None for scores in every)


def _write_top_class(
    writer: Writer, r: ReliabilityData, plan: Plan, scored: CrossValScores, *, short: bool
) -> None:
    """Write the probability of the likeliest class, held against whether it is right."""
    labels = list(range(len(plan.reader.classes))) if plan.reader.coded else plan.reader.classes.tolist()
    writer.use_module("numpy", "np")
    writer.add(f"labels = np.array({labels!r})".replace("'", '"'))
    if weighs_rows(r):
        snippet_weights.write_classes(writer, scored, coded=plan.reader.coded)
    write_figures(writer, r, short=short)
    correction = Correction(plan, scored, (r._first.name,))
    correction.write(writer)
    writer.add("rows = {}", "for name, pipeline in strategies.items():", *_given(r, {}))
    wide, given = snippet_scores.wide(plan), _by_own(r)
    if scored.held_out:
        lines = snippet_scores.score_lines(writer, plan, scored, wide, oof=False, **given)
        lines += correction.on_test(writer)
        right = "labels[score.argmax(axis=1)] == y_test.to_numpy()"
        figures = f"figures(is_right, score.max(axis=1){_weight(r, 'test')})"
        lines += [f"is_right = {right}", f'rows[name, "none"] = {figures}']
    else:
        indent = 4 + 4 * bool(scored.again)
        lines = snippet_scores.score_lines(writer, plan, scored, wide, test=False, indent=indent, **given)
        lines += correction.out_of_fold(writer, **{"params": "", "weights": ""} | given, indent=indent)
        lines = _dealt(scored, lines)
        inner = [
            "is_train = labels[oof.argmax(axis=1)] == y_train.to_numpy()",
            'corrected = {"none": oof.max(axis=1)}',
        ]
        lines += _each_deal(r, inner, "name")
    writer.add(*(f"    {line}" for line in lines))


def _by_own(r: ReliabilityData) -> dict[str, Any]:
    """Return what `score_lines` must know of the weights that a fit is handed."""
    return {"params": ", params=weights", "weights": "weights"} if fits_by_own(r) else {}


def _dealt(scored: CrossValScores, lines: list[str]) -> list[str]:
    """Return the lines that make ``oof``, or one of each deal of the folds in ``oofs``."""
    if not scored.again:
        return lines
    return ["oofs = []", "for folds in deals:", *(f"    {line}" for line in (*lines, "oofs.append(oof)"))]


def _oof_lines(writer: Writer, r: ReliabilityData, plan: Plan, scored: CrossValScores) -> list[str]:
    """Return the lines that make ``oof``, or one of each deal of the folds in ``oofs``."""
    return _dealt(scored, _score_lines(writer, r, plan, scored, oof=True))


def _score_lines(
    writer: Writer, r: ReliabilityData, plan: Plan, scored: CrossValScores, *, oof: bool
) -> list[str]:
    """Return the lines that make ``oof``, or else ``score``."""
    column = snippet_scores.positive_column(plan, scored)
    if _is_single(r) and scored.is_probability and not column.endswith("float)"):
        column += ".astype(float)"  # the first of several models answers in double precision, another not
    weighted = weight_keys_of(r) or fits_by_own(r)
    params, weights = (", params=weights", "weights") if weighted else ("", "")
    indent = 4 + 4 * (oof and bool(scored.again))
    lines = snippet_scores.score_lines(
        writer, plan, scored, column, params=params, weights=weights, oof=oof, test=not oof, indent=indent
    )
    if not scored.is_probability and scored.positive == 0:
        name = "oof" if oof else "score"
        lines.append(f"{name} = -{name}  # margins point to the second label")
    return lines


def _start(r: ReliabilityData, scored: CrossValScores, score: str) -> list[str]:
    """Return the lines of the scores as they are and of the prior correction, which need no fit."""
    if not scored.is_probability:
        return ["corrected = {}"]
    untouched, undone = f'"none": {score}', f"{score} / ({score} + (1 - {score}) * multiplied[name])"
    if "prior" not in calibrators_of(r):
        return [f"corrected = {{{untouched}}}"]
    if len(r.report.prior_holds) < len(r.scores_by_strategy):
        return [
            f"corrected = {{{untouched}}}",
            "if name in multiplied:",
            f'    corrected["prior"] = {undone}',
        ]
    return ["corrected = {", f"    {untouched},", f'    "prior": {undone},', "}"]


def _write_column(writer: Writer, r: ReliabilityData, strategy_scores: ColumnScores, *, short: bool) -> None:
    """Write rows that come with their scores."""
    scored, parts = strategy_scores.scored, strategy_scores.scored.parts
    target, divided = parts.features.target, bool(len(parts.test))
    write_parts(writer, parts, list(parts.features.X.columns), plain=False, raw=True)
    snippet_data.write_outcome(writer, target, divided=divided)
    coded = answers(target).dtype == object
    if coded:
        snippet_scores.write_codes(writer, target, divided=divided)
    calibrators, dealt = calibrators_of(r), bool(scored.again)
    if (not divided and (calibrators or parts.split_by.time is not None)) or dealt:
        snippet_data.write_folds(writer, parts, scored.folds, strategy_scores.random_state)
    snippet_scores.write_sides(writer, scored, coded=coded)
    snippet_weights.write_counted(writer, scored, coded=coded)
    write_figures(writer, r, short=short)
    column = strategy_scores.column
    oof, score = (
        snippet_data.raw_numbers(writer, parts.features, f"{part}[{name_of(column)}]", column)
        for part in ("X_train", "X_test")
    )
    writer.add(f"oof = {oof}")
    writer.add(*([f"oofs = [oof] * {len(scored.folds.deals)}"] if dealt else []))
    if not divided and dealt:
        write_rest(writer, scored)
        lines = ['corrected = {"none": oof}', *(_crossed(writer, r, calibrators) if calibrators else [])]
        writer.add("rows = {}", *_each_deal(r, lines, '"scores"'))
        return
    if not divided:
        some = _write_held_out(writer, scored) if calibrators or parts.split_by.time is not None else ""
        given = f"is_train{some}, oof{some}{_weight(r, 'train', some)}"
        writer.add(f'rows = {{("scores", "none"): figures({given})}}')
        if calibrators:
            _write_crossed(writer, r, calibrators)
        return
    writer.add(
        f"score = {score}",
        'corrected = {"none": score}',
    )
    writer.add(*(on_scores(writer, r, calibrators) if calibrators else []))
    each = f'("scores", name): figures(is_test, p{_weight(r, "test")})'
    writer.add(*spread_out("rows = ", [each, "for name, p in corrected.items()"], ("{", "}")))


def _write_held_out(writer: Writer, scored: CrossValScores) -> str:
    """Write the folds' rows, and return the subscript of those that other folds calibrate."""
    write_rest(writer, scored)
    writer.add("held_out = [held for _, held in folds]")
    if scored.parts.split_by.time is None:
        return ""
    writer.add("later = np.sort(np.concatenate(held_out[1:]))  # earlier folds calibrate them")
    return "[later]"


def _write_crossed(writer: Writer, r: ReliabilityData, calibrators: list[str]) -> None:
    """Write the calibrator of each fold by what was fitted on the others."""
    scored = r._first.scored
    ordered = scored.parts.split_by.time is not None
    loop, rows, some = ["for held in held_out:", "others = np.setdiff1d(np.arange(len(oof)), held)"], "p", ""
    if ordered:
        loop = [
            "for place, held in enumerate(held_out[1:], start=1):",
            "others = np.concatenate(held_out[:place])",
        ]
        rows, some = "p[later]", "[later]"
    elif len(r.report.y) > MANY_ROWS:
        writer.add("held_out = [np.concatenate(held_out[start::2]) for start in range(2)]")
    weight, learn = "", "is_train[others].astype(int)"
    if weighs_rows(r):
        writer.add(f"positive, weight = is_train.astype(int), {learned_weight(r)}")
        weight, learn = f", w_train{some}", "positive[others], weight[others]"
    simple = [name for name in calibrators if name in MAKERS]
    if simple:
        writer.add(
            *makers(writer, simple),
            "for method, maker in makers.items():",
            "    p = np.empty(len(oof))",
            f"    {loop[0]}",
            f"        {loop[1]}",
            f"        fitted = maker.fit(oof[others], {learn})",
            "        p[held] = fitted.predict(oof[held])",
            f'    rows["scores", method] = figures(is_train{some}, {rows}{weight})',
        )
    if "temperature" in calibrators:
        writer.use("sklearn.calibration", "_TemperatureScaling")
        writer.add(
            "both, p = np.c_[1 - oof, oof], np.empty(len(oof))",
            loop[0],
            f"    {loop[1]}",
            f"    scaling = _TemperatureScaling().fit(both[others], {learn})",
            "    p[held] = scaling.predict(both[held])[:, 1]",
            f'rows["scores", "temperature"] = figures(is_train{some}, {rows}{weight})',
        )
