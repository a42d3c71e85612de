"""The code of a `Reliability`: plain scikit-learn and numpy that repairs and judges alike."""

from __future__ import annotations

from imbalance_accessor.evaluation.fit import answers
from imbalance_accessor.evaluation.plan import Fits
from imbalance_accessor.evaluation.scores import Scored
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, TopClass
from imbalance_accessor.modeling.models import needs_codes
from imbalance_accessor.present import recipe
from imbalance_accessor.present.recipe import name_of
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Group, Snippet, Writer, quoted
from imbalance_accessor.verbs import scores_code
from imbalance_accessor.verbs.reliability_data import ReliabilityData
from imbalance_accessor.verbs.reliability_interval_code import write_ends, write_helpers
from imbalance_accessor.verbs.reliability_rows import MANY_ROWS
from imbalance_accessor.verbs.reliability_verdict import prior_is_rough
from imbalance_accessor.verbs.split import write_parts
from imbalance_accessor.verbs.threshold_code import write_rest

_CANNOT = """\
# {names}: {why}, which CalibratedClassifierCV refuses;
# take the repaired model itself."""


def write(r: ReliabilityData, style: Style) -> Snippet:
    """Write the comparison as a program; the short style has level, Brier score and ranking alone."""
    writer = Writer()
    writer.use_module("pandas", "pd")
    short = style == "short"
    if isinstance(r._first, FittedScores):
        _write_models(writer, r, r._first.fits, r._first.scored, short=short)
    elif isinstance(r._first, ColumnScores):
        _write_column(writer, r, r._first, short=short)
    writer.add("print(pd.DataFrame(rows).T.to_string())")
    if any("np." in line for line in writer.lines):
        writer.use_module("numpy", "np")
    return writer.text()


def _repairs(r: ReliabilityData) -> list[str]:
    return list(dict.fromkeys(repair for _, repair in r.judging.rows if repair != "none"))


def _write_models(writer: Writer, r: ReliabilityData, fits: Fits, scored: Scored, *, short: bool) -> None:
    scores_code.write_data(writer, fits, scored)
    _write_pipelines(writer, r)
    if isinstance(r._first, TopClass):
        _write_top_class(writer, r, fits, scored, short=short)
        return
    scores_code.write_sides(writer, scored, coded=fits.reading.coded)
    _write_figures(writer, r, short=short)
    keys = _weight_keys(r)
    if keys:
        writer.use("sklearn.utils.class_weight", "compute_sample_weight")
        writer.add('weight = compute_sample_weight("balanced", y_train)')
        inner = ", ".join(f'{quoted(name)}: {{"{key}": weight}}' for name, key in keys.items())
        writer.add(f"given = {{{inner}}}")
    writer.add("rows = {}", "for name, pipeline in strategies.items():")
    writer.add(*(["    weights = given.get(name, {})"] if keys else []))
    lines = _held_out(writer, r, fits, scored) if scored.held_out else _out_of_fold(writer, r, fits, scored)
    writer.add(*(f"    {line}" for line in lines))


def _held_out(writer: Writer, r: ReliabilityData, fits: Fits, scored: Scored) -> list[str]:
    """Return the lines that repair one model's scores of the test part by its scores out of fold."""
    weighted, by_label = bool(_weight_keys(r)), scores_code.names_labels(fits)
    by_hand = (_is_single(r) or by_label or bool(scored.again)) and not _has_margins(r)
    seen = bool((scored.folds.ids >= 0).all()) and not scored.again
    whole = seen and not fits.model.fitted and not by_hand
    calibrators = [repair for repair in _repairs(r) if repair != "prior"]
    needed = bool(calibrators) and not whole
    lines = _oof_lines(writer, r, fits, scored) if needed else []
    lines += _score_lines(writer, r, fits, scored, oof=False)
    lines += _start(r, scored, "score")
    if whole and calibrators:
        lines += _calibrated(writer, scored, calibrators, weighted=weighted)
    elif calibrators and not _has_margins(r):
        if by_label:
            lines.append("# CalibratedClassifierCV would hand codes to weights that name labels")
        elif _is_single(r):
            lines.append("# in double precision; CalibratedClassifierCV would fit in XGBoost's single one")
        lines += _on_scores(writer, r, calibrators)
    elif calibrators:
        _say_cannot(writer, scored, calibrators)
    return [*lines, "for repair, p in repaired.items():", "    rows[name, repair] = figures(is_test, p)"]


