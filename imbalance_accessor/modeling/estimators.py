"""What is handed out around a fitted model: it reads raw rows, answers in the labels, applies thresholds and costs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from imbalance_accessor.data.cells import holds_numbers, kinds_of, other_kinds
from imbalance_accessor.data.checks import check_sizes, missing_cells
from imbalance_accessor.data.column_kinds import Columns, is_written
from imbalance_accessor.data.frames import made_pandas
from imbalance_accessor.data.lazy.tables import is_table, table_of
from imbalance_accessor.data.number_text import NumberFormat
from imbalance_accessor.errors import OptionError, listed, one_line
from imbalance_accessor.modeling.models import gives, is_search
from imbalance_accessor.modeling.strategies import Estimator


class _Scored(ClassifierMixin):  # type: ignore[misc]
    """Counts right answers one by one: scikit-learn takes no labels of several types, tuples or dates."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of rows whose label is predicted; shapes (n_rows, n_columns), (n_rows,), (n_rows,)."""
        right = [bool(said == label) for said, label in zip(self.predict(X), y, strict=True)]
        return float(np.average(right, weights=sample_weight))


class WrappedClassifier(_Scored, MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]
    """What stands around a classifier that is fitted already, and answers in its labels.

    As in scikit-learn's `FixedThresholdClassifier`, ``estimator`` predicts as it came until `fit` puts a fitted clone in
    ``estimator_``.
    """

    estimator: Estimator
    estimator_: Estimator

    @property
    def inner(self) -> Estimator:
        """The classifier that predicts."""
        return getattr(self, "estimator_", self.estimator)

    def __sklearn_is_fitted__(self) -> bool:
        try:
            check_is_fitted(self.inner)
        except NotFittedError:
            return False
        return True

    def _ready(self) -> Estimator:
        """Return the classifier that predicts, or raise scikit-learn's error where there is none yet."""
        check_is_fitted(self)
        return self.inner

    def __sklearn_tags__(self) -> Any:
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.input_tags, tags.classifier_tags.multi_class = (
            inner.input_tags,
            inner.classifier_tags.multi_class,
        )
        return tags

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, in the order of the columns of `predict_proba`; like what follows, not there before a fit."""
        return np.asarray(self.inner.classes_)

    @property
    def n_features_in_(self) -> int:
        """How many features are read."""
        return int(self.inner.n_features_in_)

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """The features that are read, where all names are text."""
        return np.asarray(self.inner.feature_names_in_)

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit the classifier anew, which takes `params`; what stands around it stays as it is."""
        self.estimator_ = clone(self.estimator).fit(X, y, **params)
        return self

    def get_metadata_routing(self) -> MetadataRouter:
        """Return who takes sample weights and the like: `score` here, and the classifier when it is fitted."""
        to_fit = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=self).add_self_request(self)
        return router.add(estimator=self.estimator, method_mapping=to_fit)


