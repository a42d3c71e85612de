"""The sentences of a `Trace`: the way of the rows, the rounds, and one row's score."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.inspection.contributions import TO_PREVALENCE, ClassesAnswer, ScoreContributions
from imbalance_accessor.inspection.pipeline_trace import CAP, FIT, RAW, SPLIT, Stage
from imbalance_accessor.metrics.rounding import signed
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import (
    capital,
    digits,
    joined,
    most_important,
    named,
    of_class,
    quoted,
)
from imbalance_accessor.verbs.shared.population import said_in_person, shares_said
from imbalance_accessor.verbs.trace.fields import TraceData, stage_of
from imbalance_accessor.verbs.trace.network_text import (
    classes_title,
    explain_classes,
    explain_classes_in_person,
    in_person,
    layer_by_layer,
)

#: Classes that are named in a sentence.
_MOST_CLASSES = 2
#: Terms that are named in a sentence.
_MOST_TERMS = 3
_PIPELINE = "I keep every step in one pipeline, so that each learns from training rows only."
_PRICE = "It costs one fit per fold, but no row is scored by a model that has seen it."
_KINDS = {
    "coefficients": "coefficients times cells",
    "likelihoods": "log likelihood ratios",
    "rounds": "what each round changed",
    "units": "units of the last hidden layer times their weights",
}


def explain(t: TraceData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    features = t.strategy_scores.scored.parts.features
    if t.answer is not None:
        if audience == "interview":
            return explain_classes_in_person(t, t.answer)
        return most_important([*explain_classes(t, t.answer), *shares_said(features), *_guarded(t)])
    if audience == "interview":
        shares = said_in_person(features)
        if t.contributions is None:
            return [shares or _PIPELINE, _learned(t), _PRICE]
        return [shares or _row_score(t, t.contributions), _largest(t, t.contributions), _flagged(t)]
    shared = shares_said(features)
    if t.contributions is not None:
        first = [f"{_given(t)}.", f"{capital(_decided(t))}."]
        where = f"It was scored by {scorer(t.contributions)}."
        return most_important([*first, *shared, *_told(t, t.contributions), where, *_guarded(t)])
    grown = [_grown(t, stage) for stage in t.stages if stage.resamples][:1]
    return most_important([f"{capital(title(t))}.", *shared, *_guarded(t), *grown, _order(t), _columns(t)])


def title(t: TraceData) -> str:
    """Say what this trace is about: one row's score where one was asked for, else the way of the rows."""
    if t.answer is not None:
        return classes_title(t, t.answer)
    return row_title(t) if t.contributions is not None else way(t)


def way(t: TraceData) -> str:
    """Say in one line what becomes of the rows."""
    split, fit = (stage_of(t, each) for each in (SPLIT, FIT))
    held_out = "nothing is held out"
    if split.test.any():
        held_out = f"the {split.test.sum():,} test rows stay as they came"
    if t.strategy_scores.plan.model.fitted:
        return f"The model was already fitted, and nothing was trained on these rows; {held_out}"
    learned, train = fit.train.sum(), _to_learn(t).train.sum()
    if learned == train:
        drawn = f", of which {_drawn_inside(t)}" if _drawn_inside(t) else " as they are"
        return f"{t.called!r} learns from {_rows(t)}{drawn}; {held_out}"
    return f"{t.called!r} learns from {learned:,} rows, which its sampler makes of {_rows(t)}; {held_out}"


def _to_learn(t: TraceData) -> Stage:
    """Return the stage of the rows that there are to learn from."""
    return next(stage for stage in reversed(t.stages) if stage.name in {SPLIT, CAP})


def _rows(t: TraceData) -> str:
    """Name the rows that there are to learn from."""
    stage = _to_learn(t)
    of = f" of {stage_of(t, SPLIT).train.sum():,}" if stage.name == CAP else ""
    return f"the {stage.train.sum():,}{of} {'train ' if stage.test.any() else ''}rows"


def _drawn_inside(t: TraceData) -> str:
    """Say that an ensemble resamples for each of its members; nothing where the classifier learns from what it is given."""
    params = t._classifier.get_params(deep=False)
    if "sampling_strategy" not in params:
        return ""
    undersamples = getattr(params.get("sampler"), "_sampling_type", "under-sampling") == "under-sampling"
    member = "tree" if "Forest" in type(t._classifier).__name__ else "member of the ensemble"
    return f"each {member} {'undersamples' if undersamples else 'resamples'} its own"


def row_title(t: TraceData) -> str:
    """Say what the model says of the row, and what is decided."""
    return f"{_given(t)}: {_decided(t)}"


