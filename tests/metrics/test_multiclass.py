"""Metrics of several classes against scikit-learn and imbalanced-learn."""

import numpy as np
import pytest
import sklearn.metrics as sk
from imblearn.metrics import geometric_mean_score

from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.multiclass import ClassCounts, brier, confusion_matrix, log_loss
from imbalance_accessor.metrics.registry import metric_names

DECISION = metric_names("decision", several=True)

pytestmark = pytest.mark.filterwarnings("error")


def multiclass_decision(cm):
    """Every metric of several classes, by name."""
    counts = ClassCounts(cm)
    return {name: getattr(counts, name) for name in DECISION} | {"per_class_recall": counts.recalls}


def labels(seed, n=60, k=4):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    y[:k] = np.arange(k)
    predicted = np.where(rng.random(n) < 0.6, y, rng.integers(0, k, n))
    return y, predicted


def witness(y, p, w):
    macro = {"average": "macro", "zero_division": 0, "sample_weight": w}
    return {
        "precision": sk.precision_score(y, p, **macro),
        "recall": sk.recall_score(y, p, **macro),
        "f1": sk.f1_score(y, p, **macro),
        "mcc": sk.matthews_corrcoef(y, p, sample_weight=w),
        "balanced_accuracy": sk.balanced_accuracy_score(y, p, sample_weight=w),
        "g_mean": geometric_mean_score(y, p, average="multiclass", sample_weight=w),
        "accuracy": sk.accuracy_score(y, p, sample_weight=w),
    }


@pytest.mark.quick(3)
@pytest.mark.parametrize("seed", range(6))
def test_metrics_equal_the_libraries_draw_by_draw(seed):
    y, predicted = labels(seed)
    weights = np.random.default_rng(seed).integers(0, 3, (5, 60)).astype(float)
    weights[:, :4] += 1
    cm = confusion_matrix(y, predicted, 4, weights)
    assert cm.shape == (5, 4, 4)
    ours = multiclass_decision(cm)
    for i, w in enumerate(weights):
        assert cm[i].tolist() == sk.confusion_matrix(y, predicted, sample_weight=w).tolist()
        for name, value in witness(y, predicted, w).items():
            assert ours[name][i] == pytest.approx(value, abs=1e-12), name
        recalls = sk.recall_score(y, predicted, average=None, sample_weight=w)
        assert ours["per_class_recall"][i] == pytest.approx(recalls, abs=1e-12)


def test_one_sample_gives_scalars_under_the_agreed_names():
    y, predicted = labels(9)
    ours = multiclass_decision(confusion_matrix(y, predicted, 4))
    assert set(witness(y, predicted, None)) == set(DECISION)
    for name, value in witness(y, predicted, None).items():
        assert float(ours[name]) == pytest.approx(value, abs=1e-12)


def test_a_class_that_nobody_has_or_predicts_does_not_count():
    y, predicted = labels(3)
    four, six = (multiclass_decision(confusion_matrix(y, predicted, k)) for k in (4, 6))
    for name in DECISION:
        assert six[name] == pytest.approx(four[name], abs=1e-15)


def test_a_class_that_is_only_predicted_counts_as_in_scikit_learn():
    y, predicted = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    ours = multiclass_decision(confusion_matrix(y, predicted, 3))
    macro = {"average": "macro", "zero_division": 0}
    assert ours["precision"] == pytest.approx(sk.precision_score(y, predicted, **macro))
    assert ours["f1"] == pytest.approx(sk.f1_score(y, predicted, **macro))
    # Its recall is no one's: (1/2 + 2/2) / 2.
    assert ours["balanced_accuracy"] == 0.75


def test_two_classes_agree_with_the_binary_metrics():
    cm = np.array([[80.0, 5.0], [6.0, 9.0]])
    binary, several = Confusion(tp=9, fp=5, fn=6, tn=80), multiclass_decision(cm)
    for name in ("mcc", "balanced_accuracy", "g_mean", "accuracy"):
        assert several[name] == pytest.approx(getattr(binary, name), abs=1e-15)


def test_missing_a_class_wholly_makes_the_geometric_mean_zero():
    ours = multiclass_decision([[5, 0], [5, 0]])
    assert ours["g_mean"] == 0
    assert ours["mcc"] == 0
    assert ours["balanced_accuracy"] == 0.5


def test_an_empty_table_is_zero_everywhere():
    assert all(np.all(value == 0) for value in multiclass_decision(np.zeros((3, 3))).values())


@pytest.mark.parametrize("weighted", [False, True])
def test_losses_average_to_scikit_learns(weighted):
    rng = np.random.default_rng(5)
    y, _ = labels(5)
    p = rng.dirichlet(np.ones(4), 60)
    p[:2] = np.eye(4)[[y[0], (y[1] + 1) % 4]]  # wholly right and wholly wrong
    w = rng.random(60) if weighted else None
    # scikit-learn halves the score of several classes where it is told to
    wanted = sk.brier_score_loss(y, p, sample_weight=w, labels=range(4), scale_by_half=False)
    assert np.average(brier(y, p), weights=w) == pytest.approx(wanted, abs=1e-12)
    wanted = sk.log_loss(y, p, sample_weight=w, labels=range(4))
    assert np.average(log_loss(y, p), weights=w) == pytest.approx(wanted, abs=1e-12)
    assert brier(y, p)[:2] == pytest.approx([0, 2], abs=1e-15)
    assert brier(y, p) == pytest.approx(((p - np.eye(4)[y]) ** 2).sum(axis=1), abs=1e-15)
