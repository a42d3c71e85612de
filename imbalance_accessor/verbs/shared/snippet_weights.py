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
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of, write_code_map
from imbalance_accessor.verbs.shared.snippet_intervals import write_function

_BALANCED = '''\
def balanced(y, w):
    """Factors by which all classes weigh alike, as sums of row weights."""
    labels, code = np.unique(y, return_inverse=True)
    totals = np.bincount(code, w)
    return (totals.sum() / (len(labels) * totals))[code]'''

_PARENTS = '''\
def parents(sampler, X, y, made, labels):
    """The row whose weight each row takes; for a made one the nearest of its class."""
    if hasattr(sampler, "sample_indices_"):
        return sampler.sample_indices_
    found = np.arange(len(labels))
{cleaned}    X, made = {rows}
    for label in np.unique(labels[found >= len(y)]):
        own = np.flatnonzero(y == label)
        new = np.flatnonzero((found >= len(y)) & (labels == label))
        real, near = {numbers}
        nearest = NearestNeighbors(n_neighbors=1).fit(real).kneighbors(near)[1]
        found[new] = own[nearest[:, 0]]
    return found'''
_CLEANED = """\
    for name in ("tomek_", "enn_"):  # a cleaner keeps some of all rows
        if hasattr(sampler, name):
            found = getattr(sampler, name).sample_indices_.copy()
"""
_NUMBERS = '''\
def numbers(sampler, real, made):
    """Cells as numbers; categories that differ are as far apart as SMOTENC has them."""
    both = pd.concat([real, made])
    words = real.columns[{words}]
    cells = both.drop(columns=words).to_numpy(float)
    spread = np.median(cells[: len(real)].std(axis=0)) if cells.shape[1] else 1.0
    if len(words):
        codes = both[words].apply(lambda column: pd.factorize(column)[0])
        apart = OneHotEncoder().fit_transform(codes) * (spread / np.sqrt(2))
        cells = sparse.hstack([sparse.csr_matrix(cells), apart]).tocsr()
    return cells[: len(real)], cells[len(real) :]'''

_PIPELINE = '''\
class WeightedPipeline(Pipeline):
    """Fits its steps with row weights, also past a sampler."""

    def fit(self, X, y, sample_weight{more}):
        y, w = np.asarray(y), np.asarray(sample_weight)
{steps}        classifier = self.steps[-1][1]
{factors}{fit}        return self'''
_RESAMPLED = """\
if hasattr(step, "fit_resample"):
    made, labels = step.fit_resample(X, y)
    w = w[{parents}]
    X, y = made, np.asarray(labels)"""
_SCALED = """\
if name == "scale":
    X = step.fit_transform(X, y, sample_weight=w)"""
_SCALED_INSIDE = """\
if name == "scale":
    with config_context(enable_metadata_routing=True):
        step.get_params()["numeric"].set_fit_request(sample_weight=True)
        X = step.fit_transform(X, y, sample_weight=w)"""
_SKIPPED = """\
if step is None or isinstance(step, str):
    continue"""
_FACTORS = """\
        for factor in by_class.values():
            w = w * factor
"""
_FIT = """\
        classifier.fit(X, y, sample_weight=w)
"""
_FIT_BALANCED = """\
        if getattr(classifier, "class_weight", None) == "balanced":  # of sums of w
            classifier.set_params(class_weight=None)
            classifier.fit(X, y, sample_weight=w * balanced(y, w))
            classifier.set_params(class_weight="balanced")
        else:
            classifier.fit(X, y, sample_weight=w)
"""

_HALF = '''\
def half_a_negative(is_test, w):
    """Where a negative stands for many, half of one more is above each positive."""
    return max(0.0, 1 - factors[1] / factors[0]) / 2 * w[~is_test].mean()'''
_HALF_SEVERAL = '''\
def half_a_negative(is_test, w):
    """Where rows of other classes stand for many, half of one more is above each."""
    factor, rest = is_test @ factors, 1 - is_test
    more = np.maximum(factor @ rest / rest.sum(axis=0) - factors, 0)
    return more / 2 * ((w / factor) @ rest / rest.sum(axis=0))'''
