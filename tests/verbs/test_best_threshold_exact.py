"""The threshold of given scores equals an exhaustive search in exact arithmetic, whatever it is chosen for."""

import math
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from best_thresholds import best_threshold_of, loop_cut
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.thresholds import ThresholdGrid

pytestmark = pytest.mark.filterwarnings("error")

OUTCOMES = ("fp", "fn", "tp", "tn")


def exact(number):
    """Take a number as it was typed: 0.8 is 4/5."""
    return Fraction(str(number))


def over(a, b):
    return Fraction(a) / Fraction(b) if b else Fraction(0)


def signed_square(a, b2):
    """Order by a / sqrt(b2) without leaving the fractions."""
    return over(a * abs(a), b2)


CRITERIA = {
    "f1": lambda tp, fp, fn, tn: over(2 * tp, 2 * tp + fp + fn),
    "mcc": lambda tp, fp, fn, tn: signed_square(
        tp * tn - fp * fn, (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    ),
    "balanced_accuracy": lambda tp, fp, fn, tn: over(tp, tp + fn) + over(tn, tn + fp),
    "g_mean": lambda tp, fp, fn, tn: over(tp, tp + fn) * over(tn, tn + fp),
    "accuracy": lambda tp, fp, fn, tn: over(tp + tn, tp + fp + fn + tn),
    "recall": lambda tp, fp, fn, tn: over(tp, tp + fn),
    "precision": lambda tp, fp, fn, tn: over(tp, tp + fp),
    "specificity": lambda tp, fp, fn, tn: over(tn, tn + fp),
    "flag_rate": lambda tp, fp, fn, tn: over(tp + fp, tp + fp + fn + tn),
}


@dataclass
class Wanted:
    """What a threshold is chosen for, in words of this file alone."""

    criterion: str
    beta: float | None = None
    limits: dict = field(default_factory=dict)
    costs: dict | None = None  # an amount, or one for each row

    def value(self, y, flags):
        tp, fp, fn, tn = counted(y, flags)
        if self.criterion == "cost":
            return -self.paid(y, flags)
        if self.criterion == "fbeta":
            b2 = exact(self.beta) ** 2
            return over((1 + b2) * tp, (1 + b2) * tp + b2 * fn + fp)
        return CRITERIA[self.criterion](tp, fp, fn, tn)

    def paid(self, y, flags):
        total = Fraction(0)
        for row, (positive, flagged) in enumerate(zip(y, flags, strict=True)):
            amount = self.costs.get(("t" if positive == flagged else "f") + ("p" if flagged else "n"), 0)
            total += exact(amount[row] if isinstance(amount, list) else amount)
        return total

    def keeps(self, y, flags):
        tp, fp, fn, tn = counted(y, flags)
        kept = True
        for metric, bound in self.limits.items():
            trials = {"precision": tp + fp, "recall": tp + fn, "flag_rate": len(y)}[metric]
            share = CRITERIA[metric](tp, fp, fn, tn)
            bound = bound if isinstance(bound, Fraction) else exact(bound)
            kept &= trials > 0 and (share <= bound if metric == "flag_rate" else share >= bound)
        return kept

    def search(self, y, score):
        """Try +inf and every distinct score; of the best thresholds that keep the limits take the strictest."""
        best = None
        for threshold in [math.inf, *sorted(set(score), reverse=True)]:
            flags = [s >= threshold for s in score]
            if self.keeps(y, flags):
                value = self.value(y, flags)
                if best is None or value > best[0]:
                    best = value, threshold
        return math.nan if best is None else best[1]

    def of(self, rows):
        """Narrow amounts to some rows."""
        costs = self.costs and {
            outcome: [amount[row] for row in rows] if isinstance(amount, list) else amount
            for outcome, amount in self.costs.items()
        }
        return Wanted(self.criterion, self.beta, self.limits, costs)


def counted(y, flags):
    pairs = list(zip(y, flags, strict=True))
    return tuple(pairs.count(cell) for cell in ((True, True), (False, True), (True, False), (False, False)))


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


SCORES = {
    "shares": st.sampled_from([0.0, 1.0, 0.5, 0.25, 0.1, 0.3, 0.30000000000000004, 1e-300]),
    "few": st.sampled_from([0.0, -0.0, 1.0]),
    "any": st.one_of(st.floats(-1e6, 1e6), st.integers(-3, 3).map(float)),
}
BOUNDS = st.one_of(
    st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0]),
    st.integers(1, 100).map(lambda percent: percent / 100),
)
BETAS = st.sampled_from([0.1, 0.5, 1, 1.5, 2, 3, 10])


