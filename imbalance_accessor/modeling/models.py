"""Named models, models of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from imblearn.ensemble import EasyEnsembleClassifier
from sklearn.base import clone, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import AdaBoostClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    ModelError,
    OptionError,
    change,
    one_line,
    one_of,
)
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.modeling.vectorizer import table_vectorizer
from imbalance_accessor.options import MODEL_WORDS

Steps: TypeAlias = list[tuple[str, Estimator]]
Encoding: TypeAlias = Literal["onehot", "ordinal", "native"]

#: The named models, by the words a user types.
NAMED: dict[str, Callable[[int | None], Estimator]] = {
    "logistic": lambda seed: LogisticRegression(max_iter=1000),  # noqa: ARG005
    "forest": lambda seed: RandomForestClassifier(random_state=seed),
    "boosting": lambda seed: HistGradientBoostingClassifier(early_stopping=False, random_state=seed),
    "naive_bayes": lambda seed: GaussianNB(),  # noqa: ARG005
    "svm": lambda seed: SVC(random_state=seed),
    "knn": lambda seed: KNeighborsClassifier(),  # noqa: ARG005
}

#: Packages whose classifiers split on order alone, and need neither scaling nor one-hot columns.
_TREES = ("sklearn.tree", "sklearn.ensemble", "xgboost", "lightgbm", "catboost", "imblearn.ensemble")
#: Parameters that end a fit early, by rows held back from it.
_STOPPING = ("early_stopping_rounds", "early_stopping_round")
#: What may be fitted in several threads at once; a user's own class may keep its state where they meet.
_THREADED = ("sklearn.", "imblearn.", "imbalance_accessor.")


@dataclass(frozen=True, eq=False)
class Model:
    """A classifier, and what stands before it and around it.

    Attributes
    ----------
    name : str
        The word the user typed, or the class's name.
    classifier : estimator
        The last step, not fitted (or the fitted model as it is, see `fitted`).
    before : list of (str, transformer)
        Earlier steps of the user's own pipeline.
    step : str
        The classifier's step name.
    search : estimator or None
        A hyper-parameter search that stands around the whole pipeline.
    encoding : {"onehot", "ordinal", "native"}
        How categories reach the classifier.
    scales : bool
        Whether units matter to it.
    own : bool
        Whether features reach the user's own steps as they are.
    fitted : bool
        Whether it is scored as it is and never fitted.
    vectorizer : transformer or None
        Makes numbers of the whole table in place of our own steps.
    filler : transformer or None
        Fills cells that the user's own steps leave missing, before a neighbour search.
    unencoded : tuple
        Columns that the user's own steps hand on and that hold no numbers.
    sparse : bool
        Whether one-hot columns may stay sparse, where the classifier takes such.
    """

    name: str
    classifier: Estimator
    before: tuple[tuple[str, Estimator], ...] = ()
    step: str = "model"
    search: Estimator | None = None
    encoding: Encoding = "onehot"
    scales: bool = True
    own: bool = False
    fitted: bool = False
    vectorizer: Estimator | None = None
    filler: Estimator | None = None
    unencoded: tuple[Hashable, ...] = ()
    sparse: bool = True

    @property
    def has_probabilities(self) -> bool:
        """Whether it gives probabilities; otherwise its scores only rank."""
        return gives(self.classifier, "predict_proba")

    @property
    def weighting(self) -> Literal["class_weight", "scale_pos_weight", "sample_weight"] | None:
        """How class weights reach the classifier; None where they cannot."""
        params = self.classifier.get_params(deep=False)
        if type(self.classifier).__module__.startswith(("xgboost", "lightgbm")):
            return "scale_pos_weight"
        if "class_weight" in params:
            return "class_weight"
        return "sample_weight" if has_fit_parameter(self.classifier, "sample_weight") else None

    @property
    def reads_all_columns(self) -> bool:
        """Whether the user's own pipeline is given the whole raw frame, to pick its columns itself.

        Steps of scikit-learn that take one table of numbers or of categories, such as `StandardScaler`, cannot pick: they are
        given the columns that our models use.
        """
        return bool(self.before) and not _takes_one_table(self.before[0][1])

    @property
    def reads_raw(self) -> bool:
        """Whether it is given cells as they came, text that is numbers included."""
        return self.fitted or self.reads_all_columns

    def sees(self, X: pd.DataFrame) -> list[Any]:
        """Return the columns of `X` that reach its steps, of those that it is given."""
        first = self.before[0][1] if self.before else None
        return columns_of(first, X) if isinstance(first, ColumnTransformer) else list(X.columns)

    @property
    def refuses_names(self) -> bool:
        """Whether some names of columns, which may be made of cells, are an error to it."""
        return _comes_from(self.classifier, "xgboost", "lightgbm")

    def replaced_by(self, classifier: Estimator) -> Model:
        """Return this model with an ensemble in the classifier's place."""
        encoding: Encoding = "onehot" if self.own else "ordinal"
        return replace(self, classifier=classifier, search=None, encoding=encoding, scales=False)

    @property
    def searched(self) -> set[str]:
        """The classifier's parameters that a search around it tries."""
        grids = getattr(self.search, "param_grid", None) or getattr(self.search, "param_distributions", {})
        names = {name for grid in ([grids] if isinstance(grids, dict) else grids) for name in grid}
        return {name.split("__")[1] for name in names if name.startswith(f"{self.step}__")}


