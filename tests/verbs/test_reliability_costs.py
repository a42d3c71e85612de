"""`reliability(cost=)`: what decisions by the probabilities cost, and what is said of it."""

import numpy as np
import pandas as pd
import pytest
from snippet_checks import by_strategy
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.metrics.bootstrap import draws_at_most

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

AMOUNTS = {"fp": 1, "fn": 9, "tp": -2, "tn": 0.5}
QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
COSTS = ["cost_per_1000", "cost_per_1000_expected"]


@pytest.fixture(autouse=True, scope="module")
def _light():
    with threadpool_limits(1), draws_at_most(50):
        yield


@pytest.fixture(scope="module")
def rows():
    """Outcomes of true probabilities `p`; those of `q` have ten times the odds."""
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 6, 3000)
    return pd.DataFrame({"p": p, "q": 10 * p / (1 + 9 * p), "y": (rng.random(3000) < p).astype(int)})


def at(frame, column, **options):
    return frame[[column, "y"]].imb.reliability("y", scores=column, cost=AMOUNTS, **options)


@pytest.fixture(scope="module")
def inflated(rows):
    return at(rows, "q", calibrators=["isotonic"], test_size=0)


def cost_of(flags, y):
    """Sum up row by row."""
    names = {(1, 1): "tp", (1, 0): "fp", (0, 1): "fn", (0, 0): "tn"}
    return (
        1000 * sum(AMOUNTS[names[int(flag), int(each)]] for flag, each in zip(flags, y, strict=True)) / len(y)
    )


def test_the_frame_has_the_costs_of_every_row(rows, inflated):
    row = inflated.frame.loc["scores", "none"]
    q, y = rows["q"].to_numpy(), rows["y"].to_numpy()
    flags = q >= 0.5 / (0.5 + 11)  # (fp - tn) / (fp - tn + fn - tp)
    assert row["cost_per_1000"] == pytest.approx(cost_of(flags, y))
    expected = np.minimum(-2 * q + (1 - q), 9 * q + 0.5 * (1 - q))
    assert row["cost_per_1000_expected"] == pytest.approx(1000 * expected.mean())
    assert row["cost_per_1000_flag_none"] == pytest.approx(cost_of(np.zeros(3000), y))
    assert row["cost_per_1000_flag_all"] == pytest.approx(cost_of(np.ones(3000), y))
    assert row["flag_rate"] == pytest.approx(flags.mean())
    isotonic = inflated.frame.loc["scores", "isotonic"]
    assert isotonic["cost_per_1000_saved"] == pytest.approx(row["cost_per_1000"] - isotonic["cost_per_1000"])
    tuned = rows[["q", "y"]].imb.best_threshold("y", scores="q", cost=AMOUNTS, test_size=0)
    wanted = tuned.found.rows["chosen"].figures.points["cost_per_row"]
    assert row["cost_per_1000_tuned"] == pytest.approx(1000 * wanted)


def test_without_costs_nothing_is_added(rows):
    found = rows[["p", "y"]].imb.reliability("y", scores="p", calibrators=())
    assert not [name for name in found.frame if "cost" in name or name == "flag_rate"]
    assert "worth" not in str(found)


def test_what_is_promised_and_paid_is_said(inflated):
    row = inflated.frame.loc["scores", "none"]
    promised, paid = (
        f"{float(f'{row[name]:.4g}'):g}" for name in ("cost_per_1000_expected", "cost_per_1000")
    )
    said = (
        f"expected a cost of {promised.replace('-', '−')} per 1,000 rows and came to {paid.replace('-', '−')}"
    )
    for text in (inflated.explain(), inflated.explain(audience="interview"), " ".join(str(inflated).split())):
        assert said in text
    assert "within chance" not in inflated.explain().split("came to")[1].split(".")[0]
    assert "What it is worth" in str(inflated) and "What it is worth" in inflated._repr_html_()
    assert "Negative: a gain" in " ".join(str(inflated).split())


