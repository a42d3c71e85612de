"""`preprocess="skrub"`: what stands before the classifier, and what is said where it cannot stand there."""

import sys

import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import OptionError
from imbalance_accessor.evaluation.plan import make_plan
from imbalance_accessor.modeling.models import read_model

CHURN = imb.make_churn(200, 0.2)


def test_a_missing_skrub_is_one_sentence_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "skrub", None)
    with pytest.raises(OptionError) as raised:
        CHURN.imb.fit_eval("churn", preprocess="skrub")
    said = str(raised.value)
    assert said.startswith("preprocess='skrub' makes features of dates and text with skrub")
    assert said.endswith("python -m pip install 'imbalance_accessor[skrub]'.")


def test_a_fitted_model_has_no_step_before_it():
    model = RandomForestClassifier(3).fit(CHURN[["age"]], CHURN["churn"])
    for verb in (imb.fit_eval, imb.best_threshold, imb.reliability):
        with pytest.raises(OptionError, match="fitted=True never fits"):
            verb(CHURN, "churn", model=model, fitted=True, preprocess="skrub")


def test_a_pipeline_brings_its_own_steps_and_the_cures_work():
    skrub = pytest.importorskip("skrub")
    own = make_pipeline(StandardScaler(), LogisticRegression())
    with pytest.raises(OptionError, match=r"Leave it out, or put skrub.TableVectorizer\(\) first"):
        read_model(own, preprocess="skrub")
    assert read_model(own).vectorizer is None
    assert read_model(make_pipeline(skrub.TableVectorizer(), own)).reads_all_columns


def steps(model, strategy, seed=0):
    pytest.importorskip("skrub")
    chosen = read_model(model, preprocess="skrub", random_state=seed)
    plan = make_plan(
        read_features(CHURN, "churn"), chosen, [strategy], test_size=0.2, cv=2, random_state=seed
    )
    return plan.candidates[strategy].estimator.steps


BEHIND = {
    ("logistic", "none"): ["impute", "scale"],
    ("naive_bayes", "oversample"): ["impute", "scale", "resample"],
    ("boosting", "oversample"): ["resample"],
    ("boosting", "smote"): ["impute", "scale", "resample"],
    ("forest", "balanced_forest"): [],
}


@pytest.mark.parametrize(("model", "strategy"), BEHIND)
def test_cells_are_filled_and_scaled_where_the_model_or_the_sampler_needs_it(model, strategy):
    assert [name for name, _ in steps(model, strategy)] == ["vectorize", *BEHIND[model, strategy], "model"]


def test_the_sampler_interpolates_numbers_and_text_is_encoded_under_the_seed():
    found = dict(steps("logistic", "smote", seed=7))
    assert type(found["resample"]).__name__ == "SMOTE"
    assert found["vectorize"].high_cardinality.random_state == 7


def test_a_sampler_of_raw_categories_is_left_out_with_the_reason():
    pytest.importorskip("skrub")
    from imblearn.over_sampling import SMOTENC

    given = {"preprocess": "skrub", "cv": 2, "progress": False, "n_jobs": 1}
    found = CHURN.imb.fit_eval("churn", strategies=[SMOTENC(["region"]), "smote"], **given)
    (why,) = [each for each in found.findings if each.code == "IMB304"]
    assert "has made numbers of them" in why.message
    assert why.cure == "Use 'smote'."
    assert "smote" in found.frame.index
