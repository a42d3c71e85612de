"""`fit_eval` on several classes: one-vs-rest averages, per-class recall, and one class against the rest."""

import re

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from imblearn.metrics import geometric_mean_score
from scipy import stats
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

import imbalance_accessor  # (registers df.imb)
from imbalance_accessor.rendering.cells import decimal

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False, "cv": 3}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def thinned(load, keep, labels=None):
    """A set of scikit-learn's with fewer rows of some classes."""
    data = load(as_frame=True)
    frame, y = data.data, data.target
    kept = np.concatenate([np.flatnonzero(y == code)[:most] for code, most in keep.items()])
    names = np.array(labels if labels is not None else sorted(keep))
    return frame.iloc[kept].assign(label=names[np.searchsorted(sorted(keep), y.iloc[kept])])


FRAMES = {
    "iris": lambda: thinned(load_iris, {0: 50, 1: 30, 2: 14}, ["setosa", "versicolor", "virginica"]),
    "wine": lambda: thinned(load_wine, {0: 59, 1: 30, 2: 12}),
    "digits": lambda: thinned(load_digits, {3: 120, 8: 30, 9: 60}),
}


@pytest.fixture(scope="module", params=FRAMES)
def evaluated(request):
    frame = FRAMES[request.param]()
    strategies = ["class_weight", "smote"] if request.param == "iris" else ["class_weight"]
    return frame, frame.imb.fit_eval("label", strategies=strategies, **QUICK)


def part_of(found, strategy, part):
    rows = found.scores.query("strategy == @strategy and part == @part")
    p = rows[[name for name in rows if str(name).startswith("probability_")]].to_numpy()
    classes = sorted(rows["label"].unique())
    return np.searchsorted(classes, rows["label"]), p, rows["fold"].to_numpy(dtype=float, na_value=np.nan)


def ranked(y, p):
    onehot = np.eye(p.shape[1], dtype=int)[y]
    return {
        "average_precision": sk.average_precision_score(onehot, p, average="macro"),
        "roc_auc": sk.roc_auc_score(y, p, multi_class="ovr", average="macro"),
    }


def pooled(y, p):
    said, macro = p.argmax(axis=1), {"average": "macro", "zero_division": 0}
    return {
        "brier": ((p - np.eye(p.shape[1])[y]) ** 2).sum(axis=1).mean(),
        "log_loss": sk.log_loss(y, p),
        "precision": sk.precision_score(y, said, **macro),
        "recall": sk.recall_score(y, said, **macro),
        "f1": sk.f1_score(y, said, **macro),
        "mcc": sk.matthews_corrcoef(y, said),
        "balanced_accuracy": sk.balanced_accuracy_score(y, said),
        "g_mean": geometric_mean_score(y, said),
        "accuracy": sk.accuracy_score(y, said),
    }


@pytest.mark.quick(1)
def test_averages_equal_scikit_learn(evaluated):
    _, found = evaluated
    for strategy, row in found.frame.drop("dummy").iterrows():
        y, p, _ = part_of(found, strategy, "test")
        for name, value in (ranked(y, p) | pooled(y, p)).items():
            assert row[name] == pytest.approx(value, abs=1e-10), name


@pytest.mark.quick(1)
def test_out_of_fold_ranks_within_folds_are_pooled_and_so_is_the_rest(evaluated):
    _, found = evaluated
    for strategy, row in found.frame.drop("dummy").iterrows():
        y, p, fold = part_of(found, strategy, "train")
        rank = np.empty(p.shape)
        for f in np.unique(fold):
            rank[fold == f] = stats.rankdata(p[fold == f], axis=0)  # each class by itself
        onehot = np.eye(p.shape[1])[y]
        for name, figure in (
            ("average_precision", sk.average_precision_score),
            ("roc_auc", sk.roc_auc_score),
        ):
            by_class = [
                figure(onehot[:, c], rank[:, c] / [(fold == f).sum() for f in fold])
                for c in range(p.shape[1])
            ]
            assert row[f"{name}_cv"] == pytest.approx(np.mean(by_class), abs=1e-10)
        for name, value in pooled(y, p).items():
            assert row[f"{name}_cv"] == pytest.approx(value, abs=1e-10), name


@pytest.mark.quick(1)
def test_each_class_has_its_recall_with_wilson(evaluated):
    frame, found = evaluated
    for strategy, row in found.frame.drop("dummy").iterrows():
        y, p, _ = part_of(found, strategy, "test")
        for code, label in enumerate(sorted(frame["label"].unique())):
            hits, of = ((p.argmax(axis=1) == code) & (y == code)).sum(), (y == code).sum()
            ends = stats.binomtest(int(hits), int(of)).proportion_ci(0.95, method="wilson")
            got = row[[f"recall[{label}]", f"recall[{label}]_low", f"recall[{label}]_high"]].tolist()
            assert got == pytest.approx([hits / of, ends.low, ends.high], abs=1e-10)


@pytest.mark.quick(1)
def test_there_is_no_threshold_and_nothing_tuned(evaluated):
    _, found = evaluated
    assert not [name for name in found.frame if "tuned" in name or name == "threshold"]
    assert found.threshold_text("none") == "–"
    assert "threshold" not in found.verdict + found.explain()
    assert "macro F1" in repr(found)


