"""What `reliability` says and hands out: findings, words, pictures, calibrated models, by three faces."""

import pickle
import types

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from normals import codes, numbers, trees, with_scores
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits
from traitlets.config import Config

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.ipython import magic
from imbalance_accessor.metrics.bins import bins
from imbalance_accessor.modeling.calibrators import known_calibrators

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2, "preprocess": None}


def said_of(result):
    """What a result says, but for the calls in its fixes, which are those that were typed."""
    fixes = {line for each in result.findings for line in each.fix.below().splitlines()}
    return [line for line in repr(result).splitlines() if line not in fixes]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def weighted():
    return numbers().imb.reliability("y", strategies=["class_weight", "undersample"], **QUICK)


# --- findings, words, pictures

HAS_TEMPERATURE = "temperature" in known_calibrators()
#: The code, what brings it about, what is like it and does not.
FOUND = {
    "IMB501": ({"model": trees(), "strategies": ["oversample"]}, {"strategies": ["oversample"]}),
    "IMB502": ({}, {"calibrators": ["sigmoid"]}),
    "IMB503": ({}, {"test": numbers(n=900, seed=5)}),
    "IMB504": ({"calibrators": ["prior"]}, {"calibrators": ["sigmoid"]}),
    "IMB505": ({"model": "svm"}, {"model": "svm", "calibrators": ["sigmoid"]}),
    **(
        {"IMB506": ({"calibrators": ["temperature"]}, {"calibrators": ["isotonic"]})}
        if HAS_TEMPERATURE
        else {}
    ),
    "IMB313": ({"model": "svm"}, {"model": "naive_bayes"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("code", FOUND)
def test_a_finding_comes_where_it_is_for_and_can_be_muted(code):
    there, not_there = FOUND[code]
    frame = numbers(n=400)
    found = frame.imb.reliability("y", **QUICK | there)
    assert codes(found).count(code) == 1 and code in repr(found)
    assert code not in codes(frame.imb.reliability("y", **QUICK | not_there))
    assert code not in codes(frame.imb.reliability("y", ignore=(code,), **QUICK | there))


@pytest.mark.skipif(not HAS_TEMPERATURE, reason="scikit-learn before 1.8 has no temperature scaling")
def test_temperature_says_why_it_cannot_undo_a_shift():
    found = numbers().imb.reliability("y", strategies=["class_weight"], calibrators=["temperature"], **QUICK)
    said = next(str(each.message) for each in found.findings if each.code == "IMB506")
    assert "no intercept" in said and "cannot undo a shift of the class ratio" in said
    row = found.frame.loc["class_weight", "temperature"]
    assert row["calibration_intercept_high"] < 0


def test_the_words_say_what_the_model_says_what_is_true_and_what_the_strategy_did(weighted):
    said = str(weighted.explain())
    y = weighted.report.y
    row = weighted.frame.loc["class_weight", "none"]
    train = train_test_split(numbers(), test_size=0.2, stratify=numbers()["y"], random_state=0)[0]["y"]
    assert "2 of 3 are miscalibrated, 'class_weight' most" in said
    assert f"too high (mean {row['mean_probability']:.3f}, observed {y.mean():.3f})" in said
    assert f"multiplied the odds by {(1 - train.mean()) / train.mean():.3g}" in said
    assert (
        f"the level: {weighted.frame.loc['class_weight', 'prior']['mean_probability_cv']:.3f} out of fold"
        in said
    )
    for audience in ("colleague", "interview"):
        text = str(weighted.explain(audience=audience))
        assert "nan" not in text and ".." not in text
    assert weighted.verdict.split(". ")[0] in said
    assert "which is too high" in weighted.explain(audience="interview")
    assert weighted.best["class_weight"] == "prior" and "prior" in weighted.verdict


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", ["diagram", "uniform", "isotonic"])
def test_pictures_show_counts_and_leave_no_figure_open(weighted, kind):
    axes = weighted.plot(kind)
    assert axes.shape == (2, 3)
    raw = weighted.report.rows["none", "none"].p
    rows = bins(weighted.report.y, raw, "quantile" if kind == "diagram" else kind, 10).rows
    drawn = [text.get_text() for text in axes[0, 0].texts]
    if kind == "diagram":  # of bins that have as many rows each it is said once
        assert not drawn and f", {rows.max():,} rows each" in axes[0, 0].get_xlabel()
    else:
        assert drawn and set(drawn) <= {f"{each:,}" for each in rows}
    assert "zoomed" not in axes[0, 1].get_xlabel() and axes[0, 1].get_xlim()[1] > 1
    with pytest.raises(OptionError, match="'diagram'"):
        weighted.plot("diagrm")


@pytest.mark.slow
def test_a_card_leaves_no_figure_open(weighted):
    plt.close("all")
    assert "<svg" in weighted._repr_html_()
    assert not plt.get_fignums()


def test_the_diagram_is_zoomed_where_the_class_is_rare():
    found = numbers(n=3000, share=0.02).imb.reliability("y", calibrators=(), **QUICK)
    axes = np.asarray(found.plot()).reshape(2, -1)[0, 0]
    (low, high), said = axes.get_xlim(), axes.get_xlabel()
    assert high < 0.7 and "log scale, " in said and axes.get_xscale() == axes.get_yscale() == "log"
    assert low <= found.report.rows["none", "none"].bins.mean.max() <= high


# --- what is handed out


def test_the_calibrated_model_pickles_and_its_strategy_can_be_named(weighted):
    frame = numbers()
    model = weighted.model("prior", strategy="class_weight")
    again = pickle.loads(pickle.dumps(model))
    raw = weighted.model("none", strategy="class_weight").predict_proba(frame)[:, 1]
    odds = raw / (1 - raw) / weighted.report.odds_shift["class_weight"]
    assert again.predict_proba(frame)[:, 1] == pytest.approx(odds / (1 + odds), abs=1e-12)
    assert (again.predict(frame) == (odds > 1)).all()
    assert weighted.model().predict_proba(frame).tolist() == (
        weighted.model(weighted.best["none"], strategy="none").predict_proba(frame).tolist()
    )
    threshold = FrozenEstimator(model).predict(frame)
    assert threshold.tolist() == again.predict(frame).tolist()
    for asked, known in (
        ({"name": "spline"}, "'sigmoid', 'isotonic'"),
        ({"strategy": "smote"}, "'undersample'"),
    ):
        with pytest.raises(OptionError, match=known):
            weighted.model(**asked)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    config = Config()
    config.HistoryManager.enabled = False
    folder = str(tmp_path_factory.mktemp("ipython"))
    found = InteractiveShell(config=config, ipython_dir=folder, user_module=types.ModuleType("shell_here"))
    magic.load_magic(found)
    yield found
    magic.unload_magic(found)
    found.restore_sys_module_state()


FACES = {
    "--calibrators prior sigmoid --strategies class_weight --bins uniform": {
        "calibrators": ["prior", "sigmoid"],
        "strategies": ["class_weight"],
        "bins": "uniform",
    },
    "--scores p --test-size 0 --n-bins 5": {"scores": "p", "test_size": 0, "n_bins": 5},
    "--calibrators isotonic --model naive_bayes --bins isotonic": {
        "calibrators": ["isotonic"],
        "model": "naive_bayes",
        "bins": "isotonic",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("line", FACES)
def test_three_faces_give_one_answer(line, shell, capsys):
    frame = with_scores(labels=("no", "yes"))
    before = frame.copy()
    shell.user_ns["df"] = frame
    shell.run_cell(f"%imbalance reliability df y --cv 2 --n-jobs 1 {line} -o r;").raise_error()
    capsys.readouterr()
    found = [
        shell.user_ns.pop("r"),
        imb.reliability(frame, "y", cv=2, **FACES[line]),
        frame.imb.reliability("y", cv=2, **FACES[line]),
    ]
    for r in found:
        pd.testing.assert_frame_equal(r.frame, found[0].frame)
        assert said_of(r) == said_of(found[0]) and r.best == found[0].best
    pd.testing.assert_frame_equal(frame, before)
