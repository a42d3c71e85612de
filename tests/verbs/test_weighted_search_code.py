"""The search functions of a snippet, where rows do not count once each, choose what the package chooses."""

import numpy as np
import pytest

from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.thresholds import ThresholdGrid, Tuning
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared.snippet_threshold import weight_arguments, write_best_threshold

OBJECTIVES = {
    **{each: Objective(each) for each in ("f1", "mcc", "balanced_accuracy", "g_mean", "accuracy")},
    "f2": Objective("fbeta", 2.0),
    "costs": Objective("cost"),
    "costs under limits": Objective(
        "cost", constraints=(Constraint("recall", 0.4), Constraint("flag_rate", 0.7))
    ),
    "a precision": Objective("recall", constraints=(Constraint("precision", 0.3),)),
    "a sure precision": Objective("recall", constraints=(Constraint("precision", 0.15),), confidence=0.8),
    "a sure recall and flag rate": Objective(
        "specificity", constraints=(Constraint("recall", 0.3), Constraint("flag_rate", 0.7)), confidence=0.9
    ),
}


def drawn(seed, deals):
    """Rows with ties, weights of their own (some 0), and factors of a prevalence; once for each deal of the folds."""
    rng = np.random.default_rng(seed)
    y, own = np.tile(np.arange(120) < 40, deals), np.tile(rng.integers(0, 6, 120) / 2, deals)
    score = (rng.normal(size=len(y)) + 0.9 * y).round(rng.integers(1, 4))
    return y, score, own, np.array([1.3, 0.2])


@pytest.mark.parametrize("known", ["own", "factors", "both"])
@pytest.mark.parametrize("case", OBJECTIVES)
def test_the_code_chooses_the_same_threshold(case, known, run):
    objective = OBJECTIVES[case]
    deals = 2 if objective.confidence else 1  # a sure limit takes means over the deals of the folds
    costs = {"fp": 1.0, "fn": 7.5, "tp": -2.0, "tn": 0.25} if objective.criterion == "cost" else None
    found = []
    for seed in range(4):
        y, score, own, factors = drawn(seed, deals)
        weights = Weights(own if known != "factors" else None, factors if known != "own" else None)
        table = ThresholdGrid(y, score, Costs(**costs) if costs else None, weights).table.averaged(deals)
        tuning = Tuning(objective, len(y), seed=seed)
        writer = Writer()
        writer.use_module("numpy", "np")
        how = {"amounts": costs, "ceiling": "0.7", "deals": deals, "weights": weights}
        write_best_threshold(writer, tuning, **how)
        given = [weights.of(y), weights.own][: len(weight_arguments(objective, weights))]
        if objective.confidence:
            given.append(deals)
        found.append(run(writer.text())["best_threshold"](y, score, *given))
        assert found[-1] == pytest.approx(tuning.threshold(table), rel=0, abs=0, nan_ok=True)
    assert np.isfinite(found).any()
