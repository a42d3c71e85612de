"""Scores brought to the prevalence at which the model will be used: by the prior correction, or a calibrator where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.lines import assigned, cells, code, frames
from imbalance_accessor.errors import IN_WORDS, Fix, OptionError, change, listed
from imbalance_accessor.evaluation.calibrated_scores import CalibratedScores, ModelScoreSets
from imbalance_accessor.evaluation.outputs import both_sides
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.prior_shift import class_shifts, why_approximate
from imbalance_accessor.evaluation.scores import CrossValScores, ModelScores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, StrategyScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.calibration import level_interval, prior_corrected_classes
from imbalance_accessor.metrics.registry import probability_losses
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.calibrators import Calibrator, ClassCorrection

#: What replaces a correction that fails: it keeps the order of the rows, and says 0 of none.
_INSTEAD = "sigmoid"


def brought_to_prevalence(plan: Plan, scored: CrossValScores) -> CrossValScores:
    """Bring every strategy's probabilities to the prevalence that was asked for.

    Parameters
    ----------
    plan : Plan
    scored : CrossValScores
        As the models give them.

    Returns
    -------
    CrossValScores
        With ``as_fitted``, the scores as they were; the very same object where nothing is asked, or scores only rank.

    Raises
    ------
    OptionError
        Probabilities of a model fitted elsewhere that are not those of this prevalence.

    Notes
    -----
    What a strategy did to the class ratio, and the way to the prevalence, are undone by one factor of the odds
    (`prior_corrected`; of several classes `prior_corrected_classes`). That is checked out of fold: the mean of the corrected
    probabilities must be the prevalence within 1.96 standard errors (`level_interval`). Where it is not, or where the
    correction is only approximate and the sigmoid's log loss is lower by more than one standard error, a sigmoid replaces it,
    fitted on the uncorrected out-of-fold scores with the weights of the rows, and cross-fitted out of fold. Probabilities of a
    model of the user's own stay as they are where their mean is the prevalence already: it may weigh its rows itself.
    """
    if scored.parts.train_weights.factors is None or not scored.is_probability:
        return scored
    if plan.model.fitted:
        check_share(FittedScores(scored, next(iter(scored.by_name)), plan))
        return scored
    found: dict[int, Sequence[ModelScores]] = {}
    said: list[Finding] = []
    replaced: list[str] = []
    for name, scores in scored.unique.items():
        strategy_scores = FittedScores(scored, name, plan)
        if scored.positive is None:
            found[id(scores)] = _of_classes(strategy_scores)
            said += _missed(name, scored, found[id(scores)][0])
            continue
        chosen, sets = _chosen(strategy_scores)
        found[id(scores)] = _deals(strategy_scores, chosen, sets)
        replaced += [name] if _is_replaced(chosen) else []
    first, *again = (
        replace(
            each, by_name={name: found[id(scored.by_name[name])][deal] for name in each.by_name}, again=()
        )
        for deal, each in enumerate((scored, *scored.again))
    )
    return replace(
        first, again=tuple(again), as_fitted=scored, findings=(*scored.findings, *said, *_about(replaced))
    )


def check_share(strategy_scores: StrategyScores) -> None:
    """Refuse probabilities of another share of positives than the one that was asked for, where it is not known of which.

    Raises
    ------
    OptionError
        Where their mean, by the weights of the rows, is not near the prevalence.
    """
    scored, found = strategy_scores.scored, strategy_scores.labelled_scores
    weights, seen = found.weights_oof.take(found.seen), found.seen
    if weights.factors is None or not scored.is_probability or scored.positive is None:
        return
    if scored.parts.features.is_of_table:  # nobody asked for another share
        return
    y, p = found.y_oof[seen], found.score_oof[seen]
    share, low, high = level_interval(y, p, weights)
    mean = float(np.average(p, weights=weights.of(y)))
    if low <= mean <= high:
        return
    cure, fix = _brought(strategy_scores, y, p, weights)
    raise OptionError(
        f"{_whose(strategy_scores)} average {mean:.3g} where {share:.3g} of the rows are positive; at which share they were "
        f"trained is not known. {cure}",
        fix=fix,
    )


def _whose(strategy_scores: StrategyScores) -> str:
    if isinstance(strategy_scores, ColumnScores):
        return f"scores={strategy_scores.column!r}"
    return "The fitted model's probabilities"


def _brought(strategy_scores: StrategyScores, y: Bools, p: Floats, weights: Weights) -> tuple[str, Fix]:
    """Return what brings probabilities to the prevalence: their odds, where they are those of the frame, else a calibrator."""
    features, factors = strategy_scores.scored.parts.features, weights.factors
    assert factors is not None
    _, low, high = level_interval(y, p, Weights(weights.own))
    of_frame = low <= np.average(p, weights=weights.own) <= high
    if isinstance(strategy_scores, ColumnScores):
        column, odds = strategy_scores.column, float(factors[1] / factors[0])
        if of_frame:
            odds = float(f"{odds:.6g}")
            lines = assigned(
                column, frames(features.test), lambda p: f"{p} * {odds!r} / (1 - {p} + {p} * {odds!r})"
            )
            return "Their mean is the share of this frame: multiply their odds.", Fix(lines)
        call = _reliability(features, f"scores={code(column)}")
        return (
            "Calibrate them for this prevalence.",
            Fix(f"{cells(column)} = {call}.apply(df)") if call and features.test is None else IN_WORDS,
        )
    call = _reliability(features, "model=model", "fitted=True")
    return "Calibrate it for this prevalence.", Fix(f"model = {call}.model()") if call else IN_WORDS


def _reliability(features: Features, *options: str) -> str:
    """Return the call that calibrates for the prevalence; nothing where weights stand beside the frame."""
    target, weighting = features.target, features.weighting
    if not weighting.in_frame:
        return ""
    named = {"prevalence": weighting.prevalence, "sample_weight": weighting.column}
    named |= (
        {}
        if target.positive == target.rarest and not target.is_one_vs_rest
        else {"pos_label": target.pos_label}
    )
    given = [f"{name}={code(value)}" for name, value in named.items() if value is not None]
    return f"df.imb.reliability({', '.join([code(target.labels.name) if features.in_frame else 'y', *options, *given])})"


def _chosen(strategy_scores: FittedScores) -> tuple[CalibratedScores, ModelScoreSets]:
    """Return the probabilities as they are, corrected, or calibrated; see `brought_to_prevalence`."""
    sets = ModelScoreSets(strategy_scores)
    as_they_are = sets.calibrated("none")
    if not sets.is_of_sample(as_they_are):
        return as_they_are, sets
    corrected = sets.calibrated("prior") if sets.can_be_undone else None
    holds = corrected is not None and sets.holds(corrected)
    if corrected is not None and holds and not why_approximate(strategy_scores):
        return corrected, sets
    calibrated = sets.calibrated(_INSTEAD)
    assert calibrated.calibrator is not None
    if corrected is None or not (
        calibrated.calibrator.inverts or (holds and not _is_worse(sets, corrected, calibrated))
    ):
        return calibrated, sets
    return corrected, sets


def _is_worse(sets: ModelScoreSets, corrected: CalibratedScores, calibrated: CalibratedScores) -> bool:
    """Whether the log loss out of fold is higher by more than one standard error of the difference."""
    y, weights = sets.crossed.y, sets.crossed.weights.of(sets.crossed.y)
    assert weights is not None
    losses = [
        np.mean([probability_losses(y, p)["log_loss"] for p in each.crossed], axis=0)
        for each in (corrected, calibrated)
    ]
    behind = losses[0] - losses[1]
    mean = np.average(behind, weights=weights)
    error = np.sqrt(np.sum((weights * (behind - mean)) ** 2)) / weights.sum()
    return bool(mean > error)


def _deals(
    strategy_scores: FittedScores, chosen: CalibratedScores, sets: ModelScoreSets
) -> Sequence[ModelScores]:
    """Return a strategy's scores at the prevalence, once for each deal of the folds."""
    scored, name = strategy_scores.scored, strategy_scores.name
    calibrator = chosen.calibrator
    found = []
    for deal, learned, crossed in zip((scored, *scored.again), sets.learns, chosen.crossed, strict=True):
        each, seen = deal.by_name[name], deal.folds.ids >= 0
        if calibrator is None:
            found.append(each)
            continue
        p = np.full(len(seen), np.nan)
        # in the order of time nobody may calibrate the first fold: there all rows do
        inside = calibrator.apply(learned.p, learned.margin)
        inside[sets.evaluated] = crossed
        p[seen] = inside
        test = calibrator.apply(sets.side.p, sets.side.margin) if sets.held_out else each.test[:, 0]
        found.append(
            replace(
                each,
                oof=both_sides(p, scored.positive),
                test=both_sides(test, scored.positive),
                margin_oof=None,
                margin_test=None,
                calibrator=calibrator,
            )
        )
    return found