def columns_of(transformer: ColumnTransformer, X: pd.DataFrame) -> list[Any]:
    """Return the columns of `X` that a column transformer, not fitted, hands to any step.

    Examples
    --------
    >>> import pandas as pd
    >>> picks = ColumnTransformer([("scale", "passthrough", ["a"]), ("not", "drop", ["b"])])
    >>> columns_of(picks, pd.DataFrame({"a": [1], "b": [2], "c": [3]}))
    ['a']
    """
    named, used = set(), set()
    for _, step, columns in transformer.transformers:
        names = set(_picked(X, columns(X) if callable(columns) else columns))
        named |= names
        used |= set() if isinstance(step, str) and step == "drop" else names
    rest = transformer.remainder
    used |= set() if isinstance(rest, str) and rest == "drop" else set(X.columns) - named
    return [name for name in X.columns if name in used]


def _picked(X: pd.DataFrame, columns: Any) -> list[Any]:
    """Return the names of columns that are picked by name, by position or by a mask, as scikit-learn picks them."""
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, slice):
        by_name = isinstance(columns.start, str) or isinstance(columns.stop, str)
        return list(X.loc[:, columns].columns if by_name else X.columns[columns])
    several = np.atleast_1d(np.asarray(columns))
    return list(X.columns[several]) if several.dtype.kind in "biu" else list(columns)


def _takes_one_table(step: Estimator) -> bool:
    """Whether a first step treats all columns it is given alike."""
    if isinstance(step, Pipeline):
        return _takes_one_table(step.steps[0][1])
    if isinstance(step, FeatureUnion):
        return all(_takes_one_table(each) for _, each in step.transformer_list)
    if isinstance(step, FunctionTransformer):  # numpy's functions, unlike the user's, take one table
        return type(step.func).__module__ == "numpy"
    if isinstance(step, ColumnTransformer):
        return False
    return type(step).__module__.startswith(("sklearn.", "imblearn.")) or step == "passthrough"


def read_model(
    model: Any, *, preprocess: str | None = "auto", random_state: int | None = 0, fitted: bool = False
) -> Model:
    """Read what the user gave as `model`.

    Raises
    ------
    OptionError
        An unknown name, or a `preprocess` that is unknown, cannot be imported, or would do nothing.
    ModelError
        Not a classifier, not fitted though said to be, or early stopping without a validation set.
    """
    if preprocess is not None:
        one_of("preprocess", preprocess, ("auto", "skrub"))
    chosen = _read(model, preprocess, random_state, fitted)
    return chosen if preprocess != "skrub" else _vectorized(chosen, random_state)


def _read(model: Any, preprocess: str | None, random_state: int | None, fitted: bool) -> Model:
    if isinstance(model, str):
        return _named(one_of("model", model, NAMED, words=MODEL_WORDS), preprocess, random_state, fitted)
    if isinstance(model, type):
        raise ModelError(
            f"model={model.__name__} is a class. Make an object of it: {model.__name__}().",
            fix=_made_of(model),
        )
    if isinstance(model, FrozenEstimator):
        return _fitted(model, change(model=model.estimator, fitted=LEFT_OUT))
    _check_classifier(model)
    if fitted:
        return _fitted(model, change(fitted=LEFT_OUT))
    _check_settings(model)
    return _taken_apart(model, preprocess)