def test_no_skill_has_closed_forms(evaluated):
    _, found = evaluated
    y, _, _ = part_of(found, "none", "test")
    train, _, _ = part_of(found, "none", "train")
    k, shares, q = y.max() + 1, np.bincount(y) / len(y), np.bincount(train) / len(train)
    top = q.argmax()
    row = found.frame.loc["dummy"]
    assert row["average_precision"] == pytest.approx(shares.mean())
    assert row["roc_auc"] == 0.5
    assert row["accuracy"] == pytest.approx(shares[top])
    assert row["recall"] == row["balanced_accuracy"] == pytest.approx(1 / k)
    assert row["f1"] == pytest.approx(2 * shares[top] / (1 + shares[top]) / k)
    assert row["log_loss"] == pytest.approx(-(shares * np.log(q)).sum())
    assert row["brier"] == pytest.approx(sum(shares[c] * ((q - np.eye(k)[c]) ** 2).sum() for c in range(k)))


def test_models_answer_in_the_labels(evaluated):
    frame, found = evaluated
    model, rows = (
        found.model("class_weight"),
        found.scores.query("part == 'test' and strategy == 'class_weight'"),
    )
    _, p, _ = part_of(found, "class_weight", "test")
    assert model.predict_proba(frame.loc[rows.index]) == pytest.approx(p, abs=1e-12)
    assert set(model.predict(frame)) == set(frame["label"])


@pytest.mark.quick(1)
def test_results_can_be_looked_at(evaluated):
    _, found = evaluated
    for shown in (repr(found), found._repr_html_(), found.explain(), found.explain(audience="interview")):
        assert not re.search(r"\bnan\b", re.sub('base64,[^"]+', "", shown))


# ---------------------------------------------------------------- one class against the rest


@pytest.fixture(scope="module")
def against():
    frame = FRAMES["wine"]()
    return frame, frame.imb.fit_eval("label", pos_label=1, strategies=["class_weight"], **QUICK)


def test_the_split_stays_stratified_on_the_original_labels(against):
    frame, found = against
    train, test = train_test_split(frame, test_size=0.2, stratify=frame["label"], random_state=0)
    rows = found.scores.query("strategy == 'none'")
    assert rows.index.tolist() == [*train.index, *test.index]
    assert rows["label"].tolist() == [*train["label"], *test["label"]]  # labels stay what they were


def test_figures_are_those_of_the_class_against_the_rest(against):
    _, found = against
    for name, row in found.frame.drop("dummy").iterrows():
        rows = found.scores[(found.scores["strategy"] == name) & (found.scores["part"] == "test")]
        y, p = (rows["label"] == 1).to_numpy(), rows["probability"].to_numpy()
        assert row["roc_auc"] == pytest.approx(sk.roc_auc_score(y, p), abs=1e-12)
        assert row["average_precision"] == pytest.approx(sk.average_precision_score(y, p), abs=1e-12)
        assert row["f1"] == pytest.approx(sk.f1_score(y, p >= 0.5), abs=1e-12)
        assert row["f1_tuned"] == pytest.approx(sk.f1_score(y, p >= row["threshold"]), abs=1e-12)
        assert row["prevalence"] == pytest.approx(y.mean())


def test_the_model_answers_yes_or_no(against):
    frame, found = against
    said = found.model("none").predict(frame)
    assert said.dtype == bool
    assert (said == (frame["label"] == 1)).mean() > 0.9


@pytest.mark.parametrize("model", ["svm", "knn"])
def test_models_without_probabilities_or_weights(model):
    frame = FRAMES["iris"]()
    found = frame.imb.fit_eval("label", model=model, strategies=["class_weight", "undersample"], **QUICK)
    rows = ["none", "class_weight", "undersample"] if model == "svm" else ["none", "undersample"]
    assert list(found.frame.index) == [*rows, "dummy"]
    assert found.frame.loc["none", ["brier", "log_loss"]].isna().all() == (model == "svm")
    assert ("IMB304" in found.findings.codes) == (model == "knn")


def test_labels_of_a_time_or_group_split_may_be_several_too():
    rng = np.random.default_rng(0)
    y = rng.choice(3, 300, p=[0.6, 0.3, 0.1])
    frame = pd.DataFrame(rng.normal(size=(300, 2)) + y[:, None], columns=["a", "b"])
    frame = frame.assign(day=rng.permutation(300), who=rng.integers(0, 100, 300), label=y)
    for rule in ({"time": "day"}, {"groups": "who"}):
        left = {"time": "day", "groups": "who"}
        aside = [column for key, column in left.items() if key not in rule]
        found = frame.drop(columns=aside).imb.fit_eval("label", strategies=["class_weight"], **rule, **QUICK)
        assert found.frame.drop("dummy").notna().all(axis=None)


def test_the_class_that_is_found_least_is_named_and_who_finds_more_of_it():
    df = imbalance_accessor.make_churn(600, 0.3)
    df["churn"] = np.where(df["churn"] == "no", 1, np.where(df["contract"] == df["contract"].iloc[0], 2, 3))
    found = df.drop(columns="contract").imb.fit_eval(
        "churn", strategies=["class_weight"], cv=3, progress=False
    )
    y = found.scored.train_codes
    recalls = {
        name: sk.recall_score(y, found.scored.by_name[name].oof.argmax(axis=1), average=None)
        for name in ("none", "class_weight")
    }
    assert found.best == "none"
    least = int(recalls["none"].argmin())
    low, high = recalls["none"][least], recalls["class_weight"][least]
    assert high > low and found.verdict.endswith(
        f". Class {least + 1} is found least, with recall {decimal(low)} out of fold: 'class_weight' has {decimal(high)}"
    )