def test_a_finding_says_where_calibrating_pays(rows, inflated):
    (found,) = (each for each in inflated.findings if each.code == "IMB507")
    assert (
        found.message.startswith("Deciding by the uncalibrated probabilities") and "isotonic" in found.message
    )
    saved = abs(inflated.frame.loc["scores", "isotonic"].filter(regex="saved$").item())
    assert f"costs {float(f'{saved:.4g}'):,g} [" in found.message  # with the digits of the table
    assert "IMB507" not in at(rows, "p", calibrators=["isotonic"], test_size=0).findings.codes


def test_rows_that_count_twice_are_two(rows):
    some = rows.head(600)
    twice = some.assign(w=np.where(some.index % 2, 2.0, 1.0))
    counted = twice[["q", "y", "w"]].imb.reliability(
        "y", scores="q", cost=AMOUNTS, calibrators=(), sample_weight="w"
    )
    repeated = at(
        some.loc[some.index.repeat(twice["w"].astype(int))].reset_index(drop=True), "q", calibrators=()
    )
    both = [each.frame.loc[("scores", "none"), COSTS].tolist() for each in (counted, repeated)]
    assert both[0] == pytest.approx(both[1])


def test_at_a_prevalence_classes_count_by_it(rows):
    found = at(rows, "q", calibrators=(), prevalence=0.01).frame.loc["scores", "none"]
    q, y = rows["q"].to_numpy(), rows["y"].to_numpy()
    flags = q >= 0.5 / 11.5
    by_class = [cost_of(flags[y == each], y[y == each]) for each in (0, 1)]
    assert found["cost_per_1000"] == pytest.approx(0.99 * by_class[0] + 0.01 * by_class[1])
    assert found["cost_per_1000_flag_all"] == pytest.approx(1000 * (0.99 * 1 - 0.01 * 2))


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"strategies": ["class_weight"]}, {"test_size": 0, "repeats": 2}])
def test_the_long_program_says_the_same(options, run):
    df = imb.make_churn(600)
    found = df.imb.reliability("churn", cost=AMOUNTS, **QUICK, **options)
    of = by_strategy(found, run(found.snippet(style="full"), df=df)["rows"])
    ends = [f"cost_per_1000{end}" for end in ("_low", "_high")]
    for key, row in of.items():
        wanted = found.frame.loc[key]
        assert [row[name] for name in COSTS] == pytest.approx(wanted[COSTS].tolist(), rel=1e-9)
        low, high = (
            row[each] for each in ends
        )  # the bootstrap's, of which the card's is the wider one with MOVER's
        assert wanted[ends[0]] <= low * (1 + 1e-9) and high <= wanted[ends[1]] * (1 + 1e-9)
        assert low == pytest.approx(wanted[ends[0]]) or high == pytest.approx(wanted[ends[1]])


@pytest.mark.slow
def test_several_models_are_averaged():
    df = imb.make_churn(600)
    evaluated = df.imb.reliability(
        "churn", model={"a": "logistic", "b": "naive_bayes"}, cost=AMOUNTS, **QUICK
    )
    y = evaluated.report.y
    raw, best = (
        np.mean([evaluated.report.rows[name, of].p for name, of in keys], axis=0)
        for keys in ([("a", "none"), ("b", "none")], evaluated.best.items())
    )
    assert evaluated.averaged == pytest.approx((np.mean((raw - y) ** 2), np.mean((best - y) ** 2)))
    single = df.imb.fit_eval("churn", strategies=["class_weight"], **QUICK).reliability(cost=AMOUNTS)
    assert single.averaged is None and single.report.worth


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ({"fp": "p", "fn": 5}, "'fp' is 'p'; reliability takes amounts that are the same for all rows"),
        ({"fp": 1}, "needs both"),
        (7, "must be amounts by outcome"),
        ({"fp": 1, "fn": 5, "tp": 9}, "must cost more than"),
        (pd.DataFrame(np.eye(3)), "must be the labels"),
    ],
)
def test_what_is_no_cost_is_refused_in_one_sentence(rows, cost, said):
    with pytest.raises(OptionError, match=said):
        rows.imb.reliability("y", scores="q", cost=cost)


def test_costs_of_several_classes_at_once_are_refused(rows):
    with pytest.raises(OptionError, match="likeliest"):
        rows.imb.reliability("y", model="naive_bayes", top_class=True, cost=AMOUNTS)