def _say_cannot(writer: Writer, scored: Scored, calibrators: list[str]) -> None:
    """Say why no code of scikit-learn's calibrates these scores."""
    why = "folds are dealt several times" if scored.again else "these folds leave rows unscored"
    writer.lines.insert(0, _CANNOT.format(names=" and ".join(calibrators), why=why))


def _out_of_fold(writer: Writer, r: ReliabilityData, fits: Fits, scored: Scored) -> list[str]:
    """Return the lines that repair one model's scores of each fold by what was fitted on the other folds."""
    lines = _start(r, scored, "oof")
    calibrators = [repair for repair in _repairs(r) if repair != "prior"]
    if calibrators and _has_margins(r):
        _say_cannot(writer, scored, calibrators)
    elif calibrators:
        lines += _crossed(writer, r, calibrators)
    return [*_oof_lines(writer, r, fits, scored), *_each_deal(scored, lines, "name")]


def _each_deal(scored: Scored, lines: list[str], name: str) -> list[str]:
    """Return the lines that make ``repaired`` of ``oof`` in each deal of the folds, and judge what it holds."""
    some = _subset(scored)
    if not scored.again:
        end = [
            "for repair, p in repaired.items():",
            f"    rows[{name}, repair] = figures(is_train{some}, p{some})",
        ]
        return [*_write_subset(scored), *lines, *end]
    return [
        *_write_subset(scored),
        "every = {}",
        "for folds, oof in zip(deals, oofs):",
        *(f"    {line}" for line in lines),
        "    for repair, p in repaired.items():",
        f"        every.setdefault(repair, []).append((is_train{some}, p{some}))",
        "for repair, pairs in every.items():",
        f"    rows[{name}, repair] = figures(pairs)",
    ]


def _subset(scored: Scored) -> str:
    """Write the subscript of the rows that are cross-fitted."""
    if scored.parts.rule.time is not None:
        return "[later]"
    return "" if (scored.folds.ids >= 0).all() else "[known]"


def _write_subset(scored: Scored) -> list[str]:
    """Return the line that finds these rows."""
    if scored.parts.rule.time is not None:
        return [
            "# earlier folds repair these",
            "later = np.sort(np.concatenate([held for _, held in folds[1:]]))",
        ]
    if not _subset(scored):
        return []
    axes = "(0, 2)" if scored.positive is None else "0"
    known = f"oofs).any(axis={axes})" if scored.again else "oof)" + ".any(axis=1)" * (scored.positive is None)
    return [f"known = np.flatnonzero(~np.isnan({known})  # no fold scores the other rows"]


def _crossed(writer: Writer, r: ReliabilityData, calibrators: list[str]) -> list[str]:
    """Return the lines that repair each fold's ``oof`` by what was fitted on the other folds, or on earlier ones."""
    margins, scored = {row.margin for row in r.judging.rows.values()}, r._first.scored
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
    every = "known" if _subset(scored) == "[known]" else "np.arange(len(oof))"
    loop = ["for _, held in folds:", f"    others = np.setdiff1d({every}, held)"]
    if scored.parts.rule.time is not None:
        loop = [
            "for place, (_, held) in enumerate(folds[1:], start=1):",
            "    others = np.concatenate([earlier for _, earlier in folds[:place]])",
        ]
    elif len(r.judging.y) > MANY_ROWS:
        lines.extend(
            [
                "held_out = [np.concatenate([held for _, held in folds[start::2]]) for start in (0, 1)]",
                "folds = [(None, held) for held in held_out]",
            ]
        )
    loop.append("    own = is_train[others].astype(int)")
    simple = [name for name in calibrators if name in _MAKERS]
    if simple:
        lines += [
            *_makers(writer, simple),
            "for method, maker in makers.items():",
            "    p = np.full(len(oof), np.nan)",
            *(f"    {line}" for line in loop),
            f"        fitted = maker.fit({read}[others], own)",
            f"        p[held] = fitted.predict({read}[held])",
            "    repaired[method] = p",
        ]
    if "temperature" in calibrators:
        writer.use("sklearn.calibration", "_TemperatureScaling")
        both = "both" if pairs and margins != {True} else read
        lines += [
            "p = np.full(len(oof), np.nan)",
            *loop,
            f"    scaling = _TemperatureScaling().fit({both}[others], own)",
            f"    p[held] = scaling.predict({both}[held])[:, 1]",
            'repaired["temperature"] = p',
        ]
    return lines


