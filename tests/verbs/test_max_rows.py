"""`max_rows=`: models learn from fewer rows, of which small classes are kept whole; all train rows are scored."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import snippet_checks
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.data.class_shares import fair_share
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import OptionError, SplitError
from imbalance_accessor.evaluation.plan import make_plan
from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift, why_approximate
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.splitting.cap import capped
from imbalance_accessor.splitting.split import divide

QUICK = {"cv": 3, "progress": False, "n_jobs": 1}


@pytest.fixture(autouse=True, scope="module")
def _light():
    with threadpool_limits(1), draws_at_most(200):
        yield


def frame(n=1_000, rare=0.1, labels=("no", "yes"), seed=0):
    """Numbers that know something of a last label, which few rows have, and of others that share the rest."""
    rng = np.random.default_rng(seed)
    n_rare, others = round(n * rare), len(labels) - 1
    codes = rng.permutation(np.r_[np.full(n_rare, others), np.arange(n - n_rare) % others])
    X = rng.normal(size=(n, 3)) + codes[:, None]
    y = np.empty(len(labels), dtype=object)
    y[:] = labels
    return pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=pd.Series(y[codes]).infer_objects())


def evaluated(df=None, max_rows=200, strategies=("class_weight",), **options):
    df = frame() if df is None else df
    return imb.fit_eval(df, "y", strategies=list(strategies), max_rows=max_rows, **QUICK | options)


def about_cap(found):
    (finding,) = [each for each in found.findings if each.code == "IMB316"]
    return finding


# ---------------------------------------------------------------- which rows


def test_a_fair_share_is_the_largest_that_all_can_have():
    rng = np.random.default_rng(0)
    for _ in range(300):
        rows = rng.integers(1, 60, rng.integers(2, 6))
        most = int(rng.integers(2, rows.sum()))
        tried = [share for share in range(61) if np.minimum(rows, share).sum() <= most]
        assert np.minimum(rows, fair_share(rows, most)).tolist() == np.minimum(rows, tried[-1]).tolist()


@pytest.mark.parametrize(
    ("max_rows", "pos_label", "wanted"),
    [  # train rows: 320 of "a", 320 of "b", 80 of "c" and 80 of "d"
        (400, None, [120, 120, 80, 80]),
        (200, None, [50, 50, 50, 50]),
        (799, None, [319, 319, 80, 80]),
        (800, None, None),
        (200, "d", [120, 80]),
        (100, "d", [50, 50]),
    ],
)
def test_small_classes_are_whole_and_the_others_share_what_is_left(max_rows, pos_label, wanted):
    y = np.repeat(["a", "b", "c", "d"], [400, 400, 100, 100])
    df = pd.DataFrame({"x": np.arange(1_000.0) % 97, "y": y})
    features = read_features(df, "y", pos_label=pos_label)
    parts = capped(divide(features, max_rows=max_rows))
    assert len(parts.train) == 800
    assert parts.train.X.index.equals(divide(features).train.X.index)
    if wanted is None:
        assert parts.kept is None
        assert not parts.findings
        return
    assert np.bincount(parts.learned_outcome).tolist() == wanted
    assert len(set(parts.kept)) == sum(wanted)
    assert (np.diff(parts.kept) > 0).all()


def test_what_is_kept_is_drawn_by_the_seed():
    features = read_features(frame(), "y")
    kept = [capped(divide(features, random_state=0, max_rows=200)).kept.tolist() for _ in range(2)]
    assert kept[0] == kept[1]
    both = [np.isin(np.arange(800), capped(divide(features, max_rows=most)).kept) for most in (200, 300)]
    assert (both[1] | ~both[0]).all()  # more rows are the same ones, and others


@pytest.mark.parametrize("verb", ["fit_eval", "smote"])
@pytest.mark.parametrize("most", [0, 1, -5, 2.5, "many", True])
def test_a_cap_that_is_no_number_of_rows(verb, most):
    with pytest.raises(OptionError, match=r"max_rows=.* must be a whole number of train rows"):
        getattr(imb, verb)(frame(), "y", max_rows=most)


@pytest.mark.parametrize("ruled", ["groups", "time"])
def test_a_cap_does_not_break_groups_or_time(ruled):
    df = frame().assign(rule=np.arange(1_000) // 10)
    with pytest.raises(OptionError, match="max_rows= draws rows by class alone"):
        imb.fit_eval(df, "y", max_rows=100, **{ruled: "rule"})


@pytest.mark.parametrize("verb", ["fit_eval", "smote"])
def test_a_cap_that_leaves_one_row_of_a_class_says_which_cap_leaves_two(verb):
    df = frame(rare=0.02, labels=("a", "b", "yes"))
    with pytest.raises(SplitError, match=r"less than two of its rows. Use max_rows=6\.") as told:
        getattr(imb, verb)(df, "y", max_rows=5)
    assert "\n" not in str(told.value)
    assert len(imb.smote(df, "y", max_rows=6).parts.train) == 6


def test_a_model_fitted_elsewhere_takes_no_cap():
    df = frame()
    model = LogisticRegression().fit(df.drop(columns="y"), df["y"])
    with pytest.raises(OptionError, match="a fitted model learns from none"):
        imb.fit_eval(df, "y", model=model, fitted=True, max_rows=100)


def test_classes_made_even_leave_weights_and_samplers_nothing_to_do():
    found = evaluated(frame(rare=0.3), max_rows=200, strategies=("class_weight", "smote", "smote_enn"))
    (said,) = [each for each in found.findings if each.code == "IMB314"]
    assert said.message == (
        "The models learn from 100 rows of each class, so that 'class_weight', 'smote' do nothing."
    )
    assert found.frame.loc["smote", "average_precision"] == found.frame.loc["none", "average_precision"]
    more = evaluated(frame(rare=0.3), max_rows=201 + 2 * 240, strategies=("smote",))
    assert "IMB314" not in more.findings.codes
    natural = evaluated(frame(rare=0.5), max_rows=None, strategies=("class_weight",))
    assert "IMB314" in natural.findings.codes


# ---------------------------------------------------------------- scores


def by_hand(df, pipeline, share, *, weigh=None, cv=3):
    """Draw and fit in a loop of plain scikit-learn: scores of all train rows out of fold, of the test rows, and the labels."""
    X, y = df.drop(columns="y"), df["y"].to_numpy()
    train, test = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=0)
    X_train, y_train = X.iloc[train], y[train]
    order = pd.Series(np.arange(len(train))).sample(frac=1, random_state=0)
    kept = set()
    for label in np.unique(y):
        kept |= set(order[y_train[order] == label][:share])
    oof = np.full(len(train), np.nan)
    for learn, held in StratifiedKFold(cv, shuffle=True, random_state=0).split(X_train, y_train):
        rows = [each for each in learn if each in kept]
        given = {} if weigh is None else weigh(y_train[sorted(kept)], y_train[rows])
        model = clone(pipeline).fit(X_train.iloc[rows], y_train[rows], **given)
        oof[held] = model.predict_proba(X_train.iloc[held])[:, 1]
    rows = sorted(kept)
    given = {} if weigh is None else weigh(y_train[rows], y_train[rows])
    model = clone(pipeline).fit(X_train.iloc[rows], y_train[rows], **given)
    return oof, model.predict_proba(X.iloc[test])[:, 1], y_train, y[test]


def test_every_train_row_is_scored_by_models_of_the_kept_rows():
    df = frame()
    found = evaluated(df, 200)
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    weighted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced"))
    for name, pipeline in (("none", plain), ("class_weight", weighted)):
        oof, test, y_train, y_test = by_hand(df, pipeline, 120)  # 80 rare rows are whole, 120 are left
        scores = found.scored.by_name[name]
        np.testing.assert_allclose(scores.oof[:, 1], oof, rtol=1e-6)
        np.testing.assert_allclose(scores.test[:, 1], test, rtol=1e-6)
        ap = average_precision_score(y_test == "yes", test)
        assert found.frame.loc[name, "average_precision"] == pytest.approx(ap, rel=1e-9)
        brier = np.mean((oof - (y_train == "yes")) ** 2)  # at the frame's own prevalence
        assert found.frame.loc[name, "brier_cv"] == pytest.approx(brier, rel=1e-6)


def test_sample_weights_balance_the_kept_rows():
    df = frame()
    found = evaluated(df, 200, model="naive_bayes")

    def weigh(kept, rows):
        weight = {label: len(kept) / (2 * np.sum(kept == label)) for label in ("no", "yes")}
        return {"gaussiannb__sample_weight": np.array([weight[label] for label in rows])}

    oof, test, *_ = by_hand(df, make_pipeline(StandardScaler(), GaussianNB()), 120, weigh=weigh)
    np.testing.assert_allclose(found.scored.by_name["class_weight"].oof[:, 1], oof, rtol=1e-6)
    np.testing.assert_allclose(found.scored.by_name["class_weight"].test[:, 1], test, rtol=1e-6)


def test_the_prior_correction_is_that_of_the_kept_rows():
    # 80 of 800 train rows are rare: odds of 1/9; kept are 80 and 120, or 50 and 50
    for max_rows, odds in ((200, 80 / 120), (100, 1.0)):
        found = evaluated(frame(), max_rows, ["class_weight", "oversample"], cv=2)
        for name, factor in (("none", odds * 9), ("class_weight", 9), ("oversample", 9)):
            scores = FittedScores(found.scored, name, found.plan)
            assert odds_ratio_shift(scores) == pytest.approx(factor, rel=1e-12)
            assert not why_approximate(scores)


@pytest.mark.slow
def test_a_corrected_model_of_the_cap_is_near_the_model_of_all_rows():
    df = frame(12_000, rare=0.05)
    found, whole = evaluated(df, 2_000, ()), evaluated(df, None, ())
    logit = {
        name: np.log(p / (1 - p))
        for name, p in (
            ("whole", whole.model("none").predict_proba(df)[:, 1]),
            ("raw", found.model("none").predict_proba(df)[:, 1]),
            ("prior", found.reliability("none").model("prior").predict_proba(df)[:, 1]),
        )
    }
    # 480 of 9,600 train rows, of 2,000: the log odds are too high by log((480 / 1520) / (480 / 9120)) = log 6
    assert np.mean(logit["raw"] - logit["whole"]) == pytest.approx(np.log(6), abs=0.15)
    assert np.abs(logit["prior"] - logit["whole"]).mean() < 0.15
    chosen = found.reliability("none")
    assert chosen.best == {"none": "prior"}
    assert chosen.report.learned[0] == pytest.approx(0.05)  # of all train rows
    brier = {name: each.frame.loc["none", "brier_cv"] for name, each in (("whole", whole), ("raw", found))}
    # which is what the finding tells to do
    assert found.model("none").predict_proba(df)[:, 1].mean() > 0.1
    assert chosen.model().predict_proba(df)[:, 1].mean() == pytest.approx(0.05, abs=0.005)
    prior = chosen.report.rows["none", "prior"].cv["brier"]
    assert abs(prior - brier["whole"]) < 0.05 * abs(brier["raw"] - brier["whole"])


@pytest.mark.slow
def test_nothing_changes_where_the_cap_is_not_reached():
    df = frame()
    found, whole = evaluated(df, 800), evaluated(df, None)
    pd.testing.assert_frame_equal(found.frame, whole.frame)
    assert not [each for each in found.findings if each.code == "IMB316"]
    assert str(found.snippet(style="full")) == str(whole.snippet(style="full"))


def test_shuffled_labels_are_learned_from_the_kept_rows_alone(run):
    df = frame()
    found = evaluated(df, 200, (), permutations=2)
    rng, plain = np.random.default_rng(0), make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    learned, test = found.scored.parts.learned, found.scored.parts.test
    wanted = []
    for _ in range(2):
        y, order = learned.y.to_numpy()[rng.permutation(200)], rng.permutation(200)
        p = clone(plain).fit(learned.X, y).predict_proba(test.X)[:, 1]
        wanted.append(average_precision_score((test.y == "yes").to_numpy()[order], p))
    assert found.permuted.shuffled.tolist() == pytest.approx(wanted, rel=1e-6)
    space = run(found.snippet(style="full"), df=df)
    assert space["on_shuffled"] == pytest.approx(wanted, rel=1e-6)


# ---------------------------------------------------------------- words


def finding_of(df, **options):
    (finding,) = capped(divide(read_features(df, "y", **options), max_rows=200)).findings
    return finding


def test_it_says_what_was_kept_and_what_that_does_to_probabilities():
    finding = finding_of(frame())
    assert finding.message == (
        "max_rows=200: the models learn from all 80 rows of class 'yes' and 120 of 720 others, at 40 % positives instead of 10 %."
    )
    assert (
        finding.cure
        == 'Probabilities are too high by that; fit_eval(...).reliability("none").model() corrects them.'
    )
    several = finding_of(frame(labels=("a", "b", "yes")))
    assert (
        several.message
        == "max_rows=200: the models learn from at most 66 rows of a class, 198 of 800 in all."
    )
    common = finding_of(frame(), pos_label="no")
    assert "too low" in common.cure
    assert (
        "120 of 720 rows of class 'no' and all 80 others, at 60 % positives instead of 90 %" in common.message
    )
    balanced = finding_of(frame(rare=0.5))
    assert "at 50 % positives instead of 50 %" in balanced.message
    assert "too" not in balanced.cure


@pytest.mark.parametrize("verb", ["fit_eval", "smote"])
def test_the_cap_is_the_cause_of_few_rare_rows(verb):
    options = {"strategies": ["smote"], **QUICK} if verb == "fit_eval" else {"kind": SMOTE(random_state=0)}
    for rare, most, named in (
        (0.1, 10, True),
        (0.006, 100, False),
    ):  # 80 rare rows, of which 5 are kept; all of 5
        found = getattr(imb, verb)(frame(rare=rare), "y", max_rows=most, **options)
        (few,) = [each for each in found.findings if each.code == "IMB302"]
        assert (few.cure == "Raise max_rows=10, which leaves 5 of 80 rows of that class.") == named
        assert ("more real rows help" in few.cure) != named


def test_folds_without_a_class_are_the_caps_doing():
    features = read_features(frame(60, rare=0.5), "y")
    plans = {"test_size": 0.2, "cv": 5, "max_rows": 4}
    said = []
    for seed in range(20):  # two rows of a class may stand in one fold
        try:
            made = make_plan(features, read_model("logistic"), ["none"], random_state=seed, **plans)
            said += [each.cure for each in made.findings if each.code == "IMB311"]
        except SplitError as error:
            said.append(str(error))
    assert "Raise max_rows=4, which leaves 2 of 24 rows of that class." in said
    assert all("Raise max_rows=4" in each for each in said)


# ---------------------------------------------------------------- code and trace


def test_the_trace_counts_all_rows_and_those_that_are_learned_from(run):
    df = frame()
    found = evaluated(df, 200, ["oversample"])
    trace = found.trace("oversample")
    counts = trace.frame[["rows[no]", "rows[yes]"]]
    assert counts.loc["raw"].tolist() == [900, 100]
    assert counts.loc["split"].tolist() == [720, 80]
    assert counts.loc["max_rows"].tolist() == [120, 80]
    assert counts.loc["fit"].tolist() == [120, 120]
    assert "240 rows, which its sampler makes of the 200 of 800 train rows" in " ".join(str(trace).split())
    assert "800 / 200 → 200 → 240" in trace._repr_html_()
    stages = run(trace.snippet(style="full"), df=df)["stages"]
    assert {name: each[0] for name, each in stages.items()} == {
        "split": 800,
        "max_rows": 200,
        "scale": 200,
        "resample": 240,
    }
    dropped = found.scored.parts.train.y.index.difference(found.scored.parts.learned.y.index)[0]
    row = found.trace("oversample", row=dropped)
    assert run(row.snippet(style="full"), df=df)["score"] == pytest.approx(row.contributions.score, rel=1e-9)


CASES = {
    "binary": (frame(), {}),
    "dealt twice": (frame(), {"repeats": 2, "model": "naive_bayes"}),
    "nothing held out": (frame(), {"test_size": 0}),
    "several": (frame(labels=("a", "b", "yes")), {"model": "naive_bayes"}),
    "one against the rest": (frame(labels=("a", "b", "yes")), {"pos_label": "b"}),
    "codes": (frame(labels=(("a", 1), "no", 3)), {}),
    "own sampler": (frame(), {"strategies": [RandomOverSampler(random_state=0)]}),
}


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", CASES)
def test_the_code_of_an_evaluation_says_the_same(run, case):
    df, options = CASES[case]
    found = evaluated(df, 300, **options)
    for style in ("full", "short"):
        space = run(found.snippet(style=style), df=df)
        snippet_checks.check_rows(space["rows"], found.frame)
        assert len(space["kept"]) == len(found.scored.parts.kept)


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", ["binary", "dealt twice", "nothing held out", "one against the rest"])
@pytest.mark.parametrize("verb", ["best_threshold", "reliability"])
def test_the_code_of_thresholds_and_calibrators_says_the_same(run, case, verb):
    df, options = CASES[case]
    found = getattr(evaluated(df, 300, **options), verb)("class_weight")
    space = run(found.snippet(style="full"), df=df)
    if case == "nothing held out" and verb == "best_threshold":
        assert space["threshold"] == found.value
        return
    getattr(snippet_checks, verb)(found, space, short=False, kind="")


@pytest.mark.parametrize("case", ["binary", "several", "codes"])
def test_smote_makes_rows_of_those_that_are_kept(run, case):
    df, _ = CASES[case]
    made = imb.smote(df, "y", kind="oversample", max_rows=300)
    whole = imb.smote(df, "y", kind="oversample")
    before = made.frame["before"]
    share = 220 if case == "binary" else 110  # 80 rare rows are whole
    assert sorted(before) == sorted([80, *[share] * (len(before) - 1)])
    assert made.frame["after"].tolist() == [share] * len(before)
    assert set(made.parts.train.X.index) <= set(whole.parts.train.X.index)
    pd.testing.assert_frame_equal(made.X_test, whole.X_test)
    assert about_cap(made).message == (
        f"max_rows=300: the training set keeps at most {share} rows of a class, 300 of 800 in all."
    )
    space = run(made.snippet(style="full"), df=df)
    pd.testing.assert_frame_equal(snippet_checks.plain(space["X_train"]), snippet_checks.plain(made.X_train))
    assert list(space["y_train"]) == list(made.y_train)


def test_the_cap_holds_beside_a_test_frame_of_ones_own():
    made = imb.smote(frame(), "y", test=frame(200, seed=1), max_rows=300)
    assert (len(made.parts.train), len(made.X_test)) == (300, 200)
    found = evaluated(frame(), 300, (), test=frame(200, seed=1))
    assert np.bincount(found.scored.parts.learned_outcome).tolist() == [200, 100]
    assert len(found.scored.by_name["none"].oof) == 1_000
    assert odds_ratio_shift(found.reliability("none").scores_by_strategy["none"]) == pytest.approx(
        (100 / 200) / (100 / 900)
    )


def test_at_a_prevalence_the_cap_is_undone_and_said_to_be_so():
    found = evaluated(strategies=(), prevalence=0.02)
    assert about_cap(found).cure == "Bringing their probabilities to the prevalence undoes that too."
    df = frame()
    y, p = df["y"] == "yes", found.model("none").predict_proba(df[["a", "b", "c"]])[:, 1]
    at = 0.02 * p[y].mean() + 0.98 * p[~y].mean()
    assert at == pytest.approx(
        0.02, abs=0.005
    )  # some 0.1 were the cap not undone: its odds are 2 : 3, not 1 : 9


def test_a_threshold_and_calibration_of_their_own_are_those_of_an_evaluation():
    df, capped_at = frame(), {"max_rows": 200, **QUICK}
    e = evaluated(df, strategies=())
    alone = df.imb.best_threshold("y", **capped_at)
    pd.testing.assert_frame_equal(alone.frame, e.best_threshold(strategy="none").frame)
    assert about_cap(alone)
    pd.testing.assert_frame_equal(
        df.imb.reliability("y", **capped_at).frame, e.reliability("none").frame, check_exact=False
    )
    assert not alone.frame.equals(df.imb.best_threshold("y", **QUICK).frame)