@st.composite
def rows(draw, fewest=1, of_each=0, most=14):
    n = draw(st.integers(max(fewest, 2 * of_each), most))
    y = draw(st.lists(st.booleans(), min_size=n - 2 * of_each, max_size=n - 2 * of_each))
    y = draw(st.permutations(y + [True, False] * of_each))
    score = draw(st.lists(SCORES[draw(st.sampled_from(sorted(SCORES)))], min_size=n, max_size=n))
    return list(y), score


def tenths(low, high):
    return st.integers(10 * low, 10 * high).map(lambda amount: amount / 10)


@st.composite
def amounts(draw, n, by_row):
    """Draw what each outcome costs: below 0 for gains, and for some outcomes an amount for each row."""
    kinds = {outcome: st.one_of(st.integers(-20, 60), tenths(-20, 60), st.just(500)) for outcome in OUTCOMES}
    costs = {outcome: draw(kinds[outcome]) for outcome in ("fp", "fn")}
    costs |= {outcome: draw(kinds[outcome]) for outcome in ("tp", "tn") if draw(st.booleans())}
    if by_row:
        for outcome in draw(st.sets(st.sampled_from(sorted(costs)), min_size=1)):
            costs[outcome] = draw(st.lists(tenths(0, 99), min_size=n, max_size=n))
    return costs


def combined(draw, n):
    """Draw limits that stand together."""
    metrics = draw(st.sets(st.sampled_from(["precision", "recall", "flag_rate"]), min_size=1))
    return {metric: draw(BOUNDS) for metric in sorted(metrics)}


#: How each kind of wish is drawn, given the number of rows.
WISHES = {
    **{name: lambda draw, n, name=name: Wanted(name) for name in list(CRITERIA)[:5]},
    "fbeta": lambda draw, n: Wanted("fbeta", draw(BETAS)),
    "cost": lambda draw, n: Wanted("cost", costs=draw(amounts(n, by_row=False))),
    "cost by row": lambda draw, n: Wanted("cost", costs=draw(amounts(n, by_row=True))),
    "recall at a precision": lambda draw, n: Wanted("recall", limits={"precision": draw(BOUNDS)}),
    "precision at a recall": lambda draw, n: Wanted("precision", limits={"recall": draw(BOUNDS)}),
    "recall at a flag rate": lambda draw, n: Wanted("recall", limits={"flag_rate": draw(BOUNDS)}),
    "so many rows": lambda draw, n: Wanted(
        "flag_rate", limits={"flag_rate": Fraction(draw(st.integers(1, n)), n)}
    ),
    "a criterion with limits": lambda draw, n: Wanted(
        draw(st.sampled_from(sorted(CRITERIA))), limits=combined(draw, n)
    ),
    "fbeta with limits": lambda draw, n: Wanted("fbeta", draw(BETAS), combined(draw, n)),
    "cost with limits": lambda draw, n: Wanted(
        "cost", limits=combined(draw, n), costs=draw(amounts(n, by_row=draw(st.booleans())))
    ),
}


def as_aim(wanted):
    limits = tuple(Constraint(metric, float(bound)) for metric, bound in wanted.limits.items())
    return Objective(wanted.criterion, wanted.beta or 1.0, limits)


def as_costs(wanted):
    if wanted.costs is None:
        return None
    arrays = {k: np.array(v, float) if isinstance(v, list) else float(v) for k, v in wanted.costs.items()}
    return Costs(**arrays)


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", WISHES)
@given(data=st.data())
@settings(deadline=None, max_examples=90, suppress_health_check=[HealthCheck.too_slow])
def test_the_search_equals_an_exhaustive_exact_one(kind, data):
    y, score = data.draw(rows())
    wanted = WISHES[kind](data.draw, len(y))
    objective, costs = as_aim(wanted), as_costs(wanted)
    expected = wanted.search(y, score)
    assert same(best_threshold_of(np.array(y), score, objective, costs), expected)
    place, feasible = ThresholdGrid(np.array(y), score, costs).table.choose(objective)
    assert feasible == (not math.isnan(expected))
    if wanted.costs:
        table = ThresholdGrid(np.array(y), score, costs).table
        paid = float(wanted.paid(y, [s >= table.thresholds[place] for s in score]))
        assert table.cost[place] == pytest.approx(paid, abs=1e-9)


