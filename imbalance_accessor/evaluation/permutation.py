"""Is there signal at all? The score on the real labels among scores on shuffled ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd

from imbalance_accessor.errors import LEFT_OUT, ModelError, OptionError, change, one_line
from imbalance_accessor.evaluation.fit import FitTask, fit_and_score
from imbalance_accessor.evaluation.parallel import Job, run_all
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.progress import Progress
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.multiclass import average_precision
from imbalance_accessor.options import is_whole
from imbalance_accessor.splitting.deals import Positions
from imbalance_accessor.splitting.split import Part

#: From this chance on the score is no better than shuffled labels give.
_NO_SIGNAL = 0.05


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """Average precision on the real labels, and on shuffled ones.

    Attributes
    ----------
    real : float
        On the test set, of the plain model; the mean over classes for several.
    shuffled : pandas.Series of float
        The same, refitted and scored on shuffled labels.
    """

    real: float
    shuffled: pd.Series

    @property
    def p_value(self) -> float:
        """The chance of a score at least as high where features say nothing: (1 + beaten) / (1 + shuffles)."""
        return float((1 + (self.shuffled >= self.real).sum()) / (1 + len(self.shuffled)))

    @property
    def said(self) -> str:
        """The comparison in one clause."""
        n = len(self.shuffled)
        return (
            f"average precision {self.real:.3f}; on {n} shuffles of the labels {self.shuffled.median():.3f}, at most "
            f"{self.shuffled.max():.3f} (p = {self.p_value:.2g})"
        )

    @property
    def findings(self) -> list[Finding]:
        """Whether the features may say nothing."""
        beaten = int((self.shuffled >= self.real).sum())
        if not beaten or self.p_value <= _NO_SIGNAL:
            return []
        sentence = (
            f"On {beaten} of {len(self.shuffled)} shuffles of the labels the model scores as well as on the real ones "
            f"(p = {self.p_value:.2g}): the features may say nothing."
        )
        cure = "Look for better features or more rows before strategies; p cannot go below 1 / (permutations + 1)."
        return [Finding("IMB409", "warning", sentence, cure)]


def check_permutations(permutations: Any, *, fitted: bool, held_out: bool) -> None:
    """Refuse what is no whole number of 0 or more shuffles, and any shuffle without a fit or a test set to score."""
    if not is_whole(permutations) or permutations < 0:
        asked = 20 if held_out and not fitted else 0
        raise OptionError(
            f"permutations={one_line(permutations)} must be a whole number of shuffles, 0 for none. Use permutations={asked}.",
            fix=change(permutations=asked),
        )
    if permutations and not held_out:
        raise OptionError(
            f"permutations={permutations} scores the test set, and test_size=0 holds none out. Leave permutations= out.",
            fix=change(permutations=LEFT_OUT),
        )
    if permutations and fitted:
        raise OptionError(
            f"permutations={permutations} refits the model, and fitted=True never fits. Leave permutations= out.",
            fix=change(permutations=LEFT_OUT),
        )


def permute(
    plan: Plan, scored: CrossValScores, permutations: int, *, n_jobs: int | None, progress: Progress
) -> PermutationTest:
    """Refit "none" on shuffled labels and score it on shuffled labels of the test set.

    Parameters
    ----------
    plan : Plan
    scored : CrossValScores
        Holds the scores on the real labels.
    permutations : int
        How often.
    n_jobs, progress
        As `parallel.run_all` takes them.

    Notes
    -----
    Under the null that features say nothing of labels, every order of the labels within a part is as likely as the
    real one, and p = (1 + number of shuffled scores ≥ the real one) / (1 + permutations) (Ojala & Garriga 2010). With
    ``groups=`` the labels of whole groups change places; with ``time=`` they are rotated along time. A label takes the
    weight of its row along, in fit and figure, so that the share of each class stays what it is.
    """
    reader, parts = plan.reader, plan.parts
    X_train, X_test = reader.features(parts.learned), reader.features(parts.test)
    orders = list(_orders(plan, permutations))
    jobs = [Job("shuffled labels", number) for number in range(permutations)]

    def call(job: Job) -> Any:
        order = orders[job.fold][0]
        y, own = reader.labels(parts.learned_outcome[order]), parts.learned_weights.take(order).own
        given = {} if own is None else {"sample_weight": own}
        rows = FitTask(X_train, y, given, X_test, len(reader.classes))
        return joblib.delayed(fit_and_score)(job, plan.candidates["none"].estimator, rows)

    done = run_all(jobs, call, n_jobs=n_jobs, progress=progress)
    failure = next((each.failure for each in done if each.failure), None)
    if failure is not None:
        raise ModelError(
            f"The model failed on shuffled labels: {failure}. Leave permutations= out.",
            fix=change(permutations=LEFT_OUT),
        )
    weights = parts.test_weights
    real = average_precision(scored.test_codes, scored.by_name["none"].test, scored.positive, weights)
    shuffled = [
        average_precision(
            scored.test_codes[held], np.asarray(each.scores), scored.positive, weights.take(held)
        )
        for each, (_, held) in zip(done, orders, strict=True)
    ]
    return PermutationTest(real, pd.Series(shuffled, name="average_precision"))


def _orders(plan: Plan, permutations: int) -> Iterator[tuple[Positions, Positions]]:
    """Yield for each shuffle which row that is learned from and which test row gives each row its label."""
    rng, parts = np.random.default_rng(plan.random_state), plan.parts
    time = parts.split_by.time
    for _ in range(permutations):
        yield (
            _order(parts.learned, parts.train_groups, time, rng),
            _order(parts.test, parts.test_groups, time, rng),
        )


def _order(part: Part, groups: Codes | None, time: Hashable | None, rng: np.random.Generator) -> Positions:
    """Return which row gives each row its label: one of a group that takes its place, the one before it in time, or any."""
    if groups is not None:
        positions = np.argsort(groups, kind="stable")
        givers = np.argsort(rng.permutation(int(groups.max()) + 1)[groups], kind="stable")
    elif time is not None:
        positions = np.argsort(part.X[time].to_numpy(), kind="stable")
        givers = np.roll(positions, int(rng.integers(1, len(part))))
    else:
        return rng.permutation(len(part))
    order = np.empty(len(part), dtype=np.intp)
    order[positions] = givers
    return order
