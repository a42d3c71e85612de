"""What is done about the imbalance: a sampler, weights, an ensemble, another loss, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from imblearn.pipeline import Pipeline
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.class_weight import compute_sample_weight

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import Fix, OptionError, change, listed, one_of
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.models import (
    Model,
    estimators_inside,
    named_in_weights,
    splits_inside,
    with_base_named,
)
from imbalance_accessor.modeling.preprocessing import preprocessing, ready
from imbalance_accessor.modeling.samplers import (
    check_sampler,
    copies,
    named_sampler,
    takes_categories,
    with_affordable_neighbours,
)
from imbalance_accessor.modeling.strategies import NAMES, TABLE, Estimator, SamplerContext

#: The strategies that `fit_eval` compares unasked.
DEFAULT = tuple(name for name in NAMES if TABLE[name].default)
#: Where samplers stand of which it is known what they take.
_OF_NUMBERS = ("imblearn.over_sampling", "imblearn.under_sampling", "imblearn.combine")


@dataclass(frozen=True, eq=False)
class Strategy:
    """One thing to do about the imbalance.

    Attributes
    ----------
    name : str
        The word the user typed, or the class's name.
    sampler : sampler or None
        Stands inside the pipeline, so that it sees training rows alone.
    ensemble : classifier or None
        Takes the model's place.
    weighted, same_as, loss, cure
        As of a `StrategyRow`.
    given : str, sampler or ensemble
        What the user passed.
    """

    name: str
    sampler: Estimator | None = None
    weighted: bool = False
    ensemble: Estimator | None = None
    same_as: str | None = None
    loss: Callable[[Estimator], Estimator | str] | None = None
    cure: str = "Use another model."
    given: Any = "none"

    @property
    def resamples(self) -> bool:
        """Whether training rows are made, copied or dropped before the model sees them."""
        return self.sampler is not None

    @property
    def corrects_twice(self) -> bool:
        """Whether rows are resampled, and then weighted by the counts that they had before."""
        return self.weighted and self.resamples and self.same_as is None

    @property
    def neighbours(self) -> bool:
        """Whether distances between rows decide."""
        return self.sampler is not None and not copies(self.sampler)

    @property
    def needs_numbers(self) -> bool:
        """Whether the sampler takes complete numbers and nothing else; one of the user's own may take whatever comes."""
        known = self.sampler is not None and type(self.sampler).__module__.startswith(_OF_NUMBERS)
        return known and self.neighbours and not self.keeps_categories

    @property
    def keeps_categories(self) -> bool:
        """Whether the sampler needs raw categories."""
        return self.sampler is not None and takes_categories(self.sampler)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A strategy, and the pipeline that carries it out.

    Attributes
    ----------
    strategy : Strategy
    estimator : estimator
        Not fitted.
    """

    strategy: Strategy
    estimator: Estimator


def read_strategies(
    given: Any, model: Model, context: SamplerContext, fewest: int
) -> tuple[list[Strategy], list[Finding]]:
    """Read the strategies the user named; ``"none"`` always comes first.

    Parameters
    ----------
    given : sequence
    model : Model
    context : SamplerContext
        What samplers are made for.
    fewest : int
        Rows of the rarest class in the smallest training fold.

    Returns
    -------
    strategies : list of Strategy
        In the order given.
    findings : list of Finding
        Which sampler the columns called for, and where neighbours had to be lowered.

    Raises
    ------
    OptionError
        An unknown name, a sampler that is fitted already, or an object that is neither sampler nor ensemble.
    """
    if model.fitted:  # it is scored as it is: nothing can be done about the imbalance any more
        return [Strategy("none")], []
    items = [given] if isinstance(given, str) or hasattr(given, "get_params") else given
    if not isinstance(items, list | tuple):
        raise OptionError(f"strategies={given!r:.60} must be a list, such as ['none', 'smote'].")
    found, findings = [], []
    # each object once; distinguished by identity, since a dict given by mistake has no hash
    for item in {item if isinstance(item, str) else id(item): item for item in ["none", *items]}.values():
        strategy, notes = _read(item, context, fewest)
        found.append(replace(strategy, given=item))
        findings.extend(notes)
    return _numbered(found), findings


def without(strategies: Iterable[Strategy], *names: str) -> Fix:
    """Return the fix that leaves strategies out, and those that are the same under a second name."""
    left = [each.given for each in strategies if not {each.name, each.same_as} & {*names}]
    return change(
        strategies=[each for each in left if not (isinstance(each, str) and each == "none")] or ["none"]
    )


def _read(item: Any, context: SamplerContext, fewest: int) -> tuple[Strategy, list[Finding]]:
    if not isinstance(item, str):
        return _own_strategy(item, fewest)
    row = TABLE[one_of("strategies", item, NAMES)]
    sampler, findings = (None, []) if row.sampler is None else named_sampler(item, context, fewest)
    ensemble = None if row.ensemble is None else with_base_named(row.ensemble(context.random_state))
    return Strategy(row.name, sampler, row.weighted, ensemble, row.same_as, row.loss, row.cure), findings


def _own_strategy(item: Any, fewest: int) -> tuple[Strategy, list[Finding]]:
    name = type(item).__name__
    if isinstance(item, type):
        raise OptionError(f"strategies: {item.__name__} is a class. Make an object of it: {item.__name__}().")
    if hasattr(item, "fit_resample"):
        check_sampler(item)
        sampler, findings = with_affordable_neighbours(item, fewest)
        return Strategy(name, sampler=sampler), findings
    if hasattr(item, "fit") and hasattr(item, "predict_proba"):
        return Strategy(name, ensemble=with_base_named(clone(item))), []
    raise OptionError(
        f"strategies: {item!r:.60} is neither a strategy's name, a sampler nor an ensemble. Known: {listed(NAMES, 40)}."
    )


def _numbered(strategies: Iterable[Strategy]) -> list[Strategy]:
    seen: Counter[str] = Counter()
    named = []
    for strategy in strategies:
        seen[strategy.name] += 1
        count = seen[strategy.name]
        named.append(strategy if count == 1 else replace(strategy, name=f"{strategy.name} {count}"))
    return named


def weighted_already(model: Model, strategies: Iterable[Strategy]) -> list[Finding]:
    """Say when the model itself carries weights, so that "none" is no "none" and resampling corrects twice."""
    if model.fitted:
        return []
    carried = [
        f"{type(each).__name__}({key}={value!r:.40})"
        for each in estimators_inside(model.classifier)
        for key, value in each.get_params(deep=False).items()
        if (key == "class_weight" and value is not None)
        or (key == "scale_pos_weight" and value not in {None, 1})
    ]
    if not carried:
        return []
    resampling = [strategy.name for strategy in strategies if strategy.resamples]
    twice = f", and {listed(resampling)} may correct twice" if resampling else ""
    sentence = f"The model carries weights of its own, {carried[0]}: 'none' is weighted too{twice}."
    cure = "Take them out of the model; 'class_weight' in strategies= adds them."
    return [Finding("IMB110", "warning", sentence, cure)]


def correction_made_twice(strategy: Strategy, rows: Mapping[Any, int]) -> list[Finding]:
    """Say what weights of the original counts on top of a sampler come to.

    Parameters
    ----------
    strategy : Strategy
    rows : mapping of label to int
        Train rows of each class.
    """
    times = max(rows.values()) / min(rows.values())
    if not strategy.corrects_twice or times == 1:
        return []
    whose = "the rarest class" if len(rows) == 2 else "the rarest class against the largest"
    sentence = (
        f"{strategy.name!r} corrects twice: resampling multiplies the odds of {whose} by {_times(times)}, "
        f"its weight by {_times(times)} again, {_times(times**2)} in all."
    )
    return [Finding("IMB110", "warning", sentence, "Use 'smote' or 'class_weight': each corrects once.")]


def _times(factor: float) -> str:
    return f"{factor:.3g}" if factor < 100 else f"{factor:,.0f}"


def refusal(
    strategy: Strategy,
    model: Model,
    columns: Columns,
    missing: Sequence[Hashable],
    n_rows: int,
    n_classes: int = 2,
) -> Finding | None:
    """Say why this model gets no row for a strategy; None when it can have one."""
    if strategy.loss is not None:
        return _blocked_loss(strategy, strategy.loss(model.classifier), model, n_classes)
    if strategy.weighted and model.weighting is None:
        return _left_out(strategy, f"{model.name} takes neither class nor sample weights", strategy.cure)
    by_row = model.weighting == "sample_weight" or (model.weighting == "scale_pos_weight" and n_classes > 2)
    if strategy.corrects_twice and by_row:
        reason = f"{model.name} takes weights row by row, and the rows are made inside the pipeline"
        return _left_out(strategy, reason, strategy.cure)
    if strategy.ensemble is not None and not model.has_probabilities:
        reason = (
            f"it gives probabilities, whose threshold is 0.5, and {model.name} margins, whose threshold is 0"
        )
        return _left_out(strategy, reason, "Compare it with a model that has predict_proba.")
    by_first_counts = strategy.weighted and model.weighting != "class_weight"
    resampled = any(hasattr(step, "fit_resample") for _, step in model.before)
    if resampled and (strategy.resamples or by_first_counts):
        reason = "the pipeline resamples already, and would correct twice"
        cure = "Take the sampler out of the pipeline and name it in strategies=."
        return _left_out(strategy, reason, cure, code="IMB110")
    if not strategy.resamples:
        return None
    inside = splits_inside(model, n_rows)
    if inside is not None:
        reason = f"{inside} holds rows back inside fit, and would judge itself on synthetic rows"
        cure = "Turn that off, or search around the pipeline with GridSearchCV, which is rebuilt around the sampler."
        return _left_out(strategy, reason, cure, code="IMB111")
    return _blocked_sampler(strategy, model, columns, missing)


def _blocked_loss(strategy: Strategy, found: Estimator | str, model: Model, n_classes: int) -> Finding | None:
    """Say why this model cannot be fitted to another loss, from its counterpart under that loss."""
    if n_classes > 2:
        reason = f"its loss is written for two classes, and these are {n_classes}"
        return _left_out(strategy, reason, "Name one of them with pos_label=: that class against the rest.")
    if isinstance(found, str):
        return _left_out(strategy, found, strategy.cure)
    unknown = sorted(model.searched - set(found.get_params()))
    if unknown:
        reason = f"the search tries {listed(unknown)}, which {type(found).__name__} has not"
        return _left_out(strategy, reason, "Search other parameters, or none.")
    return None


def _blocked_sampler(
    strategy: Strategy, model: Model, columns: Columns, missing: Sequence[Hashable]
) -> Finding | None:
    if not strategy.neighbours:
        return None
    if model.vectorizer is not None and strategy.keeps_categories:
        reason = "it makes new rows of raw categories, and preprocess='skrub' has made numbers of them"
        return _left_out(strategy, reason, "Use 'smote'.")
    if model.unencoded and strategy.needs_numbers:
        return _left_out(strategy, _unencoded(strategy, model), _encoded_alone(model))
    if not model.own or model.before:
        return None
    if missing:
        have = "has" if len(missing) == 1 else "have"
        reason = f"{listed(missing)} {have} missing cells, and preprocess=None fills none"
        return _left_out(strategy, reason, "Impute them.")
    names = columns.categorical
    if names and not strategy.keeps_categories:
        reason = f"{listed(names)} {'holds' if len(names) == 1 else 'hold'} no numbers"
        return _left_out(strategy, reason, "Encode them, or use 'smote'.")
    return None


def _unencoded(strategy: Strategy, model: Model) -> str:
    names, last = model.unencoded, type(model.classifier).__name__
    hold = "holds" if len(names) == 1 else "hold"
    return f"{listed(names)} {hold} no numbers where the pipeline hands them to {last}, and {strategy.name} needs numbers"


def _encoded_alone(model: Model) -> str:
    """Say how the classifier gets numbers from us."""
    last = type(model.classifier).__name__
    first = type(model.before[0][1]).__module__
    skrub = ", with preprocess='skrub'" if first.startswith("skrub") else ""
    return f"Encode them in the pipeline, or pass its {last} alone as model={skrub}."


def _left_out(strategy: Strategy, reason: str, cure: str, *, code: str = "IMB304") -> Finding:
    return Finding(code, "warning", f"{strategy.name!r} is left out: {reason}.", cure)


def assemble(
    strategy: Strategy,
    model: Model,
    columns: Columns,
    missing: Sequence[Hashable],
    rows: Mapping[Any, int],
) -> Estimator:
    """Build the pipeline: preprocess, sampler, classifier; a search stands around all of it.

    Parameters
    ----------
    strategy : Strategy
    model : Model
    columns : Columns
    missing : sequence
        Features with missing cells.
    rows : mapping of label to int
        Train rows of each class, by the label that the classifier meets.

    Returns
    -------
    estimator
        Not fitted; an imbalanced-learn `Pipeline`, or a search around one.
    """
    if model.fitted:
        return model.classifier
    if strategy.ensemble is not None:
        model = model.replaced_by(strategy.ensemble)
    if strategy.loss is not None:
        model = replace(model, classifier=strategy.loss(model.classifier))
    if not strategy.needs_numbers:
        model = replace(model, filler=None)
    neighbours, categories = strategy.neighbours, strategy.keeps_categories
    first, last = preprocessing(
        model, columns, missing=frozenset(missing), neighbours=neighbours, keeps_categories=categories
    )
    classifier = ready(model, columns, neighbours=neighbours, keeps_categories=categories)
    if strategy.weighted and strategy.same_as is None:
        classifier = _weighted(classifier, model, rows, resampled=strategy.resamples)
    sampler = [("resample", strategy.sampler)] if strategy.sampler is not None else []
    pipeline = Pipeline([*model.before, *first, *sampler, *last, (model.step, classifier)])
    return pipeline if model.search is None else clone(model.search).set_params(estimator=pipeline)


def _weighted(classifier: Estimator, model: Model, rows: Mapping[Any, int], *, resampled: bool) -> Estimator:
    """Weight classes; behind a sampler by the training set's counts, of which stratified folds have equal shares."""
    if model.weighting == "class_weight":
        n, k = sum(rows.values()), len(rows)
        keys = named_in_weights(classifier, list(rows))
        original = {key: n / (k * count) for key, count in zip(keys, rows.values(), strict=True)}
        return classifier.set_params(class_weight=original if resampled else "balanced")
    if model.weighting == "scale_pos_weight" and len(rows) == 2:
        # a booster's positive class is the second one in sort order, whichever of them is ours
        first, second = rows.values()
        return classifier.set_params(scale_pos_weight=first / second)
    return classifier  # sample weights are handed to fit


def fit_params(strategy: Strategy, model: Model, y: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Return what ``fit`` must be given: sample weights, where the classifier takes weights no other way."""
    if not strategy.weighted or strategy.same_as is not None:
        return {}
    several = len(np.unique(y)) > 2
    if model.weighting == "sample_weight" or (model.weighting == "scale_pos_weight" and several):
        return {f"{model.step}__sample_weight": compute_sample_weight("balanced", y)}
    return {}
