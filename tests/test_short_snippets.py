"""Short snippets: how long they are, that formatters and linters have nothing to say, and that their numbers are the card's."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alone import execute
from sklearn import get_config
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from snippet_checks import formatted, linted

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.rendering.snippets.templates import broken, replaced_names

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")
QUICK: dict[str, Any] = {"cv": 3, "n_jobs": 1, "progress": False}
#: Lines of `fit_eval` with the default strategies and options, and of what fits nothing.
MOST, MOST_OF_LIGHT = 50, 15
FIGURES = {"average_precision_cv", "average_precision", "roc_auc", "brier", "f1", "recall", "precision"}


@pytest.fixture(autouse=True, scope="module")
def _few_draws():
    with draws_at_most(50):
        yield


def lines(code: str) -> int:
    return len(str(code).splitlines())


def check(found: Any, code: str, **names: Any) -> dict[str, Any]:
    """Every figure that the program leaves is the frame's, of every strategy."""
    linted(code)
    space = execute(code, **names)
    told = found.frame.drop(index="dummy").dropna(how="all")
    assert set(space["rows"]) == {*found.scored.unique} <= {*told.index}
    for name, figures in space["rows"].items():
        wanted = told.loc[name, [*dict(figures)]].to_numpy(float)
        assert np.array([*dict(figures).values()], float) == pytest.approx(wanted, rel=1e-9, abs=1e-12), name
    return space


# --- the length


def test_the_default_comparison_has_fifty_lines():
    df = imb.make_churn()
    found = df.imb.fit_eval("churn", n_jobs=1, progress=False)
    code = found.snippet()
    assert lines(code) <= MOST
    space = check(found, code, df=df.copy())
    assert set(space["rows"]["smote"]) == FIGURES
    assert "  # a sampler inside its pipeline never sees the rows that are scored" in code
    assert code.count("#") == 3


@pytest.mark.parametrize("verb", ["overview", "counts", "weights", "split", "smote", "leaks"])
def test_what_fits_nothing_has_fifteen_lines(verb):
    df = imb.make_churn()
    code = getattr(df.imb, verb)("churn", **({"impute": True} if verb == "smote" else {})).snippet()
    linted(code)
    assert lines(code) <= MOST_OF_LIGHT
    execute(code, df=df)


def churn(n: int = 700) -> pd.DataFrame:
    return imb.make_churn(n, churn_rate=0.2)


def ruled() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return churn().assign(who=rng.integers(0, 150, 700), w=rng.uniform(0.5, 2, 700))


def as_text() -> pd.DataFrame:
    frame = churn()
    charges = frame["monthly_charges"].map("$ {:,.2f}".format)
    return frame.assign(monthly_charges=charges, tenure_months=frame["tenure_months"].map("{} months".format))


def unknown() -> pd.DataFrame:
    """Numbers that stand among question marks."""
    frame = churn()
    names = ["tenure_months", "monthly_charges", "support_calls", "age"]
    gaps = np.arange(700) % 60 == 5
    return frame.assign(**{name: frame[name].astype(str).mask(gaps, "?") for name in names})


def several() -> pd.DataFrame:
    frame = churn().drop(columns="churn")
    older, left = churn()["age"].gt(45).astype(int), churn()["churn"].eq("yes").astype(int)
    return frame.assign(plan=np.array(["a", "b", "c"])[older + left])


def rare_level() -> pd.DataFrame:
    frame = churn()
    overseas, islands = (frame.index % 200 == rest for rest in (7, 9))
    return frame.assign(region=frame["region"].mask(overseas, "overseas").mask(islands, "islands"))


def numbers() -> pd.DataFrame:
    return churn()[["tenure_months", "monthly_charges", "support_calls", "age", "churn"]]


def emptied() -> pd.DataFrame:
    """A column that the seen rows of some fold have no cell of."""
    return churn().assign(rare_number=np.where(np.arange(700) == 5, 1.0, np.nan))


@dataclass(frozen=True)
class Option:
    """A frame and what is asked of it; the most lines that the program has beyond the default's, of the same strategies."""

    frame: Any
    more: int
    asked: dict[str, Any] = field(default_factory=dict)
    target: str = "churn"


