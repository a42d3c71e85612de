"""Which verb, model, strategy and kind of columns the snippets are tried on: every pair that makes sense, at least once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

QUICK = {"cv": 2, "n_jobs": 1, "progress": False}
HOSTILE = {"a": 'x"]; import os', "b": "line\nbreak", "c": "it's {c} \\", "y": 'the "target"\n#'}
LABELS = ("x", "y", "z")
COST = pd.DataFrame([[0.0, 1.0, 2.0], [3.0, 0.0, 1.5], [9.0, 4.0, -1.0]], LABELS, LABELS)

LIGHT = ("counts", "weights", "split", "overview")
FITTING = ("fit_eval", "best_threshold", "reliability")
VERBS = (*LIGHT, "smote", "leaks", *FITTING)
MODELS = (
    *("logistic", "forest", "boosting", "naive_bayes", "svm", "knn"),
    *("a pipeline", "xgboost", "lightgbm"),
)
ENSEMBLES = ("balanced_forest", "easy_ensemble", "rus_boost")
STRATEGIES = (
    *("none", "class_weight", "oversample", "undersample", "smote", "borderline", "adasyn"),
    *("smote_tomek", "smote_enn", *ENSEMBLES, "focal", "a sampler"),
)
#: What `smote` calls a kind, where it knows the strategy.
GROWING = (
    "oversample",
    "undersample",
    "smote",
    "borderline",
    "adasyn",
    "smote_tomek",
    "smote_enn",
    "a sampler",
)
KINDS = (
    *("numeric", "mixed", "missing", "several", "groups", "time"),
    *("hostile", "one against the rest", "unlabelled"),
)


#: Where several cases would do, verbs take turns; the slower ones less often.
SECONDS = {"best_threshold": 1.0, "fit_eval": 1.3, "reliability": 2.0}


@dataclass(frozen=True)
class Case:
    """One combination; a model or a strategy that the verb does not take is empty."""

    verb: str
    model: str
    strategy: str
    kind: str

    def __str__(self) -> str:
        return "-".join(filter(None, (self.verb, self.model, self.strategy, self.kind)))


def makes_sense(case: Case) -> bool:
    """Whether a person could ask for it."""
    verb, model, strategy, kind = case.verb, case.model, case.strategy, case.kind
    numbers_only = ("borderline", "adasyn", "smote_tomek", "smote_enn")
    if (verb in ("leaks", *FITTING)) != bool(model) or (verb in ("smote", *FITTING)) != bool(strategy):
        return False
    if verb == "smote":
        return strategy in GROWING and not (strategy in numbers_only and kind in ("mixed", "missing"))
    if kind == "hostile" and model in ("xgboost", "lightgbm"):
        return False  # they take no column with a bracket or a quote in its name
    if verb == "leaks":  # both orders are judged by ROC-AUC, which of several classes needs probabilities
        return not (kind == "several" and model == "svm")
    if strategy == "class_weight" and model == "knn":
        return False  # neighbours take no weights
    if strategy == "focal" and (
        model not in ("logistic", "xgboost", "lightgbm", "a pipeline") or kind == "several"
    ):
        return False
    if strategy in ENSEMBLES and model not in ("logistic", "a pipeline"):
        return False  # they take the model's place
    if kind == "several" and verb != "fit_eval" and model == "svm":
        return False  # costs and top classes go by probabilities
    if case == Case("reliability", model, "easy_ensemble", "time"):
        return False  # no line of scikit-learn calibrates its margins on folds that leave rows unscored
    return not (kind == "several" and verb == "reliability" and strategy != "none")


def pairs_of(case: Case) -> set[tuple[str, str]]:
    """Return the pairs that a case holds, each side with the axis it stands on."""
    named = [
        f"{axis}:{getattr(case, axis)}"
        for axis in ("verb", "model", "strategy", "kind")
        if getattr(case, axis)
    ]
    return set(itertools.combinations(named, 2))


def every_case() -> list[Case]:
    """Return all combinations that make sense."""
    every = itertools.product(VERBS, ("", *MODELS), ("", *STRATEGIES), KINDS)
    return [case for case in itertools.starmap(Case, every) if makes_sense(case)]


def chosen_cases(seed: int = 0) -> list[Case]:
    """Choose cases one by one, each the one with most pairs that none before it holds, until all pairs are held."""
    rng = np.random.default_rng(seed)
    left = every_case()
    left = [left[place] for place in rng.permutation(len(left))]
    held = {case: pairs_of(case) for case in left}
    open_pairs, chosen, spent = set().union(*held.values()), [], dict.fromkeys(VERBS, 0.0)
    while open_pairs:
        best = max(left, key=lambda case: (len(held[case] & open_pairs), -spent[case.verb]))
        chosen.append(best)
        spent[best.verb] += SECONDS.get(best.verb, 0.1)
        open_pairs -= held[best]
    return sorted(chosen, key=lambda case: (VERBS.index(case.verb), str(case)))


def numbers(labels: tuple[Any, ...] = (0, 1), n: int = 150, seed: int = 0) -> pd.DataFrame:
    """Numbers that tell the last label from the others; six rows stand twice, one of them with another label."""
    rng = np.random.default_rng(seed)
    shares = [0.75, 0.25] if len(labels) == 2 else [0.5, 0.28, 0.22]
    y = rng.choice(len(labels), n, p=shares)
    frame = pd.DataFrame(rng.normal(size=(n, 3)) + 0.7 * y[:, None], columns=["a", "b", "c"])
    frame.iloc[-6:] = frame.iloc[:6].to_numpy()
    y[-6:] = y[:6]
    y[-1] = (y[5] + 1) % len(labels)
    return frame.assign(y=np.array(labels)[y])


def mixed() -> pd.DataFrame:
    frame, rng = numbers(("no", "yes")), np.random.default_rng(1)
    n = len(frame)
    return frame.assign(
        word=rng.choice(["p", "q", "r"], n),
        level=pd.Categorical(rng.choice(["low", "high"], n)),
        flag=rng.random(n) < 0.5,
    )


def missing() -> pd.DataFrame:
    frame = mixed().drop(columns="flag")
    frame.loc[frame.index[::11], "a"] = np.nan
    frame.loc[frame.index[::13], "word"] = None
    return frame.assign(whole=pd.Series(np.arange(len(frame)) % 7, dtype="Int64").mask(frame.index % 9 == 0))


def unlabelled() -> pd.DataFrame:
    frame = numbers(("stay", "leave")).astype({"y": object}).set_index(np.arange(150) + 7)
    frame.loc[frame.index % 9 == 3, "y"] = None
    return frame


def frame_of(kind: str) -> pd.DataFrame:
    """Return a frame of that kind."""
    rng = np.random.default_rng(2)
    if kind == "groups":
        return numbers().assign(who=rng.integers(0, 40, 150))
    if kind == "time":
        day = pd.to_timedelta(rng.permutation(150) // 2, unit="D")
        return numbers().assign(day=pd.Timestamp("2024-01-01") + day)
    makers = {"mixed": mixed, "missing": missing, "unlabelled": unlabelled}
    if kind in makers:
        return makers[kind]()
    if kind == "hostile":
        return numbers(("no'", '"]; import os #')).rename(columns=HOSTILE)
    return numbers(LABELS if kind in ("several", "one against the rest") else (0, 1))


def model_of(name: str, frame: pd.DataFrame) -> Any:
    """Return a light model of that name."""
    if name == "a pipeline":
        return own_pipeline(frame)
    own = {
        "forest": RandomForestClassifier(10, random_state=1),
        "boosting": HistGradientBoostingClassifier(max_iter=5, early_stopping=False, random_state=0),
        "xgboost": xgboost.XGBClassifier(n_estimators=4, max_depth=2, n_jobs=1),
        "lightgbm": lightgbm.LGBMClassifier(n_estimators=4, n_jobs=1, verbose=-1),
    }
    return own.get(name, name)


def own_pipeline(frame: pd.DataFrame) -> Pipeline:
    """A pipeline with lists of columns, and a pipeline within it."""
    features = frame.drop(columns=[name for name in ("y", HOSTILE["y"], "who", "day") if name in frame])
    numeric = features.select_dtypes("number").columns.tolist()
    words = [name for name in features if name not in numeric]
    parts = [("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric)]
    if words:
        parts += [("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words)]
    return Pipeline([("columns", ColumnTransformer(parts)), ("last", LogisticRegression(C=0.5))])


def asked(case: Case) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    """Return the frame, its target and the options of a case."""
    frame = frame_of(case.kind)
    target = HOSTILE["y"] if case.kind == "hostile" else "y"
    options: dict[str, Any] = {"pos_label": "y"} if case.kind == "one against the rest" else {}
    ruled = {"groups": {"groups": "who"}, "time": {"time": "day"}}.get(case.kind, {})
    if case.verb in ("counts", "weights", "overview"):
        return frame.drop(columns=["who", "day"], errors="ignore"), target, options
    options |= ruled
    if case.verb == "split":
        return frame, target, options
    strategy: Any = RandomOverSampler(random_state=5) if case.strategy == "a sampler" else case.strategy
    if case.verb == "smote":
        kind = "auto" if case.strategy == "smote" else strategy
        return frame, target, options | {"kind": kind, "impute": case.kind == "missing"}
    options |= QUICK | ({"cv": 3} if case.kind == "time" else {}) | {"model": model_of(case.model, frame)}
    if case.verb == "leaks":
        return frame, target, options | {"demonstrate": True}
    if case.verb == "best_threshold":
        cost = {"cost": COST} if case.kind == "several" else {}
        return frame, target, options | {"strategy": strategy} | cost
    if case.verb == "reliability":
        options["calibrators"] = ["prior", ("sigmoid", "isotonic")[len(str(case)) % 2]]
    top = {"top_class": True} if case.verb == "reliability" and case.kind == "several" else {}
    if top:
        options["calibrators"] = []
    return frame, target, options | {"strategies": [strategy]} | top
