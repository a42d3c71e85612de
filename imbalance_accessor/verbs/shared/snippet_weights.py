"""The lines of a snippet that say how much rows count: in fits, in figures, and in the way of scores to the prevalence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import SMOTEN, SMOTENC, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import ClusterCentroids
from sklearn.compose import ColumnTransformer

from imbalance_accessor.data.target import Target
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.registry import Metric
from imbalance_accessor.modeling.models import is_search
from imbalance_accessor.modeling.parents import APPENDING
from imbalance_accessor.modeling.row_weights import WeightedPipeline, asks_for_weights
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import define_template, write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.shared.snippet_data import has_own, positive_rows, write_code_map


def has_factors(parts: Parts) -> bool:
    """Whether classes count by their share where the model will be used."""
    return parts.train_weights.factors is not None


def is_weighted(parts: Parts) -> bool:
    """Whether rows do not count once each."""
    return has_own(parts.features) or has_factors(parts)


def takes_half(scored: CrossValScores) -> bool:
    """Whether average precision counts half a negative more above each positive."""
    factors = scored.parts.train_weights.factors
    if factors is None:
        return False
    return bool(factors[0] > factors[1]) if scored.positive is not None else True


def carries_weights(estimator: Estimator) -> bool:
    """Whether a few lines say how row weights go through an estimator's steps."""
    if not isinstance(_pipeline(estimator), WeightedPipeline):
        return True
    return all(_is_known(name, step) for name, step in _pipeline(estimator).steps[:-1])


def say_left_out(names: Iterable[str]) -> str:
    """Say that a program has not these strategies."""
    return f"# left out: {', '.join(names)}, whose rows' weights take more than a few lines"


def _is_known(name: str, step: Estimator) -> bool:
    if not hasattr(step, "fit_resample"):
        return name == "scale" or step is None or isinstance(step, str) or not asks_for_weights(step)
    if isinstance(step, SMOTETomek | SMOTEENN):
        return not isinstance(step.smote, SMOTENC | SMOTEN)
    drops = type(step).__module__.startswith("imblearn.under_sampling")
    return (drops and not isinstance(step, ClusterCentroids)) or _copies(step) or type(step) in APPENDING


def _copies(step: Estimator) -> bool:
    return isinstance(step, RandomOverSampler)


def _pipeline(estimator: Estimator) -> Estimator:
    return estimator.estimator if is_search(estimator) else estimator


def unweighted(estimator: Estimator) -> Estimator:
    """Return a pipeline as it is written where it is fitted without row weights."""
    return Pipeline(estimator.steps) if isinstance(estimator, WeightedPipeline) else estimator


def define_pipeline(writer: Writer, estimators: list[Estimator], *, by_row: bool = False) -> None:
    """Write the pipeline that hands row weights on, as short as these estimators allow; nothing where they take none.

    Parameters
    ----------
    writer : Writer
    estimators : list of estimator
        Pipelines, or searches around one.
    by_row : bool
        Whether a classifier is handed weights of classes by row.
    """
    pipelines = [each for each in map(_pipeline, estimators) if isinstance(each, WeightedPipeline)]
    if not pipelines:
        return
    steps = [step for each in pipelines for step in each.steps[:-1]]
    samplers = [step for _, step in steps if hasattr(step, "fit_resample")]
    scalers = [step for name, step in steps if name == "scale" and asks_for_weights(step)]
    skipped = [step for _, step in steps if step is None or isinstance(step, str)]
    classifiers = [each.steps[-1][1].get_params(deep=False) for each in pipelines]
    cleans = _are_any(samplers, SMOTETomek, SMOTEENN)
    define_template(
        writer,
        "shared/full/weighted_pipeline.py.j2",
        by_row=by_row,
        balances=any(str(each.get("class_weight")) == "balanced" for each in classifiers),
        has_steps=bool(steps),
        skips=bool(skipped),
        resamples=bool(samplers),
        scales=bool(scalers),
        scales_some=_are_any(scalers, ColumnTransformer),  # columns, beside others
        transforms=len(steps) > len(skipped) + len(samplers) + len(scalers),
        cleans=cleans,
        makes_rows=cleans or any(type(step) in APPENDING for step in samplers),
        mixed=_are_any(samplers, SMOTENC),
        categorical=_are_any(samplers, SMOTEN),
    )


