"""What is done about the imbalance: names and objects read, pipelines built, what gets no row and why."""

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.ensemble import (
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from imblearn.over_sampling import ADASYN, SMOTE, SMOTEN, SMOTENC, BorderlineSMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline as ImbPipeline
from imblearn.under_sampling import RandomUnderSampler, TomekLinks
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import OptionError
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.modeling.pipelines import assemble, correction_made_twice, fit_params, refusal
from imbalance_accessor.modeling.read_strategies import DEFAULT, read_strategies
from imbalance_accessor.modeling.strategies import NAMES, TABLE, SamplerContext

xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error")

ENSEMBLES = {"balanced_forest", "easy_ensemble", "rus_boost"}
NUMERIC = Columns(("a", "b"), ("a", "b"), ())
MIXED = Columns(("a", "t"), ("a",), ("t",))
TEXT = Columns(("s", "t"), (), ("s", "t"))
LOGISTIC = read_model("logistic")
#: Train rows of each class.
ROWS = {0: 40, 1: 10}


def read(given, *, model=LOGISTIC, columns=NUMERIC, fewest=20, random_state=0):
    asked = SamplerContext(columns, random_state, encoded=bool(model.before))
    return read_strategies(given, model, asked, fewest)


def one(name, **options):
    """The one strategy beside "none", and what was said of it."""
    strategies, findings = read([name], **options)
    return strategies[-1], findings


def built(name, *, model=LOGISTIC, columns=NUMERIC, holes=(), **options):
    strategy, _ = one(name, model=model, columns=columns, **options)
    return assemble(strategy, model, columns, dict.fromkeys(holes, 1), ROWS)


def step_names(pipeline):
    return [name for name, _ in pipeline.steps]


# ---------------------------------------------------------------- reading


def test_the_default_is_the_five_that_were_promised():
    assert DEFAULT == ("none", "class_weight", "oversample", "undersample", "smote")
    both, weighted = {"smote+class_weight", "smote+original_weight"}, {"sqrt", "effective"}
    assert {
        *DEFAULT,
        *both,
        *weighted,
        "adasyn",
        "borderline",
        "smote_tomek",
        "smote_enn",
        *ENSEMBLES,
        "focal",
    } == set(NAMES)
    assert {name for name in NAMES if TABLE[name].ensemble} == ENSEMBLES


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["smote"], ["none", "smote"]),
        ("smote", ["none", "smote"]),
        ([], ["none"]),
        (("smote", "none", "smote"), ["none", "smote"]),
        (["undersample", "class_weight"], ["none", "undersample", "class_weight"]),
        (SMOTE(), ["none", "SMOTE"]),
        ([SMOTE(), SMOTE(k_neighbors=3), "smote"], ["none", "SMOTE", "SMOTE 2", "smote"]),
        ([BalancedBaggingClassifier()], ["none", "BalancedBaggingClassifier"]),
    ],
)
def test_none_is_always_first_and_nothing_comes_twice(given, names):
    assert [strategy.name for strategy in read(given)[0]] == names


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["smoot"], "Did you mean 'smote'"),
        (["smoot"], "Known: 'none', 'class_weight'"),
        ([SMOTE], r"SMOTE is a class. Make an object of it: SMOTE\(\)"),
        ([3], "neither a strategy's name, a sampler, an ensemble nor class weights"),
        ([StandardScaler()], "neither a strategy's name, a sampler, an ensemble nor class weights"),
    ],
)
def test_what_is_no_strategy_is_refused_with_what_is_known(given, says):
    with pytest.raises(OptionError, match=says):
        read(given)


def test_a_sampler_that_is_fitted_is_refused():
    sampler = RandomOverSampler()
    sampler.fit_resample(np.arange(6.0).reshape(-1, 1), [0, 0, 0, 0, 1, 1])
    with pytest.raises(OptionError, match="fitted already"):
        read([sampler])


def test_a_model_that_is_only_scored_has_one_row():
    model = read_model(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), fitted=True)
    assert [strategy.name for strategy in read(DEFAULT, model=model)[0]] == ["none"]


# ---------------------------------------------------------------- samplers by columns and rows