def _is_single(r: ReliabilityData) -> bool:
    """Whether scores come in single precision, in which scikit-learn finds the best sigmoid to few digits."""
    return any(
        isinstance(origin, FittedScores) and needs_codes(origin.fits.model) for origin in r.origins.values()
    )


def _has_margins(r: ReliabilityData) -> bool:
    """Whether any calibrator reads margins that are not the log odds of the probabilities."""
    every = (origin.scored.by_name[origin.name] for origin in r.origins.values())
    return any(scores.margin_oof is not None for scores in every)


def _write_top_class(writer: Writer, r: ReliabilityData, fits: Fits, scored: Scored, *, short: bool) -> None:
    """Write the probability of the likeliest class, held against whether it is right."""
    labels = list(range(len(fits.reading.classes))) if fits.reading.coded else fits.reading.classes.tolist()
    writer.use_module("numpy", "np")
    writer.add(f"labels = np.array({labels!r})".replace("'", '"'))
    _write_figures(writer, r, short=short)
    writer.add("rows = {}", "for name, pipeline in strategies.items():")
    wide = scores_code.wide(fits)
    if scored.held_out:
        lines = scores_code.score_lines(writer, fits, scored, wide, oof=False)
        right = "labels[score.argmax(axis=1)] == y_test.to_numpy()"
        lines += [f"is_right = {right}", 'rows[name, "none"] = figures(is_right, score.max(axis=1))']
    else:
        indent = 4 + 4 * bool(scored.again)
        lines = _dealt(scored, scores_code.score_lines(writer, fits, scored, wide, test=False, indent=indent))
        inner = [
            "is_train = labels[oof.argmax(axis=1)] == y_train.to_numpy()",
            'repaired = {"none": oof.max(axis=1)}',
        ]
        lines += _each_deal(scored, inner, "name")
    writer.add(*(f"    {line}" for line in lines))


def _dealt(scored: Scored, lines: list[str]) -> list[str]:
    """Return the lines that make ``oof``, or one of each deal of the folds in ``oofs``."""
    if not scored.again:
        return lines
    return ["oofs = []", "for folds in deals:", *(f"    {line}" for line in (*lines, "oofs.append(oof)"))]


def _oof_lines(writer: Writer, r: ReliabilityData, fits: Fits, scored: Scored) -> list[str]:
    """Return the lines that make ``oof``, or one of each deal of the folds in ``oofs``."""
    return _dealt(scored, _score_lines(writer, r, fits, scored, oof=True))


def _score_lines(writer: Writer, r: ReliabilityData, fits: Fits, scored: Scored, *, oof: bool) -> list[str]:
    """Return the lines that make ``oof``, or else ``score``."""
    column = scores_code.positive_column(fits, scored)
    if _is_single(r) and scored.is_probability and not column.endswith("float)"):
        column += ".astype(float)"  # the first of several models answers in double precision, another not
    params, weights = (", params=weights", "weights") if _weight_keys(r) else ("", "")
    indent = 4 + 4 * (oof and bool(scored.again))
    lines = scores_code.score_lines(
        writer, fits, scored, column, params=params, weights=weights, oof=oof, test=not oof, indent=indent
    )
    if not scored.is_probability and scored.positive == 0:
        name = "oof" if oof else "score"
        lines.append(f"{name} = -{name}  # margins point to the second label")
    return lines


def _start(r: ReliabilityData, scored: Scored, score: str) -> list[str]:
    """Return the lines of the scores as they are and of the prior correction, which need no fit."""
    if not scored.is_probability:
        return ["repaired = {}"]
    untouched, undone = f'"none": {score}', f"{score} / ({score} + (1 - {score}) * multiplied[name])"
    if "prior" not in _repairs(r):
        return [f"repaired = {{{untouched}}}"]
    if len(r.judging.prior_holds) < len(r.origins):
        return [
            f"repaired = {{{untouched}}}",
            "if name in multiplied:",
            f'    repaired["prior"] = {undone}',
        ]
    return ["repaired = {", f"    {untouched},", f'    "prior": {undone},', "}"]