def _are_any(steps: list[Estimator], *kinds: type) -> bool:
    return any(isinstance(step, kinds) for step in steps)


def write_counted(writer: Writer, scored: CrossValScores, *, coded: bool, of_classes: bool = False) -> None:
    """Write ``w_train`` and ``w_test``, how much each row counts in figures; nothing where all count once.

    Parameters
    ----------
    writer : Writer
    scored : CrossValScores
    coded : bool
        Whether labels are written as codes.
    of_classes : bool
        Whether it is to be written too which rows are of which of several classes.
    """
    parts = scored.parts
    if not is_weighted(parts):
        return
    is_positive, prevalence = "", None
    if has_factors(parts):
        is_positive, prevalence = _factors(writer, scored)
    write_template(
        writer,
        "shared/full/counted_rows.py.j2",
        sides=("train", "test") if scored.held_out else ("train",),
        has_factors=has_factors(parts),
        has_own=has_own(parts.features),
        of_table=parts.features.is_of_table,
        is_binary=scored.positive is not None,
        coded=coded,
        of_classes=of_classes,
        is_positive=is_positive,
        prevalence=prevalence,
    )


def _factors(writer: Writer, scored: CrossValScores) -> tuple[str, float | list[float]]:
    """Return which rows are positive, as code, and their share where the model will be used; of several classes the shares."""
    target, wanted = scored.parts.features.target, scored.parts.features.weighting.wanted
    assert wanted is not None
    if scored.positive is None:
        return "", [float(f"{each:.12g}") for each in wanted]
    assert target.positive is not None
    return _positive_rows(writer, target), float(wanted[target.positive])


def _positive_rows(writer: Writer, target: Target) -> str:
    if target.needs_codes:
        write_code_map(writer, target)
    return positive_rows(target, "y", dtype=str(target.labels.dtype))


def write_classes(writer: Writer, scored: CrossValScores, *, coded: bool) -> None:
    """Write how much rows of several classes count in figures; of which ``labels`` stands there already."""
    write_counted(writer, scored, coded=coded, of_classes=True)


def write_precision(writer: Writer, scored: CrossValScores) -> None:
    """Write average precision with half a negative more, and ranks within a fold, where weights ask for them."""
    ranked = has_own(scored.parts.features) and scored.parts.is_stratified and not scored.one_model
    if ranked or takes_half(scored):
        write_template(
            writer,
            "shared/full/weighted_precision.py.j2",
            takes_half=takes_half(scored),
            is_binary=scored.positive is not None,
            is_ranked=ranked,
        )


def weighted_code(metric: Metric, code: str, scored: CrossValScores, w: str = "w", half: str = "") -> str:
    """Return a metric's call with row weights.

    Parameters
    ----------
    metric : Metric
    code : str
        The call without.
    scored : CrossValScores
    w : str
        How much each row counts, as code.
    half : str
        The half negative, where it is not that of these rows.
    """
    if not is_weighted(scored.parts):
        return code
    if metric.name == "average_precision" and takes_half(scored):
        found = re.fullmatch(r"average_precision_score\((\S+), (\S+?)(, average=None)?\)", code)
        assert found is not None
        y, score, average = found.groups()
        given = f"{y}, {score}, {w}{f', {half}' if half else ''}"
        if scored.positive is not None:
            return f"average_precision({given})"
        every = f"average_precisions({given})"
        return every if average else f"np.mean({every})"
    if metric.library is not None and code.startswith(f"{metric.library[1]}("):
        return f"{code[:-1]}, sample_weight={w})"
    if metric.name == "specificity":
        return f"recall_score(~is_test, ~flag, sample_weight={w})"
    mean = re.fullmatch(r"(\w+)\.mean\(\)", code)
    if "recalls" in code:  # these are weighted already
        return code
    # no number where a metric's own code does not say how its rows are weighed
    return "np.nan" if mean is None else f"np.average({mean[1]}, weights={w})"
