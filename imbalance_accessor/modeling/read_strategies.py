"""The strategies that the user names, or passes as objects: read, and held against the labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone

from imbalance_accessor.errors import IN_WORDS, Fix, OptionError, change, known_as, listed, one_line, one_of
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.class_weights import (
    check_one_against_rest,
    read_weights,
    weights_by,
    weights_name,
)
from imbalance_accessor.modeling.models import Model, with_base_named
from imbalance_accessor.modeling.own_samplers import (
    check_sampler,
    check_sampling_strategy,
    made_of,
    with_affordable_neighbours,
)
from imbalance_accessor.modeling.samplers import copies, named_sampler, takes_categories
from imbalance_accessor.modeling.strategies import NAMES, TABLE, Estimator, SamplerContext
from imbalance_accessor.options import STRATEGY_WORDS

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
    weighted, method, same_as, loss, cure
        As of a `StrategyRow`.
    weights : mapping of label to float, optional
        Class weights that are no model's "balanced": the user's own, or by another formula.
    given : str, sampler, ensemble or mapping
        What the user passed.
    """

    name: str
    sampler: Estimator | None = None
    weighted: bool = False
    method: str = "balanced"
    ensemble: Estimator | None = None
    same_as: str | None = None
    loss: Callable[[Estimator], Estimator | str] | None = None
    cure: str = "Use another model."
    weights: Mapping[Any, float] | None = None
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
    is_one = isinstance(given, str | Mapping) or hasattr(given, "get_params")
    items = [given] if is_one else given
    if not isinstance(items, list | tuple):
        raise OptionError(
            f"strategies={one_line(given)} must be a list, such as ['none', 'smote'].",
            fix=change(strategies=sorted(given, key=str)) if isinstance(given, set | frozenset) else IN_WORDS,
        )
    items = [known_as(item, NAMES, STRATEGY_WORDS) for item in items]
    found, findings = [], []
    items = list({_key(item): item for item in ["none", *items]}.values())
    for item in items:
        with _within_list(items, item):
            strategy, notes = _read(item, context, fewest)
        found.append(replace(strategy, given=item))
        findings.extend(notes)
    return _numbered(_told_apart(found)), findings


def _key(item: Any) -> Hashable:
    """Return by what a strategy is the same as another: names and weights by what they say, objects by being one."""
    if isinstance(item, Mapping):
        return "weights", *((repr(label), repr(weight)) for label, weight in item.items())
    return item if isinstance(item, str) else id(item)


def _told_apart(strategies: Sequence[Strategy]) -> list[Strategy]:
    """Write weights that look alike with more digits."""
    met = Counter(each.name for each in strategies)
    return [
        replace(each, name=weights_name(each.given, digits=12))
        if met[each.name] > 1 and isinstance(each.given, Mapping)
        else each
        for each in strategies
    ]


@contextmanager
def _within_list(items: Sequence[Any], item: Any) -> Iterator[None]:
    """Let the fix of an item be that of the list in which it stands."""
    try:
        yield
    except OptionError as error:
        if error.fix:
            error.fix = change(strategies=with_instead(items, item, error.fix.options["strategies"]))
        raise


def with_instead(items: Sequence[Any], item: Any, other: Any) -> list[Any]:
    """Return a list of strategies with another one in the place of one of them; "none", which is always there, left out.

    Examples
    --------
    >>> with_instead(["none", "smoot", "smote"], "smoot", "smote"), with_instead(["none", "non"], "non", "none")
    (['smote'], ['none'])
    """
    return without_none([other if each is item else each for each in items])


def without_none(items: Sequence[Any]) -> list[Any]:
    """Return each strategy once, and "none", which is always there, only where it is the only one."""
    unique = {_key(each): each for each in items}
    return [each for key, each in unique.items() if key != "none"] or ["none"]


def without(strategies: Iterable[Strategy], *names: str) -> Fix:
    """Return the fix that leaves strategies out, and those that are the same under a second name."""
    left = [each.given for each in strategies if not {each.name, each.same_as} & {*names}]
    return change(strategies=without_none(left))


