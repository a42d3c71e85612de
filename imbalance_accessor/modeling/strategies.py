"""The strategies, one row each: all that is specific to one stands here, and its libraries are imported when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeAlias

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.modeling.sampling_ratio import SamplingStrategy

Estimator: TypeAlias = Any  # scikit-learn and its kin carry no types
Moves: TypeAlias = Literal["makes", "copies", "drops", "makes, then drops"]


@dataclass(frozen=True)
class SamplerContext:
    """What a sampler is made for.

    Attributes
    ----------
    columns : Columns
        The features by kind.
    random_state : int or None
        Handed on verbatim.
    k_neighbors : int
        Neighbours among which a new row is placed.
    sampling_strategy : str, float or dict
        As imbalanced-learn takes it.
    encoded : bool
        Whether categories reach the sampler as numbers, so that plain SMOTE is right.
    """

    columns: Columns
    random_state: int | None = 0
    k_neighbors: int = 5
    sampling_strategy: SamplingStrategy = "auto"
    encoded: bool = False

    @property
    def given(self) -> dict[str, Any]:
        """What every sampler is given: the seed, and the rows of each class where they are not the usual ones."""
        seeded: dict[str, Any] = {"random_state": self.random_state}
        if self.sampling_strategy == "auto":
            return seeded
        return {**seeded, "sampling_strategy": self.sampling_strategy}

    def fewer(self, parameter: str = "k_neighbors") -> dict[str, Any]:
        """Return the neighbours, where they are not the usual ones, under their parameter's name."""
        return {parameter: self.k_neighbors} if self.k_neighbors != 5 else {}


@dataclass(frozen=True)
class StrategyRow:
    """One strategy: what it is called, how it is made, and what is known of it.

    Attributes
    ----------
    name : str
        The word a user types.
    sentence : str
        What it does, for ``--help``; at most 56 characters.
    sampler : callable, optional
        From a `SamplerContext` to a sampler, not fitted, which stands before the classifier.
    moves : {"makes", "copies", "drops", "makes, then drops"}
        What the sampler does with rows; new ones are made between neighbours.
    kind : bool
        Whether ``smote(kind=...)`` takes the name: the sampler then keeps to the ratio it is asked for.
    weighted : bool
        Whether classes are weighted, by default by n / (k · n_c), n the rows before a sampler.
    method : {"balanced", "sqrt", "effective"}
        The formula of these weights, see `class_weights.weights_by`.
    same_as : str or None
        A strategy whose scores are this one's to the bit.
    ensemble : callable, optional
        From a seed to a classifier, not fitted, which takes the model's place.
    loss : callable, optional
        From the model's classifier to one that minimises another loss over two classes, or to the reason why there is none.
    cure : str
        What to do where a model cannot take it.
    default : bool
        Whether `fit_eval` compares it unasked.
    """

    name: str
    sentence: str
    sampler: Callable[[SamplerContext], Estimator] | None = None
    moves: Moves = "makes"
    kind: bool = False
    weighted: bool = False
    method: str = "balanced"
    same_as: str | None = None
    ensemble: Callable[[int | None], Estimator] | None = None
    loss: Callable[[Estimator], Estimator | str] | None = None
    cure: str = "Use another model."
    default: bool = False

    @property
    def interpolates(self) -> bool:
        """Whether rows are made between neighbours, of which there must then be some."""
        return self.sampler is not None and self.moves.startswith("makes")

    @property
    def only_evens(self) -> bool:
        """Whether it does nothing where classes are even: a weight of n / (k · n_c), or rows up to a ratio."""
        grows = self.kind and self.moves != "makes, then drops"
        return grows or (self.weighted and self.sampler is None)


#: The rows by name, and the names alone, the simplest first: ties are won by the earlier one.
TABLE: dict[str, StrategyRow] = {}
NAMES: list[str] = []


def register(row: StrategyRow) -> None:
    """Add a strategy behind those that are simpler, or replace the one of its name: what reads the table finds it."""
    if row.name not in TABLE:
        NAMES.append(row.name)
    TABLE[row.name] = row


def kinds() -> list[str]:
    """Return the names that ``smote(kind=...)`` takes, those first that make rows and do nothing else."""
    order: tuple[Moves, ...] = ("makes", "copies", "drops", "makes, then drops")
    rows = [row for row in TABLE.values() if row.kind]
    return [row.name for row in sorted(rows, key=lambda row: order.index(row.moves))]


