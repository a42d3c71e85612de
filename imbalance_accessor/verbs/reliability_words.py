"""The words of a `Reliability`: the verdict, the key figures, the explanation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from imbalance_accessor.fits import FEW_POSITIVES, ColumnScores, FittedScores, TopClass
from imbalance_accessor.present.card import Card
from imbalance_accessor.present.cells import Interval, decimal, percent
from imbalance_accessor.verbs.reliability_data import ReliabilityData
from imbalance_accessor.verbs.reliability_rows import Judged

_ONLY_THE_SHARE = "and knows no more than the share"
#: Each kind of model: what it is called, what is typical of its scores, and the classes that are of it.
_KINDS = {
    "logistic": ("Logistic regression", "usually near the truth", {"LogisticRegression"}),
    "naive_bayes": (
        "Naive Bayes",
        "usually overconfident, since it counts features as independent",
        {"GaussianNB", "BernoulliNB", "MultinomialNB", "CategoricalNB"},
    ),
    "forest": (
        "A forest",
        "usually away from 0 and 1, since it averages its trees",
        {"RandomForestClassifier", "ExtraTreesClassifier", "BalancedRandomForestClassifier"},
    ),
    "boosting": (
        "Boosting",
        "usually near the truth, and overconfident where it overfits",
        {"HistGradientBoostingClassifier", "GradientBoostingClassifier", "XGBClassifier", "LGBMClassifier"},
    ),
    "svm": ("An SVM", "no probabilities, only an order", {"SVC", "LinearSVC"}),
    "knn": ("Nearest neighbours", "coarse, being shares of a few rows", {"KNeighborsClassifier"}),
}


def typical(r: ReliabilityData) -> pd.DataFrame:
    """Lay what is typical of each kind of model beside what this one showed."""
    rows = {name: {"typical": kind_of(r, name)[1], "this one": showed(r, name)} for name in r.origins}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "strategy"
    return frame


def kind_of(r: ReliabilityData, name: str) -> tuple[str, str]:
    """Return what a model is called, and what is typical of it."""
    origin = r.origins[name]
    if not isinstance(origin, FittedScores):
        return "", "not known: the scores came in a column"
    model = origin.fits.model
    for kind, (called, usual, classes) in _KINDS.items():
        if model.name == kind or type(model.classifier).__name__ in classes:
            return called, usual
    return model.name, "not known of this model"


def showed(r: ReliabilityData, name: str) -> str:
    """Say how a model's untouched scores miss the truth."""
    raw = r.judging.rows[name, "none"]
    return _direction(raw) if raw.line is not None else "no probabilities"


def title(r: ReliabilityData) -> str:
    """Say whether the probabilities are true, and what repairs them."""
    name = worst(r)
    judging, best = r.judging, r.best[name]
    raw, repaired = judging.rows[name, "none"], judging.rows[name, best]
    if not raw.is_probability:
        made = f", and {best} makes some of them (Brier {_brier(repaired)} {where(r)})"
        return f"{_whose(r, name)} only rank; they are no probabilities{made if best != 'none' else ''}"
    said = f"{_says(r, name)} {_mean(raw)} on average, and {decimal(judging.prevalence[0])} is true"
    if len(judging.rows) == len(r.origins):
        return f"{said} (Brier {_brier(raw)} {where(r)})"
    if best == "none":
        return f"{said}: {_tried(r, name)} does clearly better out of fold (Brier {_brier(raw)} {where(r)})"
    scores = f"Brier {_brier(raw)} to {_brier(repaired)} {where(r)}"
    better = repaired.figures.points["brier"] < raw.figures.points["brier"]
    if better and repaired.figures.points["brier_skill"] <= 0:
        # the outcome may only be said of a level that was wrong
        what = "helps" if _level_holds(r, raw) else "repairs the level"
        return f"{said}; {best} {what} ({scores}), {_ONLY_THE_SHARE}"
    if better and not _level_holds(r, raw):
        return f"{said}; {best} repairs it ({scores})"
    gain = "" if better else ", where it gains nothing"
    return f"{said}; {best} does best out of fold ({scores}{gain})"


