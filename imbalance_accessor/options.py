"""Checks of the options that several verbs share: one rule, one sentence each."""

from __future__ import annotations

import numbers
from typing import Any

from imbalance_accessor.errors import OptionError, one_line

#: Every named model.
MODELS = ("logistic", "forest", "boosting", "naive_bayes", "svm", "knn")
#: Every calibrator of probabilities, the simplest first.
CALIBRATORS = ("prior", "sigmoid", "isotonic", "temperature")
#: numpy's and scikit-learn's seeds end here.
SEEDS = 2**32


def is_nothing(test_size: Any) -> bool:
    """Whether nothing is to be held out."""
    return isinstance(test_size, numbers.Real) and not isinstance(test_size, bool) and test_size == 0


def check_test_size(test_size: Any, *, nothing: bool = False) -> None:
    """Refuse a share that no split takes; `nothing`, whether 0 is taken."""
    if nothing and is_nothing(test_size):
        return
    if is_nothing(test_size):
        raise OptionError("test_size=0 holds nothing out, and this needs a test set. Use test_size=0.2.")
    if isinstance(test_size, bool) or not isinstance(test_size, numbers.Real) or not 0 < float(test_size) < 1:
        raise OptionError(
            f"test_size={one_line(test_size)} must be a share between 0 and 1. Use test_size=0.2."
        )


def check_cv(cv: Any) -> None:
    """Refuse a number of folds that no cross-validation takes."""
    if not is_whole(cv) or cv < 2:
        raise OptionError(f"cv={one_line(cv)} must be a whole number of folds, 2 or more. Use cv=5.")


def check_repeats(repeats: Any, *, time: Any = None) -> None:
    """Refuse a number of deals that cannot be dealt."""
    if not is_whole(repeats) or repeats < 1:
        raise OptionError(
            f"repeats={one_line(repeats)} must be a whole number, 1 or more: how often the folds are dealt. Use repeats=5."
        )
    if repeats > 1 and time is not None:
        raise OptionError(
            f"repeats={repeats} deals the folds anew, and time={time!r} leaves one order only. Leave repeats= out."
        )


def check_seed(random_state: Any) -> None:
    """Refuse a seed that cannot be handed on verbatim."""
    if random_state is not None and not (is_whole(random_state) and 0 <= random_state < SEEDS):
        raise OptionError(
            f"random_state={one_line(random_state)} must be a whole number from 0 to 2**32 - 1, so that the split can be "
            "replayed. Use random_state=0."
        )


def check_flag(option: str, value: Any, *, optional: bool = False) -> None:
    """Refuse what is neither True nor False."""
    if not (isinstance(value, bool) or (optional and value is None)):
        raise OptionError(
            f"{option}={one_line(value)} must be True or False{' or None' if optional else ''}."
        )


def check_max_rows(max_rows: Any, *, ruled: bool) -> None:
    """Refuse a cap that cannot be drawn by class."""
    if max_rows is None:
        return
    if not is_whole(max_rows) or max_rows < 2:
        raise OptionError(
            f"max_rows={one_line(max_rows)} must be a whole number of train rows, or None for all. Use max_rows=20_000."
        )
    if ruled:
        raise OptionError(
            "max_rows= draws rows by class alone; groups= and time= need whole groups, or rows without gaps. "
            "Shorten the frame before the call."
        )


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, numpy's included, and no truth value."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)
