"""The titles of the pictures of a `fit_eval`: about the picture, with scikit-learn's numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

N = 300
RNG = np.random.default_rng(3)
Y = np.arange(N) % 10 == 3
FRAME = pd.DataFrame(RNG.normal(size=(N, 3)) + Y[:, None], columns=[*"abc"]).assign(y=Y.astype(int))


@pytest.fixture(scope="module")
def found():
    return FRAME.imb.fit_eval("y", cv=2, model="logistic", strategies=["class_weight"])


@pytest.fixture(scope="module")
def scores(found):
    test = found.scores.query("part == 'test'")
    return {
        name: (rows["y"].to_numpy(), rows["probability"].to_numpy())
        for name, rows in test.groupby("strategy")
    }


def _title(axes) -> str:
    first = np.ravel(axes)[0]
    text = first.get_title(loc="left") or first.figure.get_suptitle()
    return text.replace("\n", " ")


def test_intervals_say_what_they_stand_on(found):
    assert _title(found.plot()) == "95 % intervals on 240 train rows, out of fold, 24 of them positive"


def drawn(ax):
    """Points and ends of a forest's rows, from the top, and where its line of reference stands."""
    lines = [np.asarray(line.get_xdata(), float) for line in ax.get_lines()]
    *rows, reference = [tuple(each) for each in lines]
    return (
        [each[0] for each in rows if len(each) == 1],
        [each for each in rows if len(each) == 2],
        reference[0],
    )


@pytest.mark.parametrize("metric", ["average_precision", "brier", "f1_tuned", "recall"])
def test_the_forest_is_of_what_is_compared_out_of_fold(metric):
    found = FRAME.imb.fit_eval(
        "y", cv=2, model="logistic", strategies=["class_weight", "oversample"], metric=metric
    )
    gained, *levels = np.ravel(found.plot())
    points, ends, reference = drawn(gained)
    row = found.differences[[f"{metric}_low", f"{metric}_high"]]
    assert points == pytest.approx([0, *found.differences[metric]])
    assert np.array(ends) == pytest.approx(row.to_numpy())
    assert reference == 0
    assert [text.get_text() for text in gained.texts] == ["the plain model"]
    shown = dict.fromkeys([metric, "f1_tuned", "brier"])
    assert len(levels) == len(shown)
    for ax, name in zip(levels, shown, strict=True):
        points, ends, reference = drawn(ax)
        assert points == pytest.approx(found.frame[f"{name}_cv"].drop("dummy").to_list())
        kind = "probability" if name == "brier" else "ranking" if name == "average_precision" else "decision"
        figures = found.comparison.figures(kind).values()
        assert np.array(ends) == pytest.approx(
            np.array([(each.low[name], each.high[name]) for each in figures])
        )
        assert reference == pytest.approx(found.comparison.dummy[name])
        assert [text.get_text() for text in ax.texts] == [f"dummy {reference:.3f}"]


def test_one_row_alone_and_a_model_that_came_fitted_have_no_differences():
    alone = FRAME.imb.fit_eval("y", cv=2, model="logistic", strategies=[])
    assert len(np.ravel(alone.plot())) == 3
    model = LogisticRegression().fit(FRAME[[*"abc"]], FRAME["y"])
    fitted = FRAME.imb.fit_eval("y", model=model, fitted=True)
    axes = np.ravel(fitted.plot())
    assert _title(axes) == "95 % intervals on 60 test rows, 6 of them positive"
    for ax, name in zip(axes, ["average_precision", "f1_tuned", "brier"], strict=True):
        row = fitted.frame.loc["none"]
        assert drawn(ax)[:2] == ([row[name]], [(row[f"{name}_low"], row[f"{name}_high"])])


def test_precision_and_recall_say_the_highest_average_precision(found, scores):
    values = {name: average_precision_score(y, p) for name, (y, p) in scores.items()}
    top = max(values, key=values.get)
    highest = f"Highest average precision on test {values[top]:.3f} ('{top}')"
    assert _title(found.plot("pr")) == f"{highest}, against 0.100, the prevalence, for flagging at random"


def test_roc_says_its_span(found, scores):
    values = sorted(f"{roc_auc_score(y, p):.3f}" for y, p in scores.values())
    span = " to ".join(dict.fromkeys((values[0], values[-1])))
    assert _title(found.plot("roc")) == f"ROC-AUC on test {span}, against 0.5 without skill"


def test_each_matrix_is_that_of_the_threshold_written_over_it(found, scores):
    axes = found.plot("confusion")
    assert _title_of_all(axes) == "The 60 test rows, each strategy at its tuned threshold"
    for ax, (name, threshold) in zip(
        axes, (re.split("\nthreshold ", ax.get_title()) for ax in axes), strict=True
    ):
        y, p = scores[name]
        counts = [int(text.get_text().split("\n")[0]) for text in ax.texts]
        assert counts == confusion_matrix(y, p >= float(threshold)).ravel().tolist()


def _title_of_all(axes) -> str:
    return axes[0].figure.get_suptitle().replace("\n", " ")


def test_several_classes_go_to_the_likeliest():
    frame = FRAME.assign(y=np.array(list("aaabbc"))[np.arange(N) % 6])
    found = frame.imb.fit_eval("y", cv=2, model="naive_bayes", strategies=["oversample"])
    ax = found.plot()
    assert _title(ax) == "The 60 test rows, each given to its likeliest class by 'none'"
    assert (
        _title_of_all(found.plot("intervals")) == "95 % intervals on 240 train rows, out of fold, 3 classes"
    )
    test = found.scores.query("part == 'test' and strategy == 'none'")
    likeliest = test[["probability_a", "probability_b", "probability_c"]].to_numpy().argmax(axis=1)
    expected = confusion_matrix(
        test["y"], np.array(list("abc"))[likeliest], labels=list("cba")
    )  # the rarest first
    shown = {text.get_position(): int(text.get_text().split("\n")[1]) for text in ax.texts}
    assert shown == {(column, row): n for (row, column), n in np.ndenumerate(expected) if n}
    assert [each.get_text() for each in ax.get_xticklabels()] == ["c", "b", "a"]
