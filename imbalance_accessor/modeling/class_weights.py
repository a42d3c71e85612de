"""Class weights that the user gives by label: what is wrong with them is said before any fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from imbalance_accessor.data.target import Label, plain
from imbalance_accessor.errors import IN_WORDS, Fix, OptionError, listed, near, nearest_of, one_line
from imbalance_accessor.metrics.arrays import Floats

#: Beyond these, products and ratios of weights would no longer be finite.
_LEAST, _MOST = 1e-100, 1e100
#: The formulas of class weights; how much a further row still adds to the effective number of rows.
METHODS = ("balanced", "sqrt", "effective")
BETA = 0.999


def weights_by(method: str, rows: Floats, beta: float = BETA) -> Floats:
    """Return the weight of each class from its rows, or from the sum of their weights.

    Parameters
    ----------
    method : {"balanced", "sqrt", "effective"}
    rows : numpy.ndarray of float, shape (n_classes,)
    beta : float
        For ``"effective"``.

    Notes
    -----
    With n rows, k classes and n_c rows of class c: n / (k · n_c); its square root; and what is proportional to
    (1 − β) / (1 − β^n_c), with sum k.

    Examples
    --------
    >>> weights_by("sqrt", np.array([900.0, 100.0])).round(3).tolist()
    [0.745, 2.236]
    """
    if method == "effective":
        raw = (1 - beta) / (1 - np.power(beta, rows))
        return np.asarray(raw / raw.sum() * len(rows))
    balanced = rows.sum() / (len(rows) * rows)
    return np.asarray(np.sqrt(balanced) if method == "sqrt" else balanced)


def read_weights(
    given: Mapping[Any, Any], labels: Sequence[Label], option: str, *, every: bool
) -> dict[Label, float]:
    """Return a weight for each label, in the order of the labels.

    Parameters
    ----------
    given : mapping of label to number
    labels : sequence
        The labels there are.
    option : str
        What it was passed as.
    every : bool
        Whether each label must be named; otherwise the others weigh 1, as in scikit-learn.

    Raises
    ------
    OptionError
        Labels that no row has, or left out; weights that are no numbers, negative, or all 0.

    Examples
    --------
    >>> read_weights({"yes": 9}, ["no", "yes"], "method", every=False)
    {'no': 1.0, 'yes': 9.0}
    """
    named = {plain(label): weight for label, weight in given.items()}
    _check_labels(named, labels, option)
    absent = [label for label in labels if label not in named]
    for label, weight in named.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float | np.number) or not _fits(weight):
            raise OptionError(
                f"{option}: the weight of class {label!r} is {one_line(weight)}; weights are numbers of 0 or more, "
                f"0 or {_LEAST:g} to {_MOST:g}."
            )
    if every and absent:
        raise OptionError(
            f"{option}: the class weights leave out {listed(absent)}. Name every label; 1 is a row's own weight.",
            fix=Fix(options={option: {label: named.get(label, 1.0) for label in labels}}),
        )
    values = {label: float(named.get(label, 1.0)) for label in labels}
    if not any(values.values()):
        raise OptionError(
            f"{option}: every weight is 0, so that no row would count. Give one class a positive weight."
        )
    return values


def check_one_against_rest(
    given: Mapping[Any, Any], option: str, against: tuple[Label, Mapping[Label, int]] | None
) -> None:
    """Refuse weights of several classes where one of them is taken against the rest: these are True and False.

    Parameters
    ----------
    given : mapping of label to number
    option : str
        What it was passed as.
    against : tuple of label and mapping, optional
        That class, and the rows of each.
    """
    if against is None or set(given) != set(against[1]):
        return
    label, rows = against
    others = [each for each in rows if each != label]
    rest = sum(given[each] * rows[each] for each in others) / sum(rows[each] for each in others)
    raise OptionError(
        f"{option}: pos_label={label!r} takes that class, True, against the rest, False. Weigh these two.",
        fix=Fix(options={option: {False: round(float(rest), 6), True: given[label]}}),
    )


def _check_labels(named: Mapping[Any, Any], labels: Sequence[Label], option: str) -> None:
    known = {label: type(label) for label in labels}
    wrong = [
        label for label in named if label not in known or isinstance(label, str) != (known[label] is str)
    ]
    if wrong:
        meant = {label: _meant(label, labels) for label in named}
        told = {meant[label]: weight for label, weight in named.items()}
        is_known = None not in told and len(told) == len(named)
        raise OptionError(
            f"{option}: {listed(wrong)} {'is' if len(wrong) == 1 else 'are'} not among the labels "
            f"{listed(labels)} ({type(labels[0]).__name__}).{near(wrong[0], labels)} "
            "Name labels as the column holds them.",
            fix=Fix(options={option: told}) if is_known else IN_WORDS,
        )


def _meant(label: Any, labels: Sequence[Label]) -> Label | None:
    """Return the label that was meant: itself, one that is written alike, or one near it."""
    alike = [each for each in labels if each == label and isinstance(each, str) == isinstance(label, str)]
    alike += [each for each in labels if str(each) == str(label)]
    return next(iter([*alike, *nearest_of(label, labels)]), None)


def _fits(weight: Any) -> bool:
    value: Any = plain(weight)  # a narrow number would be compared within its own range
    return bool(value == 0 or _LEAST <= value <= _MOST)


def weights_text(given: Mapping[Any, Any], most: int = 3, digits: int = 3) -> str:
    """Return class weights in short.

    Examples
    --------
    >>> weights_text({"no": 0.52631, "yes": 10})
    '{no: 0.526, yes: 10}'
    """
    shown = [f"{label!s:.20}: {_weight_text(weight, digits)}" for label, weight in given.items()]
    if len(shown) > most:
        shown = [*shown[:most], f"{len(shown) - most} more"]
    return f"{{{', '.join(shown)}}}"


def _weight_text(weight: Any, digits: int) -> str:
    return f"{weight:.{digits}g}" if isinstance(weight, int | float | np.number) else one_line(weight)


def weights_name(given: Mapping[Any, Any], digits: int = 3) -> str:
    """Return what a strategy of these weights is called: by the formula they were made with, else by themselves.

    Examples
    --------
    >>> weights_name({0: 1, 1: 15})
    'class_weight {0: 1, 1: 15}'
    """
    method, beta = getattr(given, "method", "own"), getattr(given, "beta", None)
    if method not in METHODS:
        return f"class_weight {weights_text(given, digits=digits)}"
    return f"{method} weights" if beta in (None, BETA) else f"{method} weights, beta {beta:.{digits}g}"