def _made_of(kind: type) -> Fix:
    """Return the fix that makes an object of a class; none where that is no model, or asks for arguments."""
    try:
        made = kind()
        _check_classifier(made)
    except Exception:  # a class of the user's may raise anything
        return IN_WORDS
    return change(model=made)


def _named(name: str, preprocess: str | None, random_state: int | None, fitted: bool) -> Model:
    if fitted:
        raise ModelError(
            f"fitted=True needs a fitted model, not the name {name!r}. Pass the object you fitted, or leave fitted= out.",
            fix=change(model=name, fitted=LEFT_OUT),
        )
    classifier = NAMED[name](random_state)
    encoding: Encoding = {"forest": "ordinal", "boosting": "native"}.get(name, "onehot")  # type: ignore[assignment]
    scales = name in {"logistic", "svm", "knn"}
    return Model(name, classifier, encoding=encoding, scales=scales, own=preprocess is None)


def _vectorized(model: Model, random_state: int | None) -> Model:
    """Put skrub's vectorizer before a model that has no steps of its own."""
    if model.fitted:
        raise OptionError(
            "preprocess='skrub' stands before what is fitted here, and fitted=True never fits. Leave it out.",
            fix=change(preprocess=LEFT_OUT),
        )
    if model.own:
        raise OptionError(
            "preprocess='skrub' would do nothing: the pipeline brings its own steps. "
            "Leave it out, or put skrub.TableVectorizer() first in the pipeline.",
            fix=change(preprocess=LEFT_OUT),
        )
    return replace(model, vectorizer=table_vectorizer(random_state))


def _fitted(model: Estimator, otherwise: Fix) -> Model:
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise ModelError(
            f"model={type(model).__name__} is said to be fitted, and is not. Fit it first, or let it be fitted here.",
            fix=otherwise,
        ) from None
    return Model(type(model).__name__, model, own=True, fitted=True)


def _check_classifier(model: Any) -> None:
    if isinstance(model, Pipeline) and not model.steps:
        raise ModelError("model=Pipeline([]) has no step that could classify. Give it one.")
    scores = any(gives(model, method) for method in ("predict_proba", "decision_function"))
    if not (hasattr(model, "fit") and hasattr(model, "get_params") and (scores or is_classifier(model))):
        raise ModelError(
            f"model={one_line(model)} is no classifier. "
            f"Use one of {', '.join(map(repr, NAMED))}, or any scikit-learn compatible classifier or pipeline."
        )
    if not scores:
        raise ModelError(
            f"model={type(model).__name__} has neither predict_proba nor decision_function, so that it cannot rank "
            "rows. Use one that has, or turn its probabilities on.",
            fix=_voting_softly(model),
        )


def _voting_softly(model: Estimator) -> Fix:
    """Return the fix that lets a vote average probabilities, where all that vote have any."""
    voters = getattr(model, "estimators", None)
    if not hasattr(model, "voting") or not all(gives(each, "predict_proba") for _, each in voters or []):
        return IN_WORDS
    return change(model=clone(model).set_params(voting="soft"))


def _check_settings(model: Estimator) -> None:
    """Refuse a model that cannot be copied for each fold, or that would stop early."""
    try:
        params = model.get_params(deep=True)
    except Exception as error:  # a class of the user's may raise anything
        why = " ".join(str(error).split()).split(". ")[0].rstrip(".")
        raise ModelError(
            f"model={type(model).__name__} cannot be copied for each fold: {type(error).__name__}: {why}. "
            "Name all its settings in __init__, as scikit-learn's estimators do."
        ) from None
    stops = [key for key, value in params.items() if key.split("__")[-1] in _STOPPING and value]
    for key in stops:
        raise ModelError(
            f"{key}={params[key]!r} needs a validation set, which a plain fit does not have. "
            "Leave it out and set n_estimators, or fit the model yourself and pass it with fitted=True.",
            fix=change(model=clone(model).set_params(**dict.fromkeys(stops))),
        )


def _taken_apart(model: Estimator, preprocess: str | None) -> Model:
    """Take a search off the outside, and the earlier steps off the front; a search at the end goes outside too."""
    name = type(model).__name__
    search: Estimator | None = None
    prefix = ""
    if is_search(model):
        search, model = model, model.estimator
        prefix = "" if isinstance(model, Pipeline) else "model__"
    before: tuple[tuple[str, Estimator], ...] = ()
    step = "model"
    own = preprocess is None
    if isinstance(model, Pipeline):
        *before_list, (step, model) = model.steps
        before, own = tuple(before_list), True
        if is_search(model):
            search, prefix, model = model, f"{step}__", model.estimator
    _check_classifier(model)
    trees = _comes_from(model, *_TREES)
    return Model(
        name,
        with_base_named(clone(model)),
        before,
        step,
        None if search is None else _prefixed(search, prefix),
        "ordinal" if trees else "onehot",
        scales=not trees,
        own=own,
    )


