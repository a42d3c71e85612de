"""`fit_eval`'s numbers: published ones, and the libraries' own metrics on its scores."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from best_thresholds import best_threshold_of, loop_cut
from imblearn.metrics import geometric_mean_score
from scipy import stats
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False}
DEFAULT = ["none", "class_weight", "oversample", "undersample", "smote"]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def churn():
    return imb.make_churn(400, 0.15)


def f1_of(y, flags):
    return 2 * (y & flags).sum() / (y.sum() + flags.sum())


# ---------------------------------------------------------------- published numbers


@pytest.fixture(scope="module")
def published():
    X, y = make_classification(
        n_samples=2000, n_features=10, n_informative=5, weights=[0.95, 0.05], flip_y=0.01, random_state=42
    )
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(10)]).assign(y=y)
    model = LogisticRegression(max_iter=1000, random_state=42)
    return frame.imb.fit_eval(
        "y",
        model=model,
        preprocess=None,
        strategies=["class_weight"],
        test_size=0.2,
        random_state=42,
        **QUICK,
    )


@pytest.mark.parametrize(
    ("strategy", "metric", "value"),
    [
        ("none", "f1", "0.000"),
        ("none", "recall", "0.000"),
        ("none", "precision", "0.000"),
        ("none", "roc_auc", "0.737"),
        ("class_weight", "f1", "0.210"),
        ("class_weight", "recall", "0.682"),
        ("class_weight", "precision", "0.124"),
        ("class_weight", "roc_auc", "0.753"),
    ],
)
def test_published_figures_to_all_digits(published, strategy, metric, value):
    assert f"{published.frame.loc[strategy, metric]:.3f}" == value


def test_published_thresholds_that_were_tuned_on_the_test_half(published):
    rows = published.scores.query("part == 'test' and strategy == 'class_weight'")
    y, p = (rows["y"] == 1).to_numpy(), rows["probability"].to_numpy()
    exact = best_threshold_of(y, p)
    assert (f"{exact:.4f}", f"{sk.f1_score(y, p >= exact):.4f}") == ("0.4505", "0.2194")
    grid = np.linspace(0.01, 0.99, 100)
    scores = [sk.f1_score(y, p >= threshold, zero_division=0) for threshold in grid]
    assert (f"{grid[np.argmax(scores)]:.3f}", f"{max(scores):.3f}") == ("0.376", "0.216")


def test_ours_is_chosen_out_of_fold_and_so_claims_less(published):
    row = published.frame.loc["class_weight"]
    train = published.scores.query("part == 'train' and strategy == 'class_weight'")
    y, p = (train["y"] == 1).to_numpy(), train["probability"].to_numpy()
    assert row["threshold"] == loop_cut(y, p, seed=42)
    assert row["f1_tuned"] < 0.2194


# ---------------------------------------------------------------- the libraries' metrics on .scores


@pytest.fixture(scope="module")
def mixed():
    return churn().imb.fit_eval("churn", cv=3, random_state=1, **QUICK)


@pytest.fixture(scope="module")
def margins():
    return churn().imb.fit_eval("churn", model="svm", strategies=["class_weight"], cv=3, **QUICK)


DECIDED = {
    "precision": lambda y, f: sk.precision_score(y, f, zero_division=0),
    "recall": sk.recall_score,
    "f1": lambda y, f: sk.f1_score(y, f, zero_division=0),
    "mcc": sk.matthews_corrcoef,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "g_mean": geometric_mean_score,
    "accuracy": sk.accuracy_score,
}
RANKED = {"average_precision": sk.average_precision_score, "roc_auc": sk.roc_auc_score}
LOSSES = {"brier": sk.brier_score_loss, "log_loss": sk.log_loss, "mean_probability": lambda y, p: p.mean()}


def part_of(found, strategy, part):
    kind = "probability" if "probability" in found.scores else "score"
    rows = found.scores[(found.scores["strategy"] == strategy) & (found.scores["part"] == part)]
    folds = rows["fold"].to_numpy(dtype=float, na_value=np.nan)
    return (rows["churn"] == "yes").to_numpy(), rows[kind].to_numpy(), folds, rows["flagged"].to_numpy()


def test_columns_are_those_that_were_promised(mixed):
    scored = [*RANKED, *LOSSES, *DECIDED, *(f"{name}_tuned" for name in DECIDED)]
    wanted = {f"{name}{end}" for name in scored for end in ("", "_low", "_high", "_cv")}
    wanted |= {f"{count}{end}" for count in ("tp", "fp", "fn", "tn") for end in ("", "_tuned")}
    assert set(mixed.frame.columns) == wanted | {"threshold", "prevalence"}
    assert list(mixed.frame.index) == [*DEFAULT, "dummy"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("which", ["mixed", "margins"])
def test_test_figures_equal_the_libraries(which, request):
    found = request.getfixturevalue(which)
    default = 0.5 if which == "mixed" else 0.0
    for strategy, row in found.frame.drop("dummy").iterrows():
        y, p, _, flagged = part_of(found, strategy, "test")
        for name, figure in RANKED.items():
            assert row[name] == pytest.approx(figure(y, p), abs=1e-12)
        for name, figure in LOSSES.items():
            wanted = figure(y, p) if which == "mixed" else np.nan
            assert row[name] == pytest.approx(wanted, abs=1e-12, nan_ok=True)
        assert row["prevalence"] == pytest.approx(y.mean(), abs=1e-12)
        assert (flagged == (p >= row["threshold"])).all()
        for end, flags in (("", p >= default), ("_tuned", flagged)):
            for name, figure in DECIDED.items():
                assert row[f"{name}{end}"] == pytest.approx(figure(y, flags), abs=1e-12), name
            counts = [row[f"{count}{end}"] for count in ("tn", "fp", "fn", "tp")]
            assert counts == sk.confusion_matrix(y, flags).ravel().tolist()


@pytest.mark.quick(1)
@pytest.mark.parametrize("which", ["mixed", "margins"])
def test_out_of_fold_figures_equal_the_libraries(which, request):
    found = request.getfixturevalue(which)
    default = 0.5 if which == "mixed" else 0.0
    for strategy, row in found.frame.drop("dummy").iterrows():
        y, p, fold, flagged = part_of(found, strategy, "train")
        assert (flagged == (p >= row["threshold"])).all()
        rank = np.empty(len(p))
        for f in np.unique(fold):
            rank[fold == f] = stats.rankdata(p[fold == f]) / (fold == f).sum()
        for name, figure in RANKED.items():
            assert row[f"{name}_cv"] == pytest.approx(figure(y, rank), abs=1e-12)
        for name, figure in LOSSES.items():
            wanted = figure(y, p) if which == "mixed" else np.nan
            assert row[f"{name}_cv"] == pytest.approx(wanted, abs=1e-12, nan_ok=True)
        for name, figure in DECIDED.items():
            assert row[f"{name}_cv"] == pytest.approx(figure(y, p >= default), abs=1e-12)


def test_own_thresholds_are_tuned_out_of_fold_and_their_figures_there_are_cross_fitted(mixed):
    for strategy, row in mixed.frame.drop("dummy").iterrows():
        y, p, fold, _ = part_of(mixed, strategy, "train")
        assert row["threshold"] == loop_cut(y, p, seed=1)
        flags = np.zeros(len(y), bool)
        for f in np.unique(fold):
            flags[fold == f] = p[fold == f] >= loop_cut(y[fold != f], p[fold != f], seed=1)
        for name, figure in DECIDED.items():
            assert row[f"{name}_tuned_cv"] == pytest.approx(figure(y, flags), abs=1e-12)


def plain_draws(y, seed, n_draws=1000, frame_rows=400):
    """How much each row counts: the share of each class as among frames, then one row fewer of it than there are."""
    rng, n = np.random.default_rng(seed), len(y)
    members = [np.flatnonzero(~y), np.flatnonzero(y)]
    for shares in rng.multinomial(frame_rows, [len(rows) / n for rows in members], n_draws):
        weights = np.zeros(n)
        for rows, share in zip(members, shares, strict=True):
            drawn = rows[rng.integers(0, len(rows), len(rows) - 1)]
            np.add.at(weights, drawn, share / frame_rows * n / (len(rows) - 1))
        yield weights


def test_intervals_equal_a_plain_bootstrap_of_the_same_seed(mixed):
    y, p, _, flagged = part_of(mixed, "smote", "test")
    draws, row = list(plain_draws(y, seed=1)), mixed.frame.loc["smote"]
    loops = {
        "average_precision": [sk.average_precision_score(y, p, sample_weight=w) for w in draws],
        "brier": [np.average((p - y) ** 2, weights=w) for w in draws],
        "mean_probability": [np.average(p, weights=w) for w in draws],
        "f1_tuned": [2 * w[y & flagged].sum() / (w[y].sum() + w[flagged].sum()) for w in draws],
    }
    for metric, values in loops.items():
        low, high = np.quantile(values, [0.025, 0.975])
        assert (row[f"{metric}_low"], row[f"{metric}_high"]) == pytest.approx((low, high), abs=1e-12), metric


def test_recall_precision_and_accuracy_carry_wilson(mixed):
    for _, row in mixed.frame.drop("dummy").iterrows():
        for end in ("", "_tuned"):
            tp, fp, fn, tn = (int(row[f"{count}{end}"]) for count in ("tp", "fp", "fn", "tn"))
            for name, hits, of in (
                ("recall", tp, tp + fn),
                ("precision", tp, tp + fp),
                ("accuracy", tp + tn, tp + fp + fn + tn),
            ):
                wilson = stats.binomtest(hits, of).proportion_ci(0.95, method="wilson") if of else (0, 1)
                got = row[f"{name}{end}_low"], row[f"{name}{end}_high"]
                assert got == pytest.approx(tuple(wilson), abs=1e-12)


def test_groups_are_drawn_whole():
    frame = churn()[["tenure_months", "support_calls", "churn"]].assign(who=np.arange(400) % 50)
    found = frame.imb.fit_eval("churn", groups="who", strategies=[], cv=2, random_state=3, **QUICK)
    rows = found.scores.query("part == 'test'")
    loss = (rows["probability"] - (rows["churn"] == "yes")).to_numpy() ** 2
    who, y = frame.loc[rows.index, "who"].to_numpy(), (rows["churn"] == "yes").to_numpy()
    members = [np.flatnonzero(who == each) for each in np.unique(who)]
    rng, means = np.random.default_rng(3), []
    while len(means) < 1000:
        drawn = np.concatenate([members[unit] for unit in rng.integers(0, len(members), len(members))])
        if 0 < y[drawn].sum() < len(drawn):
            means.append(loss[drawn].mean())
    low, high = np.quantile(means, [0.025, 0.975])
    row = found.frame.loc["none"]
    assert (row["brier_low"], row["brier_high"]) == pytest.approx((low, high), abs=1e-12)


def test_differences_hold_for_all_strategies_at_once(mixed):
    """max-t over the same draws of rows out of fold: how many standard errors hold every difference in 95 % of them."""
    names = DEFAULT[1:]
    y, base, _, _ = part_of(mixed, "none", "train")
    losses = {name: (part_of(mixed, name, "train")[1] - y) ** 2 - (base - y) ** 2 for name in names}
    draws = list(plain_draws(y, seed=1))
    samples = {name: np.array([np.average(loss, weights=w) for w in draws]) for name, loss in losses.items()}
    error = {name: values.std(ddof=1) for name, values in samples.items()}
    furthest = [
        max(abs(samples[name][b] - losses[name].mean()) / error[name] for name in names)
        for b in range(len(draws))
    ]
    times = np.quantile(furthest, 0.95)
    assert list(mixed.differences.index) == names
    for name in names:
        row, point, half = mixed.differences.loc[name], losses[name].mean(), times * error[name]
        assert (row["brier"], row["brier_low"], row["brier_high"]) == pytest.approx(
            (point, point - half, point + half), abs=1e-10
        )


def test_no_skill_has_closed_forms(mixed):
    row = mixed.frame.loc["dummy"]
    y, _, _, _ = part_of(mixed, "none", "test")
    train, _, _, _ = part_of(mixed, "none", "train")
    pi, q = y.mean(), train.mean()
    wanted = {
        "average_precision": pi,
        "roc_auc": 0.5,
        "brier": pi * (1 - q) ** 2 + (1 - pi) * q**2,
        "log_loss": -pi * np.log(q) - (1 - pi) * np.log(1 - q),
        "mean_probability": q,
        "prevalence": pi,
    }
    for end in ("", "_tuned"):
        wanted |= {f"precision{end}": pi, f"recall{end}": 1.0, f"f1{end}": 2 * pi / (1 + pi)}
        wanted |= {f"mcc{end}": 0, f"balanced_accuracy{end}": 0.5, f"g_mean{end}": 0}
        wanted |= {f"accuracy{end}": 1 - pi}
    for name, value in wanted.items():
        assert row[name] == pytest.approx(value, abs=1e-12), name
    named = mixed.dummy
    assert named["accuracy"] == "always majority"
    assert named["f1"] == named["recall"] == named["precision"] == "always positive"


def test_scores_find_the_false_negatives(mixed):
    y, _, _, flagged = part_of(mixed, "none", "test")
    row = mixed.frame.loc["none"]
    rows = mixed.scores.query("strategy == 'none' and part == 'test' and churn == 'yes'")
    assert (rows["probability"] < 0.5).sum() == row["fn"]
    missed = rows[~rows["flagged"]].index
    assert len(missed) == row["fn_tuned"]
    assert (churn().loc[missed, "churn"] == "yes").all()
    assert (y & ~flagged).sum() == len(missed)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(mixed):
    again = churn().imb.fit_eval("churn", cv=3, random_state=1, **QUICK)
    pd.testing.assert_frame_equal(again.frame, mixed.frame, check_exact=True)
    pd.testing.assert_frame_equal(again.scores, mixed.scores, check_exact=True)
    other = churn().imb.fit_eval("churn", strategies=[], cv=3, random_state=2, **QUICK)
    assert not np.array_equal(other.scores.index[-80:], mixed.scores.index[-80:])
