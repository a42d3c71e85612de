"""How often the calibrator that `reliability` takes out of fold is the one with the lowest Brier score on fresh rows.

Two generators, 2,000 rows with 10 % positive to learn from and 10,000 fresh rows to report on, logistic regression and
a forest, plain and after class weights, copies and SMOTE. Two rules choose from the same out-of-fold rows: `simplest`
(the simplest within one standard error of the lowest cross-fitted Brier score) and `lowest` (the lowest itself);
`taken` is what the package takes: the simplest where the prior correction is exact, elsewhere the lowest. For each: the
share of runs in which it names the best one on fresh rows, and how far the fresh Brier score lies behind that best one on
average, in units of 0.0001; both with standard errors.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.modeling.calibrators import scores_and_margin

STRATEGIES = ("class_weight", "oversample", "smote")
POSITIVES, N_TRAIN, N_FRESH = 0.10, 2_000, 10_000
#: Standard errors by which what is taken may lie behind the simplest.
WITHIN = 2.0


def gaussian(n: int, seed: int) -> pd.DataFrame:
    """Draw two normal classes of one covariance in five features, so that logistic regression is the true model."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < POSITIVES).astype(int)
    X = rng.normal(size=(n, 5)) + 0.6 * y[:, None]
    return pd.DataFrame(X, columns=[f"x{place}" for place in range(5)]).assign(y=y)


def clusters(n: int, seed: int) -> pd.DataFrame:
    """Draw two clusters a class (`make_classification`), of which no model here is the true one."""
    X, y = make_classification(
        n, 10, n_informative=5, weights=[1 - POSITIVES], flip_y=0.02, class_sep=0.8, random_state=seed
    )
    return pd.DataFrame(X, columns=[f"x{place}" for place in range(10)]).assign(y=y)


GENERATORS = {"gaussian": gaussian, "clusters": clusters}
MODELS = {
    "logistic": "logistic",
    "forest": RandomForestClassifier(50, min_samples_leaf=2, random_state=0),
}


def simplest(losses: dict[str, np.ndarray]) -> str:
    """Return the simplest calibrator within one standard error of the best."""
    best = min(losses.values(), key=np.mean)
    behind = {name: each - best for name, each in losses.items()}
    return next(name for name, each in behind.items() if each.mean() <= each.std() / np.sqrt(len(each)))


def lowest(losses: dict[str, np.ndarray]) -> str:
    """Return the calibrator with the lowest cross-fitted Brier score."""
    return min(losses, key=lambda name: round(float(losses[name].mean()), 12))


RULES = {"simplest": simplest, "lowest": lowest}


def run(generator: str, model: str, seed: int) -> list[dict[str, object]]:
    """Return what each rule takes of each strategy, and how far that lies behind the best on fresh rows."""
    drawn = GENERATORS[generator](N_TRAIN + N_FRESH, seed)
    train, fresh = drawn.iloc[:N_TRAIN], drawn.iloc[N_TRAIN:]
    given = {"strategies": STRATEGIES, "random_state": seed, "n_jobs": 1, "progress": False, "pos_label": 1}
    # a small test set: what is drawn on it is not looked at
    r = imb.reliability(train, "y", model=MODELS[model], test=fresh.iloc[:200], **given)
    found = []
    for strategy, taken in r.best.items():
        p, margin = scores_and_margin(r.scores_by_strategy[strategy].model, fresh, 1)
        losses, brier = {}, {}
        for name in r.frame.loc[strategy].index:
            if not r.report.may_be_chosen(strategy, name) or (name == "prior" and strategy == "none"):
                continue
            row = r.report.rows[strategy, name]
            losses[name] = (row.crossed - r.report.y_learned) ** 2
            known = p if row.calibrator is None else row.calibrator.apply(p, margin)
            brier[name] = float(((known - fresh["y"]) ** 2).mean())
        one = {"model": model, "generator": generator, "strategy": strategy, "seed": seed}
        names = {rule: choose(losses) for rule, choose in RULES.items()} | {"taken": taken}
        for rule, name in names.items():
            behind = 1e4 * (brier[name] - min(brier.values()))
            found.append(one | {"rule": rule, "name": name, "is best": behind == 0, "behind": behind})
    return found


def report(key: tuple[str, str, str], rows: pd.DataFrame) -> float:
    """Print how each rule fares; return by how many standard errors the one taken lies behind the other."""
    said = ""
    for _, one in rows.groupby("rule", sort=False):
        share, behind = one["is best"].mean(), one["behind"]
        error = np.sqrt(share * (1 - share) / len(one))
        said += f"{share:8.2f} ±{error:.2f}{behind.mean():7.2f} ±{behind.sem():.2f}  "
    print(f"{' '.join(key):34}{said}", flush=True)
    behind = rows.set_index(["rule", "seed"])["behind"]
    gap = behind["taken"] - behind["simplest"]
    return float(gap.mean() / gap.sem()) if gap.any() else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    given = parser.parse_args()
    keys = [(generator, model) for generator in GENERATORS for model in given.models]
    with threadpool_limits(1):
        found = pd.DataFrame(
            [each for key in keys for seed in range(given.seeds) for each in run(*key, seed)]
        )
    print(f"{given.seeds} seeds: share of runs in which the best is taken, and 0.0001 Brier behind it")
    print(f"{'':34}" + "".join(f"{rule:>26}" for rule in (*RULES, "taken")))
    groups = found.groupby(["model", "generator", "strategy"], sort=False)
    worse = [" ".join(key) for key, rows in groups if report(key, rows) > WITHIN]
    print(f"\ntaken behind simplest by more than two standard errors: {', '.join(worse) or 'none'}")
    sys.exit(bool(worse))


if __name__ == "__main__":
    main()