_PRECISION = """\
def average_precision(is_test, score, w, half=None):
    half = half_a_negative(is_test, w) if half is None else half
    level = np.unique(-score, return_inverse=True)[1]
    tp, fp = (np.bincount(level, w * side).cumsum() for side in (is_test, 1 - is_test))
    hits = np.diff(tp, prepend=0)
    return (hits * tp / np.maximum(tp + fp + half, 1e-99)).sum() / tp[-1]"""
_PRECISION_SEVERAL = """\
def average_precisions(is_test, score, w, half=None):  # of each class
    half = half_a_negative(is_test, w) if half is None else half
    every = zip(is_test.T, score.T, half)
    return [average_precision(y, each, w, more) for y, each, more in every]"""
_RANKED = """\
def weighted_rank(score, w):  # a row of weight 2 is ranked as two rows are
    level = np.unique(score, return_inverse=True)[1]
    at = np.bincount(level, w)
    return (at.cumsum() - at + (at + 1) / 2)[level] / w.sum()"""


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
    writer.use_module("numpy", "np")
    writer.use("imblearn.pipeline", "Pipeline")
    balances = any(
        str(each.steps[-1][1].get_params(deep=False).get("class_weight")) == "balanced" for each in pipelines
    )
    if balances or by_row:
        writer.definitions["balanced"] = _BALANCED
    writer.definitions["WeightedPipeline"] = _PIPELINE.format(
        more=", **by_class" if by_row else "",
        steps=_walk(writer, [step for each in pipelines for step in each.steps[:-1]]),
        factors=_FACTORS if by_row else "",
        fit=_FIT_BALANCED if balances else _FIT,
    )


def _walk(writer: Writer, steps: list[tuple[str, Estimator]]) -> str:
    """Return the lines that fit all steps but the last."""
    if not steps:
        return ""
    skipped = [step for _, step in steps if step is None or isinstance(step, str)]
    samplers = [step for _, step in steps if hasattr(step, "fit_resample")]
    scales = [step for name, step in steps if name == "scale" and asks_for_weights(step)]
    cases = [_SKIPPED] if skipped else []
    if samplers:
        cases.append(_RESAMPLED.format(parents=_parents(writer, samplers)))
    if scales:
        inside = any(isinstance(step, ColumnTransformer) for step in scales)
        cases.append(_SCALED_INSIDE if inside else _SCALED)
        if inside:
            writer.use("sklearn", "config_context")
    lines = "\nel".join(cases).splitlines()
    if len(steps) > len(skipped) + len(samplers) + len(scales):
        plain = "X = step.fit_transform(X, y)"
        lines += ["else:", f"    {plain}"] if cases else [plain]
    begin = f"        for {'name' if scales else '_'}, step in self.steps[:-1]:\n"
    return begin + "".join(f"            {line}\n" for line in lines)


def _parents(writer: Writer, samplers: list[Estimator]) -> str:
    """Write whose weight each row behind these samplers takes, as a function where it needs one, and return the call."""
    cleaners = any(isinstance(step, SMOTETomek | SMOTEENN) for step in samplers)
    if not cleaners and not any(type(step) in APPENDING for step in samplers):
        return "step.sample_indices_"
    writer.use("sklearn.neighbors", "NearestNeighbors")
    rows, numbers = (
        '(x.to_numpy(float) if hasattr(x, "iloc") else x for x in (X, made))',
        "X[own], made[new]",
    )
    if any(isinstance(step, SMOTENC | SMOTEN) for step in samplers):
        _write_numbers(writer, samplers)
        rows, numbers = "pd.DataFrame(X), pd.DataFrame(made)", "numbers(sampler, X.iloc[own], made.iloc[new])"
    cleaned = _CLEANED if cleaners else ""
    writer.definitions["parents"] = _PARENTS.format(cleaned=cleaned, rows=rows, numbers=numbers)
    return "parents(step, X, y, made, labels)"


