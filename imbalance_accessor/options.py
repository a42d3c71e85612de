"""Checks of the options that several verbs share: one rule, one sentence each."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, OptionError, Words, change, one_line

#: Every named model, and what else it is called.
MODELS = ("logistic", "forest", "boosting", "naive_bayes", "svm", "knn")
MODEL_WORDS: Words = {
    "logistic": "logisticregression logit logreg lr",
    "forest": "randomforest randomforestclassifier randomforests rf",
    "boosting": "boostedtrees gb gbdt gbm gbt gradientboosting hgb histgb histgradientboosting"
    " histgradientboostingclassifier",
    "naive_bayes": "bayes gaussiannb gnb nb",
    "svm": "supportvectormachine svc",
    "knn": "kneighbors kneighborsclassifier knearestneighbors knearestneighbours nearestneighbors nearestneighbours",
}
#: Every calibrator of probabilities, the simplest first, and what else it is called.
CALIBRATORS = ("prior", "sigmoid", "isotonic", "temperature")
CALIBRATOR_WORDS: Words = {
    "prior": "priorcorrection priorshift",
    "sigmoid": "platt platts plattscaling plattsscaling",
    "isotonic": "isotonicregression",
    "temperature": "temperaturescaling",
}
#: What else the strategies are called, whose rows stand in `modeling.strategies`.
STRATEGY_WORDS: Words = {
    "none": "asis baseline donothing nothing plain untouched unweighted",
    "class_weight": "balanced balancedweights classweights costsensitive scaleposweight weighted weighting weights",
    "oversample": "oversampling random randomoversample randomoversampler randomoversampling ros upsample upsampling",
    "undersample": "downsample downsampling randomundersample randomundersampler randomundersampling rus undersampling",
    "smote": "smoten smotenc",
    "smote+class_weight": "smotebalanced smoteweights",
    "borderline": "borderlinesmote",
    "balanced_forest": "balancedrandomforest balancedrandomforestclassifier balancedrf brf",
    "easy_ensemble": "easyensembleclassifier eec",
    "rus_boost": "rusboostclassifier",
    "focal": "focalloss",
}
#: Returns the fix that changes options of the call, with what must change beside them.
Tried: TypeAlias = Callable[[Mapping[str, Any]], Fix]
#: The same of ``smote(kind=)``, whose ``"auto"`` is what picks those for categories.
KIND_WORDS: Words = {**STRATEGY_WORDS, "auto": "smoten smotenc"}
#: numpy's and scikit-learn's seeds end here.
SEEDS = 2**32


def is_nothing(test_size: Any) -> bool:
    """Whether nothing is to be held out."""
    return isinstance(test_size, numbers.Real) and not isinstance(test_size, bool) and test_size == 0


def as_said(options: Mapping[str, Any]) -> Fix:
    """Return options to change in the call as its fix; where rows are at hand they are tried on these."""
    return Fix(options=options)


def in_words(options: Mapping[str, Any]) -> str:
    """Say which options to change; nothing where there are none.

    Examples
    --------
    >>> in_words({"test_size": 0, "cv": 2}), in_words({"max_rows": LEFT_OUT})
    ('Use test_size=0 and cv=2.', 'Leave max_rows= out.')
    """
    used = [f"{name}={_written(value)}" for name, value in options.items() if value is not LEFT_OUT]
    left = [f"{name}=" for name, value in options.items() if value is LEFT_OUT]
    use = [f"use {' and '.join(used)}"] if used else []
    leave = [f"leave {' and '.join(left)} out"] if left else []
    sentence = " and ".join([*use, *leave])
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _written(value: Any) -> str:
    return f"{value:_}" if is_whole(value) else repr(value)


def _refuse(rule: str, tried: Tried, **options: Any) -> NoReturn:
    """Raise the sentence with what else must be changed on these rows; in words alone, where even that does not help."""
    fix = tried(options)
    raise OptionError(f"{rule}. {in_words(fix.options or options)}", fix=fix)


def is_share(test_size: Any, *, nothing: bool) -> bool:
    """Whether a split takes that share; `nothing`, whether 0 is taken."""
    if nothing and is_nothing(test_size):
        return True
    return (
        isinstance(test_size, numbers.Real) and not isinstance(test_size, bool) and 0 < float(test_size) < 1
    )


def check_test_size(test_size: Any, *, nothing: bool = False, tried: Tried = as_said) -> None:
    """Refuse a share that no split takes; `nothing`, whether 0 is taken."""
    if is_share(test_size, nothing=nothing):
        return
    rule = f"test_size={one_line(test_size)} must be a share between 0 and 1"
    if is_nothing(test_size):
        rule = "test_size=0 holds nothing out, and this needs a test set"
    _refuse(rule, tried, test_size=_meant_share(test_size))


def _meant_share(test_size: Any) -> float:
    """Return the share that percent or text mean; 0.2 where they mean none."""
    try:
        value = float(test_size)
    except (TypeError, ValueError, OverflowError):
        return 0.2
    share = round(value / 100, 4) if value >= 1 else value
    return share if 0.05 <= share <= 0.5 else 0.2


def is_number_of_folds(cv: Any) -> bool:
    """Whether a cross-validation takes that many folds."""
    return is_whole(cv) and cv >= 2


def check_cv(cv: Any, *, tried: Tried = as_said) -> None:
    """Refuse a number of folds that no cross-validation takes."""
    if not is_number_of_folds(cv):
        rule = f"cv={one_line(cv)} must be a whole number of folds, 2 or more"
        _refuse(rule, tried, cv=_meant_number(cv, least=2, otherwise=5))


def check_repeats(repeats: Any, *, time: Any = None, tried: Tried = as_said) -> None:
    """Refuse a number of deals that cannot be dealt."""
    if not is_whole(repeats) or repeats < 1:
        rule = f"repeats={one_line(repeats)} must be a whole number, 1 or more: how often the folds are dealt"
        meant = LEFT_OUT if time is not None else _meant_number(repeats, least=1, otherwise=5)
        _refuse(rule, tried, repeats=meant)
    if repeats > 1 and time is not None:
        rule = f"repeats={repeats} deals the folds anew, and time={time!r} leaves one order only"
        _refuse(rule, tried, repeats=LEFT_OUT)


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


def is_cap(max_rows: Any) -> bool:
    """Whether so many train rows can be drawn by class."""
    return is_whole(max_rows) and max_rows >= 2


def check_max_rows(max_rows: Any, *, ruled: bool, tried: Tried = as_said) -> None:
    """Refuse a cap that cannot be drawn by class; `ruled`, whether groups or times define the split."""
    if max_rows is None:
        return
    if ruled:
        rule = (
            "max_rows= draws rows by class alone; groups= and time= need whole groups, or rows without gaps"
        )
        _refuse(rule, tried, max_rows=LEFT_OUT)
    if not is_cap(max_rows):
        rule = f"max_rows={one_line(max_rows)} must be a whole number of train rows, or None for all"
        _refuse(rule, tried, max_rows=_meant_number(max_rows, least=2, otherwise=20_000))


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