def in_list(finding: Finding, items: Sequence[Any], item: Any) -> Finding:
    """Return a finding about an item, its fix being that of the list in which it stands."""
    other = finding.fix.options.get("strategies")
    if other is None or isinstance(other, list):
        return finding
    return replace(finding, fix=change(strategies=with_instead(items, item, other)))


def as_one(fix: Fix) -> Fix:
    """Return the fix of a list of strategies for a call that takes one: ``strategy=``."""
    if "strategies" not in fix.options:
        return fix
    options = dict(fix.options)
    options["strategy"] = options.pop("strategies")[0]
    return replace(fix, options=options)


def matched_to_labels(
    strategies: Sequence[Strategy],
    rows: Sequence[Mapping[Any, int]],
    against: tuple[Any, Mapping[Any, int]] | None = None,
    totals: Mapping[Any, float] | None = None,
) -> list[Strategy]:
    """Check what strategies of the user's own say of labels, and return them with a weight for each label.

    Parameters
    ----------
    strategies : sequence of Strategy
    rows : sequence of mapping of label to int
        Rows of each class: of the training set, and of each fold that is learned from.
    against : tuple of label and mapping, optional
        The class that the others are taken together against, and the rows of each class of the frame.
    totals : mapping of label to float, optional
        The sums of the training set's row weights of each class, where rows have any.

    Raises
    ------
    OptionError
        Labels that no row has, weights that are none, rows that a sampler cannot reach.
    """
    matched = []
    for each in strategies:
        with _within_list([one.given for one in strategies], each.given):
            if each.sampler is not None and not isinstance(each.given, str):
                check_sampling_strategy(each.given, rows, "strategies")
            weights = each.weights
            if weights is not None:
                check_one_against_rest(weights, "strategies", against)
                weights = read_weights(weights, list(rows[0]), "strategies", every=True)
            elif each.method != "balanced":
                weights = _by_formula(each.method, totals or rows[0])
        matched.append(replace(each, weights=weights))
    return matched


def _by_formula(method: str, rows: Mapping[Any, float]) -> dict[Any, float]:
    values = weights_by(method, np.array([*rows.values()], np.float64))
    return dict(zip(rows, values.tolist(), strict=True))


def _read(item: Any, context: SamplerContext, fewest: int) -> tuple[Strategy, list[Finding]]:
    if not isinstance(item, str):
        return _own_strategy(item, fewest)
    row = TABLE[one_of("strategies", item, NAMES, words=STRATEGY_WORDS)]
    sampler, findings = (None, []) if row.sampler is None else named_sampler(item, context, fewest)
    ensemble = None if row.ensemble is None else with_base_named(row.ensemble(context.random_state))
    given = (row.weighted, row.method, ensemble, row.same_as, row.loss, row.cure)
    return Strategy(row.name, sampler, *given), findings


def _own_strategy(item: Any, fewest: int) -> tuple[Strategy, list[Finding]]:
    name = type(item).__name__
    if isinstance(item, Mapping):
        return Strategy(weights_name(item), weighted=True, weights=item), []
    if isinstance(item, type):
        raise OptionError(
            f"strategies: {item.__name__} is a class. Make an object of it: {item.__name__}().",
            fix=made_of(item, "strategies"),
        )
    if hasattr(item, "fit_resample"):
        check_sampler(item, "strategies")
        sampler, findings = with_affordable_neighbours(item, fewest)
        return Strategy(name, sampler=sampler), findings
    if hasattr(item, "fit") and hasattr(item, "predict_proba"):
        return Strategy(name, ensemble=with_base_named(clone(item))), []
    raise OptionError(
        f"strategies: {one_line(item)} is neither a strategy's name, a sampler, an ensemble nor class weights by label. "
        f"Known: {listed(NAMES, 40)}."
    )


def _numbered(strategies: Iterable[Strategy]) -> list[Strategy]:
    seen: Counter[str] = Counter()
    named = []
    for strategy in strategies:
        seen[strategy.name] += 1
        count = seen[strategy.name]
        named.append(strategy if count == 1 else replace(strategy, name=f"{strategy.name} {count}"))
    return named