#: What an option costs in lines.
OPTIONS = {
    "default": Option(churn, 0),
    "another seed": Option(churn, 2, {"random_state": 7}),
    "parsed columns": Option(as_text, 6),
    "columns parsed alike": Option(unknown, 3),
    "rare levels": Option(rare_level, 2),
    "an empty column": Option(emptied, 4),
    "groups": Option(lambda: ruled().drop(columns="w"), 7, {"groups": "who", "cv": 5}),
    "time": Option(churn, 9, {"time": "signup_date"}),
    "repeats": Option(churn, 5, {"repeats": 2}),
    "nothing held out": Option(churn, -4, {"test_size": 0}),
    "groups, nothing held out": Option(
        lambda: ruled().drop(columns="w"), 5, {"groups": "who", "test_size": 0}
    ),
    "fewer rows": Option(churn, 8, {"max_rows": 300}),
    "the other class": Option(churn, 2, {"pos_label": "no"}),
    "several classes": Option(several, 4, target="plan"),
    "one of several classes": Option(several, 2, {"pos_label": "c"}, target="plan"),
    "numbers alone": Option(numbers, -8),
    "features as they are": Option(numbers, -11, {"preprocess": None}),
    "a pipeline": Option(numbers, -8, {"model": make_pipeline(StandardScaler(), LogisticRegression(C=0.1))}),
    "a forest": Option(churn, 4, {"model": RandomForestClassifier(10, random_state=0)}),
    "boosting": Option(churn, 1, {"model": "boosting", "strategies": ["class_weight", "undersample"]}),
    "weights by row": Option(churn, 5, {"model": "naive_bayes"}),
    "weights of one's own": Option(churn, 3, {"strategies": [{"no": 1.0, "yes": 5.0}, "smote"]}),
    "margins": Option(churn, 2, {"model": "svm"}),
    "samplers of numbers": Option(churn, -5, {"strategies": ["borderline", "adasyn", "smote_tomek"]}),
    "an ensemble": Option(churn, -4, {"strategies": ["balanced_forest"]}),
    "a search": Option(
        churn,
        10,
        {"model": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2), "strategies": ["smote"]},
    ),
    "repeats, nothing held out": Option(churn, 6, {"repeats": 2, "test_size": 0}),
    "time, nothing held out": Option(churn, 10, {"time": "signup_date", "test_size": 0}),
    "several deals of groups, nothing held out": Option(
        lambda: ruled().drop(columns="w"), 12, {"groups": "who", "test_size": 0, "repeats": 2}
    ),
    "several classes, nothing held out": Option(several, 5, {"test_size": 0, "repeats": 2}, target="plan"),
    "several classes, groups": Option(
        lambda: several().assign(who=ruled()["who"]), 13, {"groups": "who"}, target="plan"
    ),
    "several classes, time": Option(several, 18, {"time": "signup_date", "test_size": 0}, target="plan"),
    "weights by row, time": Option(churn, 13, {"model": "naive_bayes", "time": "signup_date"}),
    "weights by row, fewer rows": Option(churn, 20, {"model": "naive_bayes", "max_rows": 300}),
    "prevalence": Option(
        churn, 7, {"prevalence": 0.01, "strategies": ["none", "class_weight", "oversample"]}
    ),
    "prevalence, by sigmoids too": Option(churn, 19, {"prevalence": 0.01}),
    "prevalence, nothing held out": Option(churn, 16, {"prevalence": 0.01, "test_size": 0}),
    "prevalence, repeats": Option(churn, 27, {"prevalence": 0.01, "repeats": 2}),
    "a prevalence above the frame's": Option(churn, 23, {"prevalence": 0.6}),
    "sample_weight": Option(lambda: ruled().drop(columns="who"), 46, {"sample_weight": "w"}),
    "sample_weight, no sampler": Option(
        lambda: ruled().drop(columns="who"),
        19,
        {"sample_weight": "w", "strategies": ["none", "class_weight"]},
    ),
    "sample_weight and prevalence": Option(
        lambda: ruled().drop(columns="who"), 69, {"sample_weight": "w", "prevalence": 0.01}
    ),
    "sample_weight, prevalence and groups": Option(
        ruled,
        61,
        {"sample_weight": "w", "prevalence": 0.01, "groups": "who", "strategies": ["none", "smote"]},
    ),
    "sample_weight, prevalence and time": Option(
        lambda: ruled().drop(columns="who"),
        37,
        {
            "sample_weight": "w",
            "prevalence": 0.01,
            "time": "signup_date",
            "strategies": ["none", "class_weight"],
        },
    ),
}