@pytest.mark.parametrize(
    ("name", "columns", "kind"),
    [
        ("smote", NUMERIC, SMOTE),
        ("smote", MIXED, SMOTENC),
        ("smote", TEXT, SMOTEN),
        ("smote+class_weight", MIXED, SMOTENC),
        ("borderline", MIXED, BorderlineSMOTE),
        ("adasyn", MIXED, ADASYN),
        ("smote_tomek", MIXED, SMOTETomek),
        ("smote_enn", MIXED, SMOTEENN),
        ("oversample", MIXED, RandomOverSampler),
        ("undersample", TEXT, RandomUnderSampler),
    ],
)
def test_the_columns_decide_the_sampler(name, columns, kind):
    strategy, findings = one(name, columns=columns, random_state=5)
    assert type(strategy.sampler) is kind
    assert strategy.sampler.random_state == 5
    said = [finding.message for finding in findings if finding.code == "IMB310"]
    assert bool(said) == (kind in {SMOTENC, SMOTEN})
    assert all(kind.__name__ in message for message in said)


def test_smotenc_is_told_its_columns_since_auto_overlooks_text():
    assert one("smote", columns=MIXED)[0].sampler.categorical_features == ["t"]


def test_behind_the_users_own_steps_columns_are_numbers():
    model = read_model(Pipeline([("units", StandardScaler()), ("last", LogisticRegression())]))
    assert type(one("smote", model=model, columns=MIXED)[0].sampler) is SMOTE


@pytest.mark.parametrize("name", ["smote", "borderline", "adasyn", "smote_tomek", "smote_enn"])
@pytest.mark.parametrize("fewest", [2, 4, 5])
def test_neighbours_are_lowered_below_the_rarest_class_and_that_is_enough(name, fewest):
    strategy, findings = one(name, fewest=fewest)
    assert [finding.code for finding in findings] == ["IMB302"]
    assert f"{fewest - 1} neighbour{'' if fewest == 2 else 's'} instead of 5" in findings[0].message
    inner = getattr(strategy.sampler, "smote", None) or strategy.sampler
    params = inner.get_params()
    assert params.get("k_neighbors", params.get("n_neighbors")) == fewest - 1
    if name in {"smote", "smote_tomek", "smote_enn"}:
        rng = np.random.default_rng(0)
        y = np.arange(40) < fewest
        strategy.sampler.fit_resample(rng.normal(size=(40, 2)) + 5 * y[:, None], y)


@pytest.mark.parametrize("fewest", [6, 50])
def test_enough_rows_keep_five_neighbours(fewest):
    assert one("smote", fewest=fewest)[1] == []


def test_one_row_is_copied():
    strategy, findings = one("smote", fewest=1)
    assert type(strategy.sampler) is RandomOverSampler
    assert [finding.code for finding in findings] == ["IMB303"]


def test_a_sampler_of_the_users_own_is_a_clone_with_affordable_neighbours():
    mine = SMOTE(k_neighbors=9, random_state=3)
    strategy, findings = one(mine, fewest=4)
    assert strategy.sampler is not mine
    assert (strategy.sampler.k_neighbors, strategy.sampler.random_state, mine.k_neighbors) == (3, 3, 9)
    assert [finding.code for finding in findings] == ["IMB302"]


# ---------------------------------------------------------------- pipelines


@pytest.mark.parametrize(
    ("name", "columns", "holes", "steps"),
    [
        ("none", NUMERIC, (), ["scale", "model"]),
        ("none", MIXED, ("a",), ["impute", "scale", "encode", "model"]),
        ("none", MIXED, ("t",), ["scale", "encode", "model"]),
        ("oversample", MIXED, ("a",), ["impute", "scale", "encode", "resample", "model"]),
        ("smote", NUMERIC, ("a",), ["impute", "scale", "resample", "model"]),
        ("smote", MIXED, ("a",), ["impute", "scale", "resample", "encode", "model"]),
        ("smote", TEXT, ("t",), ["impute", "resample", "encode", "model"]),
        ("adasyn", MIXED, (), ["scale", "encode", "resample", "model"]),
        ("balanced_forest", MIXED, (), ["encode", "model"]),
    ],
)
def test_imputing_and_scaling_stand_before_a_sampler_and_one_hot_after_smotenc(name, columns, holes, steps):
    assert step_names(built(name, columns=columns, holes=holes)) == steps


