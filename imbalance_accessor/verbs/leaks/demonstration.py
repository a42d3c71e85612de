"""What the wrong order would have claimed: resampled before the split, beside the right order, and on shuffled labels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from imblearn.pipeline import Pipeline
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

from imbalance_accessor.data.features import Features, read_features
from imbalance_accessor.errors import IN_WORDS, ModelError, OptionError, change
from imbalance_accessor.evaluation.fit import FitResult, FitTask, fit_and_score
from imbalance_accessor.evaluation.parallel import Job, run_all
from imbalance_accessor.evaluation.plan import Plan, make_plan_of_one
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.binary import Ranking
from imbalance_accessor.modeling.models import Model
from imbalance_accessor.modeling.samplers import resampled_first
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.splitting.folds import Folds, make_folds
from imbalance_accessor.splitting.split import Parts, divide

#: Rows that are shown on at most.
_MOST_ROWS = 20_000
#: Of a few rows a training fold of so many folds holds most.
_MORE_FOLDS = 5
#: The four runs: resampled before the split or after it, labels as they are or shuffled.
WRONG, RIGHT = "before the split", "after the split"
SHUFFLED = ", shuffled labels"
ORDERS = (WRONG, RIGHT, WRONG + SHUFFLED, RIGHT + SHUFFLED)
#: What an order claims: the mean, the lowest and the highest fold.
CLAIM = ["roc_auc", "roc_auc_low", "roc_auc_high"]

_Steps = list[tuple[str, Estimator]]
#: What is fitted on which rows, and the labels of the rows that are scored.
_Run = tuple[Estimator, FitTask, Codes]


@dataclass(frozen=True, eq=False)
class Demonstration:
    """Scores of the same model and the same sampler in both orders.

    Attributes
    ----------
    plan : Plan
        The pipeline, not fitted, and the rows.
    parts : Parts
        All rows that were shown on, none of them held out.
    folds : Folds
        Of the right order; the wrong one has as many, by chance alone.
    by_fold : dict of str to ndarray of float, shape (n_folds, 2)
        ROC-AUC and average precision of each fold, by order.
    rows : dict of str to int
        Rows that were scored, by order.
    sampled : bool
        Whether the rows are a sample of the frame's.
    """

    plan: Plan
    parts: Parts
    folds: Folds
    by_fold: dict[str, NDArray[np.float64]]
    rows: dict[str, int]
    sampled: bool

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row an order.

        The mean over folds of ``roc_auc`` and ``average_precision``, the lowest and the highest fold (``_low``,
        ``_high``), and the ``rows`` that were scored.
        """
        table: dict[str, dict[str, float]] = {}
        for order, values in self.by_fold.items():
            table[order] = {}
            for metric, folds in zip(("roc_auc", "average_precision"), values.T, strict=True):
                ends = {f"{metric}_low": folds.min(), f"{metric}_high": folds.max()}
                table[order] |= {metric: folds.mean(), **ends}
            table[order]["rows"] = self.rows[order]
        return pd.DataFrame.from_dict(table, orient="index").rename_axis("resampled")

    @property
    def model(self) -> str:
        """The model's name."""
        return self.plan.model.name

    @property
    def steps(self) -> tuple[_Steps, Estimator, _Steps]:
        """Steps before the sampler, the sampler, and the steps after it."""
        return _apart(self.plan)

    def auc(self, order: str) -> float:
        """Return the mean ROC-AUC of one order."""
        return float(self.by_fold[order][:, 0].mean())


def wrong_order(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    model: Model,
    *,
    rules: dict[str, Any],
    cv: int,
    random_state: int | None,
    n_jobs: int | None,
    progress: bool | None,
) -> Demonstration:
    """Cross-validate SMOTE and a model in both orders, on the labels as they are and on shuffled ones.

    Rows that were resampled before a split never leave this function.
    """
    features = read_features(data, target, **rules, for_models=True)
    smaller = _sampled(features, random_state)
    if smaller is not None:
        series = target.iloc[smaller] if isinstance(target, pd.Series) else target
        features = read_features(data.iloc[smaller], series, **rules, for_models=True)
    plan = _prepared(features, model, cv, random_state)
    parts = divide(features, test_size=0, random_state=random_state, nothing=True, cv=cv)
    folds = make_folds(parts, cv=cv, random_state=random_state)
    X, codes = plan.reader.features(parts.train), parts.train_outcome
    n_classes = int(codes.max()) + 1
    runs: dict[str, list[_Run]] = {}
    for end, labels in (("", codes), (SHUFFLED, _shuffled(codes, folds, random_state))):
        runs[WRONG + end] = _resampled_first(plan, X, labels, len(folds), random_state, n_classes)
        # the sampler stands inside the pipeline, and real rows alone are divided
        pipeline = plan.candidates["smote"].estimator
        runs[RIGHT + end] = _runs(plan, pipeline, X, labels, folds.pairs, n_classes)
    outcomes = _fitted(runs, n_jobs=n_jobs, progress=progress)
    by_fold = {order: _figures(outcomes[order], runs[order], n_classes) for order in ORDERS}
    rows = {order: sum(len(truth) for *_, truth in runs[order]) for order in ORDERS}
    return Demonstration(plan, parts, folds, by_fold, rows, smaller is not None)