def _class(place: str) -> Callable[..., Estimator]:
    """Return a library's class, ``module:name``."""
    module, name = place.split(":")
    found: Callable[..., Estimator] = getattr(import_module(module), name)
    return found


def _ensemble(place: str) -> Callable[[int | None], Estimator]:
    return lambda random_state: _class(place)(random_state=random_state)


def _sampler(place: str, neighbours: str | None = None) -> Callable[[SamplerContext], Estimator]:
    """Return what makes a sampler; `neighbours` is its parameter for them, where it looks for any."""
    return lambda context: _class(place)(**context.given, **(context.fewer(neighbours) if neighbours else {}))


def _smote(context: SamplerContext) -> Estimator:
    """Make SMOTENC for mixed columns, SMOTEN for categories alone, SMOTE for numbers."""
    from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

    columns, given = context.columns, context.fewer() | context.given
    if columns.categorical and columns.numeric and not context.encoded:
        return SMOTENC(categorical_features=list(columns.categorical), **given)
    return (SMOTE if context.encoded or columns.numeric else SMOTEN)(**given)


def _cleaned(place: str) -> Callable[[SamplerContext], Estimator]:
    """Return what makes a sampler that runs SMOTE, then cleans."""

    def make(context: SamplerContext) -> Estimator:
        from imblearn.over_sampling import SMOTE

        fewer = context.fewer()
        return _class(place)(**context.given, **({"smote": SMOTE(**context.given, **fewer)} if fewer else {}))

    return make


def _focal(classifier: Estimator) -> Estimator | str:
    from imbalance_accessor.modeling.focal.counterparts import focal_counterpart

    return focal_counterpart(classifier)


# fmt: off
_ROWS = (
    StrategyRow("none", "The model as it is.", default=True),
    StrategyRow("class_weight", "Each class weighs as much as the others.", weighted=True, default=True),
    StrategyRow("sqrt", "Class weights: the root of the balanced ones.", weighted=True, method="sqrt"),
    StrategyRow("effective", "Class weights by effective numbers of rows.", weighted=True, method="effective"),
    StrategyRow("oversample", "Rare rows are copied at random.", kind=True, default=True,
        sampler=_sampler("imblearn.over_sampling:RandomOverSampler"), moves="copies"),
    StrategyRow("undersample", "Frequent rows are dropped at random.", kind=True, default=True,
        sampler=_sampler("imblearn.under_sampling:RandomUnderSampler"), moves="drops"),
    StrategyRow("smote", "New rare rows between near ones.", kind=True, default=True, sampler=_smote),
    StrategyRow("smote+class_weight", "Both, which comes to smote alone.",
        sampler=_smote, weighted=True, same_as="smote"),
    StrategyRow("smote+original_weight", "smote, then weights of the counts before: too much.",
        sampler=_smote, weighted=True, cure="Use a model that takes class_weight=, such as 'logistic'."),
    StrategyRow("borderline", "New rare rows where the classes meet.", kind=True,
        sampler=_sampler("imblearn.over_sampling:BorderlineSMOTE", "k_neighbors")),
    StrategyRow("adasyn", "New rare rows, most where other classes are near.", kind=True,
        sampler=_sampler("imblearn.over_sampling:ADASYN", "n_neighbors")),
    StrategyRow("smote_tomek", "smote, then Tomek links are dropped.", kind=True,
        sampler=_cleaned("imblearn.combine:SMOTETomek"), moves="makes, then drops"),
    StrategyRow("smote_enn", "smote, then rows unlike their neighbours are dropped.", kind=True,
        sampler=_cleaned("imblearn.combine:SMOTEENN"), moves="makes, then drops"),
    StrategyRow("balanced_forest", "A forest; each tree sees as many rows of each class.",
        ensemble=_ensemble("imblearn.ensemble:BalancedRandomForestClassifier")),
    StrategyRow("easy_ensemble", "AdaBoost on several undersampled parts.",
        ensemble=_ensemble("imblearn.ensemble:EasyEnsembleClassifier")),
    StrategyRow("rus_boost", "AdaBoost that undersamples before each round.",
        ensemble=_ensemble("imblearn.ensemble:RUSBoostClassifier")),
    StrategyRow("focal", "A loss in which easy rows count less.", loss=_focal,
        cure="Use model='logistic', a plain LogisticRegression, XGBClassifier or LGBMClassifier."),
)
# fmt: on
for _row in _ROWS:
    register(_row)