def _write_numbers(writer: Writer, samplers: list[Estimator]) -> None:
    writer.use_module("pandas", "pd")
    writer.use("scipy", "sparse")
    writer.use("sklearn.preprocessing", "OneHotEncoder")
    otherwise = "[]"
    if any(isinstance(step, SMOTEN) for step in samplers):
        writer.use("imblearn.over_sampling", "SMOTEN")
        otherwise = "slice(None) if isinstance(sampler, SMOTEN) else []"
    known = any(isinstance(step, SMOTENC) for step in samplers)
    words = f'getattr(sampler, "categorical_features_", {otherwise})' if known else otherwise
    writer.definitions["numbers"] = _NUMBERS.format(words=words)


def write_counted(writer: Writer, scored: CrossValScores, *, coded: bool) -> None:
    """Write ``w_train`` and ``w_test``, how much each row counts in figures; nothing where all count once."""
    parts = scored.parts
    if not is_weighted(parts):
        return
    sides = ("train", "test") if scored.held_out else ("train",)
    factors, own = has_factors(parts), has_own(parts.features)
    if factors:
        _write_factors(writer, scored, coded=coded)
    for side in sides:
        of_class = f"is_{side} @ factors" if scored.positive is None else f"factors[is_{side}.astype(int)]"
        if own and factors:
            of_class = f"own_{side} * {f'({of_class})' if scored.positive is None else of_class}"
        writer.add(f"w_{side} = {of_class if factors else f'own_{side}'}")


def _write_factors(writer: Writer, scored: CrossValScores, *, coded: bool) -> None:
    """Write ``factors``: how much more each class counts than in this sample."""
    parts, target = scored.parts, scored.parts.features.target
    wanted, own = parts.features.weighting.wanted, has_own(parts.features)
    assert wanted is not None
    writer.use_module("numpy", "np")
    if scored.positive is None:
        y = "y.map(codes)" if coded else "y"
        weighted = ", weights=own" if own else ""
        writer.assign("prevalence", writer.expression([float(f"{each:.12g}") for each in wanted]))
        writer.lines[-1] += "  # of the labels, where the model will be used"
        binary = f"label_binarize({y}, classes=labels)"
        writer.add(
            "# how much more each class counts than in this sample",
            f"share = np.average({binary}, axis=0{weighted})",
            "factors = prevalence / share",
        )
        return
    assert target.positive is not None
    is_positive = _positive_rows(writer, target)
    share = f"np.average({is_positive}, weights=own)" if own else f"({is_positive}).mean()"
    writer.add(
        f"prevalence = {float(wanted[target.positive])!r}  # where the model will be used",
        f"share = {share}  # in this sample",
        "factors = np.array([(1 - prevalence) / (1 - share), prevalence / share])",
    )


def _positive_rows(writer: Writer, target: Target) -> str:
    if not target.needs_codes:
        return f"y == {name_of(target.pos_label)}"
    write_code_map(writer, target)
    return f"y.map(codes) == {target.positive!r}"


def write_classes(writer: Writer, scored: CrossValScores, *, coded: bool) -> None:
    """Write how much rows of several classes count in figures; of which ``labels`` stands there already."""
    if has_factors(scored.parts):
        writer.use("sklearn.preprocessing", "label_binarize")
        for side in ("train", "test") if scored.held_out else ("train",):
            writer.add(f"is_{side} = label_binarize(y_{side}, classes=labels)")
    write_counted(writer, scored, coded=coded)


def write_precision(writer: Writer, scored: CrossValScores) -> None:
    """Write average precision with half a negative more, and ranks within a fold, where weights ask for them."""
    several = scored.positive is None
    if takes_half(scored):
        for text in (_HALF_SEVERAL if several else _HALF, _PRECISION):
            write_function(writer, text)
        if several:
            write_function(writer, _PRECISION_SEVERAL)
    ranked = scored.parts.is_stratified and not scored.one_model
    if has_own(scored.parts.features) and ranked:
        write_function(writer, _RANKED)


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