def _tried(r: ReliabilityData, name: str) -> str:
    """Name the repairs that could have been chosen; isotonic regression of few positives could not."""
    few = int(r.judging.y_learned.sum()) < FEW_POSITIVES and (name, "isotonic") in r.judging.rows
    return "none of the repairs that so few positives allow" if few else "none of the repairs tried"


def worst(r: ReliabilityData) -> str:
    """Return the strategy whose untouched scores are furthest from the truth, in level or shape."""

    def gap(name: str) -> float:
        parts = r.judging.rows[name, "none"].parts
        return np.inf if parts is None else parts.miscalibration

    return max(r.origins, key=gap)


def best_of_all(r: ReliabilityData) -> tuple[str, str]:
    """Return the row with the best cross-fitted Brier score among those chosen for each strategy."""
    chosen = [(name, r.best[name]) for name in r.origins]
    finite = [key for key in chosen if np.isfinite(r.judging.rows[key].cv["brier"])] or chosen
    return min(finite, key=lambda key: round(r.judging.rows[key].cv["brier"], 12))


def _level_holds(r: ReliabilityData, row: Judged) -> bool:
    """Whether the mean probability lies within the interval of the prevalence, as far as that is known."""
    mean, (_, low, high) = row.figures.points["mean_probability"], r.judging.prevalence
    return not (mean < low or mean > high)


def _says(r: ReliabilityData, name: str) -> str:
    """Begin a sentence of what a set of scores says."""
    if isinstance(r.origins[name], ColumnScores):
        return "The scores say"
    return "The model says" if name == "none" else f"{name!r} says"


def _whose(r: ReliabilityData, name: str) -> str:
    is_plain = name == "none" and not isinstance(r.origins[name], ColumnScores)
    return "The model's scores" if is_plain else f"The scores of {name!r}"


def _brier(row: Judged) -> str:
    return f"{row.figures.points['brier']:.4f}"


def _mean(row: Judged) -> str:
    return decimal(row.figures.points["mean_probability"])


def where(r: ReliabilityData) -> str:
    """Return the rows that are reported, for a sentence."""
    if len(r._first.scored.parts.test):
        return "on test"
    return "on all rows" if len(r.judging.rows) == len(r.origins) else "cross-fitted"


def card(r: ReliabilityData) -> Card:
    """Return what is shown."""
    parts = r._first.scored.parts
    share, low, high = r.judging.prevalence
    n, positives = len(r.judging.y), int(r.judging.y.sum())
    what = "answered rightly" if isinstance(r._first, TopClass) else "positive"
    ends = "" if np.isnan(low) else f" [{percent(low)}, {percent(high)}]"
    figures = [
        ("truth", f"{percent(share)}{ends} of {n:,} rows are {what} ({positives:,})"),
        ("saying the share", f"Brier {share * (1 - share):.4f} for every row, the level to beat"),
        *((name, _shape(r, name)) for name in r.origins),
    ]
    best = best_of_all(r)
    return Card(
        title=title(r),
        figures=tuple(figures[:6]),
        table=_table(r),
        best=_label(r, *best),
        notes=(_notes(r), f"{_models(r)}, {parts.rule.text}, {_folds(r)} folds, {_judged(r)}"),
        findings=r.findings,
        next=((".apply(df)" if isinstance(r._first, ColumnScores) else ".model()"), ".best", ".typical"),
    )


def _judged(r: ReliabilityData) -> str:
    """Return what the probabilities are of."""
    if isinstance(r._first, TopClass):
        return "the likeliest of several classes, right or wrong"
    return f"positive class {r._first.scored.parts.task.target.pos_label!r}"


def _shape(r: ReliabilityData, name: str) -> str:
    """Say how the untouched scores miss the truth."""
    raw = r.judging.rows[name, "none"]
    if raw.line is None or raw.chance is None or raw.bins is None:
        return f"no probabilities; chosen out of fold: {r.best[name]}"
    error = f"calibration error {raw.bins.error:.3f}, by chance alone up to {raw.chance.error_high:.3f}"
    return f"{_direction(raw)}; {error}; chosen out of fold: {r.best[name]}"


