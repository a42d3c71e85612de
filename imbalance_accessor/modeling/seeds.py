"""Which estimators draw at random without a seed of their own, so that no run gives the figures of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from imbalance_accessor.errors import listed
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


def about_seeds(estimators: Iterable[Any], random_state: int | None) -> list[Finding]:
    """Say which estimators, or parts of them, draw without a seed though one was given."""
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
    return [
        Finding("IMB318", "note", sentence, f"Set random_state={random_state} there, to have them again.")
    ]