def _given(t: TraceData) -> str:
    """Say what the model says of the row."""
    contributions = _contributions(t)
    whose = f"row {quoted(contributions.row)}, which is {of_class(contributions.label)},"
    positive = quoted(t.strategy_scores.scored.parts.features.target.pos_label)
    what = f"a probability of {digits(contributions.score)} of class {positive}"
    if not t.strategy_scores.scored.is_probability:
        what = f"a score of {digits(contributions.score)} for class {positive}"
    return f"{t.called!r} gives {whose} {what}"


def _decided(t: TraceData) -> str:
    """Say at which thresholds the row is flagged."""
    default = t.strategy_scores.scored.by_default
    at_default, at_own = t.account_flags
    own = f"its tuned threshold {t.threshold_text}"
    if at_default and at_own:
        return f"flagged {default} and at {own}"
    if not (at_default or at_own):
        return f"not flagged, neither {default} nor at {own}"
    return f"flagged at {own}, not {default}" if at_own else f"flagged {default}, not at {own}"


def best_round(t: TraceData) -> int:
    """Return the round with the least out-of-fold loss, of those that were looked at."""
    return int(t.rounds.index.to_numpy()[t.rounds["oof_loss"].to_numpy().argmin()])


def rounds_title(t: TraceData) -> str:
    """Say after which round the out-of-fold loss is least."""
    rounds, best = t.rounds, best_round(t)
    last = int(rounds.index[-1])
    low, end = rounds["oof_loss"].loc[best], rounds["oof_loss"].iloc[-1]
    plain = t.strategy_scores.scored.parts.train_weights.factors is None
    loss = f"The out-of-fold loss{'' if plain else ' at the share of the sample'}"
    if best == last:
        return f"{loss} still falls at the last round, {last:,}: {end:.4f}"
    return f"{loss} is least after {best:,} of {last:,} rounds: {low:.4f}, against {end:.4f} at the end"


def _contributions(t: TraceData) -> ScoreContributions:
    assert t.contributions is not None
    return t.contributions


def _learned(t: TraceData) -> str:
    """Say what the model learned from, as a candidate would."""
    learned, train = int(stage_of(t, FIT).train.sum()), int(_to_learn(t).train.sum())
    name_ = t.called
    if t.strategy_scores.plan.model.fitted:
        return "The model was already fitted, and nothing was trained on these rows."
    if learned == train:
        return f"With {name_!r} the model learns from {train:,} rows, {_drawn_inside(t) or 'as they are'}."
    return (
        f"With {name_!r} the sampler makes {learned:,} rows of {train:,}, and leaves the scored rows alone."
    )


def _row_score(t: TraceData, contributions: ScoreContributions) -> str:
    what = "probability" if t.strategy_scores.scored.is_probability else "score"
    return f"My model gives row {quoted(contributions.row)} a {what} of {digits(contributions.score)}."


def _largest(t: TraceData, contributions: ScoreContributions) -> str:
    """Say what adds most to the row's score."""
    if not contributions.terms:
        return no_terms(t)
    if contributions.layers:
        return in_person(contributions.layers)
    if contributions.kind in {"neighbours", "trees"}:
        return _sum(t, contributions)[0]
    adds = t.terms.drop(index=[TO_PREVALENCE, "intercept"], errors="ignore")["adds"]
    if adds.empty:
        return _sum(t, contributions)[0]
    most = int(adds.abs().to_numpy().argmax())
    term, by = name(adds.index[most], 40), signed(adds.iloc[most], ".3g")
    if contributions.kind == "rounds":
        return f"Most of it comes from {term}."
    return f"The column that matters most is {term}, which moves its {contributions.unit} by {by}."


def _flagged(t: TraceData) -> str:
    """Say whether the row is flagged, and what another threshold would cost."""
    if t.account_flags[1]:
        return f"I flag it at {t.threshold_text}; a higher threshold raises fewer false alarms but misses more positives."
    return f"I do not flag it at {t.threshold_text}; a lower threshold finds more positives but raises more false alarms."


def _guarded(t: TraceData) -> list[str]:
    """Say which rows each step learns from."""
    if t.strategy_scores.plan.model.fitted:
        return ["Nothing was fitted here, and the model may have seen these rows."]
    split_by, n = t.strategy_scores.scored.parts.split_by, len(t.strategy_scores.scored.folds)
    rows = "earlier rows only" if split_by.time is not None else "rows that the fold does not score"
    skipped = ["A prediction skips the sampler."] if any(stage.resamples for stage in t.stages) else []
    return [f"In each of the {n} folds every step learns from {rows}.", *skipped]


def _order(t: TraceData) -> str:
    named = ", ".join(f"`{name(stage.name, 40)}`" for stage in t.stages)
    return f"The stages are, in this order, {named}."


