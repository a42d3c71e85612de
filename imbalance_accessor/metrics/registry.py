"""The metrics, a row each: all that frames, cards, options, words, snippets and intervals say of one.

A metric is added by one row here (`register`); nothing else in the package names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, TypeAlias

import numpy as np

from imbalance_accessor.errors import Words, bare, known_as
from imbalance_accessor.metrics import binary, multiclass
from imbalance_accessor.metrics.arrays import Bools, Codes, Floats

Kind = Literal["decision", "ranking", "probability"]
#: How a figure's interval comes about: Wilson's of a share; MOVER's of a mean, or a geometric mean, of recalls; on logits
#: from the draws; or the quantiles of the draws.
IntervalKind = Literal["wilson", "mover", "log mover", "logit", "percentile"]
KINDS: tuple[Kind, ...] = ("ranking", "probability", "decision")

#: Which of tp, fp, fn, tn are counted, of which.
ShareTerms: TypeAlias = "tuple[tuple[str, ...], tuple[str, ...]]"


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes
    ----------
    name : str
        Its column, and what options take.
    kind : {"decision", "ranking", "probability"}
        What it judges: flagged rows, the order of scores, or probabilities.
    of : callable
        ``decision``: of a `Confusion`; ``ranking``: of `Levels`; ``probability``: of labels and probabilities, each
        row's share, whose mean is the figure.
    label : str
        As it is written in a sentence; by default the name.
    aliases : tuple of str
        What else people type.
    better : {1, -1, 0}
        Whether more is better, less, or neither.
    share : tuple of (tuple of str, tuple of str), optional
        For a share of counted rows: which of tp, fp, fn, tn are counted, of which; then its interval is Wilson's.
    interval : {"wilson", "mover", "log mover", "logit", "percentile"}
        Which interval it has: by default Wilson's for a share, else the percentile bootstrap's.
    is_criterion : bool
        Whether a threshold can be chosen by it alone: then it is never better by flagging more negatives at
        the same true positives.
    is_compared : bool
        Whether it is a column of `fit_eval`.
    meaning, meaning_several : str
        What it is, for a sentence; of several classes.
    about : str
        As a criterion: a sentence on it.
    no_skill : callable
        ``ranking``: what a random order scores, given the prevalence. Decisions and probabilities are those of a
        constant answer, through `of`.
    code : str
        The call of a snippet, of ``is_test`` and ``flag``, or of ``is_test`` and ``score``.
    code_of_classes : str
        The same of several classes, of ``true`` and ``told`` and their ``recalls``, or of ``is_test`` and ``score``.
    library : tuple of (str, str), optional
        Where `code` imports from, and what.
    formula : str
        The same in plain numpy for rows that count several times: of ``tp``, ``fp``, ``fn``, ``tn``, ``recall``,
        ``specificity`` and ``root``, the root of the product of the four sums; of ``hits`` and ``errors`` by level and
        their running sums ``tp`` and ``fp``; or of ``y`` and ``p`` (and ``told``, the probability of what happened).
    formula_of_classes : str
        The same of ``hits``, ``own``, ``said``, ``occurs``, ``recalls``, ``n``, the sums of a table of several classes;
        of ``squares`` and ``own`` for probabilities.
    of_classes : callable, optional
        The figure of several classes: of `ClassCounts`; of labels and probabilities. Ranking is averaged over classes.
    """

    name: str
    kind: Kind
    of: Callable[..., Floats]
    label: str = ""
    aliases: tuple[str, ...] = ()
    better: Literal[1, -1, 0] = 1
    share: ShareTerms | None = None
    interval: IntervalKind = "percentile"
    is_criterion: bool = False
    is_compared: bool = True
    meaning: str = ""
    meaning_several: str = ""
    about: str = ""
    no_skill: Callable[[float], float] | None = None
    code: str = ""
    code_of_classes: str = ""
    library: tuple[str, str] | None = None
    formula: str = ""
    formula_of_classes: str = ""
    of_classes: Callable[..., Floats] | None = None

    def __post_init__(self) -> None:
        if self.share is not None:
            object.__setattr__(self, "interval", "wilson")
        if self.is_criterion and self.better != 1:
            raise ValueError(
                f"{self.name}: a threshold makes its criterion large, so that more of it must be better"
            )

    @property
    def shares(self) -> tuple[ShareTerms, ...]:
        """The shares of counted rows that its interval is made of: itself, or recall and specificity; or none."""
        if self.interval in {"mover", "log mover"}:
            return tuple(share for name in ("recall", "specificity") for share in METRICS[name].shares)
        return () if self.share is None else (self.share,)

    @property
    def shown(self) -> str:
        """The name as it is written in a sentence."""
        return self.label or self.name.replace("_", " ")


