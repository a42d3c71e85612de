"""The best recall at a least precision: our exact threshold against scikit-learn's tuner with the limit wrapped in a scorer.

Twenty seeded problems of a rare class that is hard to tell, a boosted model whose scores lie near 0, and a large sample
that neither side has seen. On it: the recall, and by how much the precision falls short of the limit. All sides choose
on the same train rows; each is the same model fitted on all of them, threshold elsewhere.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np
import pandas as pd
from peers.tuned_threshold import tuned_for_recall
from scipy.stats import t as student
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier

import imbalance_accessor as imb

TRAIN, HELD_OUT = 8_000, 100_000
SIDES = ("ours", "ours, confidence=0.9", "tuned", "tuned, -1 otherwise")


def problem(seed: int, rare: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train rows and a large sample of the same problem."""
    X, y = make_classification(
        TRAIN + HELD_OUT,
        n_features=12,
        n_informative=6,
        n_redundant=2,
        weights=[1 - rare],
        flip_y=0.01,
        class_sep=0.5,
        random_state=seed,
    )
    frame = pd.DataFrame(X, columns=[f"x{place}" for place in range(X.shape[1])]).assign(y=y)
    return frame.iloc[:TRAIN], frame.iloc[TRAIN:]


def evaluated(y: Any, flagged: Any, limit: float) -> dict[str, float]:
    """Return recall, precision (1 where nobody is flagged) and its shortfall."""
    hits, alarms = int((y & flagged).sum()), int(flagged.sum())
    precision = hits / alarms if alarms else 1.0
    return {"recall": hits / int(y.sum()), "precision": precision, "shortfall": max(0.0, limit - precision)}


def one_seed(seed: int, limit: float, rare: float) -> pd.DataFrame:
    """Threshold in each way, and return what the large sample says of it."""
    train, held_out = problem(seed, rare)
    X, y = train.drop(columns="y"), train["y"]
    X_new, y_new = held_out.drop(columns="y"), held_out["y"].to_numpy(bool)
    model = HistGradientBoostingClassifier(max_iter=60, random_state=seed)
    scored = imb.fit_eval(
        train,
        "y",
        model=model,
        strategies=[],
        preprocess=None,
        # the train rows are all rows; what `test` says is not looked at here
        test=held_out.iloc[:5_000],
        random_state=seed,
        n_jobs=1,
        progress=False,
    )
    p = scored.model("none").predict_proba(X_new)[:, 1]
    rows, thresholds = {}, {}
    for name, confidence in zip(SIDES[:2], (None, 0.9), strict=True):
        found = scored.best_threshold("none", min_precision=limit, confidence=confidence)
        thresholds[name] = float(found) if found.feasible else np.inf  # nobody is flagged, and it says so
    for name, otherwise in zip(SIDES[2:], (0.0, -1.0), strict=True):
        tuned = tuned_for_recall(model, X, y, positive=1, min_precision=limit, otherwise=otherwise)
        thresholds[name] = float(tuned.best_threshold_)
    for name, threshold in thresholds.items():
        rows[name] = {"threshold": threshold, **evaluated(y_new, p >= threshold, limit)}
    return pd.DataFrame.from_dict(rows, orient="index").assign(seed=seed, mean_score=p.mean())


def paired(difference: pd.Series) -> str:
    """Write the mean difference with Student's 95 % interval."""
    n = len(difference)
    half = float(student.ppf(0.975, n - 1) * difference.std(ddof=1) / np.sqrt(n))
    mean = float(difference.mean())
    return f"{mean:+.4f} [{mean - half:+.4f}, {mean + half:+.4f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--min-precision", type=float, default=0.1)
    parser.add_argument("--rare", type=float, default=0.01)
    parser.add_argument("--each", action="store_true", help="print every seed too")
    given = parser.parse_args()
    every = pd.concat([one_seed(seed, given.min_precision, given.rare) for seed in range(given.seeds)])
    if given.each:
        print(every.round(4).to_string())
    sys.exit(report(every, given.min_precision))


def report(every: pd.DataFrame, limit: float) -> bool:
    """Print recall and shortfall side by side; say whether one of ours is behind."""
    every.index.name = "side"
    mean = every.groupby(level=0).mean().loc[list(SIDES)]
    kept = every["shortfall"].eq(0).groupby(level=0).mean()
    print(
        f"precision of at least {limit:g}; {every['seed'].nunique()} seeds, {TRAIN:,} rows choose, {HELD_OUT:,} judge"
    )
    print(f"mean score {every['mean_score'].mean():.4f}")
    print("  side                    recall  precision  shortfall  limit kept")
    for name, row in mean.iterrows():
        print(
            f"  {name:22s}  {row['recall']:.4f}     {row['precision']:.4f}     {row['shortfall']:.4f}      "
            f"{kept[name]:4.0%}"
        )
    best = max(SIDES[2:], key=lambda name: mean.loc[name, "recall"])
    failed = True
    for name in SIDES[:2]:
        gained = every.loc[name].set_index("seed")["recall"] - every.loc[best].set_index("seed")["recall"]
        fallen = (
            every.loc[name].set_index("seed")["shortfall"] - every.loc[best].set_index("seed")["shortfall"]
        )
        print(f"  {name} minus {best}: recall {paired(gained)}, shortfall {paired(fallen)}")
        failed &= gained.mean() <= 0 or fallen.mean() > 0
    return bool(failed)


if __name__ == "__main__":
    main()