def _grown(t: TraceData, stage: Stage) -> str:
    before = t.stages[[each.name for each in t.stages].index(stage.name) - 1]
    changes = [
        f"{named(label)} from {had:,} to {has:,}"
        for label, had, has in zip(t.labels, before.train, stage.train, strict=True)
        if had != has
    ]
    shown = ", ".join(changes[:_MOST_CLASSES]) or "no class"
    more = f" and {len(changes) - _MOST_CLASSES:,} classes more" if len(changes) > _MOST_CLASSES else ""
    alone = ", and leaves the held-out rows alone" if stage.test.any() else ""
    return f"At `{stage.name}` {stage.what} brings {shown}{more}{alone}."


def _columns(t: TraceData) -> str:
    raw, fit = stage_of(t, RAW), stage_of(t, FIT)
    sees = fit.test_columns or fit.columns
    return f"The frame has {raw.columns:,} columns next to the target, and the classifier ({fit.what}) sees {sees:,}."


def _told(t: TraceData, contributions: ScoreContributions) -> list[str]:
    found = _sum(t, contributions) if contributions.terms else [no_terms(t)]
    if contributions.layers:
        found = layer_by_layer(contributions.layers)
    if contributions.calibrator is not None:
        found.append(f"{capital(to_prevalence(contributions))}.")
    if np.isfinite(contributions.corrected):
        found.append(
            f"{_who_shifted(t)} multiplied the odds by {contributions.odds_shift:.4g}; divided by that, the probability is "
            f"{contributions.corrected:.3g}, which meets the prevalence out of fold."
        )
    elif t.strategy_scores.scored.is_probability and not abs(contributions.odds_shift - 1) < 1e-9:
        found.append(
            f"{_who_shifted(t)} changed the odds by no known factor: the model needs a calibrator, see `.reliability()`."
        )
    return found


def to_prevalence(contributions: ScoreContributions) -> str:
    """Say what brings the row's score to the prevalence, and from where."""
    by = contributions.calibrator
    assert by is not None
    moved = f"{digits(contributions.fitted)} becomes {digits(contributions.score)}"
    if by.name != "prior":
        return f"a {by.name} calibrator brings it to the prevalence: {moved}"
    factor = f"times {1 / by.odds_shift:.3g}" if by.odds_shift < 1 else f"divided by {by.odds_shift:.3g}"
    return f"brought to the prevalence, its odds are {factor}: {moved}"


def _who_shifted(t: TraceData) -> str:
    return f"The strategy{'' if t.strategy_scores.scored.parts.kept is None else ' (with max_rows=)'}"


def scorer(contributions: ScoreContributions | ClassesAnswer) -> str:
    """Name the model that scored the row."""
    if contributions.scorer == "yours":
        return "the fitted model that you passed, which may have learned from it"
    if contributions.scorer == "train":
        return "the model of the whole training set"
    return f"the model of fold {contributions.fold}, which has not learned from it"


def _sum(t: TraceData, contributions: ScoreContributions) -> list[str]:
    """Say of which terms the row's score is the sum."""
    terms = t.terms.drop(index=TO_PREVALENCE, errors="ignore")
    if contributions.kind == "neighbours":
        near = int((terms["adds"] > 0).sum())
        return [f"Of its {len(terms):,} nearest neighbours {near:,} {'is' if near == 1 else 'are'} positive."]
    if contributions.kind == "trees":
        yes, no = terms["value"].astype(int)
        return [f"Of {yes + no:,} trees {yes:,} say at least one half; the probability is their mean."]
    adds = terms["adds"]
    largest = adds.iloc[np.argsort(-adds.abs().to_numpy(), kind="stable")[:_MOST_TERMS]]
    said = joined(f"{name(term, 40)} {signed(value, '.3g')}" for term, value in largest.items())
    total = float(terms["sum"].iloc[-1])
    logistic = f", and 1 / (1 + exp({digits(-total, 5)})) = {digits(contributions.fitted)}"
    ends = logistic if contributions.unit == "log odds" else ""
    of = f"{len(adds):,} terms ({_KINDS[contributions.kind]})"
    return [
        f"Its {contributions.unit} of {digits(total, 5)} is the sum of {of}{ends}.",
        f"The largest are {said}.",
    ]


def no_terms(t: TraceData) -> str:
    """Say why there are no terms."""
    what = stage_of(t, FIT).what.split(",")[0]
    if _contributions(t).kind == "unseeded":
        return f"Without a seed {what} differs on each refit, so contributions cannot be computed."
    return f"The score of {what} is no sum of terms that could be shown."
