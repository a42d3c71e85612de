"""Several models in one call: their names, and what may not be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted

from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    ImbalanceError,
    ModelError,
    OptionError,
    change,
    listed,
    one_line,
)
from imbalance_accessor.modeling.models import Model, read_model

#: Stands between a model's name and a strategy's.
BETWEEN = ": "


def are_several(model: Any) -> bool:
    """Whether an option names several models: a dict by name, or a list."""
    return isinstance(model, Mapping | list | tuple)


def shown_name(model: str, strategy: str) -> str:
    """Return the name of a strategy beside those of other models.

    Examples
    --------
    >>> shown_name("forest", "smote"), shown_name("", "smote")
    ('forest: smote', 'smote')
    """
    return f"{model}{BETWEEN}{strategy}" if model else strategy


def read_several_models(
    model: Any, *, preprocess: str | None, random_state: int | None, fitted: bool
) -> dict[str, Model]:
    """Read one model, which has the empty name, or several by name.

    Raises
    ------
    OptionError, ModelError
        As `read_model`, or names and models that cannot stand side by side.
    """
    how: dict[str, Any] = {"preprocess": preprocess, "random_state": random_state}
    if not are_several(model):
        return {"": read_model(model, **how, fitted=fitted)}
    given = _by_name(model)
    _check_alone(given, fitted)
    _check_unfitted(given)
    models = {name: _read_one(name, given, how) for name in given}
    _check_scores(models, given)
    return models


def _read_one(name: str, given: Mapping[str, Any], how: Mapping[str, Any]) -> Model:
    """Read one of the models; the cure of what is wrong with it leaves the others as they are."""
    try:
        return read_model(given[name], **how)
    except ImbalanceError as error:
        options = dict(error.fix.options)
        if "model" in options:
            mended = {**given, name: options["model"]}
            are_words = all(word == each for word, each in given.items() if isinstance(each, str))
            every = [*mended.values()]
            once = [each for at, each in enumerate(every) if each not in every[:at]]
            options["model"] = (once if len(once) > 1 else once[0]) if are_words else mended
        raise type(error)(str(error), fix=replace(error.fix, options=options)) from None


def _by_name(model: Any) -> dict[str, Any]:
    """Return models by name: of a list, by the words that were typed, or by their classes."""
    given = list(model.values()) if isinstance(model, Mapping) else list(model)
    called = list(model) if isinstance(model, Mapping) else [_name_of(each) for each in given]
    if not given:
        raise OptionError(
            f"model={one_line(model)} names no model. Leave it out, or name some: ['logistic', 'forest'].",
            fix=change(model=LEFT_OUT),
        )
    unnamed = [name for name in called if not (isinstance(name, str) and name.strip())]
    if unnamed:
        raise OptionError(
            f"model= must name each model by text, got the name {one_line(unnamed[0])}. Use {{'forest': 'forest'}}.",
            fix=_renamed(given),
        )
    if len(set(called)) < len(called):
        twice = next(name for name in called if called.count(name) > 1)
        raise OptionError(
            f"model= holds {twice!r} {called.count(twice)} times. Give each a name of its own: "
            f"{{'a': ..., 'b': ...}}.",
            fix=_renamed(given),
        )
    if BETWEEN.strip() in "".join(called):
        name = next(name for name in called if BETWEEN.strip() in name)
        raise OptionError(
            f"model= names {name!r}, and a colon stands between model and strategy in all rows. Leave it out.",
            fix=_renamed(given),
        )
    return dict(zip(called, given, strict=True))


def _name_of(model: Any) -> str:
    return model if isinstance(model, str) else type(model).__name__


def _renamed(given: list[Any]) -> Fix:
    """Return the fix that names models by what they are, and numbers those that are alike."""
    called = [_name_of(each).replace(BETWEEN.strip(), "") for each in given]
    numbered = [
        name if called.count(name) == 1 else f"{name}_{called[: at + 1].count(name)}"
        for at, name in enumerate(called)
    ]
    return change(model=dict(zip(numbered, given, strict=True)))


def _check_alone(given: Mapping[str, Any], fitted: bool) -> None:
    if len(given) == 1:
        raise OptionError(
            f"model= names {listed(given)} alone, so nothing is compared with it. Pass the model itself.",
            fix=change(model=next(iter(given.values()))),
        )
    frozen = [name for name, each in given.items() if isinstance(each, FrozenEstimator)]
    if fitted or frozen:
        what = "fitted=True scores" if fitted else f"{listed(frozen)} is frozen, which scores"
        raise ModelError(
            f"{what} one model as it is, and {len(given)} models are compared by fitting each alike. "
            "Score fitted models one by one."
        )


def _check_unfitted(given: Mapping[str, Any]) -> None:
    """Refuse fitted models beside models that are not: all are fitted here, from nothing."""
    fitted = [name for name, each in given.items() if _is_fitted(each)]
    if not fitted or len(fitted) == len(given):
        return
    others = [name for name in given if name not in fitted]
    anew = {name: clone(each) if name in fitted else each for name, each in given.items()}
    raise ModelError(
        f"model= mixes fitted models ({listed(fitted, 3)}) with others ({listed(others, 3)}), and here all are fitted anew. "
        "Pass clones of the fitted ones.",
        fix=change(model=anew),
    )


def _is_fitted(model: Any) -> bool:
    if isinstance(model, str | type) or not hasattr(model, "fit"):
        return False
    try:
        check_is_fitted(model)
    except (NotFittedError, TypeError):
        return False
    return True


def _check_scores(models: Mapping[str, Model], given: Mapping[str, Any]) -> None:
    """Refuse margins beside probabilities: their thresholds are on other scales."""
    ranking = [name for name, each in models.items() if not each.has_probabilities]
    if not ranking or len(ranking) == len(models):
        return
    raise ModelError(
        f"{listed(ranking)} only {'ranks' if len(ranking) == 1 else 'rank'}, and other models give probabilities. "
        f"Wrap {'it' if len(ranking) == 1 else 'each'} in CalibratedClassifierCV, or leave it out.",
        fix=_calibrated(ranking, given),
    )


def _calibrated(ranking: list[str], given: Mapping[str, Any]) -> Fix:
    """Return the fix that gives models probabilities; none where other steps or a search stand around one."""
    classifiers = {name: SVC() if given[name] == "svm" else given[name] for name in ranking}
    if any(hasattr(each, "steps") or hasattr(each, "estimator") for each in classifiers.values()):
        return IN_WORDS
    return change(
        model={**given, **{name: CalibratedClassifierCV(each) for name, each in classifiers.items()}}
    )
