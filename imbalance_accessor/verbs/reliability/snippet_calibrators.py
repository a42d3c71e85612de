"""The lines of a snippet that calibrate: on out-of-fold scores, or around whole pipelines."""

from __future__ import annotations

from collections.abc import Iterable

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.rendering.snippets.writer import Group, Writer, quoted_code
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.snippet_figures import weighs_rows
from imbalance_accessor.verbs.reliability.verdict import prior_is_rough
from imbalance_accessor.verbs.shared import snippet_data, snippet_scores, snippet_weights


def calibrators_of(r: ReliabilityData) -> list[str]:
    """Return the calibrators that were tried, in order."""
    return list(dict.fromkeys(calibrator for _, calibrator in r.report.rows if calibrator != "none"))


def calibrated(
    writer: Writer, scored: CrossValScores, calibrators: list[str], *, weighted: bool
) -> list[str]:
    """Return the lines that calibrate by `CalibratedClassifierCV`, on the folds."""
    writer.use("sklearn.calibration", "CalibratedClassifierCV")
    given = ", **weights" if weighted else ""
    # with temperature, scikit-learn takes the first label by y[0]
    labels = "y_train.to_numpy()" if "temperature" in calibrators else "y_train"
    return [
        f"for method in {calibrators!r}:".replace("'", '"'),
        "    calibrated = CalibratedClassifierCV(",
        "        pipeline, method=method, cv=folds, ensemble=False",
        f"    ).fit(X_train, {labels}{given})",
        f"    corrected[method] = calibrated.predict_proba(X_test)[:, {scored.positive}]",
    ]


#: The calls that make the calibrators which ``CalibratedClassifierCV`` fits on scores.
MAKERS = {"sigmoid": "_SigmoidCalibration()", "isotonic": 'IsotonicRegression(out_of_bounds="clip")'}


def makers(writer: Writer, calibrators: list[str]) -> list[str]:
    """Return the lines that name the calibrators which ``CalibratedClassifierCV`` fits on scores."""
    for name in calibrators:
        module = "sklearn.isotonic" if name == "isotonic" else "sklearn.calibration"
        writer.use(module, MAKERS[name].split("(")[0])
    return ["makers = {", *(f'    "{name}": {MAKERS[name]},' for name in calibrators), "}"]


def on_scores(writer: Writer, r: ReliabilityData, calibrators: list[str]) -> list[str]:
    """Return the lines that fit calibrators on out-of-fold scores, where no cross-validation of scikit-learn can."""
    margins = {row.margin for row in r.report.rows.values()}
    pairs = "temperature" in calibrators and r._first.scored.is_probability
    deals, y, weight = len(r._first.scored.folds.deals), "is_train[seen].astype(int)", ""
    lines, learn, apply = ["seen = ~np.isnan(oof)"], "oof[seen]", "score"
    if deals > 1:
        lines = [
            "oof = np.concatenate(oofs)  # a row stands here once for each deal",
            f"seen = np.tile(~np.isnan(oofs).any(axis=0), {deals})",
            f"is_positive = np.tile(is_train, {deals})[seen].astype(int)",
        ]
        y, weight = "is_positive", ", share"
        if not weighs_rows(r):
            lines.append(f"share = np.full(len(is_positive), 1 / {deals})")
    if weighs_rows(r):
        each = f"np.tile({learned_weight(r)} / {deals}, {deals})" if deals > 1 else f"({learned_weight(r)})"
        lines.append(f"weight = {each}[seen]")
        weight = ", weight"
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
    simple = [name for name in calibrators if name in MAKERS]
    if simple:
        lines += [
            *makers(writer, simple),
            "for method, maker in makers.items():",
            f"    fitted = maker.fit({learn}, {y}{weight})",
            f"    corrected[method] = fitted.predict({apply})",
        ]
    if "temperature" in calibrators:
        writer.use("sklearn.calibration", "_TemperatureScaling")
        if pairs and margins != {True}:
            learn, apply = "oof_both", "both"
        lines += [
            f"scaling = _TemperatureScaling().fit({learn}, {y}{weight})",
            f'corrected["temperature"] = scaling.predict({apply})[:, 1]',
        ]
    return lines


def learned_weight(r: ReliabilityData) -> str:
    """Write how much train rows count where a calibrator learns from them: no class less than its rows do."""
    return "w_train / factors.min()" if snippet_weights.has_factors(r._first.scored.parts) else "w_train"


def fits_by_own(r: ReliabilityData) -> bool:
    """Whether the rows' own weights are handed to fits."""
    first = r._first
    fitted = isinstance(first, FittedScores) and not first.plan.model.fitted
    return fitted and snippet_data.has_own(first.scored.parts.features)


def weight_keys_of(r: ReliabilityData) -> dict[str, str]:
    """Return the names under which strategies hand sample weights to their models, by strategy."""
    found = {}
    for name, strategy_scores in r.scores_by_strategy.items():
        if isinstance(strategy_scores, FittedScores) and not strategy_scores.plan.model.fitted:
            keys = snippet_scores.weight_keys(
                strategy_scores.plan, strategy_scores.scored, [strategy_scores.name]
            )
            found[name] = keys.get(strategy_scores.name, "")
    return {name: key for name, key in found.items() if key}


def own_weights_of(writer: Writer, r: ReliabilityData, names: Iterable[str]) -> dict[str, str]:
    """Return the calls that make row weights of class weights of the user's own, by strategy; empty where there are none."""
    found = {}
    for name in names:
        strategy_scores = r.scores_by_strategy[name]
        assert isinstance(strategy_scores, FittedScores)
        found[name] = snippet_scores.own_weights(writer, strategy_scores.plan, strategy_scores.name)
    return found


def write_pipelines(writer: Writer, r: ReliabilityData) -> None:
    """Write the pipeline of each strategy."""
    candidates = {}
    for name, strategy_scores in r.scores_by_strategy.items():
        assert isinstance(strategy_scores, FittedScores)
        if strategy_scores.plan.model.fitted:
            writer.add("# model is the fitted classifier that you passed")
            writer.add(f"strategies = {{{quoted_code(name)}: model}}")
            return
        candidates[name] = strategy_scores.plan.candidates[strategy_scores.name].estimator
    left_out = [name for name, each in candidates.items() if not snippet_weights.carries_weights(each)]
    if left_out:
        writer.add(snippet_weights.say_left_out(left_out))
        candidates = {name: each for name, each in candidates.items() if name not in left_out}
    columns = r._first.scored.parts.features.columns
    by_row = bool(weight_keys_of(r))
    snippet_scores.name_shared(writer, columns, list(candidates.values()), by_row=by_row)
    parts = [
        (f"{quoted_code(name)}: ", writer.expression(estimator)) for name, estimator in candidates.items()
    ]
    writer.add("# samplers stand inside the pipelines: they never see the rows that are scored")
    writer.assign("strategies", Group("{", tuple(parts), "}"))
    if "prior" in calibrators_of(r):
        known = [name for name in r.report.prior_holds if name in candidates]
        odds_shift = {name: round(r.report.odds_shift[name], 12) for name in known}
        sampled = ", and this sample," if snippet_weights.has_factors(r._first.scored.parts) else ""
        writer.add(f"# what each of them{sampled} multiplied the odds of the positive class by")
        rough = [name for name in known if prior_is_rough(r, name)]
        if rough:
            writer.add(f"# dividing by it is only approximate for {', '.join(map(quoted_code, rough))}")
        writer.assign("multiplied", writer.expression(odds_shift))
