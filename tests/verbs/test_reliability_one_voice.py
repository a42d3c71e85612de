"""Headline, best calibrator, card, explanation, findings and code of a `Reliability` agree, and with its own numbers."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from normals import numbers, trees, with_scores
from scipy.special import expit
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bins import bins
from imbalance_accessor.metrics.calibration import calibration_line
from imbalance_accessor.metrics.chance import by_chance
from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.verbs.reliability.text import _how
from imbalance_accessor.verbs.reliability.verdict import departure, worst

QUICK = {"n_jobs": 1, "progress": False, "cv": 2, "preprocess": None}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def correlated():
    """Naive Bayes counts the same column five times."""
    return numbers(n=1000).assign(**{f"a{place}": lambda df: df["a"] for place in range(4)})


def classes():
    return numbers(n=900, labels=("rest", "rest")).assign(
        y=lambda df: np.select([df["a"] > 0.8, df["b"] > 0.7], ["x", "z"], "rest")
    )


def grouped():
    return numbers(n=600).assign(who=lambda df: np.arange(len(df)) // 100)


def measured():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    return X.iloc[:, :8].assign(y=y)


CASES = {
    "calibrated": lambda: imb.reliability(numbers(n=2000), "y", **QUICK),
    "class_weight": lambda: imb.reliability(numbers(), "y", strategies=["class_weight"], **QUICK),
    "smote": lambda: imb.reliability(numbers(n=1500), "y", strategies=["smote", "undersample"], **QUICK),
    "forest": lambda: imb.reliability(
        numbers(n=1000), "y", model=trees(), strategies=["smote", "class_weight"], **QUICK
    ),
    "naive_bayes": lambda: imb.reliability(correlated(), "y", model="naive_bayes", **QUICK),
    "measured": lambda: imb.reliability(
        measured(), "y", model="naive_bayes", strategies=["oversample"], **QUICK
    ),
    "tiny": lambda: imb.reliability(numbers(n=150, share=0.1), "y", strategies=["class_weight"], **QUICK),
    "nothing asked": lambda: imb.reliability(numbers(), "y", calibrators=(), **QUICK),
    "top class": lambda: imb.reliability(classes(), "y", model="naive_bayes", top_class=True, **QUICK),
    "groups": lambda: imb.reliability(grouped(), "y", groups="who", **QUICK),
    "svm": lambda: imb.reliability(numbers(), "y", model="svm", **QUICK),
    "scores": lambda: imb.reliability(with_scores(), "y", scores="p", test_size=0, cv=3),
    "two models": lambda: imb.reliability(
        numbers(), "y", model={"plain": "logistic", "trees": trees()}, **QUICK
    ),
}
#: The strategies of each case whose prior correction is only approximate: SMOTE's, and any of a forest.
ROUGH = {"smote": {"smote"}, "forest": {"smote", "class_weight"}}


@pytest.fixture(params=CASES, scope="module")
def case(request):
    return request.param, CASES[request.param]()


@pytest.fixture
def r(case):
    return case[1]


def headed(strategy):
    """What the card calls a strategy."""
    return "plain model" if strategy == "none" else strategy


def departs(row):
    """Whether level or calibration error of a row of the frame lie beyond chance; None where no interval is known."""
    if np.isnan(row[["ece", "calibration_intercept_low"]]).any():
        return None
    level = row["calibration_intercept_high"] < 0 or row["calibration_intercept_low"] > 0
    return bool(level or row["ece"] > row["ece_expected_high"] + 1e-9)


def spoken_of(r):
    """The strategy whose scores as they are depart the most."""
    raw = r.frame.xs("none", level="calibrator")
    if raw["brier"].isna().any():
        return raw.index[raw["brier"].isna()][0]
    clear = raw[[departs(row) or False for _, row in raw.iterrows()]]
    return (clear if len(clear) else raw)["miscalibration"].idxmax()


def test_the_headline_is_said_by_all_faces(r):
    said = r._explain("colleague")
    sentences = [f"{each}." for each in re.split(r"(?<=[a-z)0-9'])\. (?=[A-Z])", r.verdict)]
    assert r._card().title == r.verdict and said[: len(sentences)] == sentences
    assert len(sentences) <= 2 and all(len(each.split()) < 25 for each in sentences), sentences
    row = r.report.rows[worst(r), "none"]
    if row.is_probability:
        mean = decimal(r.frame.loc[(worst(r), "none"), "mean_probability"])
        assert f"says {mean} where" in r._explain("interview")[1]
    if (r.frame["brier"] == r.frame["brier"]).any():
        drawn = np.asarray(r.plot()).flat[0].figure
        assert "".join(drawn._suptitle.get_text().split()) == "".join(r.verdict.split())
        named = {text.get_text() for text in drawn.findobj(Text)}
        assert "uncalibrated" in named or not row.is_probability
        assert not any(re.search(r"\bnone\b", each) for each in named)


def test_what_a_candidate_would_use_is_what_the_headline_calls_best(case):
    name, r = case
    best, advice = r.verdict.partition("; best overall: ")[2], r._explain("interview")[-1]
    assert bool(best) == (name in {"class_weight", "smote", "forest", "measured", "two models"})
    if not best:
        return
    strategy, calibrator = re.fullmatch(r"(.*?)(?:, uncalibrated| with (\w+))", best).groups()
    with_ = {None: ", uncalibrated", "prior": " with the prior correction"}.get(
        calibrator, f" with {calibrator}"
    )
    assert advice.startswith((f"I would use {strategy}{with_}", f"I chose {strategy}{with_}"))
    key = ("none" if strategy == "the plain model" else strategy.strip("'"), calibrator or "none")
    assert f" {r.frame.loc[key, 'brier']:.4f}" in advice


def test_a_strategy_and_a_calibrator_that_do_nothing_have_names_of_their_own(case):
    name, r = case
    card = r._card()
    shown = [*card.table.index, *(text for figure in card.figures for text in figure)]
    assert not any(re.search(r"\bnone\b", each) for each in shown), shown
    if name == "class_weight":
        assert [*card.table.index][:2] == ["plain model, uncalibrated", "plain model, sigmoid"]
        assert card.table.index[-1] == "class_weight, isotonic"
    if name == "nothing asked":
        assert [*card.table.index] == ["uncalibrated"]


def test_it_leads_with_miscalibration_where_that_is_beyond_chance(r):
    name = spoken_of(r)
    row, rows = r.frame.loc[name, "none"], r.frame.xs("none", level="calibrator")
    first = r.verdict.split(". ")[0]
    if departs(row) is None:
        assert "no probabilities" in first or "so few groups" in first
        assert "miscalibra" not in r.verdict
        return
    clear = sum(bool(departs(each)) for _, each in rows.iterrows())
    assert ("miscalibrated" in first) == departs(row)
    none = "clear sign" if row["calibration_slope_high"] < 1 or row["calibration_slope_low"] > 1 else "sign"
    assert bool(re.search(rf"(no |shows ){none}s? of miscalibration at this size", first)) == (not clear)
    assert "chance" not in first or "by chance up to" in first
    if clear > 1:
        every = "Both" if clear == 2 else f"All {clear}"
        assert (every if clear == len(rows) else f"{clear} of {len(rows)}") in first
    assert ("too high" in first) == (row["calibration_intercept_high"] < 0)
    assert ("too low" in first) == (row["calibration_intercept_low"] > 0)
    beyond = row["ece"] > row["ece_expected_high"] + 1e-9
    if beyond or not clear:
        assert f"calibration error {row['ece']:.3f} (by chance up to {row['ece_expected_high']:.3f})" in first
    for strategy, each in rows.iterrows():
        figure = dict(r._card().figures)[headed(strategy)]
        for shown in (figure, r.typical.loc[strategy, "this one"]):
            assert re.match("miscalibrated" if departs(each) else "no (clear )?sign of miscalibration", shown)


def test_it_says_no_more_of_the_calibrator_than_it_does(r):
    name = spoken_of(r)
    best, calibrated = r.best[name], r.frame.loc[name, r.best[name]]
    before, last = r.frame.loc[name, "none"], r.verdict.split(". ")[-1]
    if len(r.frame) == len(r.scores_by_strategy) or np.isnan(before["brier"]):
        return
    if best == "none":
        assert last.startswith("No calibrator")
        return
    needed = departs(before) is not False
    assert last.startswith(
        f"Chosen out of fold: {best}" if needed else f"No calibrator is needed; chosen out of fold: {best} ("
    )
    assert f"Brier {before['brier']:.4f} to {calibrated['brier']:.4f}" in last
    assert ("gains nothing" in last) == (needed and calibrated["brier"] >= before["brier"])
    if "calibrates it" in last:
        assert departs(before) and departs(calibrated) is False and calibrated["brier"] < before["brier"]
    if "leaves it" in last:
        assert departs(before) and departs(calibrated)
    for strategy, chosen in r.best.items():
        named = "no calibrator" if chosen == "none" else chosen
        figure = dict(r._card().figures)[headed(strategy)]
        assert f"chosen out of fold: {named}" in figure
        needless = chosen != "none" and departs(r.frame.loc[strategy, "none"]) is False
        assert figure.endswith("but none is needed") == needless


def test_the_lowest_brier_score_is_chosen_where_the_correction_is_rough(case):
    which, r = case
    y = r.report.y_learned
    failed = " ".join(each.message for each in r.findings if each.code == "IMB501")
    for name in ROUGH.get(which, ()):
        crossed = {
            calibrator: (r.report.rows[name, calibrator].crossed - y) ** 2
            for calibrator in r.frame.loc[name].index
        }
        if y.sum() < 100:
            del crossed["isotonic"]
        if repr(name) in failed:
            del crossed["prior"]
        assert r.best[name] == min(crossed, key=lambda calibrator: crossed[calibrator].mean())


def test_sigmoid_is_taken_after_smote_where_it_is_lower_though_prior_is_simpler():
    for seed in range(10):
        r = imb.reliability(numbers(n=1200, seed=seed), "y", strategies=["smote"], **QUICK)
        cv = r.frame.loc["smote", "brier_cv"]
        if cv["sigmoid"] < cv["prior"] and r.report.is_within(1.0, ("smote", "prior"), ("smote", "sigmoid")):
            assert r.best["smote"] in {"sigmoid", "isotonic"}
            return
    raise AssertionError("no seed of these asks the question")


def test_every_face_calls_a_rough_correction_so(case):
    which, r = case
    figures, code = dict(r._card().figures), str(r.snippet(style="full"))
    for name in r.scores_by_strategy:
        rough = name in ROUGH.get(which, ())
        assert ("prior is approximate" in figures[headed(name)]) == rough
        assert (f'"{name}"' in "".join(re.findall("only approximate for (.*)", code))) == rough
    rough = spoken_of(r) in ROUGH.get(which, ())
    restored = [each for each in r._explain("colleague") if "restores the level" in each]
    assert all(("roughly" in each) == rough for each in restored)


def test_scores_of_the_right_mean_are_called_miscalibrated_where_the_error_is_beyond_chance():
    p = np.repeat([0.1, 0.2, 0.3, 0.4, 0.5], 400)
    y = np.concatenate([np.arange(400) < 400 * share for share in (0.1, 0.3, 0.2, 0.4, 0.5)])
    r = imb.reliability(pd.DataFrame({"p": p, "y": y.astype(int)}), "y", scores="p", calibrators=())
    row = r.frame.iloc[0]
    assert row["calibration_intercept"] == pytest.approx(0, abs=1e-9)
    assert row["calibration_slope_low"] < 1 < row["calibration_slope_high"]
    assert row["ece"] == pytest.approx(0.04) and row["ece_expected_high"] < 0.04
    # 400 rows at 0.2 hold 0.3
    said = f"miscalibrated: calibration error 0.040 (by chance up to {row['ece_expected_high']:.3f})"
    assert said in r.verdict and "most at 0.200, where 0.300 is observed" in r.verdict


def test_scores_within_chance_are_told_so_and_no_calibrator_is_advised():
    """A little too extreme in 1,000 rows: sigmoid has the lower loss, and chance may show as much."""
    p = np.repeat([0.1, 0.2, 0.3, 0.4, 0.5], 200)
    y = np.concatenate([np.arange(200) < positives for positives in (26, 44, 60, 76, 90)])
    frame = pd.DataFrame({"p": p, "y": y.astype(int)}).sample(frac=1, random_state=0)
    r = imb.reliability(frame, "y", scores="p", test_size=0, calibrators=("sigmoid",), progress=False)
    raw = r.frame.xs("none", level="calibrator").iloc[0]
    assert raw["ece"] == pytest.approx(0.024) and raw["ece"] < raw["ece_expected_high"]
    assert [*r.best.values()] == ["sigmoid"]
    assert (
        "show no clear sign of miscalibration at this size: calibration error 0.024 (by chance up"
        in r.verdict
    )
    assert "No calibrator is needed; chosen out of fold: sigmoid" in r.verdict
    card, advice = r._card(), r._explain("interview")[-1]
    assert card.best == "uncalibrated" and advice.startswith("I leave them as they are")
    assert card.table["by chance up to"].tolist() == r.frame["ece_expected_high"].tolist()


@pytest.mark.slow
def test_about_one_in_ten_perfectly_calibrated_models_is_called_miscalibrated():
    called = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p = expit(-2.5 + 1.2 * rng.normal(size=400))
        y = rng.random(400) < p
        binned = bins(y, p)
        row = SimpleNamespace(
            line=calibration_line(y, p), bins=binned, error=binned.error, chance=by_chance(p, seed=seed)
        )
        called.append(departure(row).is_clear)
    assert 0.04 < np.mean(called) < 0.16  # three standard errors around 0.1


def test_the_plain_model_is_best_overall_unless_another_is_clearly_better():
    frame = numbers(n=1500)
    r = imb.reliability(frame, "y", strategies=["class_weight"], **QUICK)
    cv = {name: r.frame.loc[(name, r.best[name]), "brier_cv"] for name in r.scores_by_strategy}
    assert abs(cv["none"] - cv["class_weight"]) < 0.001
    assert r.verdict.endswith("best overall: the plain model, uncalibrated")


@pytest.mark.parametrize("fitted", [False, True])
def test_of_scores_that_were_not_fitted_here_the_lowest_is_chosen(fitted):
    """Nothing is known of a shift, so that no correction is exact: whichever is lower, however little."""
    for seed in range(6):
        df = numbers(n=600, seed=seed)
        model = LogisticRegression(class_weight={0: 1, 1: 1.4}).fit(df[["a", "b"]], df["y"])
        p = model.predict_proba(df[["a", "b"]])[:, 1]
        asked = {"model": model, "fitted": True, **QUICK} if fitted else {"scores": "p", "test_size": 0}
        r = imb.reliability(df if fitted else df.assign(p=p), "y", calibrators=("sigmoid",), **asked)
        ((name, calibrator),) = r.best.items()
        cv = r.frame.loc[name, "brier_cv"]
        assert calibrator == cv.idxmin()
        assert _how(r)[1] == "Chosen was the one with the lowest cross-fitted Brier score."
        if calibrator == "sigmoid" and r.report.is_within(1.0, (name, "none"), (name, "sigmoid")):
            return
    raise AssertionError("no seed of these asks the question")


def test_the_rule_that_is_said_is_the_rule_of_each_strategy(case):
    r = case[1]
    text, rough = " ".join(_how(r)), {name for name, why in r.report.approximate.items() if why}
    if "Chosen was" not in text:
        return
    if rough == set(r.scores_by_strategy):
        assert "Chosen was the one with the lowest cross-fitted Brier score" in text
        return
    assert "Chosen was the simplest within one standard error of the lowest" in text
    found = re.search(r"score, for (.*?) the lowest itself", text)
    assert set(re.findall(r"'(.*?)'", found[1] if found else "")) == rough
