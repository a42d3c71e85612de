"""How often `leaks` names frames that were oversampled before it saw them, and how often it cries wolf.

Seeded frames of 5 to 50 continuous columns and 50 to 5,000 rare rows go through imbalanced-learn's samplers before `leaks`
sees them: as they come, grown to twice the rare rows only (half of them are real), and rounded to 3 decimals (SMOTE's to 2
and 1 too); all shuffled.
Untouched are the same frames before that, blocks of a page whose columns are computed from each other, scikit-learn's
bundled sets, and CSV files named on the command line as ``FILE:TARGET``. The exit code is 0 when at least 98 % of the
unrounded grown frames are named, all copied ones are, and no untouched one is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from honest_frames import page_blocks
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, SVMSMOTE, BorderlineSMOTE, RandomOverSampler
from sklearn import datasets

from imbalance_accessor.verbs.leaks import leaks

KINDS = ("blobs", "ridges", "skewed", "correlated", "heavy tails")
WANTED = 0.98
#: Rows above which a support vector machine takes too long to be waited for.
FEW_ROWS = 5_000


def untouched(seed: int) -> tuple[pd.DataFrame, np.random.Generator]:
    """Return continuous rows of two classes, of a shape that depends on the seed."""
    rng = np.random.default_rng(seed)
    d, rare = int(rng.integers(5, 51)), int(np.exp(rng.uniform(np.log(50), np.log(5000))))
    n = int(rare * rng.uniform(4, 12))
    y = np.zeros(n, dtype=int)
    y[:rare] = 1
    X = rng.normal(size=(n, d)) + y[:, None] * rng.normal(size=d) * 0.7
    kind = KINDS[seed % len(KINDS)]
    if kind == "ridges":
        X = X @ rng.normal(size=(d, d)) * np.exp(rng.normal(size=d))
    elif kind == "skewed":
        X = np.exp(X)
    elif kind == "correlated":
        X = X[:, : max(3, d // 3)] @ rng.normal(size=(max(3, d // 3), d)) + 0.1 * rng.normal(size=(n, d))
    elif kind == "heavy tails":
        X = X / np.sqrt(rng.chisquare(3, size=(n, 1)) / 3)
    frame = pd.DataFrame(X, columns=[f"x{place}" for place in range(d)]).assign(y=y)
    return frame.sample(frac=1, random_state=seed, ignore_index=True), rng


def computed(seed: int) -> pd.DataFrame:
    """Return blocks of a page: whole and rounded columns, some of them computed from others."""
    frame, rare = page_blocks(np.random.default_rng(seed))
    return frame.assign(y=rare.astype(int))


def with_categories(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Put two text columns beside the numbers."""
    towns, kinds = rng.choice(list("abcdef"), len(frame)), rng.choice(["new", "old"], len(frame))
    return frame.assign(town=towns, kind=kinds)


def grown(frame: pd.DataFrame, sampler: Any, seed: int) -> pd.DataFrame:
    """Resample all rows, as nobody should, and shuffle them."""
    X, y = sampler.fit_resample(frame.drop(columns="y"), frame["y"])
    return X.assign(y=y).sample(frac=1, random_state=seed, ignore_index=True)


def makers(seed: int) -> dict[str, Callable[..., Any]]:
    return {
        "SMOTE": lambda **given: SMOTE(random_state=seed, **given),
        "BorderlineSMOTE": lambda **given: BorderlineSMOTE(random_state=seed, **given),
        "ADASYN": lambda **given: ADASYN(random_state=seed, **given),
        "SVMSMOTE": lambda **given: SVMSMOTE(random_state=seed, **given),
        "SMOTENC": lambda **given: SMOTENC(["town", "kind"], random_state=seed, **given),
    }


def answer(frame: pd.DataFrame, code: str, target: Any = "y") -> str:
    """Return what the check says: named, silent, or that it cannot tell."""
    found = leaks(frame, target).frame.loc[code, "found"]
    return "cannot tell" if np.isnan(found) else "named" if found else "silent"


def seeded(n: int) -> Iterator[tuple[str, str, str]]:
    """Yield what was done to a frame, the code that should name it, and what was said."""
    for seed in range(n):
        frame, rng = untouched(seed)
        yield "untouched", "IMB103", answer(frame, "IMB103")
        yield "untouched", "IMB102", answer(frame, "IMB102")
        yield "untouched, 3 decimals", "IMB103", answer(frame.round(3), "IMB103")
        yield "untouched, computed columns", "IMB103", answer(computed(seed), "IMB103")
        copied = grown(frame, RandomOverSampler(random_state=seed), seed)
        yield "RandomOverSampler", "IMB102", answer(copied, "IMB102")
        again = frame.sample(frac=1.3, replace=True, random_state=seed)  # honest: both classes repeat
        yield "rows drawn again, both classes", "IMB102", answer(again, "IMB102")
        twice = 2 * frame["y"].sum() / (frame["y"] == 0).sum()
        for name, make in makers(seed).items():
            if name == "SVMSMOTE" and len(frame) > FEW_ROWS:
                continue
            base = with_categories(frame, rng) if name == "SMOTENC" else frame
            for what, options in (("", {}), (", half of them real", {"sampling_strategy": twice})):
                try:
                    made = grown(base, make(**options), seed)
                except ValueError:  # ADASYN finds nothing to do where classes lie apart
                    continue
                if len(made) == len(base):
                    continue
                yield f"{name}{what}", "IMB103", answer(made, "IMB103")
                for decimals in (3, 2, 1) if name == "SMOTE" else (3,):
                    yield (
                        f"{name}{what}, {decimals} decimals",
                        "IMB103",
                        answer(made.round(decimals), "IMB103"),
                    )


def bundled() -> Iterator[tuple[str, pd.DataFrame, Any]]:
    for load in (
        datasets.load_iris,
        datasets.load_wine,
        datasets.load_breast_cancer,
        datasets.load_digits,
    ):
        yield load.__name__.removeprefix("load_"), load(as_frame=True).frame, "target"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", nargs="*", help="FILE:TARGET of untouched sets")
    parser.add_argument("--frames", type=int, default=50)
    given = parser.parse_args()
    said = pd.DataFrame(seeded(given.frames), columns=["frames", "code", "said"])
    table = pd.crosstab([said["code"], said["frames"]], said["said"])
    table = table.reindex(columns=["named", "silent", "cannot tell"], fill_value=0)
    print(table.to_string(), "\n")
    sets = [
        *bundled(),
        *((path, pd.read_csv(path), target) for path, target in (each.rsplit(":", 1) for each in given.csv)),
    ]
    wolf = 0
    for name, frame, target in sets:
        answers = {code: answer(frame, code, target) for code in ("IMB102", "IMB103")}
        wolf += "named" in answers.values()
        print(f"{name}: {answers}")
    sys.exit(not _holds(table, wolf))


def _holds(table: pd.DataFrame, wolf: int) -> bool:
    share = table["named"] / table.sum(axis=1)
    frames = table.index.get_level_values("frames")
    honest = frames.str.startswith(("untouched", "rows drawn"))
    rounded = frames.str.endswith("decimals")
    return bool(not wolf and (share[honest] == 0).all() and (share[~honest & ~rounded] >= WANTED).all())


if __name__ == "__main__":
    main()
