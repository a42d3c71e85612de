"""Each row of metrics: its names, its direction, and that formulas and calls of snippets give what it computes."""

from dataclasses import replace

import numpy as np
import pytest
from best_thresholds import best_threshold_of
from sklearn.preprocessing import label_binarize

from imbalance_accessor.metrics.binary import Confusion, Ranking, confusion
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.figures import Scores
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.measure import measure
from imbalance_accessor.metrics.multiclass import ClassCounts, confusion_matrix
from imbalance_accessor.metrics.registry import (
    METRICS,
    Metric,
    criteria,
    figure_of,
    losses_of_classes,
    metric_label,
    metric_name,
    metric_names,
    metric_of,
    probability_losses,
    register,
    rows,
)

pytestmark = pytest.mark.filterwarnings("error")

DECISION = {metric.name: metric for metric in rows("decision", compared=False)}
RANKING = {metric.name: metric for metric in rows("ranking")}
PROBABILITY = {metric.name: metric for metric in rows("probability", compared=False)}
#: What is neither better nor worse.
NEITHER = {"mean_probability", "flag_rate"}
EPS = np.finfo(float).eps


def tables(n=60, seed=0):
    """Counts of flags: any, with empty cells, nobody and everyone flagged, one class alone."""
    rng = np.random.default_rng(seed)
    odd = [
        (0, 0, 5, 95),
        (5, 95, 0, 0),
        (0, 7, 0, 3),
        (4, 0, 6, 0),
        (0, 3, 4, 0),
        (9, 0, 0, 1),
        (0, 0, 9, 0),
        (0, 0, 0, 1),
    ]
    return [
        *odd,
        *(tuple(map(int, each)) for each in rng.integers(0, 30, (n, 4)) * (rng.random((n, 4)) < 0.8)),
    ]


def over(above, below):
    return above / below if below else 0.0


def evaluated(text, **given):
    return eval(text, {"np": np}, given)


def called(metric, code, **given):
    """Run the call of a snippet, with what it imports."""
    space = {"np": np, **given}
    if metric.library is not None:
        module, name = metric.library
        exec(f"from {module} import {name}", space)
    return eval(code, space)