METRICS: dict[str, Metric] = {}


def register(metric: Metric) -> Metric:
    """Add a metric; a name that is there already is replaced."""
    METRICS[metric.name] = metric
    return metric


def rows(kind: Kind, *, compared: bool = True, several: bool = False) -> Iterator[Metric]:
    """Yield the metrics of a kind; unless told otherwise those that `fit_eval` compares.

    Parameters
    ----------
    kind : {"decision", "ranking", "probability"}
    compared : bool
        Whether those are left out that other verbs alone show.
    several : bool
        Whether those are left out that several classes have not.
    """
    for metric in tuple(METRICS.values()):
        known = not several or metric.kind == "ranking" or metric.of_classes is not None
        if metric.kind == kind and known and (metric.is_compared or not compared):
            yield metric


def metric_names(kind: Kind, *, compared: bool = True, several: bool = False) -> list[str]:
    """Return the names of `rows`."""
    return [metric.name for metric in rows(kind, compared=compared, several=several)]


def criteria(*, several: bool = False) -> list[str]:
    """Return the criteria of a threshold that need nothing else; `several`, those that several classes have."""
    return [metric.name for metric in rows("decision", several=several) if metric.is_criterion]


def metric_name(typed: object) -> object:
    """Return the metric that an alias stands for, however it is written; anything else as it is.

    Examples
    --------
    >>> metric_name("PR-AUC"), metric_name("f1"), metric_name("tpr_tuned")
    ('average_precision', 'f1', 'recall_tuned')
    """
    if isinstance(typed, str) and typed.endswith("_tuned"):
        return f"{metric_name(typed.removesuffix('_tuned'))}_tuned"
    return known_as(typed, METRICS, metric_words())


def metric_words() -> Words:
    """Return what else each metric is called."""
    return {metric.name: " ".join(map(bare, metric.aliases)) for metric in METRICS.values()}


def metric_of(column: str) -> Metric | None:
    """Return the metric that a column of figures shows, at whatever threshold; None for counts and single classes."""
    return METRICS.get(column.removesuffix("_tuned"))


def metric_label(column: str) -> str:
    """Return a column of figures as it is written in a sentence.

    Examples
    --------
    >>> metric_label("f1"), metric_label("f1_tuned"), metric_label("tp")
    ('F1', 'F1 at its tuned threshold', 'tp')
    """
    metric, bare = metric_of(column), column.removesuffix("_tuned")
    label = metric.shown if metric is not None else bare.replace("_", " ")
    return label if column == bare else f"{label} at its tuned threshold"


def probability_losses(y: Bools, p: Floats) -> dict[str, Floats]:
    """Give each row's share in the figures of the probabilities, so that a (weighted) mean is one product.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    p : ndarray of float, shape (n,)
        The probability of the positive class; nan gives nan.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        For each metric of probabilities.

    Examples
    --------
    >>> import numpy as np
    >>> losses = probability_losses(np.array([True, False]), np.array([0.9, 0.2]))
    >>> {name: round(float(each.mean()), 4) for name, each in losses.items()}
    {'brier': 0.025, 'log_loss': 0.1643, 'mean_probability': 0.55}
    """
    y, p = np.asarray(y, bool), np.asarray(p)
    p = p if np.issubdtype(p.dtype, np.floating) else p.astype(np.float64)
    return {metric.name: metric.of(y, p) for metric in rows("probability")}