class Relabelled(WrappedClassifier):
    """A fitted classifier of codes 0..k-1 that answers in the labels themselves.

    Parameters
    ----------
    estimator : classifier
        Fitted on codes.
    labels : sequence
        The label of each code.
    """

    labels_: NDArray[Any]

    def __init__(self, estimator: Estimator, labels: Any) -> None:
        self.estimator = estimator
        self.labels = labels

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, in the order of the columns of `predict_proba`."""
        if not self.__sklearn_is_fitted__():
            raise AttributeError("classes_ is not there before a fit.")
        return np.asarray(getattr(self, "labels_", self.labels))

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit on the codes of `y`; the classifier takes `params`."""
        if np.asarray(self.labels).dtype != object:
            check_classification_targets(y)
            self.labels_, codes = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        else:  # labels without an order of their own keep the one they had
            seen, found = pd.factorize(pd.Series(list(y), dtype=object))
            known = list(self.labels)
            place = [known.index(label) if label in known else len(known) for label in found]
            order = np.argsort(place, kind="stable")
            self.labels_, codes = np.asarray(found)[order], np.argsort(order)[seen]
        return super().fit(X, codes, **params)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest label of each row, shape (n_rows,)."""
        codes = np.asarray(self._ready().predict(X)).astype(int)
        return np.asarray(self.classes_[codes])

    @available_if(lambda self: gives(self.inner, "predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities, shape (n_rows, n_classes)."""
        return np.asarray(self._ready().predict_proba(X), dtype=np.float64)

    @available_if(lambda self: gives(self.inner, "decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return margins as the estimator gives them."""
        return np.asarray(self._ready().decision_function(X), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Probabilities:
    """A model's probabilities of some rows, a column for each label."""

    predicted: Callable[[Any], NDArray[np.float64]]
    names: Sequence[str]

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        p = self.predicted(rows) if len(rows) else np.empty((0, len(self.names)))
        return pd.DataFrame(p, index=rows.index, columns=list(self.names))


def lazily(method: Callable[[Any, Any], NDArray[np.float64]]) -> Callable[[Any, Any], Any]:
    """Let ``predict_proba`` of what is handed out answer lazy frames lazily: with a column for each label, by its name."""

    @functools.wraps(method)
    def called(self: WrappedClassifier, X: Any) -> Any:
        if not is_table(X):
            return method(self, X)
        table, columns, names = table_of(X), columns_read(self), [str(label) for label in self.classes_]
        table.check_columns(columns)
        made = _Probabilities(self.predict_proba, names)
        return table.computed(made, columns, dict.fromkeys(names, "float64"))

    return called


class CheapestClassifier(WrappedClassifier):
    """A fitted classifier that answers with the class that is expected to cost least.

    Parameters
    ----------
    estimator : classifier
        Fitted, with probabilities.
    costs : ndarray of float, shape (n_classes, n_classes)
        True class by predicted class, in the order of ``estimator.classes_``.
    """

    def __init__(self, estimator: Estimator, costs: NDArray[np.float64]) -> None:
        self.estimator = estimator
        self.costs = costs

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit the classifier anew, which takes `params`; the costs stay as they are."""
        super().fit(X, y, **params)
        if len(self.classes_) != len(self.costs):
            raise ValueError(
                f"The costs are of {len(self.costs)} classes, the labels of {len(self.classes_)}."
            )
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the cheapest label of each row, shape (n_rows,)."""
        refuse_tables(X)
        cheapest = (self.predict_proba(X) @ self.costs).argmin(axis=1)
        return np.asarray(self.classes_[cheapest])

    @lazily
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the classifier's probabilities, shape (n_rows, n_classes); of a lazy frame lazily."""
        return np.asarray(self._ready().predict_proba(X), dtype=np.float64)


class OddLabelsThresholdClassifier(_Scored, FixedThresholdClassifier):  # type: ignore[misc]
    """A threshold on the scores of labels of several types, or of tuples, whose column scikit-learn does not find."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **FixedThresholdClassifier._parameter_constraints,
        "pos_label": "no_validation",
    }

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit the classifier anew; scikit-learn would look at the labels first, and take none of these."""
        self.estimator_ = clone(self.estimator).fit(X, y, **params)
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of each row, shape (n_rows,)."""
        check_is_fitted(self, "estimator_")
        place = list(self.classes_).index(self.pos_label)
        if self.response_method == "predict_proba":
            scores = self.estimator_.predict_proba(X)[:, place]
        else:
            scores = self.estimator_.decision_function(X) * (1 if place == 1 else -1)
        return np.asarray(self.classes_[np.where(scores >= self.threshold, place, 1 - place)])


class ColumnSelector(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[misc, call-arg]
    """First step of a model that is handed out: picks and reads the features of a raw frame.

    Parameters
    ----------
    columns : Columns
        The features by kind.
    as_is : bool
        Whether cells stay as they are, numbers and dates that are written as text apart.
    names : list, optional
        The columns to pick; by default the features in use.
    kinds : dict, optional
        What cells each column of categories had; see `kinds_of`.
    filled : bool
        Whether numbers may be missing: they are filled, or the classifier takes them so.
    raw : bool
        Whether text stays text, numbers and dates included.
    """

    def __init__(
        self,
        columns: Columns,
        as_is: bool = False,
        names: list[Hashable] | None = None,
        kinds: Mapping[Hashable, set[str]] | None = None,
        filled: bool = True,
        raw: bool = False,
    ) -> None:
        self.columns = columns
        self.as_is = as_is
        self.names = names
        self.kinds = kinds
        self.filled = filled
        self.raw = raw

    def fit(self, X: pd.DataFrame | None = None, y: object = None) -> ColumnSelector:  # noqa: ARG002
        """Say what is read; it is known without a look at rows."""
        self.n_features_in_ = len(self.picked)
        if all(isinstance(name, str) for name in self.picked):
            self.feature_names_in_ = np.array(self.picked, dtype=object)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit, tags.no_validation = False, True
        tags.input_tags.string = tags.input_tags.categorical = tags.input_tags.allow_nan = True
        return tags

    @property
    def picked(self) -> list[Hashable]:
        """The columns that are read of a raw frame."""
        return list(self.columns.used) if self.names is None else self.names

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the names of the features, shape (n_features,)."""
        return np.array([str(name) for name in self.picked], dtype=object)

    def set_output(self, *, transform: str | None = None) -> ColumnSelector:  # noqa: ARG002
        """Do nothing: the features are a pandas frame, whatever the steps behind it answer in."""
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the features of `X`, shape (n_rows, n_features)."""
        refuse_tables(X)
        X = made_pandas(X)
        if not isinstance(X, pd.DataFrame):
            raise OptionError(
                f"This model reads raw rows of a frame; got {type(X).__name__}. Pass a DataFrame."
            )
        if not len(X):
            raise OptionError("The frame has no rows, and this model reads at least one. Pass some.")
        names = self.picked
        absent = [name for name in names if name not in X.columns]
        if absent:
            raise OptionError(f"The frame lacks {absent!r}, which this model reads. Add them.")
        if not X.columns.is_unique:
            twice = [name for name in names if isinstance(X[name], pd.DataFrame)]
            if twice:
                raise OptionError(
                    f"The frame has {listed(twice)} more than once. Keep the one that this model reads."
                )
        X = X[names] if self.raw else self._read(X[names])
        if self.as_is:
            return X
        other = {name: X[name].dtype for name in self.columns.numeric if not holds_numbers(X[name])}
        if other:
            shown = ", ".join(f"{name!r} ({dtype})" for name, dtype in other.items())
            raise OptionError(
                f"This model reads numbers; the frame holds other cells in {shown}. Convert them."
            )
        if not self.filled and (missing := missing_cells(X, self.columns, only=self.columns.numeric)):
            raise OptionError(
                f"The frame has missing cells in {listed(missing)}; the model was fitted without any there. Fill them first."
            )
        for name, first in (self.kinds or {}).items():
            if first == {"booleans"} and _are_0_and_1(X[name]):  # as a database writes them
                X = X.copy(deep=False)
                X[name] = X[name].map(bool, na_action="ignore")
            odd = other_kinds(X[name], first, as_text=name in self.columns.as_text)
            if odd:
                raise OptionError(
                    f"This model reads {' and '.join(sorted(first))} in {name!r}; the frame holds {' and '.join(sorted(odd))} "
                    "there. Convert them."
                )
        check_sizes(X, self.columns, names=("X",))
        return self.columns.plain(X, names=names)

    def _read(self, X: pd.DataFrame) -> pd.DataFrame:
        """Read numbers and dates that are written as text."""
        for name, each in self.columns.formats.items():
            if (
                name in X.columns
                and isinstance(each, NumberFormat)
                and is_written(X[name], each)
                and each.misreads(X[name])
            ):
                example = one_line(X[name].dropna().iloc[0])
                raise OptionError(
                    f"This model reads numbers like {each.example!r} in {name!r}; the frame writes them in another way, like "
                    f"{example}. Write them alike."
                )
        return self.columns.read(X)


def _are_0_and_1(column: pd.Series) -> bool:
    return kinds_of(column) == {"numbers"} and bool(column.dropna().isin([0, 1]).all())


#: How rows of a lazy frame are scored a piece at a time, by the first word of what it is.
_BY_PIECES = {
    "polars": "X.map_batches(lambda rows: pl.DataFrame(model.predict_proba(rows)), schema=['column_0', 'column_1'])",
    "DuckDB": "[model.predict_proba(rows.to_pandas()) for rows in X.to_arrow_reader()]",
    "PySpark": "X.mapInPandas(lambda some: (pd.DataFrame(model.predict_proba(rows)) for rows in some), '`0` double, `1` double')",
    "Dask": "X.map_partitions(lambda rows: pd.DataFrame(model.predict_proba(rows), index=rows.index))",
}


def refuse_tables(X: Any) -> None:
    """Refuse rows that are not here, with the line that reads them a piece at a time.

    Raises
    ------
    OptionError
        One sentence.
    """
    if is_table(X):
        came_as = table_of(X).came_as
        line = _BY_PIECES[came_as.partition(" ")[0]]
        raise OptionError(
            f"This model reads rows that are here; got a {came_as}. Score it by pieces: {line}."
        )


def columns_read(model: Estimator) -> list[Hashable]:
    """Return the columns of a raw frame that a model which is handed out reads."""
    while isinstance(model, WrappedClassifier):
        model = model.inner
    selector: ColumnSelector = model.steps[0][1]
    return selector.picked


def steps_of(model: Estimator) -> list[tuple[str, Estimator]]:
    """Return the fitted steps from the raw frame to the classifier, a search's best pipeline taken out of it."""
    found: list[tuple[str, Estimator]] = []
    for name, step in model.steps if isinstance(model, Pipeline) else [("model", model)]:
        inner = step.inner if isinstance(step, Relabelled) else step
        if is_search(inner):
            inner = inner.best_estimator_
        found += steps_of(inner) if isinstance(inner, Pipeline) else [(name, inner)]
    return found