LABELS = [("no", "yes"), ("yes", "no"), (False, True), (0, 1), (7, -2), ("b", "a"), (1.0, 2.0)]


def verb_wishes(draw, y):
    """Draw options of the verb, with what they ask for in words of this file; costs that a user may give."""
    n, prevalence = len(y), Fraction(sum(y), len(y))
    kind = draw(st.sampled_from(["plain", "f-number", "fbeta", "cost", "amount", "one", "top_k", "limits"]))
    if kind == "plain":
        name = draw(st.sampled_from(["f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"]))
        return {"criterion": name}, Wanted(name), {}
    if kind == "f-number":
        return {"criterion": "f2"}, Wanted("fbeta", 2), {}
    if kind == "fbeta":
        beta = draw(BETAS)
        return {"beta": beta}, Wanted("fbeta", beta), {}
    if kind == "cost":
        cost = {"fp": draw(tenths(1, 9)), "fn": draw(tenths(1, 90))}
        cost |= {right: draw(tenths(-30, 0)) for right in ("tp", "tn") if draw(st.booleans())}
        return {"cost": cost}, Wanted("cost", costs=cost), {}
    if kind == "amount":
        column = draw(st.lists(tenths(1, 99), min_size=n, max_size=n))
        cost = {"fp": draw(tenths(1, 30)), "fn": "amount", "tn": draw(tenths(-5, 0))}
        return {"cost": cost}, Wanted("cost", costs={**cost, "fn": column}), {"amount": column}
    if kind == "one":
        option, metric, best = draw(
            st.sampled_from(
                [
                    ("min_precision", "precision", "recall"),
                    ("min_recall", "recall", "precision"),
                    ("max_flag_rate", "flag_rate", "recall"),
                ]
            )
        )
        bound = draw(BOUNDS)
        return {option: bound}, Wanted(best, limits={metric: bound}), {}
    if kind == "top_k":
        k = draw(st.one_of(st.integers(1, n), st.sampled_from([0.1, 0.25, 0.5, 0.7])))
        rate = Fraction(k, n) if isinstance(k, int) else exact(k)
        return {"top_k": k}, Wanted("flag_rate", limits={"flag_rate": rate}), {}
    precision, recall = draw(BOUNDS), draw(BOUNDS)
    other = draw(st.sampled_from(["recall", "flag_rate"]))
    if other == "recall":
        options = {"min_precision": precision, "min_recall": recall}
        return options, Wanted("f1", limits={"precision": precision, "recall": recall}), {}
    rate = max(recall, math.ceil(100 * prevalence) / 100)
    options = {"criterion": "mcc", "min_precision": precision, "max_flag_rate": rate}
    return options, Wanted("mcc", limits={"precision": precision, "flag_rate": rate}), {}


def cut_of(wanted, y, score):
    """The best of all thresholds, or by a criterion alone the middle of the resamples' best ones."""
    if wanted.limits or wanted.costs:
        return wanted.search(y, score)
    return loop_cut(y, score, Objective(wanted.criterion, wanted.beta or 1.0))


def as_flags(threshold, score):
    return None if math.isnan(threshold) else [each >= threshold for each in score]


def by_the_loop(wanted, y, score):
    """Flag each fold at the threshold that the other folds choose, as a plain loop."""
    flags, thresholds = [False] * len(y), {}
    folds = StratifiedKFold(2, shuffle=True, random_state=0).split(np.zeros(len(y)), y)
    for fold, (others, held_out) in enumerate(folds):
        threshold = cut_of(wanted.of(others), [y[i] for i in others], [score[i] for i in others])
        thresholds[fold] = threshold
        for i in held_out:
            flags[i] = score[i] >= threshold
    return flags, thresholds


@pytest.fixture
def few_draws():
    with draws_at_most(2):
        yield


