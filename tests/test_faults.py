"""Faults around a call: an interrupt, a full disk, a folder that cannot be written to, a fit that fails."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.linear_model import LogisticRegression

import imbalance_accessor as imb


def run(*words, cwd, timeout=280):
    """Run a fault in a process of its own, and return what it saw; a fit that no interrupt ends takes longer."""
    env = os.environ | {"JOBLIB_TEMP_FOLDER": str(cwd), "TMPDIR": str(cwd), "MPLCONFIGDIR": str(cwd / "mpl")}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "faults.py"), *map(str, words)],
        cwd=cwd,
        env=env | {"IPYTHONDIR": str(cwd / "ipython")},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def left_in(folder):
    return sorted(each.name for each in folder.iterdir() if each.name not in {"mpl", "ipython"})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent otherwise there")
@pytest.mark.parametrize("where", ["here", "threading", "loky"])
def test_an_interrupt_leaves_nothing(where, tmp_path):
    pytest.importorskip("psutil")
    there, notes = tmp_path / "there", tmp_path / "notes"
    there.mkdir(), notes.mkdir()
    saw, _ = run("interrupted", where, notes, cwd=there)
    assert saw["said"] == "KeyboardInterrupt"
    assert saw["left"] == []
    assert saw["filters"]
    assert saw["again"] == 3
    assert left_in(there) == []


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit on the size of files")
def test_a_full_disk_costs_no_result(tmp_path):
    pytest.importorskip("psutil")
    saw, _ = run("full_disk", tmp_path, cwd=tmp_path)
    assert saw == {"said": "", "same": True}
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_to_is_left_alone(tmp_path):
    pytest.importorskip("psutil")
    there, elsewhere = tmp_path / "there", tmp_path / "elsewhere"
    there.mkdir(mode=0o555), elsewhere.mkdir()
    saw, said = run("read_only", there, cwd=elsewhere)
    assert all(saw.values())
    assert list(there.iterdir()) == []
    assert left_in(elsewhere) == []
    assert "Warning" not in said


class FailsOnce(LogisticRegression):
    """Refuses the one training part that holds a given row."""

    def __init__(self, bad=0.0, class_weight=None):
        super().__init__(class_weight=class_weight)
        self.bad = bad

    def fit(self, X, y, sample_weight=None):
        if self.class_weight == "balanced" and not np.isclose(np.asarray(X), self.bad).any():
            raise RuntimeError("this part lacks the row\nsecond line")
        return super().fit(X, y)


def test_a_fit_that_fails_in_one_fold_gives_its_row_and_leaves_the_others(capsys):
    rng = np.random.default_rng(0)
    df = imb.make_churn(300)[["churn"]].assign(x=rng.normal(size=300))
    train = imb.split(df, "churn").X_train
    model = FailsOnce(float(train["x"].iloc[0]))
    options = {
        "cv": 3,
        "preprocess": None,
        "progress": False,
        "strategies": ["none", "class_weight", "oversample"],
    }
    found = imb.fit_eval(df, "churn", model=model, **options)
    alone = imb.fit_eval(df, "churn", model=model, **options | {"strategies": ["none", "oversample"]})
    (finding,) = [each for each in found.findings if each.code == "IMB305"]
    assert "this part lacks the row" in finding.message
    assert "second line" not in finding.message
    assert found.frame.loc["class_weight"].isna().all()
    kept = ["average_precision", "roc_auc", "brier", "average_precision_cv"]
    assert found.frame.loc[["none", "oversample"], kept].equals(alone.frame.loc[["none", "oversample"], kept])
    assert capsys.readouterr() == ("", "")


def noisy(*_):
    warnings.warn("divide by zero encountered in matmul", RuntimeWarning, stacklevel=1)


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
def test_matrix_products_that_warn_for_nothing_are_quiet_around_fits_alone(monkeypatch):
    df = imb.make_churn(300)

    class Noisy(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            noisy()
            return super().fit(X, y, sample_weight)

        def predict_proba(self, X):
            noisy()
            return super().predict_proba(X)

    options = {"cv": 2, "progress": False}
    imb.fit_eval(df, "churn", model=Noisy(), strategies=["none"], **options)
    imb.reliability(df, "churn", model=Noisy(), **options)
    numbers = df.select_dtypes("number").fillna(0)
    whole = numbers.assign(churn=df["churn"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = Noisy().fit(numbers, df["churn"])
    imb.fit_eval(whole, "churn", model=fitted, fitted=True, strategies=["none"], **options)
    work = SMOTE._fit_resample
    monkeypatch.setattr(SMOTE, "_fit_resample", lambda *given: (noisy(), work(*given))[1])
    imb.smote(whole, "churn")
    with pytest.raises(RuntimeWarning):
        noisy()
