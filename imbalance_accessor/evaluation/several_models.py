"""Several models on the same rows: their plans as one, and their scores as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from imbalance_accessor.data.features import Features
from imbalance_accessor.errors import IN_WORDS
from imbalance_accessor.evaluation.plan import Plan, deal_rows, make_plan, plan_on
from imbalance_accessor.evaluation.scores import CrossValScores, ModelScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.models import Model
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.several_models import shown_name


def make_plans(
    features: Features,
    models: Mapping[str, Model],
    strategies: Any,
    *,
    random_state: int | None,
    max_rows: int | None = None,
    **rows: Any,
) -> Plan:
    """Plan the fits of one model, which has the empty name, or of several on the same rows and folds.

    Parameters
    ----------
    features, strategies, random_state, max_rows, **rows
        As `make_plan` takes them.
    models : mapping of str to Model
    """
    given: dict[str, Any] = {"random_state": random_state, "max_rows": max_rows}
    if "" in models:
        return make_plan(features, models[""], strategies, **rows, **given)
    dealt = deal_rows(features, **rows, **given)
    plans = {name: plan_on(*dealt, each, strategies, random_state, max_rows) for name, each in models.items()}
    return _joined(_ensembles_once(plans))


def _ensembles_once(plans: Mapping[str, Plan]) -> dict[str, Plan]:
    """Leave ensembles, which stand in a model's place, to the first model."""
    found, known = dict[str, Plan](), set[str]()
    for name, plan in plans.items():
        own = {key: each for key, each in plan.candidates.items() if key not in known}
        known |= {key for key, each in own.items() if each.strategy.ensemble is not None}
        found[name] = replace(plan, candidates=own)
    return found


def _joined(plans: Mapping[str, Plan]) -> Plan:
    """Return all plans as one: each model's strategies one after another, and what stands in a model's place last."""
    candidates = dict(sorted(_named(plans).items(), key=lambda each: _is_ensemble(each[1])))
    findings = said_of({name: each.findings for name, each in plans.items()})
    first = next(iter(plans.values()))
    return replace(first, candidates=candidates, findings=tuple(findings), of_models=dict(plans))


def _named(plans: Mapping[str, Plan]) -> dict[str, Candidate]:
    return {
        name_in(plan, model, strategy): candidate
        for model, plan in plans.items()
        for strategy, candidate in plan.candidates.items()
    }


def _is_ensemble(candidate: Candidate) -> bool:
    return candidate.strategy.ensemble is not None


def name_in(plan: Plan, model: str, strategy: str) -> str:
    """Return a strategy's name among those of other models; an ensemble in a model's place has its own alone."""
    candidate = plan.candidates.get(strategy)
    alone = candidate is not None and _is_ensemble(candidate)
    return strategy if alone else shown_name(model, strategy)


def said_of(findings: Mapping[str, Sequence[Finding]]) -> list[Finding]:
    """Say once what holds for all models, and of which model the rest holds.

    Parameters
    ----------
    findings : mapping of str to sequence of Finding
        By model; the empty name stands for a single one.
    """
    every = list(findings.values())
    return list(
        dict.fromkeys(
            each if all(each in others for others in every) else _of_one(model, each)
            for model, own in findings.items()
            for each in own
        )
    )


def _of_one(model: str, finding: Finding) -> Finding:
    """Name the model; to leave a strategy out would leave it out for all."""
    fix = IN_WORDS if {"model", "strategies"} & {*finding.fix.options} else finding.fix
    return replace(finding, message=f"Model {model!r}: {finding.message}", fix=fix)


def alike_reported(by_model: Mapping[str, CrossValScores]) -> dict[str, CrossValScores]:
    """Report all models on the same rows: on the sample's, unless all rows of a table were scored by every model."""
    if all(each.reports_all_held_out for each in by_model.values()):
        return dict(by_model)
    return {name: each.on_sample for name, each in by_model.items()}


def joined_scores(plan: Plan, by_model: Mapping[str, CrossValScores]) -> CrossValScores:
    """Return the scores of all models as one; those of a single model as they are.

    Parameters
    ----------
    plan : Plan
        Of all models.
    by_model : mapping of str to CrossValScores
        All of the same rows and folds.
    """
    if not plan.of_models:
        return by_model[""]
    by_predict = any(each.by_predict for each in by_model.values())
    return _as_one(plan, by_model, by_predict)


def _as_one(plan: Plan, by_model: Mapping[str, CrossValScores], by_predict: bool) -> CrossValScores:
    first = next(iter(by_model.values()))
    found = {
        name_in(plan.of_models[model], model, strategy): scores
        for model, each in by_model.items()
        for strategy, scores in (_deciding(each) if by_predict else each.by_name).items()
    }
    raw = {model: each.as_fitted or each for model, each in by_model.items()}
    is_brought = any(each.as_fitted is not None for each in by_model.values())
    again = [
        dict(zip(by_model, deal, strict=True))
        for deal in zip(*(each.again for each in by_model.values()), strict=True)
    ]
    return replace(
        first,
        by_name={name: found[name] for name in plan.candidates if name in found},
        findings=tuple(said_of({model: each.findings for model, each in by_model.items()})),
        failed=tuple(
            name_in(plan.of_models[model], model, name)
            for model, each in by_model.items()
            for name in each.failed
        ),
        again=tuple(_as_one(plan, deal, by_predict) for deal in again),
        by_predict=by_predict,
        as_fitted=_as_one(plan, raw, by_predict) if is_brought else None,
    )


def _deciding(scored: CrossValScores) -> Mapping[str, ModelScores]:
    """Give a model that decides at the default threshold its decisions, beside one that decides otherwise."""
    decided = {id(each): _decided(scored, each) for each in scored.by_name.values()}
    return {name: decided[id(each)] for name, each in scored.by_name.items()}


def _decided(scored: CrossValScores, scores: ModelScores) -> ModelScores:
    positive = scored.positive
    if scores.predicted_oof is not None or positive is None:
        return scores
    oof, test = (
        np.where(each[:, positive] >= scored.default_threshold, positive, 1 - positive).astype(np.int8)
        for each in (scores.oof, scores.test)
    )
    return replace(scores, predicted_oof=oof, predicted_test=test)
