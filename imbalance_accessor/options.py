"""Checks of the options that several verbs share: one rule, one sentence each."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping
from typing import Any

from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, OptionError, change, one_line

#: Every named model.
MODELS = ("logistic", "forest", "boosting", "naive_bayes", "svm", "knn")
#: Every calibrator of probabilities, the simplest first.
CALIBRATORS = ("prior", "sigmoid", "isotonic", "temperature")
#: numpy's and scikit-learn's seeds end here.
SEEDS = 2**32


def is_nothing(test_size: Any) -> bool:
    """Whether nothing is to be held out."""
    return isinstance(test_size, numbers.Real) and not isinstance(test_size, bool) and test_size == 0


def check_test_size(
    test_size: Any, *, nothing: bool = False, tried: Callable[[float], Mapping[str, Any] | None] | None = None
) -> None:
    """Refuse a share that no split takes.

    Parameters
    ----------
    test_size : object
    nothing : bool
        Whether 0 is taken.
    tried : callable, optional
        Returns what must be changed beside a share, or in its place, for the rows at hand.
    """
    if nothing and is_nothing(test_size):
        return
    is_share = isinstance(test_size, numbers.Real) and not isinstance(test_size, bool)
    if is_share and 0 < float(test_size) < 1:
        return
    share = _meant_share(test_size)
    options = {"test_size": share, **((tried and tried(share)) or {})}
    rule = f"{one_line(test_size)} must be a share between 0 and 1"
    if is_nothing(test_size):
        rule = "0 holds nothing out, and this needs a test set"
    raise OptionError(
        f"test_size={rule}. Use test_size={options['test_size']}.",
        fix=Fix(options=options),
    )


def _meant_share(test_size: Any) -> float:
    """Return the share that percent or text mean; 0.2 where they mean none."""
    try:
        value = float(test_size)
    except (TypeError, ValueError, OverflowError):
        return 0.2
    share = round(value / 100, 4) if value >= 1 else value
    return share if 0.05 <= share <= 0.5 else 0.2


def check_cv(cv: Any) -> None:
    """Refuse a number of folds that no cross-validation takes."""
    if not is_whole(cv) or cv < 2:
        meant = _meant_number(cv, least=2, otherwise=5)
        raise OptionError(
            f"cv={one_line(cv)} must be a whole number of folds, 2 or more. Use cv={meant}.",
            fix=change(cv=meant),
        )


def check_repeats(repeats: Any, *, time: Any = None) -> None:
    """Refuse a number of deals that cannot be dealt."""
    if not is_whole(repeats) or repeats < 1:
        meant = LEFT_OUT if time is not None else _meant_number(repeats, least=1, otherwise=5)
        cure = "Leave it out" if time is not None else f"Use repeats={meant}"
        raise OptionError(
            f"repeats={one_line(repeats)} must be a whole number, 1 or more: how often the folds are dealt. {cure}.",
            fix=change(repeats=meant),
        )
    if repeats > 1 and time is not None:
        raise OptionError(
            f"repeats={repeats} deals the folds anew, and time={time!r} leaves one order only. Leave repeats= out.",
            fix=change(repeats=LEFT_OUT),
        )


def check_seed(random_state: Any) -> None:
    """Refuse a seed that cannot be handed on verbatim."""
    if random_state is not None and not (is_whole(random_state) and 0 <= random_state < SEEDS):
        raise OptionError(
            f"random_state={one_line(random_state)} must be a whole number from 0 to 2**32 - 1, so that the split can be "
            "replayed. Use random_state=0.",
            fix=change(random_state=0),
        )


def check_flag(option: str, value: Any, *, optional: bool = False) -> None:
    """Refuse what is neither True nor False."""
    if not (isinstance(value, bool) or (optional and value is None)):
        meant = {"true": True, "1": True, "false": False, "0": False}.get(str(value).casefold())
        raise OptionError(
            f"{option}={one_line(value)} must be True or False{' or None' if optional else ''}.",
            fix=IN_WORDS if meant is None else change(**{option: meant}),
        )


def check_max_rows(max_rows: Any, *, ruled: bool) -> None:
    """Refuse a cap that cannot be drawn by class."""
    if max_rows is None:
        return
    if not is_whole(max_rows) or max_rows < 2:
        meant = _meant_number(max_rows, least=2, otherwise=20_000)
        raise OptionError(
            f"max_rows={one_line(max_rows)} must be a whole number of train rows, or None for all. Use max_rows={meant:_}.",
            fix=change(max_rows=meant),
        )
    if ruled:
        raise OptionError(
            "max_rows= draws rows by class alone; groups= and time= need whole groups, or rows without gaps. "
            "Leave it out, or shorten the frame before the call.",
            fix=change(max_rows=LEFT_OUT),
        )


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, numpy's included, and no truth value."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _meant_number(value: Any, *, least: int, otherwise: int) -> int:
    """Return the whole number that a float or text means, where it is large enough; else another."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return int(number) if number >= least and number.is_integer() else otherwise