def _of_classes(strategy_scores: FittedScores) -> Sequence[ModelScores]:
    """Return the scores of several classes at their shares."""
    scored = strategy_scores.scored
    factors = scored.parts.train_weights.factors
    assert factors is not None
    correction = ClassCorrection(factors / class_shifts(strategy_scores))
    return [
        replace(
            each,
            oof=prior_corrected_classes(each.oof, correction.factors),
            test=prior_corrected_classes(each.test, correction.factors),
            margin_oof=None,
            margin_test=None,
            calibrator=correction,
        )
        for each in (deal.by_name[strategy_scores.name] for deal in (scored, *scored.again))
    ]


def _missed(name: str, scored: CrossValScores, scores: ModelScores) -> list[Finding]:
    """Say which class's probabilities miss its share, out of fold and by more than chance."""
    target, weighting = scored.parts.features.target, scored.parts.features.weighting
    seen = scored.folds.ids >= 0
    codes, counted = scored.train_codes[seen], scored.train_weights
    if counted is None or weighting.wanted is None:
        return []
    counted, confidence = counted[seen], 1 - 0.05 / len(target.classes)  # of all classes together
    for place, label in enumerate(target.classes):
        y, p = codes == place, scores.oof[seen, place]
        share, low, high = level_interval(y, p, Weights(counted), confidence)
        mean = float(np.average(p, weights=counted))
        if low <= mean <= high:
            continue
        sentence = (
            f"{name!r}: at these shares the probabilities of {label!r} average {mean:.3g}, and {share:.3g} of the rows are "
            "of it: the prior correction misses."
        )
        rare = target.rarest
        one = change(pos_label=target.classes[rare], prevalence=float(weighting.wanted[rare]))
        cure = "Set one class against the rest, which can be calibrated: pos_label=."
        return [Finding("IMB501", "warning", sentence, cure, one)]
    return []


def _is_replaced(chosen: CalibratedScores) -> bool:
    return isinstance(chosen.calibrator, Calibrator) and chosen.calibrator.name != "prior"


def _about(names: list[str]) -> list[Finding]:
    """Say for which strategies a calibrator stands in the correction's place."""
    if not names:
        return []
    sentence = f"{listed(names)}: a {_INSTEAD} brings the probabilities to the prevalence, since the prior correction misses it."
    return [Finding("IMB418", "note", sentence, "Nothing to do: .model() gives them so.")]