def _calibrated(writer: Writer, scored: Scored, calibrators: list[str], *, weighted: bool) -> list[str]:
    writer.use("sklearn.calibration", "CalibratedClassifierCV")
    given = ", **weights" if weighted else ""
    # with temperature, scikit-learn takes the first label by y[0]
    labels = "y_train.to_numpy()" if "temperature" in calibrators else "y_train"
    return [
        f"for method in {calibrators!r}:".replace("'", '"'),
        "    calibrated = CalibratedClassifierCV(",
        "        pipeline, method=method, cv=folds, ensemble=False",
        f"    ).fit(X_train, {labels}{given})",
        f"    repaired[method] = calibrated.predict_proba(X_test)[:, {scored.positive}]",
    ]


_MAKERS = {"sigmoid": "_SigmoidCalibration()", "isotonic": 'IsotonicRegression(out_of_bounds="clip")'}


def _makers(writer: Writer, calibrators: list[str]) -> list[str]:
    """Return the lines that name the calibrators which ``CalibratedClassifierCV`` fits on scores."""
    for name in calibrators:
        module = "sklearn.isotonic" if name == "isotonic" else "sklearn.calibration"
        writer.use(module, _MAKERS[name].split("(")[0])
    return ["makers = {", *(f'    "{name}": {_MAKERS[name]},' for name in calibrators), "}"]


def _on_scores(writer: Writer, r: ReliabilityData, calibrators: list[str]) -> list[str]:
    """Return the lines that fit calibrators on out-of-fold scores, where no cross-validation of scikit-learn can."""
    margins = {row.margin for row in r.judging.rows.values()}
    pairs = "temperature" in calibrators and r._first.scored.is_probability
    deals, y, weight = len(r._first.scored.folds.deals), "is_train[seen].astype(int)", ""
    lines, learn, apply = ["seen = ~np.isnan(oof)"], "oof[seen]", "score"
    if deals > 1:
        lines = [
            "oof = np.concatenate(oofs)  # a row stands here once for each deal",
            f"seen = np.tile(~np.isnan(oofs).any(axis=0), {deals})",
            f"is_positive = np.tile(is_train, {deals})[seen].astype(int)",
            f"share = np.full(len(is_positive), 1 / {deals})",
        ]
        y, weight = "is_positive", ", share"
    if True in margins:
        writer.use("scipy.special", "logit")
        learn, apply = "oof_margin", "margin"
    if margins == {True}:
        lines.append("margin, oof_margin = (np.clip(logit(each), -36, 36) for each in (score, oof[seen]))")
    elif pairs:  # temperature takes the probabilities of both classes
        lines.append("both, oof_both = (np.c_[1 - each, each] for each in (score, oof[seen]))")
    if len(margins) > 1:
        lines += ["margin, oof_margin = score, oof[seen]", 'if hasattr(pipeline, "decision_function"):']
        lines += [f"    {each} = np.clip(logit({each}), -36, 36)" for each in ("margin", "oof_margin")]
        lines += ["    both, oof_both = margin, oof_margin"] * pairs
    simple = [name for name in calibrators if name in _MAKERS]
    if simple:
        lines += [
            *_makers(writer, simple),
            "for method, maker in makers.items():",
            f"    fitted = maker.fit({learn}, {y}{weight})",
            f"    repaired[method] = fitted.predict({apply})",
        ]
    if "temperature" in calibrators:
        writer.use("sklearn.calibration", "_TemperatureScaling")
        if pairs and margins != {True}:
            learn, apply = "oof_both", "both"
        lines += [
            f"scaling = _TemperatureScaling().fit({learn}, {y}{weight})",
            f'repaired["temperature"] = scaling.predict({apply})[:, 1]',
        ]
    return lines


def _weight_keys(r: ReliabilityData) -> dict[str, str]:
    found = {}
    for name, origin in r.origins.items():
        if isinstance(origin, FittedScores) and not origin.fits.model.fitted:
            keys = scores_code.weight_keys(origin.fits, origin.scored, [origin.name])
            found[name] = keys.get(origin.name, "")
    return {name: key for name, key in found.items() if key}