def test_the_sampler_goes_before_the_last_step_of_the_users_pipeline():
    model = read_model(Pipeline([("units", StandardScaler()), ("last", LogisticRegression(C=2))]))
    pipeline = built("smote", model=model)
    assert step_names(pipeline) == ["units", "resample", "last"]
    assert pipeline[-1].C == 2


def test_a_search_stands_around_the_sampler():
    search = GridSearchCV(LogisticRegression(), {"C": [1, 9]}, scoring="average_precision")
    found = built("oversample", model=read_model(search))
    assert type(found) is GridSearchCV
    assert step_names(found.estimator) == ["scale", "resample", "model"]
    assert (found.param_grid, found.scoring) == ({"model__C": [1, 9]}, "average_precision")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("balanced_forest", BalancedRandomForestClassifier),
        ("easy_ensemble", EasyEnsembleClassifier),
        ("rus_boost", RUSBoostClassifier),
    ],
)
def test_ensembles_take_the_models_place(name, kind):
    model = read_model(Pipeline([("units", StandardScaler()), ("last", LogisticRegression())]))
    for given in (LOGISTIC, model):
        last = built(name, model=given, random_state=9)[-1]
        assert type(last) is kind
        assert last.random_state == 9


# ---------------------------------------------------------------- weights


def test_class_weight_reaches_each_kind_of_classifier_its_own_way():
    y = np.array([0] * 40 + [1] * 10)
    weight = dict(enumerate(compute_class_weight("balanced", classes=np.array([0, 1]), y=y)))
    cases = {
        "logistic": (read_model("logistic"), {"class_weight": "balanced"}, None),
        "boosting": (read_model("boosting"), {"class_weight": "balanced"}, None),
        "bayes": (read_model(GaussianNB()), {}, "model__sample_weight"),
        "xgboost": (read_model(xgboost.XGBClassifier()), {"scale_pos_weight": 4.0}, None),
    }
    for model, params, key in cases.values():
        strategy, _ = one("class_weight", model=model)
        last = assemble(strategy, model, NUMERIC, {}, ROWS)[-1]
        assert params.items() <= last.get_params().items()
        given = fit_params(strategy, model, y)
        assert list(given) == ([key] if key else [])
        if key:
            assert given[key].tolist() == [weight[label] for label in y]


def test_boosters_get_sample_weights_for_several_classes():
    model = read_model(xgboost.XGBClassifier())
    strategy, _ = one("class_weight", model=model)
    y = np.array([0] * 6 + [1] * 3 + [2])
    assert assemble(strategy, model, NUMERIC, {}, {0: 6, 1: 3, 2: 1})[-1].scale_pos_weight is None
    given = fit_params(strategy, model, y)["model__sample_weight"]
    assert given == pytest.approx([10 / (3 * 6)] * 6 + [10 / (3 * 3)] * 3 + [10 / 3])


@pytest.mark.parametrize("name", ["none", "smote", "smote+class_weight"])
def test_nothing_but_class_weight_is_weighted(name):
    strategy, _ = one(name)
    assert fit_params(strategy, read_model(GaussianNB()), np.array([0, 0, 1])) == {}
    assert built(name)[-1].class_weight is None


@pytest.mark.parametrize("labels", [(0, 1), ("no", "yes"), (False, True), (3, 7)])
def test_weights_of_the_original_counts_stand_behind_smote(labels):
    rows = dict(zip(labels, (40, 10), strict=True))
    y = np.repeat(np.array(labels), [40, 10])
    strategy, _ = one("smote+original_weight")
    pipeline = assemble(strategy, LOGISTIC, NUMERIC, {}, rows)
    assert step_names(pipeline) == ["scale", "resample", "model"]
    balanced = compute_class_weight("balanced", classes=np.array(labels), y=y)
    assert pipeline[-1].class_weight == dict(zip(labels, balanced, strict=True))
    booster = read_model(xgboost.XGBClassifier())
    assert assemble(strategy, booster, NUMERIC, {}, {0: 40, 1: 10})[-1].scale_pos_weight == 4
    for model in (LOGISTIC, booster):
        assert fit_params(strategy, model, y) == {}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"no": 95, "yes": 5}, "the odds of the rarest class by 19, its weight by 19 again, 361 in all"),
        ({"yes": 95, "no": 5}, "the odds of the rarest class by 19, its weight by 19 again, 361 in all"),
        (
            {"a": 60, "b": 20, "c": 40},
            "of the rarest class against the largest by 3, its weight by 3 again, 9",
        ),
    ],
)
def test_a_correction_made_twice_is_named_with_its_price(rows, says):
    (found,) = correction_made_twice(one("smote+original_weight")[0], rows)
    assert (found.code, found.severity) == ("IMB110", "warning")
    assert says in found.message
    assert len(found.message.split()) < 25
    for name in ("smote", "class_weight", "smote+class_weight"):  # the cure
        assert correction_made_twice(one(name)[0], rows) == []