def _direction(row: Judged) -> str:
    line = row.line
    assert line is not None
    if np.isnan(line.intercept):
        return "level unknown"
    if np.isnan(line.intercept_high):
        return f"too few groups to judge the level (intercept {line.intercept:+.2f})"
    said = "level right within chance"
    if line.intercept_high < 0:
        said = f"too high (intercept {line.intercept:+.2f})"
    elif line.intercept_low > 0:
        said = f"too low (intercept {line.intercept:+.2f})"
    cases = (
        (line.slope_high <= 0, "ranking backwards (slope {:.2f})"),
        (line.slope_low <= 0 and line.slope_high >= 1, "too few rows to tell the slope ({:.2f})"),
        (line.slope_low <= 0, "telling little of the outcome (slope {:.2f})"),
        (line.slope_high < 1, "too extreme (slope {:.2f})"),
        (line.slope_low > 1, "too timid (slope {:.2f})"),
    )
    return next((f"{said}, {words.format(line.slope)}" for holds, words in cases if holds), said)


def _label(r: ReliabilityData, name: str, repair: str) -> str:
    if len(r.origins) == 1:
        return "as it is" if repair == "none" else repair
    return name if repair == "none" else f"{name} + {repair}"


def _table(r: ReliabilityData) -> pd.DataFrame:
    # a prior correction that changes nothing is said in a finding
    same = {(name, "prior") for name, multiplied in r.judging.multiplied.items() if multiplied == 1}
    rows = {key: row for key, row in r.judging.rows.items() if key not in same}

    def interval(metric: str, digits: int = 3) -> list[Interval]:
        return [
            Interval(row.figures.points[metric], row.figures.low[metric], row.figures.high[metric], digits)
            for row in rows.values()
        ]

    def line(name: str) -> list[Interval]:
        return [Interval(*_ends(row, name), digits=2) for row in rows.values()]

    table = {
        "mean p": [row.figures.points["mean_probability"] for row in rows.values()],
        "Brier": interval("brier", 4),
        "out of fold": [
            f"{row.cv['brier']:.4f}" if np.isfinite(row.cv["brier"]) else "–" for row in rows.values()
        ],
        "error": [np.nan if row.bins is None else float(row.bins.error) for row in rows.values()],
        "by chance": [np.nan if row.chance is None else float(row.chance.error) for row in rows.values()],
        "intercept": line("intercept"),
        "slope": line("slope"),
    }
    return pd.DataFrame(table, index=[_label(r, *key) for key in rows])


def _ends(row: Judged, name: str) -> tuple[float, float, float]:
    """Return intercept or slope with the ends of its interval."""
    if row.line is None:
        return np.nan, np.nan, np.nan
    return getattr(row.line, name), getattr(row.line, f"{name}_low"), getattr(row.line, f"{name}_high")


def _notes(r: ReliabilityData) -> str:
    bins = f"{r.binning.n_bins} {'equal-mass' if r.binning.error_rule == 'quantile' else 'equal-width'} bins"
    rows = where(r) if where(r) != "cross-fitted" else "of the cross-fitted rows"
    ends = "Figures are" if np.isnan(r.judging.prevalence[1]) else "[..] are 95 % intervals"
    return (
        f"{ends} {rows}. Error: expected calibration error in {bins}; by chance: what a perfectly calibrated model would show "
        "at this size. Intercept 0 and slope 1 are right. Out of fold: Brier score, cross-fitted, by which the repair is "
        "chosen."
    )


def _models(r: ReliabilityData) -> str:
    if isinstance(r._first, ColumnScores):
        return f"scores={r._first.column!r}"
    fits = (origin.fits for origin in r.origins.values() if isinstance(origin, FittedScores))
    names = list(dict.fromkeys(each.model.name for each in fits))
    return f"model={names[0]!r}" if len(names) == 1 else f"models {', '.join(map(repr, names))}"


def _folds(r: ReliabilityData) -> int:
    ids = r._first.scored.folds.ids
    return len(np.unique(ids[ids >= 0]))