def _write_pipelines(writer: Writer, r: ReliabilityData) -> None:
    plans = {}
    for name, origin in r.origins.items():
        assert isinstance(origin, FittedScores)
        if origin.fits.model.fitted:
            writer.add("# model is the fitted classifier that you passed")
            writer.add(f"strategies = {{{quoted(name)}: model}}")
            return
        plans[name] = origin.fits.plans[origin.name].estimator
    columns = r._first.scored.parts.task.columns
    scores_code.name_shared(writer, columns, list(plans.values()))
    parts = [(f"{quoted(name)}: ", writer.expression(estimator)) for name, estimator in plans.items()]
    writer.add("# samplers stand inside the pipelines: they never see the rows that are scored")
    writer.assign("strategies", Group("{", tuple(parts), "}"))
    if "prior" in _repairs(r):
        known = r.judging.prior_holds
        multiplied = {name: round(r.judging.multiplied[name], 12) for name in known}
        writer.add("# what each of them multiplied the odds of the positive class by")
        rough = [name for name in known if prior_is_rough(r, name)]
        if rough:
            writer.add(f"# dividing by it is only approximate for {', '.join(map(quoted, rough))}")
        writer.assign("multiplied", writer.expression(multiplied))


def _write_figures(writer: Writer, r: ReliabilityData, *, short: bool) -> None:
    """Write the function of the figures."""
    writer.use("sklearn.metrics", "average_precision_score", "brier_score_loss")
    if short:
        lines = (
            '        "mean_probability": p.mean(),',
            '        "brier": brier_score_loss(y, p),',
            '        "average_precision": average_precision_score(y, p),',
        )
        name = "of_deal" if _averages(r) else "figures"
        writer.add("", "", f"def {name}(y, p):", "    return {", *lines, "    }", "", "")
        if _averages(r):
            writer.use_module("numpy", "np")
            writer.add(*_MEANS.splitlines(), "", "", *_SHORT_MEANS.splitlines(), "", "")
        return
    writer.use("sklearn.isotonic", "IsotonicRegression")
    writer.use("sklearn.metrics", "log_loss")
    write_helpers(writer, r)
    n_bins = r.binning.n_bins
    edges = f"np.linspace(0, 1, {n_bins + 1})"
    if r.binning.error_rule == "quantile":
        edges = f"np.percentile(p, {edges} * 100)"
    writer.add(
        "def of_deal(y, p, first):" if _averages(r) else "def figures(y, p):",
        "    best = IsotonicRegression().fit_transform(p, y)  # rows of one p together",
        "    brier, uncertainty = brier_score_loss(y, p), y.mean() * (1 - y.mean())",
        f"    edges = {edges}",
        "    place = np.searchsorted(edges[1:-1], p)",
        "    gaps = np.bincount(place, p - y)",
        "    row = {",
        '        "brier": brier,',
        '        "brier_skill": 1 - brier / uncertainty,',
        '        "log_loss": log_loss(y, p),',
        '        "mean_probability": p.mean(),',
        '        "average_precision": average_precision_score(y, p),',
        '        "miscalibration": brier - np.mean((best - y) ** 2),',
        '        "discrimination": uncertainty - np.mean((best - y) ** 2),',
        '        "uncertainty": uncertainty,',
        '        "ece": np.abs(gaps).sum() / len(p),',
        "    }",
    )
    write_ends(writer, r, averaged=_averages(r), some=_subset(r._first.scored))
    if _averages(r):
        writer.add(*_MEANS.splitlines(), "", "", *_FULL_MEANS.splitlines(), "", "")


_MEANS = """\
def means(rows):  # over the deals of the folds
    return {name: np.mean([row[name] for row in rows]) for name in rows[0]}"""

_SHORT_MEANS = """\
def figures(pairs):
    return means([of_deal(y, p) for y, p in pairs])"""

_FULL_MEANS = """\
def figures(pairs):
    found, samples = zip(*(of_deal(y, p, pairs[0][0]) for y, p in pairs))
    row, sample = means(found), [means(drawn) for drawn in zip(*samples)]
    if sample:
        add_ends(row, sample)
    return row"""


