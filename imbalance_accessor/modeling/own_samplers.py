"""Samplers that the user passes: what is wrong with them is said before any work, with the sampler that would be right."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import clone

from imbalance_accessor.errors import IN_WORDS, Fix, OptionError, listed, near, nearest_of, one_line
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.samplers import affordable_neighbours
from imbalance_accessor.modeling.strategies import Estimator, kinds
from imbalance_accessor.options import is_whole


def with_affordable_neighbours(sampler: Estimator, fewest: int) -> tuple[Estimator, list[Finding]]:
    """Return a clone of a sampler of the user's own, its neighbours lowered where the rarest class is too small."""
    sampler = clone(sampler)
    name = "n_neighbors" if type(sampler).__name__ == "ADASYN" else "k_neighbors"
    asked: Any = sampler.get_params(deep=False).get(name)
    if not is_whole(asked):
        return sampler, []
    k, findings = affordable_neighbours(asked, fewest)
    return (sampler.set_params(**{name: k}), findings) if 0 < k < asked else (sampler, [])


def check_sampler(sampler: Any, option: str) -> None:
    """Refuse an object that is no sampler, that is fitted already, or whose parameters are out of range.

    Parameters
    ----------
    sampler : object
    option : str
        What it was passed as.
    """
    if not hasattr(sampler, "fit_resample") or isinstance(sampler, type):
        raise OptionError(
            f"{option}: {one_line(sampler)} is no sampler. Known kinds: {listed(kinds())}, or an imbalanced-learn sampler.",
            fix=made_of(sampler, option),
        )
    if any(name.endswith("_") and not name.startswith("_") for name in vars(sampler)):
        raise OptionError(
            f"The sampler {type(sampler).__name__} is fitted already, so that it may have seen any rows. "
            "Pass a new one, or sklearn.clone(sampler).",
            fix=Fix(options={option: clone(sampler)}),
        )
    _check_parameters(sampler, option)


def made_of(given: Any, option: str) -> Fix:
    """Return the fix that makes an object of a class; none where it asks for arguments."""
    try:
        return Fix(options={option: given()}) if isinstance(given, type) else IN_WORDS
    except TypeError:
        return IN_WORDS


def _check_parameters(sampler: Estimator, option: str) -> None:
    """Refuse what the sampler itself would refuse once it is at work."""
    try:
        getattr(sampler, "_validate_params", lambda: None)()
    except ValueError as error:
        found = re.match(r"The '(\w+)' parameter of (\w+) must be (.*)\. Got (.*) instead\.$", str(error))
        if found is None:
            raise OptionError(f"{option}: {error}") from None
        name, kind, rule, got = found.groups()
        usual = inspect.signature(type(sampler)).parameters[name].default
        use = "" if usual is inspect.Parameter.empty else f" Use {name}={usual!r}."
        raise OptionError(
            f"{option}: {name}={got:.60} of {kind} must be {rule}.{use}",
            fix=_with(sampler, option, name, usual) if use else IN_WORDS,
        ) from None


def _with(sampler: Estimator, option: str, name: str, value: object) -> Fix:
    return Fix(options={option: clone(sampler).set_params(**{name: value})})


def check_sampling_strategy(sampler: Estimator, rows: Sequence[Mapping[Any, int]], option: str) -> None:
    """Refuse a ``sampling_strategy`` that names labels which no row has, or wants what this kind of sampler cannot do.

    Parameters
    ----------
    sampler : sampler
        Of the user's own, its classes named by label.
    rows : sequence of mapping of label to int
        Rows of each class: of the training set, and of each fold that is learned from.
    option : str
        What it was passed as.
    """
    given = sampler.get_params(deep=False).get("sampling_strategy")
    does = getattr(sampler, "_sampling_type", "")
    if isinstance(given, Mapping | list):
        _check_labels(sampler, given, list(rows[0]), option)
    if isinstance(given, Mapping):
        _check_rows(sampler, given, rows, option, does)
    if isinstance(given, float | int) and not isinstance(given, bool):
        _check_share(sampler, float(given), rows, option, does)


def _check_labels(
    sampler: Estimator, given: Mapping[Any, Any] | list[Any], labels: list[Any], option: str
) -> None:
    unknown = [label for label in given if label not in labels]
    if not unknown:
        return
    meant = {label: (nearest_of(label, labels) or [None])[0] for label in unknown}
    named: Any = [meant.get(label, label) for label in given]
    if isinstance(given, Mapping):
        named = dict(zip(named, given.values(), strict=True))
    raise OptionError(
        f"sampling_strategy: {listed(unknown)} {'is' if len(unknown) == 1 else 'are'} not among the labels "
        f"{listed(labels)}.{near(unknown[0], labels)} Name labels as the column holds them.",
        fix=IN_WORDS if None in meant.values() else _with(sampler, option, "sampling_strategy", named),
    )


def _check_rows(
    sampler: Estimator, given: Mapping[Any, Any], rows: Sequence[Mapping[Any, int]], option: str, does: str
) -> None:
    if any(isinstance(count, float) for count in given.values()):
        rounded = {label: round(count) for label, count in given.items()}
        raise OptionError(
            "sampling_strategy: a dict gives the rows of each label, whole numbers. Round them.",
            fix=_with(sampler, option, "sampling_strategy", rounded),
        )
    most = {label: max(each[label] for each in rows) for label in given}
    least = {label: min(each[label] for each in rows) for label in given}
    adds = does == "over-sampling"
    wrong = [
        label
        for label, count in given.items()
        if not is_whole(count) or count < (most[label] if adds else 0) or (not adds and count > least[label])
    ]
    if not wrong:
        return
    first = wrong[0]
    has = most[first] if adds else least[first]
    right = {label: count for label, count in given.items() if label not in wrong}
    raise OptionError(
        f"sampling_strategy: {first!r} has {has:,} rows to learn from and cannot {'shrink' if adds else 'grow'} to "
        f"{one_line(given[first])} by {type(sampler).__name__}. Leave that class out.",
        fix=_with(sampler, option, "sampling_strategy", right or "auto"),
    )


def _check_share(
    sampler: Estimator, given: float, rows: Sequence[Mapping[Any, int]], option: str, does: str
) -> None:
    if does not in {"over-sampling", "under-sampling"}:
        return
    counts, name = rows[0], type(sampler).__name__
    if len(counts) > 2:
        wanted = _rows_of(given, rows, adds=does == "over-sampling")
        raise OptionError(
            f"sampling_strategy={given:g}: a number is for two classes, and these are {len(counts)}. "
            "Give the rows of each class in a dict.",
            fix=_with(sampler, option, "sampling_strategy", wanted or "auto"),
        )
    there = max(min(each.values()) / max(each.values()) for each in rows)
    if given < there:
        raise OptionError(
            f"sampling_strategy={given:g} is less even than the rows to learn from are already, {there:.3g}, and {name} only "
            f"{'adds' if does == 'over-sampling' else 'drops'} rows. Name a larger ratio, or 'auto'.",
            fix=_with(sampler, option, "sampling_strategy", "auto"),
        )


def _rows_of(share: float, rows: Sequence[Mapping[Any, int]], *, adds: bool) -> dict[Any, int]:
    """Return the rows of each class that is to change, at a ratio to the largest or the smallest."""
    if adds:
        largest = max(rows[0].values())
        return {
            label: int(share * largest) for label, count in rows[0].items() if count < int(share * largest)
        }
    smallest = min(min(each.values()) for each in rows)
    least = {label: min(each[label] for each in rows) for label in rows[0]}
    return {label: int(smallest / share) for label, count in least.items() if count > int(smallest / share)}