@pytest.mark.quick(6)
@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_adds_few_lines(name):
    option = OPTIONS[name]
    df = option.frame()
    found = imb.fit_eval(df, option.target, **QUICK | option.asked)
    code = found.snippet()
    space = check(found, code, df=df.copy())
    assert lines(code) <= MOST + option.more, lines(code)
    figures = set(dict(next(iter(space["rows"].values()))))
    gone = set() if option.asked.get("model") != "svm" else {"brier"}
    gone |= {"brier"} if name.startswith("several classes") else set()
    gone |= {"average_precision_cv"} if option.asked.get("test_size") == 0 else set()
    assert figures == FIGURES - gone


#: What still has the longer program, of average precision alone, and why.
LONGER = {
    "weights of classes by row, on top of weights of rows": Option(
        lambda: ruled().drop(columns="who"),
        0,
        {"model": "naive_bayes", "sample_weight": "w", "strategies": ["class_weight"]},
    ),
    "a sigmoid in the order of time: earlier folds alone fit it": Option(
        churn, 0, {"prevalence": 0.01, "time": "signup_date", "strategies": ["smote"]}
    ),
    "sigmoids that read different things": Option(
        churn, 0, {"prevalence": 0.01, "strategies": ["smote", "balanced_forest"]}
    ),
    "rows made and cleaned away again, which have weights": Option(
        lambda: numbers().assign(w=ruled()["w"]), 0, {"sample_weight": "w", "strategies": ["smote_tomek"]}
    ),
    "a search that hands weights on": Option(
        lambda: ruled().drop(columns="who"),
        0,
        {
            "sample_weight": "w",
            "model": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
            "strategies": ["none"],
        },
    ),
    "several classes at their shares, in groups": Option(
        lambda: several().assign(who=ruled()["who"]),
        0,
        {"prevalence": {"a": 0.9, "b": 0.07, "c": 0.03}, "groups": "who", "strategies": ["none"]},
        target="plan",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("why", LONGER)
def test_what_no_short_program_says_has_the_longer_one(why):
    option = LONGER[why]
    df = option.frame()
    found = imb.fit_eval(df, option.target, **QUICK | option.asked)
    space = check(found, found.snippet(), df=df.copy())
    assert set(next(iter(space["rows"].values()))) <= {"average_precision_cv", "average_precision"}


def test_the_users_scikit_learn_stays_as_it_is_set():
    """Weights reach the scaler by routing, inside the function that fits alone."""
    df = ruled().drop(columns="who")
    found = imb.fit_eval(df, "churn", sample_weight="w", strategies=["none"], **QUICK)
    before = get_config()
    execute(found.snippet(), df=df.copy())
    assert "enable_metadata_routing=True" in found.snippet()
    assert get_config() == before


def test_an_average_precision_with_half_a_negative_more_is_that_of_a_row_on_top():
    """Held against the sum that defines it, written out."""
    df = churn()
    found = imb.fit_eval(df, "churn", prevalence=0.01, strategies=["none"], **QUICK)
    space = execute(found.snippet(), df=df.copy())
    y, p, share = space["y_test"].to_numpy(), space["p"], df["churn"].eq("yes").mean()
    positive, negative = 0.01 / share, 0.99 / (1 - share)
    total = 0.0
    for score in p[y]:
        tp, fp = positive * (y & (p >= score)).sum(), negative * (~y & (p >= score)).sum()
        total += tp / (tp + fp + (negative - positive) / 2) / y.sum()
    assert space["rows"]["none"]["average_precision"] == pytest.approx(total, rel=1e-9)


@pytest.mark.slow
def test_frames_beside_the_frame():
    df = churn()
    train, test = df.iloc[:500], df.iloc[500:]
    found = imb.fit_eval(train, "churn", test=test, **QUICK)
    code = found.snippet()
    check(found, code, df=train.copy(), test=test.copy())
    assert lines(code) <= MOST + 2
    X, y = df.drop(columns="churn"), df["churn"]
    found = imb.fit_eval(X, y, **QUICK)
    code = found.snippet()
    check(found, code, df=X.copy(), y=y.copy())
    assert lines(code) <= MOST + 1


def test_a_fitted_model_is_only_scored():
    df = numbers()
    model = LogisticRegression().fit(df.drop(columns="churn"), df["churn"])
    found = imb.fit_eval(df, "churn", model=model, fitted=True, **QUICK)
    code = found.snippet()
    check(found, code, df=df.copy(), model=model)
    assert lines(code) <= 30


def test_rare_levels_are_pooled_where_there_are_any_and_only_there():
    pooled = 'handle_unknown="infrequent_if_exist"'
    for make, wanted in ((churn, False), (rare_level, True)):
        found = imb.fit_eval(make(), "churn", strategies=["none"], **QUICK)
        assert (pooled in found.snippet()) == wanted


def test_the_comparison_leaves_its_pipelines_unfitted():
    """They share parts: whoever fits one would find another changed."""
    df = churn()
    found = imb.fit_eval(df, "churn", strategies=["class_weight", "undersample"], **QUICK)
    space = execute(found.snippet(), df=df)
    for pipe in space["strategies"].values():
        assert not hasattr(pipe.steps[-1][1], "coef_")


# --- how lines are laid out

LONG = (
    "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)",
    'raw = make_column_transformer((scale, numeric_columns), (fill, cat)).set_output(transform="pandas")',
    'cat = ["a long name of a column", "another long name of a column", "a third long name", "short"]',
    'X = df.drop(columns=["a long name of a column", "another long name of a column", "a third long name"])',
    'X = df.drop(columns=["a long name of a column", "another long name, too", "a third"]).loc[y.index]',
    'X = df[["a long name of a column", "another long name of a column", "a third long name", "short"]]',
    'strategies = {"none": make_pipeline(prep, model), "class_weight": make_pipeline(prep, weighted), "x": 1}',
    'x = {"y": GridSearchCV(Pipeline([("prep", StandardScaler()), ("model", LogisticRegression(C=0.1))]), param_grid={"C": 1})}',
    "scores = [average_precision_score(is_train[fold], oof[fold], average=None, pos_label=1) for _, fold in folds]",
    'name = call("a text with (brackets], and, commas", \'another "one" (of them\', "and more of it here", 1)',
)
#: Lines of which the end is too long as well.
LONG_ENDS = (
    "y = pd.to_numeric(df['a name'].str.strip()).where(df['another name of a column'].isin(['one', 'two', 'three', 'four']))",
    "is_train = (y_train == 'a label').to_numpy()[:, np.newaxis] & call(['a long argument', 'another one', 'a third'])",
)


@pytest.mark.parametrize("line", (*LONG, *LONG_ENDS))
def test_a_broken_line_says_the_same(line):
    written = "\n".join(broken(line))
    assert ast.dump(ast.parse(written)) == ast.dump(ast.parse(line))


@pytest.mark.parametrize("end", [")", "]).loc[rows]", ').where(call("a text", other), [1, 2])'])
def test_the_end_of_a_statement_may_be_long(end):
    """What was opened above is closed here."""
    long = f"{end}.set_axis([{', '.join(f'number_{n}' for n in range(12))}])"
    assert re.sub(r",(?=[\])])", "", "".join("".join(broken(long)).split())) == "".join(long.split())


@pytest.mark.parametrize("line", LONG)
def test_long_lines_break_as_a_formatter_breaks_them(line):
    code = "\n".join(broken(line))
    assert "\n" in code
    formatted(code)


def test_text_that_reads_like_a_variable_stays():
    code = 'fit(model, {"model": model}, name="model", model=1)'
    assert replaced_names(code, {"model": "X()"}) == 'fit(X(), {"model": X()}, name="model", model=1)'


# --- labels that are True and False


@pytest.mark.parametrize("pos_label", [True, False])
@pytest.mark.parametrize(
    "dtype", ["bool", "object", "boolean", "boolean with missing", "object with missing"]
)
def test_truth_values_are_compared_with_none(dtype, pos_label):
    df = numbers().assign(churn=lambda frame: (frame["churn"] == "yes") == pos_label)
    if "missing" in dtype:
        gaps = np.arange(len(df)) % 50 == 7
        df["churn"] = df["churn"].astype(dtype.split()[0]).mask(gaps, None if "object" in dtype else pd.NA)
    else:
        df["churn"] = df["churn"].astype(dtype)
    found = imb.fit_eval(df, "churn", pos_label=pos_label, strategies=["none", "smote"], **QUICK)
    check(found, found.snippet(), df=df.copy())


def test_copies_by_labels_of_mixed_types_stand_on_lines_of_their_own():
    df = churn().assign(churn=lambda frame: frame["churn"].map({"yes": 1, "no": "none"}).astype(object))
    code = df.imb.leaks("churn").snippet()
    linted(code)
    execute(code, df=df)