def _averages(r: ReliabilityData) -> bool:
    """Whether reported figures are means over several deals of the folds."""
    return bool(r._first.scored.again) and not r._first.scored.held_out


def _write_column(writer: Writer, r: ReliabilityData, origin: ColumnScores, *, short: bool) -> None:
    """Write rows that come with their scores."""
    scored, parts = origin.scored, origin.scored.parts
    target, divided = parts.task.target, bool(len(parts.test))
    write_parts(writer, parts, list(parts.task.X.columns), plain=False)
    recipe.write_outcome(writer, target, divided=divided)
    coded = answers(target).dtype == object
    if coded:
        scores_code.write_codes(writer, target, divided=divided)
    calibrators, dealt = _repairs(r), bool(scored.again)
    if (not divided and (calibrators or parts.rule.time is not None)) or dealt:
        recipe.write_folds(writer, parts, scored.folds, origin.random_state)
    scores_code.write_sides(writer, scored, coded=coded)
    _write_figures(writer, r, short=short)
    writer.add(f'oof = X_train[{name_of(origin.column)}].to_numpy("float64")')
    writer.add(*([f"oofs = [oof] * {len(scored.folds.deals)}"] if dealt else []))
    if not divided and dealt:
        write_rest(writer, scored)
        lines = ['repaired = {"none": oof}', *(_crossed(writer, r, calibrators) if calibrators else [])]
        writer.add("rows = {}", *_each_deal(scored, lines, '"scores"'))
        return
    if not divided:
        some = _write_held_out(writer, scored) if calibrators or parts.rule.time is not None else ""
        writer.add(f'rows = {{("scores", "none"): figures(is_train{some}, oof{some})}}')
        if calibrators:
            _write_crossed(writer, r, calibrators)
        return
    writer.add(f'score = X_test[{name_of(origin.column)}].to_numpy("float64")', 'repaired = {"none": score}')
    writer.add(*(_on_scores(writer, r, calibrators) if calibrators else []))
    writer.add('rows = {("scores", repair): figures(is_test, p) for repair, p in repaired.items()}')


def _write_held_out(writer: Writer, scored: Scored) -> str:
    """Write the folds' rows, and return the subscript of those that other folds repair."""
    write_rest(writer, scored)
    writer.add("held_out = [held for _, held in folds]")
    if scored.parts.rule.time is None:
        return ""
    writer.add("later = np.sort(np.concatenate(held_out[1:]))  # earlier folds repair them")
    return "[later]"


def _write_crossed(writer: Writer, r: ReliabilityData, calibrators: list[str]) -> None:
    """Write the repair of each fold by what was fitted on the others."""
    scored = r._first.scored
    ordered = scored.parts.rule.time is not None
    loop, rows, some = ["for held in held_out:", "others = np.setdiff1d(np.arange(len(oof)), held)"], "p", ""
    if ordered:
        loop = [
            "for place, held in enumerate(held_out[1:], start=1):",
            "others = np.concatenate(held_out[:place])",
        ]
        rows, some = "p[later]", "[later]"
    elif len(r.judging.y) > MANY_ROWS:
        writer.add("held_out = [np.concatenate(held_out[start::2]) for start in range(2)]")
    simple = [name for name in calibrators if name in _MAKERS]
    if simple:
        writer.add(
            *_makers(writer, simple),
            "for method, maker in makers.items():",
            "    p = np.empty(len(oof))",
            f"    {loop[0]}",
            f"        {loop[1]}",
            "        fitted = maker.fit(oof[others], is_train[others].astype(int))",
            "        p[held] = fitted.predict(oof[held])",
            f'    rows["scores", method] = figures(is_train{some}, {rows})',
        )
    if "temperature" in calibrators:
        writer.use("sklearn.calibration", "_TemperatureScaling")
        writer.add(
            "both, p = np.c_[1 - oof, oof], np.empty(len(oof))",
            loop[0],
            f"    {loop[1]}",
            "    scaling = _TemperatureScaling().fit(both[others], is_train[others].astype(int))",
            "    p[held] = scaling.predict(both[held])[:, 1]",
            f'rows["scores", "temperature"] = figures(is_train{some}, {rows})',
        )