def with_base_named(classifier: Estimator) -> Estimator:
    """Give an `EasyEnsembleClassifier` its default base by name, and return any other classifier as it is.

    Left to its default it has a ``decision_function`` once it is fitted and none before, and scikit-learn's
    ``CalibratedClassifierCV`` learns from its probabilities what it then applies to its margins.
    """
    if isinstance(classifier, EasyEnsembleClassifier) and classifier.estimator is None:
        classifier.set_params(estimator=AdaBoostClassifier())
    return classifier


def _prefixed(search: Estimator, prefix: str) -> Estimator:
    """Rename the parameters a search tries, so that they reach the classifier inside a pipeline."""
    key = "param_grid" if hasattr(search, "param_grid") else "param_distributions"
    grid = getattr(search, key)
    grids = [grid] if isinstance(grid, dict) else list(grid)
    named = [{f"{prefix}{name}": values for name, values in each.items()} for each in grids]
    return clone(search).set_params(**{key: named[0] if isinstance(grid, dict) else named})


def is_search(estimator: Any) -> bool:
    """Whether an estimator is a hyper-parameter search around another one."""
    return hasattr(estimator, "estimator") and (
        hasattr(estimator, "param_grid") or hasattr(estimator, "param_distributions")
    )


def gives(estimator: Estimator, method: str) -> bool:
    """Whether an estimator will have a method once it is fitted."""
    if isinstance(estimator, Pipeline):
        return gives(estimator.steps[-1][1], method)
    if is_search(estimator):
        return gives(estimator.estimator, method)
    if getattr(estimator, "final_estimator", estimator) is None:  # a stack then ends in logistic regression
        return hasattr(LogisticRegression, method)
    return hasattr(estimator, method)


def estimators_inside(estimator: Estimator) -> Iterator[Estimator]:
    """Yield an estimator and every estimator among its parameters."""
    yield estimator
    for value in estimator.get_params(deep=True).values():
        if hasattr(value, "get_params") and hasattr(value, "fit") and not isinstance(value, type):
            yield value


def named_in_weights(classifier: Estimator, labels: Sequence[Any]) -> list[Any]:
    """Return the keys by which a classifier's ``class_weight`` names these labels, in sort order.

    Histogram boosting looks its weights up after it has turned labels into codes.
    """
    by_code = isinstance(classifier, HistGradientBoostingClassifier)
    return list(range(len(labels))) if by_code else list(labels)


def runs_in_threads(estimator: Estimator) -> bool:
    """Whether all that is fitted is known to keep fits in several threads apart: libraries that are written for it."""
    return all(type(each).__module__.startswith(_THREADED) for each in estimators_inside(estimator))


def splits_inside(model: Model, n_rows: int) -> str | None:
    """Say what the classifier holds back for itself inside ``fit``; None when it learns from all rows.

    A search is no such case: it is rebuilt around the whole pipeline.
    """
    for estimator in estimators_inside(model.classifier):
        params = estimator.get_params(deep=False)
        name = type(estimator).__name__
        early = params.get("early_stopping")
        if early is True or (early == "auto" and 2 * n_rows > 10_000):
            return f"{name}(early_stopping={early!r})"
        if params.get("probability") is True:
            return f"{name}(probability=True)"
        if "early_stopping" not in params and params.get("n_iter_no_change") is not None:
            return f"{name}(n_iter_no_change={params['n_iter_no_change']})"
        if name.endswith("CV") or (name.startswith("Stacking") and params.get("cv") != "prefit"):
            return name
    return None


def needs_codes(model: Model) -> bool:
    """Whether the classifier, or one inside it, takes 0..k-1 as labels and nothing else."""
    inside = [model.classifier] if model.fitted else estimators_inside(model.classifier)
    return any(_comes_from(each, "xgboost") for each in inside)


def _comes_from(classifier: Estimator, *packages: str) -> bool:
    """Whether a classifier, or one that it derives from, stands in one of these packages."""
    return any(kind.__module__.startswith(packages) for kind in type(classifier).__mro__)