def labelled(n=80, seed=0, levels=None):
    """Labels of both classes, and probabilities, with as many levels as are wanted."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.25
    y[:2] = [True, False]
    p = 1 / (1 + np.exp(1.5 - 1.5 * y - rng.normal(size=n)))
    return y, p if levels is None else np.round(p * levels) / levels


def several(n=90, seed=0, k=4):
    """Labels of several classes and the scores of each."""
    rng = np.random.default_rng(seed)
    y = rng.choice(k, n, p=[0.6, 0.2, 0.15, 0.05][:k] if k == 4 else None)
    y[:k] = np.arange(k)
    return y, rng.dirichlet(np.ones(k), n) * 0.7 + 0.3 * np.eye(k)[y]


# --- names ---


def test_names_and_aliases_are_unique_and_casefolded():
    aliases = [alias for metric in METRICS.values() for alias in metric.aliases]
    everything = [*METRICS, *aliases]
    assert len(set(everything)) == len(everything)
    assert all(each == each.casefold() == each.strip() and each for each in everything)
    assert all(name == metric.name for name, metric in METRICS.items())
    for metric in METRICS.values():
        for alias in metric.aliases:
            assert metric_name(alias) == metric.name
        assert metric_name(metric.name) == metric.name
    assert [metric_name(each) for each in ("pr_auc", "sensitivity", "auc")] == [
        "average_precision",
        "recall",
        "roc_auc",
    ]


@pytest.mark.parametrize("typed", ["fbeta", "cost", "", None, 3, ["f1"]])
def test_what_stands_for_no_metric_stays_as_it_is(typed):
    assert metric_name(typed) == typed


def test_columns_are_written_as_their_metric_is_at_whatever_threshold():
    labels = [metric_label(name) for name in METRICS]
    assert len(set(labels)) == len(labels)
    for metric in METRICS.values():
        assert metric_of(metric.name) is metric_of(f"{metric.name}_tuned") is metric
        assert metric_label(f"{metric.name}_tuned") == f"{metric.shown} at its tuned threshold"
        assert "_" not in metric.shown
    for column in ("tp", "fn_tuned", "recall[a]", "cost"):
        assert metric_of(column) is None


def test_rows_are_told_apart_by_kind():
    assert [*RANKING] == metric_names("ranking") == metric_names("ranking", several=True)
    assert set(METRICS) == {*DECISION, *RANKING, *PROBABILITY}
    assert [*DECISION] == metric_names("decision", compared=False)
    assert set(DECISION) - set(metric_names("decision")) == {"specificity", "flag_rate"}
    assert metric_names("decision", several=True) == metric_names("decision")
    assert set(metric_names("probability")) - set(metric_names("probability", several=True)) == {
        "mean_probability"
    }
    assert criteria() == ["f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"]
    assert set(criteria()) <= set(metric_names("decision"))


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_row_says_all_that_is_written_of_it(metric):
    assert metric.formula
    if metric.is_compared:
        assert metric.code
    if metric.kind != "decision" and metric.better:
        assert metric.meaning
        assert metric.meaning_several
    if metric.kind == "decision" and not metric.is_criterion:
        assert metric.about
    if metric.of_classes is not None:
        assert metric.formula_of_classes
        assert metric.code_of_classes or metric.kind == "probability"
    assert (metric.no_skill is not None) == (metric.kind == "ranking")


# --- formulas ---


@pytest.mark.parametrize("each", [1.0, 0.07])  # rows of a class whose share is redrawn count any amount
@pytest.mark.parametrize("metric", DECISION.values(), ids=DECISION)
def test_the_formula_of_counts_is_the_figure(metric, each):
    for tp, fp, fn, tn in np.array(tables()) * each:
        if tp + fp + fn + tn == 0:
            continue
        given = {"tp": float(tp), "fp": float(fp), "fn": float(fn), "tn": float(tn)}
        parts = {
            "recall": over(tp, tp + fn),
            "specificity": over(tn, tn + fp),
            "root": ((tp + fp) * (fn + tn) * (tp + fn) * (fp + tn)) ** 0.5,
        }
        wanted = float(metric.of(Confusion(tp, fp, fn, tn)))
        assert evaluated(metric.formula, **given, **parts) == pytest.approx(wanted, abs=1e-12), (
            tp,
            fp,
            fn,
            tn,
        )
        assert float(figure_of(Confusion(tp, fp, fn, tn), metric.name)) == wanted


@pytest.mark.parametrize("metric", DECISION.values(), ids=DECISION)
def test_a_share_is_the_counts_it_names(metric):
    for four in tables():
        counts = dict(zip(("tp", "fp", "fn", "tn"), four, strict=True))
        if metric.share is not None:
            hits, of = (sum(counts[cell] for cell in side) for side in metric.share)
            assert over(hits, of) == pytest.approx(float(metric.of(Confusion(*four))), abs=1e-15)
            assert set(metric.share[0]) < set(metric.share[1])
    assert (metric.share is not None) == (
        metric.name in {"precision", "recall", "accuracy", "specificity", "flag_rate"}
    )


def test_each_metric_says_which_interval_it_has():
    found = {each.name: each.interval for each in METRICS.values()}
    assert {name for name, interval in found.items() if interval == "wilson"} == {
        *("precision", "recall", "accuracy", "specificity", "flag_rate")
    }
    assert {name: each for name, each in found.items() if each not in {"wilson", "percentile"}} == {
        "roc_auc": "logit",
        "balanced_accuracy": "mover",
        "g_mean": "log mover",
    }
    both = METRICS["recall"].share, METRICS["specificity"].share
    assert METRICS["g_mean"].shares == METRICS["balanced_accuracy"].shares == both
    assert (METRICS["recall"].shares, METRICS["f1"].shares) == (both[:1], ())


@pytest.mark.parametrize("levels", [None, 10, 1])
@pytest.mark.parametrize("metric", RANKING.values(), ids=RANKING)
def test_the_formula_of_levels_is_the_figure_of_rows_that_count_several_times(metric, levels):
    for seed in range(4):
        y, p = labelled(seed=seed, levels=levels)
        times = np.random.default_rng(seed).integers(0, 4, (6, 80)).astype(float)
        times[:, :2] += 1
        times[0] = 1
        times[3:] *= 0.07
        wanted = Ranking(y, p).drawn(times, {"": metric.of})[:, 0]
        level = np.unique(-p, return_inverse=True)[1]
        for w, figure in zip(times, wanted, strict=True):
            hits, errors = np.bincount(level, w * y), np.bincount(level, w * ~y)
            given = {"hits": hits, "errors": errors, "tp": hits.cumsum(), "fp": errors.cumsum()}
            assert evaluated(metric.formula, **given) == pytest.approx(figure, abs=1e-12)


@pytest.mark.parametrize("metric", PROBABILITY.values(), ids=PROBABILITY)
def test_the_formula_of_probabilities_is_each_rows_share(metric):
    y, p = labelled()
    p[:4] = [0, 1, 1, 0]
    told = np.clip(np.where(y, p, 1 - p), EPS, 1 - EPS)
    found = evaluated(metric.formula, y=y, p=p, told=told)
    np.testing.assert_allclose(found, metric.of(y, p), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(probability_losses(y, p)[metric.name], metric.of(y, p))


SEVERAL = [metric for metric in DECISION.values() if metric.of_classes is not None]


@pytest.mark.parametrize("metric", SEVERAL, ids=lambda metric: metric.name)
def test_the_formula_of_classes_is_the_figure(metric):
    rng = np.random.default_rng(1)
    for seed in range(30):
        k = 3 + seed % 3
        table = rng.integers(0, 9, (k, k)) * (rng.random((k, k)) < 0.7).astype(float)
        table[:, 0] += 1.0
        if seed % 4 == 1:
            table[:, 1:] = 0  # one class for everybody
        if seed % 5 == 2:
            table[1], table[:, 1] = 0, 0  # a class that occurs nowhere
        if seed % 5 == 3:
            table[1] = 0  # a class that is only said
        if seed % 2:
            table *= rng.random((k, 1)) / 9  # the shares of classes are redrawn
        hits, own, said, n = table.diagonal(), table.sum(axis=1), table.sum(axis=0), table.sum()
        given = {
            "hits": hits,
            "own": own,
            "said": said,
            "n": n,
            "occurs": own + said > 0,
            "recalls": hits / np.where(own > 0, own, 1),
            "root": np.sqrt(own @ (own.sum() - own)) * np.sqrt(said @ (said.sum() - said)),
        }
        wanted = float(metric.of_classes(ClassCounts(table)))
        assert evaluated(metric.formula_of_classes, **given) == pytest.approx(wanted, abs=1e-12), table


LOSSES = list(rows("probability", several=True))


@pytest.mark.parametrize("metric", LOSSES, ids=lambda metric: metric.name)
def test_the_formula_of_probabilities_of_classes_is_each_rows_share(metric):
    y, p = several()
    p[:2] = np.eye(4)[[y[0], (y[1] + 1) % 4]]
    own = np.clip(p[np.arange(len(y)), y], EPS, 1 - EPS)
    squares = np.square(p - np.eye(4)[y]).sum(axis=1)
    found = evaluated(metric.formula_of_classes, own=own, squares=squares)
    np.testing.assert_allclose(found, metric.of_classes(y, p), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(losses_of_classes(y, p)[metric.name], metric.of_classes(y, p))


# --- calls of snippets ---


@pytest.mark.parametrize("threshold", [0.3, 0.6, 2.0, -1.0], ids=["some", "fewer", "nobody", "everyone"])
@pytest.mark.parametrize(
    "metric", [each for each in DECISION.values() if each.code], ids=lambda each: each.name
)
def test_the_call_on_flags_is_the_figure(metric, threshold):
    for seed in range(4):
        is_test, score = labelled(seed=seed)
        flag = score >= threshold
        wanted = float(metric.of(confusion(is_test, flag)))
        assert called(metric, metric.code, is_test=is_test, flag=flag) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("levels", [None, 10])
@pytest.mark.parametrize("metric", RANKING.values(), ids=RANKING)
def test_the_call_on_scores_is_the_figure_of_their_order(metric, levels):
    for seed in range(4):
        is_test, score = labelled(seed=seed, levels=levels)
        wanted = Ranking(is_test, score).figure(metric.of)
        assert called(metric, metric.code, is_test=is_test, score=score) == pytest.approx(wanted, abs=1e-12)
        true, score = several(seed=seed)
        wanted = np.mean([Ranking(true == c, score[:, c]).figure(metric.of) for c in range(4)])
        is_test = label_binarize(true, classes=range(4))
        assert called(metric, metric.code, is_test=is_test, score=score) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("metric", PROBABILITY.values(), ids=PROBABILITY)
def test_the_call_on_probabilities_is_the_mean_of_the_shares(metric):
    for seed in range(4):
        is_test, score = labelled(seed=seed)
        wanted = metric.of(is_test, score).mean()
        assert called(metric, metric.code, is_test=is_test, score=score) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("told", ["argmax", "one class", "never the last"])
@pytest.mark.parametrize("metric", SEVERAL, ids=lambda metric: metric.name)
def test_the_call_on_several_classes_is_the_figure(metric, told):
    for seed in range(4):
        true, score = several(seed=seed)
        said = {
            "argmax": score.argmax(axis=1),
            "one class": np.zeros(len(true), int),
            "never the last": score[:, :3].argmax(axis=1),
        }[told]
        table = confusion_matrix(true, said, 4)
        recalls = table.diagonal() / table.sum(axis=1)
        found = called(
            metric,
            metric.code_of_classes,
            true=true,
            told=said,
            recalls=recalls,
            there=label_binarize(true, classes=range(4)).any(axis=0),
        )
        assert found == pytest.approx(float(metric.of_classes(ClassCounts(table))), abs=1e-12)


# --- directions ---


def test_what_is_neither_better_nor_worse_is_said_so():
    assert {metric.name for metric in METRICS.values() if metric.better == 0} == NEITHER
    assert {metric.name for metric in METRICS.values() if metric.better == -1} == {"brier", "log_loss"}


@pytest.mark.parametrize("name", [name for name in METRICS if name not in NEITHER])
def test_who_is_never_wrong_beats_everyone_else(name):
    metric = METRICS[name]
    y, p = labelled()
    if metric.kind == "decision":
        perfect, poor = metric.of(Confusion(20, 0, 0, 60)), metric.of(Confusion(5, 30, 15, 30))
        others = [metric.of(Confusion(*four)) for four in tables()]
    elif metric.kind == "ranking":
        perfect, poor = (Ranking(y, score).figure(metric.of) for score in (y * 1.0, -p))
        others = [Ranking(y, p).figure(metric.of)]
    else:
        perfect, poor = (metric.of(y, each).mean() for each in (y * 1.0, 1 - p))
        others = [metric.of(y, p).mean()]
    assert metric.better * perfect > metric.better * poor
    assert all(metric.better * perfect >= metric.better * each - 1e-12 for each in others)
    if metric.of_classes is not None:
        true, score = several()
        if metric.kind == "decision":
            perfect, poor = (
                metric.of_classes(ClassCounts(confusion_matrix(true, said, 4)))
                for said in (true, (true + 1) % 4)
            )
        else:
            perfect, poor = (metric.of_classes(true, each).mean() for each in (np.eye(4)[true], score[::-1]))
        assert metric.better * perfect > metric.better * poor


@pytest.mark.parametrize("metric", RANKING.values(), ids=RANKING)
def test_a_random_order_scores_what_no_skill_says(metric):
    y = np.arange(2000) < 140
    rng = np.random.default_rng(0)
    found = [Ranking(y, rng.random(2000)).figure(metric.of) for _ in range(60)]
    # average precision of few rows lies a little above the prevalence
    assert metric.no_skill(0.07) == pytest.approx(np.mean(found), abs=4.5 * np.std(found) / 60**0.5 + 0.003)
    assert Ranking(y, np.zeros(2000)).figure(metric.of) == pytest.approx(metric.no_skill(0.07), abs=1e-12)


# --- a metric of one's own ---


@pytest.fixture
def own_rows():
    """Put the metrics back as they were."""
    before = dict(METRICS)
    yield
    METRICS.clear()
    METRICS.update(before)


def youden(counts):
    return counts.recall + counts.specificity - 1


@pytest.mark.parametrize("better", [-1, 0])
def test_a_criterion_of_which_less_is_better_is_refused(better):
    with pytest.raises(ValueError, match=r"wrongness: .*more of it must be better"):
        register(Metric("wrongness", "decision", youden, better=better, is_criterion=True))
    with pytest.raises(ValueError, match="f1"):
        replace(METRICS["f1"], better=better)
    assert "wrongness" not in METRICS


@pytest.mark.usefixtures("own_rows")
def test_a_metric_is_added_by_one_row():
    y, p = labelled(n=200)
    row = Metric(
        "youden",
        "decision",
        youden,
        aliases=("peirce",),
        is_criterion=True,
        interval="percentile",
        formula="recall + specificity - 1",
    )
    assert register(row) is row
    register(
        Metric(
            "false_omission",
            "decision",
            lambda c: c.fn / (c.fn + c.tn),
            share=(("fn",), ("fn", "tn")),
            better=-1,
        )
    )
    register(Metric("sharpness", "probability", lambda y, p: p * (1 - p), better=0))
    register(Metric("top", "ranking", lambda levels: levels.hits[:, 0] / levels.positives))
    assert metric_name("peirce") == "youden"
    assert metric_names("decision")[-2:] == ["youden", "false_omission"]
    assert criteria()[-1] == "youden"
    assert best_threshold_of(y, p, "youden") == best_threshold_of(y, p, "balanced_accuracy")
    flag = p >= 0.3
    found = measure({"a": Scores(y, p, p, {"": flag})}, Resamples(y, n_draws=40))["a"]
    assert found.points["youden"] == pytest.approx(2 * found.points["balanced_accuracy"] - 1)
    drawn = 2 * np.quantile(found.samples["balanced_accuracy"], [0.025, 0.975]) - 1
    assert (found.low["youden"], found.high["youden"]) == pytest.approx(tuple(drawn))
    assert METRICS["false_omission"].interval == "wilson"  # a share
    counts = found.points["fn"], found.points["fn"] + found.points["tn"]
    assert (found.low["false_omission"], found.high["false_omission"]) == wilson(*counts)
    assert found.points["sharpness"] == pytest.approx(np.mean(p * (1 - p)))
    assert found.low["sharpness"] < found.points["sharpness"] < found.high["sharpness"]
    assert found.points["top"] == 1 / y.sum()
    # what several classes have not is left out of them
    assert "youden" not in metric_names("decision", several=True)
    assert "top" in metric_names("ranking", several=True)


@pytest.mark.usefixtures("own_rows")
def test_a_row_of_a_known_name_takes_its_place():
    order = [*METRICS]
    register(replace(METRICS["f1"], label="F-one"))
    assert [*METRICS] == order
    assert metric_label("f1_tuned") == "F-one at its tuned threshold"
