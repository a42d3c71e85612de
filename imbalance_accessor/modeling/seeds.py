"""Which estimators draw at random without a seed of their own, so that no run gives the figures of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from imbalance_accessor.errors import IN_WORDS, Fix, change, listed
from imbalance_accessor.findings import Finding

#: What draws in every fit; other classes with a `random_state` draw under settings of theirs alone.
_DRAWING = frozenset(
    {
        "RandomForestClassifier",
        "ExtraTreesClassifier",
        "BaggingClassifier",
        "AdaBoostClassifier",
        "GradientBoostingClassifier",
        "DecisionTreeClassifier",
        "ExtraTreeClassifier",
        "MLPClassifier",
        "SGDClassifier",
        "BalancedRandomForestClassifier",
        "BalancedBaggingClassifier",
        "EasyEnsembleClassifier",
        "RUSBoostClassifier",
        "HalvingRandomSearchCV",
        "RBFSampler",
        "Nystroem",
        "StringEncoder",
        "GapEncoder",
    }
)
#: Settings under which others do: of a class, or (None) of any.
_SETTINGS = (
    ("SVC", "probability", True),
    ("HistGradientBoostingClassifier", "early_stopping", True),
    (None, "solver", "sag"),
    (None, "solver", "saga"),
    (None, "shuffle", True),  # of folds
)


def is_unseeded(estimator: Any) -> bool:
    """Whether an estimator draws at random, samplers and folds among them, and has no seed.

    Examples
    --------
    >>> from sklearn.linear_model import SGDClassifier
    >>> is_unseeded(SGDClassifier()), is_unseeded(SGDClassifier(random_state=0))
    (True, False)
    """
    if isinstance(estimator, type):
        return False
    settings = estimator.get_params(deep=False) if hasattr(estimator, "get_params") else _vars_of(estimator)
    if settings.get("random_state", 0) is not None:
        return False
    kind = type(estimator).__name__
    if kind == "RandomizedSearchCV":
        return _leaves_some_out(settings)
    return (
        hasattr(estimator, "fit_resample")
        or kind in _DRAWING
        or any(of in {None, kind} and settings.get(name) == value for of, name, value in _SETTINGS)
    )


def _vars_of(thing: Any) -> dict[str, Any]:
    """Return the settings of what is no estimator, such as folds."""
    return dict(vars(thing)) if hasattr(thing, "split") and hasattr(thing, "__dict__") else {}


def _leaves_some_out(settings: dict[str, Any]) -> bool:
    """Whether a search at random tries only some of what there is."""
    given = settings["param_distributions"]
    grids = [given] if isinstance(given, Mapping) else list(given)
    every = [values for grid in grids for values in grid.values()]
    if not all(isinstance(values, Sequence) for values in every):
        return True
    return int(settings["n_iter"]) < sum(prod(map(len, grid.values())) for grid in grids)


def _parts(thing: Any) -> Iterator[Any]:
    """Yield an estimator and what stands in it, but for what an outer seed or a search gives its seed."""
    yield thing
    if not hasattr(thing, "get_params") or isinstance(thing, type):
        return
    settings = thing.get_params(deep=False)
    seeded = settings.get("random_state") is not None and not hasattr(thing, "fit_resample")
    searched = [key for name in ("param_grid", "param_distributions") for key in _keys(settings.get(name))]
    if seeded or any(key.split("__")[-1] == "random_state" for key in searched):
        return
    for value in settings.values():
        inner = value if isinstance(value, list | tuple) else [value]
        for each in inner:
            # steps are pairs of a name and an estimator
            part = each[1] if isinstance(each, tuple) and len(each) > 1 else each
            if hasattr(part, "get_params") or hasattr(part, "split"):
                takes = not hasattr(thing, "fit_resample") or hasattr(part, "fit_resample")
                yield from _parts(part) if takes else ()


def _keys(grid: Any) -> list[str]:
    grids = [grid] if isinstance(grid, Mapping) else grid or []
    return [str(key) for each in grids for key in each]


def about_seeds(
    estimators: Iterable[Any], random_state: int | None, given: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Say which estimators, or parts of them, draw without a seed though one was given.

    Parameters
    ----------
    estimators : iterable
        As they are fitted.
    random_state : int or None
    given : mapping of str to object, optional
        What the user passed, an object or a list of them, by option.
    """
    if random_state is None:
        return []
    names = dict.fromkeys(
        type(each).__name__ for one in estimators for each in _parts(one) if is_unseeded(each)
    )
    if not names:
        return []
    sentence = (
        f"{listed(names)} {'has' if len(names) == 1 else 'have'} no seed: each call may give other figures."
    )
    cure = f"Set random_state={random_state} there, to have them again."
    return [Finding("IMB318", "note", sentence, cure, _with_seeds(given or {}, names, random_state))]


def _with_seeds(given: Mapping[str, Any], names: Iterable[str], random_state: int) -> Fix:
    """Return the fix that gives all of these a seed; none where some cannot be given one from here."""
    seeded: dict[str, Any] = {}
    for option, value in given.items():
        many = isinstance(value, list)
        items = [_seeded(each, random_state) for each in (value if many else [value])]
        if items != (value if many else [value]):
            seeded[option] = items if many else items[0]
    parts = [part for value in seeded.values() for each in _listed(value) for part in _parts(each)]
    known = {type(part).__name__ for part in parts}
    is_whole = set(names) <= known and not any(map(is_unseeded, parts))
    return change(**seeded) if is_whole else IN_WORDS


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _seeded(thing: Any, random_state: int) -> Any:
    """Return an estimator whose parts have seeds, or the thing itself where nothing needs one."""
    if (
        not hasattr(thing, "get_params")
        or isinstance(thing, type)
        or not any(map(is_unseeded, _parts(thing)))
    ):
        return thing
    from sklearn.base import clone  # counts and weights ask for seeds too, and wait for nothing heavy

    made = clone(thing)
    unseeded = [
        f"{name}__"
        for name, part in made.get_params(deep=True).items()
        if hasattr(part, "get_params") and is_unseeded(part)
    ]
    if is_unseeded(made):
        unseeded.append("")
    return made.set_params(**{f"{name}random_state": random_state for name in unseeded})