@pytest.mark.slow
@given(data=st.data(), labels=st.sampled_from(LABELS))
@settings(
    deadline=None,
    max_examples=45,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_verb_equals_an_exhaustive_exact_search(few_draws, data, labels):
    y, score = data.draw(rows(of_each=2).filter(lambda case: len(set(case[1])) > 1))
    options, wanted, columns = verb_wishes(data.draw, y)
    frame = pd.DataFrame({"y": pd.Series([labels[each] for each in y]), "s": score, **columns})
    frame.index = np.arange(len(y))[::-1] * 3
    t = imb.best_threshold(
        frame, "y", scores="s", test_size=0, cv=2, pos_label=labels[1], progress=False, **options
    )
    expected = cut_of(wanted, y, score)
    assert as_flags(float(t), score) == as_flags(expected, score)
    assert math.isnan(expected) or float(t) <= expected
    assert t.feasible == (not math.isnan(expected))
    flags, thresholds = by_the_loop(wanted, y, score)
    assert set(t.fold_thresholds) == set(thresholds)
    ids = t.strategy_scores.scored.folds.ids
    for (
        fold,
        threshold,
    ) in thresholds.items():  # a threshold is rounded, and flags the same of the rows that chose it
        others = [each for each, place in zip(score, ids, strict=True) if place != fold]
        assert as_flags(t.fold_thresholds[fold], others) == as_flags(threshold, others)
        for i in np.flatnonzero(ids == fold):
            flags[i] = score[i] >= t.fold_thresholds[fold]
    if not t.feasible:
        assert t.report.index[0] == "nearest"
        with pytest.raises(imb.errors.ModelError):
            t.apply(frame)
        return
    assert t.apply(frame).tolist() == [s >= expected for s in score]
    # what is reported was flagged at the thresholds of the other folds
    chosen = t.report.loc["chosen"]
    assert tuple(chosen[["tp", "fp", "fn", "tn"]]) == counted(y, flags)
    if wanted.costs:
        assert chosen["cost"] == pytest.approx(float(wanted.paid(y, flags)), abs=1e-9)
        assert chosen["cost_per_row"] == pytest.approx(float(wanted.paid(y, flags) / len(y)), abs=1e-9)
    elif wanted.criterion == "fbeta":
        assert chosen["fbeta"] == pytest.approx(float(wanted.value(y, flags)), abs=1e-12)
    for metric in ("precision", "recall", "f1", "accuracy", "specificity", "flag_rate"):
        value = float(CRITERIA[metric](*counted(y, flags)))
        assert chosen[metric] == pytest.approx(value, abs=1e-12)
        assert chosen[f"{metric}_cv"] == chosen[metric]


@pytest.mark.parametrize("labels", LABELS)
def test_the_positive_class_is_the_rarest_unless_named(labels):
    rng = np.random.default_rng(3)
    y = rng.random(40) < 0.3
    score = np.round(rng.random(40) + 0.3 * y, 1)
    frame = pd.DataFrame({"y": [labels[int(each)] for each in y], "s": score})
    quick = {"scores": "s", "test_size": 0, "cv": 2, "criterion": "mcc"}
    assert float(imb.best_threshold(frame, "y", **quick)) == loop_cut(y, score, "mcc")
    other = imb.best_threshold(frame, "y", pos_label=labels[0], **quick)
    assert float(other) == loop_cut(~y, score, "mcc")


def test_the_test_set_reports_and_does_not_choose():
    rng = np.random.default_rng(5)
    y = rng.random(120) < 0.3
    score = np.round(rng.random(120) + 0.3 * y, 1)
    frame = pd.DataFrame({"y": y, "s": score})
    train, test = frame.iloc[:70], frame.iloc[70:]
    t = imb.best_threshold(train, "y", scores="s", cv=2, test=test)
    threshold = loop_cut(train["y"], train["s"])
    assert float(t) == threshold
    flags = (test["s"] >= threshold).tolist()
    assert tuple(t.report.loc["chosen", ["tp", "fp", "fn", "tn"]]) == counted(test["y"].tolist(), flags)
    own = Wanted("f1").search(test["y"].tolist(), test["s"].tolist())
    assert t.report.loc["claimed", "threshold"] == own
    claimed = Wanted("f1").value(test["y"].tolist(), (test["s"] >= own).tolist())
    assert t.report.loc["claimed", "f1"] == pytest.approx(float(claimed), abs=1e-12)
    crossed, _ = by_the_loop(Wanted("f1"), train["y"].tolist(), train["s"].tolist())
    crossed_f1 = Wanted("f1").value(train["y"].tolist(), crossed)
    assert t.report.loc["chosen", "f1_cv"] == pytest.approx(float(crossed_f1), abs=1e-12)
