"""Any frame: each verb that fits models is right, or says in one sentence why not before it fits, and leaves all as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from odd_frames import LONG, Odd, attempt, nothing_left, odd_frames, tallied, tried
from odd_options import any_division, any_scores, any_wish
from test_any_frame import check_faces, check_real, check_words

from imbalance_accessor.data.synthetic_rows import _CALLS
from imbalance_accessor.evaluation import fit
from imbalance_accessor.evaluation import score_folds as scored
from imbalance_accessor.evaluation.strategy_scores import ColumnScores
from imbalance_accessor.verbs.best_threshold import best_threshold
from imbalance_accessor.verbs.fit_eval import fit_eval

QUICK = {"cv": 2, "progress": False, "n_jobs": 1}
STRATEGIES = (
    "class_weight",
    "oversample",
    "undersample",
    "smote",
    "borderline",
    "adasyn",
    "smote_tomek",
    "smote_enn",
)
MODELS = ("logistic", "logistic", "naive_bayes", "boosting", "forest", "knn", "svm")


@pytest.fixture
def fits(monkeypatch) -> list[str]:
    """Fits are noted here, and done as ever."""
    seen: list[str] = []
    run = fit.fit_and_score

    def noted(*args: Any) -> Any:
        seen.append(args[0])
        return run(*args)

    monkeypatch.setattr(scored, "fit_and_score", noted)
    return seen


@pytest.fixture(autouse=True)
def synthetic_rows_forgotten():
    _CALLS.clear()


def check_intervals(frame: pd.DataFrame) -> None:
    """Each figure that carries an interval lies in it."""
    for name in frame.columns:
        if f"{name}_low" not in frame.columns:
            continue
        low, point, high = (frame[f"{name}{end}"].to_numpy(float) for end in ("_low", "", "_high"))
        told = np.isfinite(low) & np.isfinite(high)
        assert (low[told] <= point[told] + 1e-12).all(), name
        assert (point[told] <= high[told] + 1e-12).all(), name


def check_shares(frame: pd.DataFrame, classes: int) -> None:
    for name in (
        "recall",
        "precision",
        "f1",
        "roc_auc",
        "average_precision",
        "accuracy",
        "brier",
        "mean_probability",
    ):
        if name in frame.columns:
            values = frame[name].dropna().to_numpy(float)
            # squared errors of several classes add up to at most 2
            most = 2 if name == "brier" and classes > 2 else 1
            assert ((values >= 0) & (values <= most)).all(), name


def check_ranking(found: Any) -> None:
    """Prior and sigmoid keep the order of the scores (a sigmoid may turn it round whole); isotonic never inverts."""
    rows = found.report.rows
    for (name, calibrator), row in rows.items():
        if calibrator == "none" or not row.is_probability or not rows[name, "none"].is_probability:
            continue
        raw = rows[name, "none"].p
        order = np.argsort(raw, kind="stable")
        steps = np.diff(row.p[order])
        if row.calibrator is not None and row.calibrator.inverts:
            assert calibrator == "sigmoid"
            steps = -steps
        assert (steps >= -1e-12).all(), (name, calibrator)


def check_handed_out(verb: str, found: Any) -> None:
    """What is handed out gives raw rows of the test set the scores, the risks and the flags that were reported."""
    parts = found.scored.parts if verb == "fit_eval" else _first(found, verb).scored.parts
    if not len(parts.test) or (verb != "fit_eval" and isinstance(_first(found, verb), ColumnScores)):
        return
    raw = parts.test.X
    if verb == "fit_eval":
        for name, scores in found.scored.by_name.items():
            again = fit.scores_of(found.model(name), raw, scores.test.shape[1])
            assert np.allclose(again, scores.test, rtol=0, atol=1e-9), name
    elif verb == "reliability":
        for strategy, calibrator in found.report.rows:
            row = found.report.rows[strategy, calibrator]
            if row.is_probability:
                again = found.apply(raw, calibrator, strategy=strategy)
                assert np.allclose(again, row.p, rtol=0, atol=1e-9), (strategy, calibrator)
    elif found.feasible:
        assert (
            found.apply(raw).tolist() == (found.strategy_scores.labelled_scores.score >= found.value).tolist()
        )


def _first(found: Any, verb: str) -> Any:
    return next(iter(found.scores_by_strategy.values())) if verb == "reliability" else found.strategy_scores


def options_of(draw: Any, verb: str, odd: Odd, data: pd.DataFrame) -> dict[str, Any]:
    options: dict[str, Any] = {**QUICK, "model": draw(st.sampled_from(MODELS))}
    if verb in ("fit_eval", "reliability"):
        options["strategies"] = ("none", draw(st.sampled_from(STRATEGIES)))
    if len(odd.classes) > 2 and verb in ("reliability", "best_threshold"):
        options["pos_label"] = odd.classes[1]
    if verb == "leaks":
        del options["model"], options["n_jobs"]
    if verb == "fit_eval" and draw(st.sampled_from([False, False, True])):
        options["max_rows"] = draw(st.sampled_from([1, 20, 1_000]))
    if verb == "best_threshold":
        options |= any_wish(draw, data)
    if verb in ("best_threshold", "reliability") and (given := any_scores(draw, data)):
        options = {name: options[name] for name in options.keys() - {"strategies", "model"}} | given
    return options | any_division(draw, odd, data)


@pytest.mark.parametrize("verb", ["fit_eval", "reliability", "best_threshold", "leaks"])
@tried(28, 2_000)
@given(st.data(), st.one_of(odd_frames(), odd_frames(least=50), odd_frames(least=50)))
def test_fitting_verbs(verb, fits, data, odd):
    frame, target = odd.frame()
    options = options_of(data.draw, verb, odd, frame)
    shown = data.draw(st.sampled_from([True, *[False] * (24 if LONG else 9)]))
    followed = data.draw(st.sampled_from([True, *[False] * 9]))
    note(f"{verb} {options}")
    _CALLS.clear()
    fits.clear()
    with nothing_left(frame, *([target] if odd.as_series else [])):
        found = attempt(verb, frame, target, follow=followed, **options)
        tallied(odd, verb, found)
        if found is None:
            assert followed or not fits
            return
        check_intervals(found.frame)
        check_shares(found.frame, len(odd.classes))
        if verb == "fit_eval":
            test = found.scored.parts.test
            check_real(test.X, test.y, options.get("test", frame), target)
        if verb == "reliability":
            check_ranking(found)
        if verb != "leaks":
            check_handed_out(verb, found)
        check_words(found)
        if shown:
            check_faces(verb, found, frame, target, options)


@pytest.mark.parametrize("model", ["logistic", "naive_bayes", "svm"])
@tried(4, 200)
@given(seed=st.integers(0, 999), features=st.sampled_from([("float", "int"), ("float", "float", "text")]))
def test_names_of_labels_and_the_order_of_columns_change_no_figure(model, seed, features):
    frame, target = Odd(n=80, labels="text", features=features, seed=seed).frame()
    options = QUICK | {"model": model, "strategies": ("none", "class_weight")}
    one = fit_eval(frame, target, **options).frame
    renamed = frame.assign(**{target: frame[target].map({"no": -1, "yes": 5})})
    pd.testing.assert_frame_equal(fit_eval(renamed, target, **options).frame, one)
    turned = frame[frame.columns[::-1]]
    close = {"rtol": 1e-3, "atol": 1e-4}  # solvers stop a little elsewhere
    ranking = ["average_precision", "roc_auc", "mean_probability"]
    pd.testing.assert_frame_equal(fit_eval(turned, target, **options).frame[ranking], one[ranking], **close)


@tried(20, 1_000)
@given(
    seed=st.integers(0, 999),
    fp=st.floats(0.01, 100),
    fn=st.floats(0.01, 100),
    times=st.sampled_from([2**-20, 0.5, 1024]),
)
def test_scaling_costs_changes_no_threshold(seed, fp, fn, times):
    frame, target = Odd(n=80, features=("float",), seed=seed).frame()
    frame["p"] = 1 / (1 + np.exp(-frame["x0"] - frame[target]))
    one, other = (
        best_threshold(
            frame, target, scores="p", test_size=0, cv=2, cost={"fp": fp * by, "fn": fn * by}
        ).value
        for by in (1, times)
    )
    assert one == other