def losses_of_classes(y: Codes, p: Floats) -> dict[str, Floats]:
    """Give each row's share in the figures of the probabilities of several classes, each of shape (n,)."""
    return {
        metric.name: metric.of_classes(y, p)
        for metric in rows("probability", several=True)
        if metric.of_classes is not None
    }


def figure_of(counts: binary.Confusion, name: str) -> Floats:
    """Return a decision metric of counts, by name."""
    found: Floats = METRICS[name].of(counts)
    return found


def _decision(name: str, **row: Any) -> None:
    """Register a decision metric whose figure `Confusion` has, and `ClassCounts` for several classes."""
    several = attrgetter(name) if hasattr(multiclass.ClassCounts, name) else None
    register(Metric(name, "decision", attrgetter(name), of_classes=several, **row))


register(
    Metric(
        "average_precision",
        "ranking",
        binary.average_precision,
        label="average precision",
        aliases=("ap", "auc_pr", "auprc", "average_precision_score", "pr_auc", "prc_auc"),
        meaning="the mean precision over all recalls",
        meaning_several="the mean precision over all recalls, averaged over the classes",
        no_skill=lambda prevalence: prevalence,
        code="average_precision_score(is_test, score)",
        library=("sklearn.metrics", "average_precision_score"),
        formula="(hits * tp / np.maximum(tp + fp, 1e-9)).sum() / tp[-1]",
    )
)
register(
    Metric(
        "roc_auc",
        "ranking",
        binary.roc_auc,
        label="ROC-AUC",
        aliases=("auc", "auc_roc", "auroc", "c_index", "c_statistic", "roc", "roc_auc_score"),
        interval="logit",
        meaning="the chance that a positive row ranks above a negative one",
        meaning_several="the chance that a row of a class ranks above another one, averaged over the classes",
        no_skill=lambda prevalence: 0.5,  # noqa: ARG005
        code="roc_auc_score(is_test, score)",
        library=("sklearn.metrics", "roc_auc_score"),
        formula="(hits * (fp[-1] - fp + errors / 2)).sum() / (tp[-1] * fp[-1])",
    )
)
register(
    Metric(
        "brier",
        "probability",
        binary.brier,
        label="Brier score",
        aliases=("brier_loss", "brier_score", "brier_score_loss"),
        better=-1,
        meaning="the mean squared error of the probabilities",
        meaning_several="the squared error of the probabilities, summed over the classes",
        code="brier_score_loss(is_test, score)",
        library=("sklearn.metrics", "brier_score_loss"),
        formula="(p - y) ** 2",
        formula_of_classes="squares",
        of_classes=multiclass.brier,
    )
)
register(
    Metric(
        "log_loss",
        "probability",
        binary.log_loss,
        label="log loss",
        aliases=("binary_cross_entropy", "cross_entropy", "neg_log_loss"),
        better=-1,
        meaning="the mean of −log p of what happened",
        meaning_several="the mean of −log p of what happened",
        code="log_loss(is_test, score)",
        library=("sklearn.metrics", "log_loss"),
        formula="-np.log(told)",
        formula_of_classes="-np.log(own)",
        of_classes=multiclass.log_loss,
    )
)
register(
    Metric(
        "mean_probability",
        "probability",
        lambda y, p: np.asarray(p, np.float64),  # noqa: ARG005
        better=0,
        code="score.mean()",
        formula="p",
    )
)
_decision(
    "precision",
    aliases=("positive_predictive_value", "ppv", "precision_score"),
    share=(("tp",), ("tp", "fp")),
    about="Precision alone says nothing of those who are missed, so it only makes sense with a limit.",
    code="precision_score(is_test, flag, zero_division=0)",
    code_of_classes='precision_score(true, told, average="macro", zero_division=0)',
    library=("sklearn.metrics", "precision_score"),
    formula="tp / np.maximum(tp + fp, 1e-9)",
    formula_of_classes="(hits / np.maximum(said, 1e-9))[occurs].mean()",
)
_decision(
    "recall",
    aliases=("hit_rate", "recall_score", "sensitivity", "tpr", "true_positive_rate"),
    share=(("tp",), ("tp", "fn")),
    about="Recall alone is best where everyone is flagged, so it only makes sense with a limit.",
    code="recall_score(is_test, flag)",
    code_of_classes='recall_score(true, told, average="macro", zero_division=0)',
    library=("sklearn.metrics", "recall_score"),
    formula="recall",
    formula_of_classes="recalls[occurs].mean()",
)
_decision(
    "f1",
    label="F1",
    about="F1 is the harmonic mean of precision and recall: 1.0 and 0.01 give 0.020, not 0.505.",
    aliases=("f1_score", "f_measure", "f_score"),
    is_criterion=True,
    code="f1_score(is_test, flag)",
    code_of_classes='f1_score(true, told, average="macro", zero_division=0)',
    library=("sklearn.metrics", "f1_score"),
    formula="2 * tp / np.maximum(2 * tp + fp + fn, 1e-9)",
    formula_of_classes="(2 * hits / np.maximum(own + said, 1e-9))[occurs].mean()",
)
_decision(
    "mcc",
    label="MCC",
    aliases=("matthews", "matthews_corrcoef", "matthews_correlation", "matthews_correlation_coefficient"),
    is_criterion=True,
    about="MCC is the correlation of decision and outcome, 0 for any constant answer.",
    code="matthews_corrcoef(is_test, flag)",
    code_of_classes="matthews_corrcoef(true, told)",
    library=("sklearn.metrics", "matthews_corrcoef"),
    formula="(tp * tn - fp * fn) / np.maximum(root, 1e-9)",
    formula_of_classes="(hits.sum() * n - own @ said) / (root or 1)",
)
_decision(
    "balanced_accuracy",
    label="balanced accuracy",
    aliases=("bacc", "bal_acc", "balanced_accuracy_score", "informedness", "youden", "youden_j", "youdens_j"),
    interval="mover",
    is_criterion=True,
    about="Balanced accuracy is the mean of recall and specificity, so both classes count the same.",
    code="balanced_accuracy_score(is_test, flag)",
    code_of_classes="balanced_accuracy_score(true, told)",
    library=("sklearn.metrics", "balanced_accuracy_score"),
    formula="(recall + specificity) / 2",
    formula_of_classes="recalls[own > 0].mean()",
)
_decision(
    "g_mean",
    label="G-mean",
    aliases=("geometric_mean", "geometric_mean_score", "g_mean_score"),
    interval="log mover",
    is_criterion=True,
    about="G-mean is √(recall · specificity), which is 0 where either is.",
    code="geometric_mean_score(is_test, flag)",
    code_of_classes="np.prod(recalls[there]) ** (1 / there.sum())",
    library=("imblearn.metrics", "geometric_mean_score"),
    formula="np.sqrt(recall * specificity)",
    formula_of_classes="np.prod(recalls[own > 0]) ** (1 / (own > 0).sum())",
)
_decision(
    "accuracy",
    aliases=("acc", "accuracy_score"),
    share=(("tp", "tn"), ("tp", "fp", "fn", "tn")),
    is_criterion=True,
    about="Accuracy counts every row the same, so the larger class dominates it.",
    code="accuracy_score(is_test, flag)",
    code_of_classes="accuracy_score(true, told)",
    library=("sklearn.metrics", "accuracy_score"),
    formula="(tp + tn) / (tp + fp + fn + tn)",
    formula_of_classes="hits.sum() / n",
)
_decision(
    "specificity",
    aliases=("selectivity", "tnr", "true_negative_rate"),
    is_compared=False,
    share=(("tn",), ("tn", "fp")),
    about="Specificity alone is best where nobody is flagged, so it only makes sense with a limit.",
    code="(~is_test & ~flag).sum() / (~is_test).sum()",
    formula="specificity",
)
_decision(
    "flag_rate",
    label="share of rows flagged",
    better=0,
    is_compared=False,
    share=(("tp", "fp"), ("tp", "fp", "fn", "tn")),
    about="As many rows are flagged as can be looked at, so all depends on the ranking.",
    code="flag.mean()",
    formula="(tp + fp) / (tp + fp + fn + tn)",
)