def _sampled(features: Features, random_state: int | None) -> NDArray[np.intp] | None:
    """Return positions of a stratified sample of the frame's rows; None where all are shown on."""
    labelled = np.flatnonzero(features.target.codes >= 0)
    if len(labelled) <= _MOST_ROWS:
        return None
    kept, _ = train_test_split(
        labelled, train_size=_MOST_ROWS, stratify=features.codes, random_state=random_state
    )
    return np.sort(kept)


def _shuffled(codes: Codes, folds: Folds, random_state: int | None) -> Codes:
    """Shuffle labels within each fold, so that every fold keeps its classes."""
    rng, found = np.random.default_rng(random_state), codes.copy()
    for fold in np.unique(folds.ids):
        here = np.flatnonzero(folds.ids == fold)
        found[here] = codes[rng.permutation(here)]
    return found


def _prepared(features: Features, model: Model, cv: int, random_state: int | None) -> Plan:
    """Build the pipeline, or say why this model cannot show anything."""
    if model.search is not None or model.fitted:
        raise OptionError(
            "demonstrate=True fits one model many times. Give a model that is neither fitted nor a search, such as 'logistic'.",
            fix=change(model="logistic"),
        )
    try:
        plan = _with_smote(features, model, cv, random_state)
    except ModelError as error:
        why = str(error).split(": ", 1)[-1].split(". ")[0]
        if model.name == "logistic":
            raise ModelError(f"demonstrate=True needs a sampler that works here: {why}.") from None
        raise ModelError(
            f"demonstrate=True needs a model that SMOTE can stand before: {why}. Use 'logistic'.",
            fix=change(model="logistic"),
        ) from None
    if not _has_neighbours(plan):
        more = cv < _MORE_FOLDS and _has_neighbours(_with_smote(features, model, _MORE_FOLDS, random_state))
        raise ModelError(
            "demonstrate=True needs two rows of each class in every training fold, since SMOTE needs neighbours. "
            + (f"Use {_MORE_FOLDS} folds." if more else "Collect more rows of that class."),
            fix=change(cv=_MORE_FOLDS) if more else IN_WORDS,
        )
    return plan


def _with_smote(features: Features, model: Model, cv: int, random_state: int | None) -> Plan:
    return make_plan_of_one(features, model, "smote", test_size=0, cv=cv, random_state=random_state)


def _has_neighbours(plan: Plan) -> bool:
    return bool(plan.candidates["smote"].strategy.neighbours)


def _apart(plan: Plan) -> tuple[_Steps, Estimator, _Steps]:
    steps = list(plan.candidates["smote"].estimator.steps)
    place = next(at for at, (_, step) in enumerate(steps) if hasattr(step, "fit_resample"))
    return steps[:place], steps[place][1], steps[place + 1 :]


def _resampled_first(
    plan: Plan, X: pd.DataFrame, codes: Codes, n_folds: int, random_state: int | None, n_classes: int
) -> list[_Run]:
    """Return the folds of rows that were prepared and resampled all together."""
    before, sampler, after = _apart(plan)
    made, resampled_codes = resampled_first(before, sampler, X, codes)
    made = made if isinstance(made, pd.DataFrame) else pd.DataFrame(made)
    deal = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
    return _runs(plan, Pipeline(after), made, resampled_codes, deal.split(made, resampled_codes), n_classes)


def _runs(
    plan: Plan, estimator: Estimator, X: pd.DataFrame, codes: Codes, pairs: Any, n_classes: int
) -> list[_Run]:
    labels = plan.reader.labels(codes)
    return [
        (estimator, FitTask(X.iloc[seen], labels[seen], {}, X.iloc[held], n_classes), codes[held])
        for seen, held in pairs
    ]


def _fitted(
    runs: dict[str, list[_Run]], *, n_jobs: int | None, progress: bool | None
) -> dict[str, list[FitResult]]:
    jobs = [Job(order, fold) for order, each in runs.items() for fold in range(len(each))]

    def call(job: Job) -> Any:
        estimator, rows, _ = runs[job.name][job.fold]
        return joblib.delayed(fit_and_score)(job, estimator, rows)

    done = run_all(jobs, call, n_jobs=n_jobs, progress=progress)
    failed = next((each for each in done if each.failure), None)
    if failed is not None:
        raise ModelError(f"The model failed {failed.job.name}: {failed.failure}. Use another model.")
    return {order: [each for each in done if each.job.name == order] for order in runs}


def _figures(outcomes: list[FitResult], runs: list[_Run], n_classes: int) -> NDArray[np.float64]:
    """Return ROC-AUC and average precision of each fold; with several classes the mean of one-vs-rest."""
    scored_classes = (1,) if n_classes == 2 else range(n_classes)
    figures = []
    for outcome, (_, _, truth) in zip(outcomes, runs, strict=True):
        assert outcome.scores is not None
        present = [code for code in scored_classes if 0 < (truth == code).sum() < len(truth)]
        ranked = [Ranking(truth == code, outcome.scores[:, code]) for code in present]
        aucs, precisions = [each.roc_auc() for each in ranked], [each.average_precision() for each in ranked]
        figures.append([np.mean(aucs), np.mean(precisions)])
    return np.array(figures, dtype=np.float64)
