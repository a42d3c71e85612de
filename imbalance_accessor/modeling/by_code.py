"""Settings that name labels, said again in codes, for a model that is fitted on codes: weights, rows to draw, scorers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier

from imbalance_accessor.data.target import Label, whole_number
from imbalance_accessor.errors import OptionError, one_line
from imbalance_accessor.modeling.models import Model
from imbalance_accessor.modeling.strategies import Estimator

#: Parameters whose dicts and lists name labels; one that names a label itself; one that may hold a scorer which does.
_NAMING, _LABEL, _SCORER = ("class_weight", "sampling_strategy"), "pos_label", "scoring"


@dataclass(frozen=True)
class OfLabels:
    """A ``sampling_strategy`` of the user's that is called with labels and answers in them, for a sampler of codes."""

    function: Callable[..., Mapping[Any, Any]]
    labels: tuple[Label, ...]

    def __call__(self, codes: NDArray[Any], **given: Any) -> dict[Any, Any]:
        """Return what the function answers for the labels of these codes, by code; shape (n_rows,)."""
        named = pd.Series(self.labels).to_numpy()[codes]
        place = {label: code for code, label in enumerate(self.labels)}
        try:
            answer = self.function(named, **given)
        except Exception as error:
            raise OptionError(
                f"sampling_strategy: the function raised {type(error).__name__}: {error}."
            ) from error
        if not isinstance(answer, Mapping):
            raise OptionError(
                f"sampling_strategy: the function must return a dict of rows by label; got {one_line(answer)}."
            )
        return {place.get(label, label): rows for label, rows in answer.items()}


def model_by_code(model: Model, labels: Sequence[Label]) -> Model:
    """Return a model of the user's that means by codes what it meant by labels."""
    if model.fitted:
        return model
    return replace(
        model,
        classifier=estimator_by_code(model.classifier, labels),
        before=tuple((name, estimator_by_code(step, labels)) for name, step in model.before),
        search=None if model.search is None else _search_by_code(model.search, model, labels),
    )


def estimator_by_code(estimator: Estimator, labels: Sequence[Label]) -> Estimator:
    """Return an estimator that means by codes what it meant by labels: a clone where that differs, else itself."""
    if not hasattr(estimator, "get_params") or isinstance(estimator, type):
        return estimator
    named = {
        key: (value, _setting_by_code(estimator, key, value, labels))
        for key, value in estimator.get_params(deep=True).items()
    }
    changed = {key: coded for key, (value, coded) in named.items() if coded is not value}
    return clone(estimator).set_params(**changed) if changed else estimator


def _setting_by_code(estimator: Estimator, key: str, value: Any, labels: Sequence[Label]) -> Any:
    name = key.split("__")[-1]
    if name in _NAMING:
        return _by_code(value, labels, as_numbers=_reads_numbers(estimator, key))
    if name == _LABEL and value in labels:
        return list(labels).index(value)
    return _scorer_by_code(value, labels) if name == _SCORER else value


def sampler_by_label(step: Estimator, labels: Sequence[Label]) -> Estimator:
    """Return a fitted sampler that would be fitted anew on the labels themselves; any other step as it is."""
    given = getattr(step, "sampling_strategy", None)
    if not hasattr(step, "fit_resample") or not isinstance(given, Mapping | list | OfLabels):
        return step
    again = copy(step)
    if isinstance(given, OfLabels):
        again.sampling_strategy = given.function
        return again
    named = [labels[code] for code in given]
    again.sampling_strategy = (
        dict(zip(named, given.values(), strict=True)) if isinstance(given, Mapping) else named
    )
    return again


def _reads_numbers(estimator: Estimator, key: str) -> bool:
    """Whether scikit-learn looks up the number that text reads as, in a parameter of the estimator itself.

    Histogram boosting looks codes up, and so does what stands within most ensembles.
    """
    return key == "class_weight" and not isinstance(estimator, HistGradientBoostingClassifier)


def _by_code(value: Any, labels: Sequence[Label], *, as_numbers: bool) -> Any:
    """Return what names labels by their codes, and anything else as it is; `as_numbers`, also by the number they read as."""
    if callable(value):
        return OfLabels(value, tuple(labels))
    if not isinstance(value, Mapping | list | tuple):
        return value
    for name_of in (lambda label: label, *([whole_number] if as_numbers else [])):
        codes = _codes_by(name_of, labels)
        if value and all(key in codes for key in value):
            if isinstance(value, Mapping):
                return {codes[key]: named for key, named in value.items()}
            return type(value)(codes[key] for key in value)
    return value


def _codes_by(name_of: Callable[[Any], Any], labels: Sequence[Label]) -> dict[Any, int]:
    names = {name_of(label): code for code, label in enumerate(labels)}
    return {name: code for name, code in names.items() if name is not None}


def _search_by_code(search: Estimator, model: Model, labels: Sequence[Label]) -> Estimator:
    """Say again what a search tries, and what it judges by."""
    given = search.get_params(deep=False)
    key = "param_grid" if "param_grid" in given else "param_distributions"
    tried, scoring = given[key], given.get("scoring")
    if isinstance(tried, Mapping):
        tried = _grid_by_code(tried, model, labels)
    else:
        tried = [_grid_by_code(grid, model, labels) for grid in tried]
    if isinstance(scoring, Mapping):
        scoring = {name: _scorer_by_code(each, labels) for name, each in scoring.items()}
    else:
        scoring = _scorer_by_code(scoring, labels)
    scored = {"scoring": scoring} if "scoring" in given else {}
    return clone(search).set_params(**{key: tried}, **scored)


def _grid_by_code(grid: Mapping[str, Any], model: Model, labels: Sequence[Label]) -> dict[str, Any]:
    coded = dict(grid)
    for name, values in grid.items():
        if name.split("__")[-1] in _NAMING and isinstance(values, list | tuple):
            as_numbers = _reads_numbers(model.classifier, name.removeprefix(f"{model.step}__"))
            coded[name] = [_by_code(value, labels, as_numbers=as_numbers) for value in values]
    return coded


def _scorer_by_code(scorer: Any, labels: Sequence[Label]) -> Any:
    """Say again which label a scorer of `make_scorer` holds to be the positive one."""
    options = getattr(scorer, "_kwargs", None)
    if not isinstance(options, dict) or options.get("pos_label") not in labels:
        return scorer
    again = copy(scorer)
    again._kwargs = {**options, "pos_label": list(labels).index(options["pos_label"])}
    return again