def test_nothing_is_corrected_twice_where_classes_are_even():
    assert correction_made_twice(one("smote+original_weight")[0], {0: 20, 1: 20}) == []


def test_smote_with_weights_is_known_to_be_smote():
    assert one("smote+class_weight")[0].same_as == "smote"


# ---------------------------------------------------------------- what gets no row


def refused(name, model, columns=NUMERIC, holes=(), n_rows=100, n_classes=2):
    strategy, _ = one(name, model=model, columns=columns)
    return refusal(strategy, model, columns, dict.fromkeys(holes, 1), n_rows, n_classes)


def test_a_model_without_weights_gets_no_weighted_row():
    model = read_model(KNeighborsClassifier())
    assert refused("class_weight", model).code == "IMB304"
    assert refused("smote", model) is None
    assert refused("class_weight", LOGISTIC) is None


def test_weights_row_by_row_cannot_follow_rows_that_are_made():
    booster = read_model(xgboost.XGBClassifier())
    for model, n_classes in ((read_model("naive_bayes"), 2), (booster, 3), (read_model("knn"), 2)):
        found = refused("smote+original_weight", model, n_classes=n_classes)
        assert found.code == "IMB304"
        assert found.cure == "Use a model that takes class_weight=, such as 'logistic'."
    assert refused("smote+original_weight", booster) is None
    assert refused("smote+original_weight", LOGISTIC, n_classes=3) is None
    assert refused("class_weight", read_model("naive_bayes")) is None


@pytest.mark.parametrize("name", ["oversample", "undersample", "smote", "smote_enn", "smote+original_weight"])
def test_a_pipeline_that_resamples_is_not_resampled_again(name):
    model = read_model(ImbPipeline([("more", SMOTE()), ("last", LogisticRegression())]))
    assert refused(name, model).code == "IMB110"
    assert refused("none", model) is None


def test_weights_from_the_original_counts_behind_a_sampler_would_correct_twice():
    model = read_model(ImbPipeline([("more", SMOTE()), ("last", xgboost.XGBClassifier())]))
    assert refused("class_weight", model).code == "IMB110"
    weighted = read_model(ImbPipeline([("more", SMOTE()), ("last", LogisticRegression())]))
    assert refused("class_weight", weighted) is None  # it weighs the rows it gets, which are 1 : 1


def test_an_estimator_that_validates_inside_fit_gets_no_resampled_row():
    model = read_model(HistGradientBoostingClassifier())
    assert refused("smote", model, n_rows=5_000) is None
    found = refused("smote", model, n_rows=5_001)
    assert found.code == "IMB111"
    assert "early_stopping='auto'" in found.message
    assert refused("class_weight", model, n_rows=10**6) is None
    assert refused("balanced_forest", model, n_rows=10**6) is None


def test_features_as_they_are_must_suit_a_neighbour_search():
    model = read_model("logistic", preprocess=None)
    assert refused("smote", model) is None
    assert refused("smote", model, holes=("a",)).code == "IMB304"
    assert refused("adasyn", model, columns=MIXED).code == "IMB304"
    assert refused("oversample", model, columns=MIXED, holes=("a",)) is None


@pytest.mark.parametrize("sampler", [TomekLinks(), SMOTEENN(random_state=0)])
def test_any_sampler_object_stands_in_the_pipeline(sampler):
    pipeline = built(sampler)
    assert step_names(pipeline) == ["scale", "resample", "model"]
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    y = np.arange(80) < 20
    assert pipeline.fit(frame, y).predict_proba(frame).shape == (80, 2)
