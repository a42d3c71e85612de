"""What is done on each side: one short function a piece of work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib.externals.loky import ProcessPoolExecutor
from peers.fit_eval_loop import fit_eval_loop
from peers.resampling import resampled, stratified
from peers.threshold_search import grid_loop
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import LabelledScores, compare
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.thresholds import ThresholdGrid
from imbalance_accessor.splitting.split import divide

Work = Callable[[Any], Any]
#: Scores made equal for a peer that takes every score that occurs as a threshold, and takes minutes for 20,000.
STEP = 100
#: Without what scikit-learn 1.9 fits eight times slower.
WITHOUT_WEIGHTS = ("none", "oversample", "undersample", "smote")
#: A newcomer's first answer, and the loop on the columns that it uses.
FIRST_CALL = "import imbalance_accessor as imb; imb.make_churn().imb.fit_eval('churn', progress=False).frame"
FIRST_LOOP = """
import imbalance_accessor as imb
from peers.fit_eval_loop import fit_eval_loop
fit_eval_loop(imb.make_churn().drop(columns=["customer_id", "signup_date"]), "churn")
"""


def starts(code: str) -> Work:
    """Run code in a fresh interpreter, which finds the peers."""
    command = [sys.executable, "-c", code]
    return lambda _: subprocess.run(command, check=True, cwd=Path(__file__).parent)


def bare_split(df: pd.DataFrame) -> Any:
    return stratified(df, "y")


def our_weights(column: pd.Series) -> Any:
    found = imb.weights(column)
    return found, found.sample_weight


def our_split(df: pd.DataFrame) -> tuple[Any, ...]:
    return tuple(imb.split(df, "y"))


def our_smote(df: pd.DataFrame) -> tuple[Any, ...]:
    return tuple(imb.smote(df, "y"))


def peer_smote(df: pd.DataFrame) -> tuple[Any, ...]:
    return resampled(df, "y")


def our_fit_eval(df: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return imb.fit_eval(df, "y", progress=False, **options).frame


def loop(df: pd.DataFrame) -> pd.DataFrame:
    return fit_eval_loop(df, "y")


def evaluation(df: pd.DataFrame) -> Any:
    found = imb.fit_eval(df, "y", progress=False)
    return found.frame, found


def boosted_evaluation(df: pd.DataFrame) -> Any:
    found = imb.fit_eval(df, "y", model="boosting", strategies=WITHOUT_WEIGHTS, progress=False)
    return found.frame, found


def cut_and_reliability(evaluated: tuple[pd.DataFrame, Any]) -> int:
    """Read both from an Evaluation; return how many models were fitted and pools called for that."""
    _, found = evaluated
    with counted_fits() as counted:
        _ = found.best_threshold().frame, found.reliability(list(found.scored.unique)).frame
    return counted[0]


@contextmanager
def counted_fits() -> Iterator[list[int]]:
    """Count the fits of both named models in this process, and the tasks handed to a pool, where fits are not seen."""
    counted = [0]
    methods = [
        (LogisticRegression, "fit"),
        (HistGradientBoostingClassifier, "fit"),
        (ProcessPoolExecutor, "submit"),
    ]
    saved = [getattr(owner, name) for owner, name in methods]

    def counting(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            counted[0] += 1
            return method(*args, **kwargs)

        return call

    for (owner, name), method in zip(methods, saved, strict=True):
        setattr(owner, name, counting(method))
    try:
        yield counted
    finally:
        for (owner, name), method in zip(methods, saved, strict=True):
            setattr(owner, name, method)


def no_fit(n_fits: int, _: Any) -> tuple[str, bool]:
    return f"{n_fits} further fits", n_fits == 0


def our_reliability(df: pd.DataFrame) -> pd.DataFrame:
    return imb.reliability(df, "y", scores="p", progress=False).frame


def our_best_threshold(df: pd.DataFrame) -> pd.DataFrame:
    return imb.best_threshold(df, "y", scores="p", test_size=0, progress=False).frame


def best_threshold_of(arrays: tuple[np.ndarray, np.ndarray]) -> float:
    table = ThresholdGrid(*arrays).table
    return float(table.thresholds[table.choose(Objective("f1"))[0]])


def five_of_the_grid(arrays: tuple[np.ndarray, np.ndarray]) -> Any:
    return grid_loop(*arrays, np.linspace(0, 1, 100)[10::20])


def in_steps(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same and, beside them, scores of which so many neighbours are made equal: the peer's thresholds get few."""
    return y, p, (np.argsort(np.argsort(p)) // STEP + 1.0) * STEP / len(p)


def our_intervals(arrays: tuple[np.ndarray, np.ndarray]) -> Any:
    """Judge one strategy as `fit_eval` does, on 500 draws; its out-of-fold part is held small, being no part of this."""
    y, p = arrays
    few = slice(0, 1_000)
    side = LabelledScores(y, p, y[few], p[few], np.arange(1_000) % 5, is_probability=True)
    return compare({"none": side}, Resamples(y, n_draws=500), Resamples(y[few], n_draws=2))[0]


def same_intervals(ours: Any, peer: np.ndarray) -> tuple[str, bool]:
    """Compare with the peer's eight intervals, whose few resamples put their middle somewhere inside ours."""
    found = ours["none"]
    names = ("average_precision", "roc_auc", "brier", "log_loss", "precision", "recall", "f1", "mcc")
    inside = [
        found.low[name] < each < found.high[name] for name, each in zip(names, peer.mean(axis=0), strict=True)
    ]
    remark = f"ours gives the intervals of {len(found.samples)} figures; the middle of {sum(inside)} of the peer's 8 lies in them"
    return remark, all(inside)


def parts_of(df: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    return divide(read_features(df, "y")), df
