"""Calibration: probabilities, calibrators, and models that have neither."""

from fix_cases import Case
from fix_cases.thresholds import THREE, scored

#: 1,000 rows, 120 of them positive, and a fair score.
ENOUGH = """
import numpy as np, pandas as pd, imbalance_accessor
rng = np.random.default_rng(0)
y = rng.permutation(np.repeat([0, 1], [880, 120]))
s = rng.normal(size=1000) + 1.5 * y - 2
df = pd.DataFrame({"s": s, "p": 1 / (1 + np.exp(-s)), "y": y})
"""


def asked(options: str = "", scores: str = "p") -> str:
    """Return the call on a column of scores."""
    return f'df.imb.reliability("y", scores="{scores}"{options and ", "}{options})'


def fitted(options: str = "", more: str = "") -> str:
    """Return the call that fits a quick model."""
    return f'df.imb.reliability("y"{options and ", "}{options}, cv=2){more}'


def in_range(what: str, column: str, lines: str, setup: str) -> Case:
    """Return a case of scores that are brought to 0..1."""
    return Case(f"OptionError: {what}", asked(scores=column), f"{lines}\n{asked(scores=column)}", setup)


OPTIONS = [
    Case(
        "OptionError: a calibrator misspelt",
        asked('calibrators=["sigmoid", "isotonik"]'),
        asked('calibrators=["sigmoid", "isotonic"]'),
        scored(""),
    ),
    Case("OptionError: no calibrators", asked("calibrators=None"), asked("calibrators=[]"), scored("")),
    Case("OptionError: a calibrator that is a number", asked("calibrators=3"), setup=scored("")),
    Case("OptionError: one bin", asked("n_bins=1"), asked("n_bins=10"), scored("")),
    Case(
        "OptionError: a list of models",
        fitted('model=["logistic", "naive_bayes"]'),
        'df.imb.reliability(\n    "y",\n    model={"logistic": "logistic", "naive_bayes": "naive_bayes"},\n    cv=2,\n)',
    ),
    Case(
        "OptionError: models by number",
        fitted('model={1: "naive_bayes"}'),
        fitted('model={"1": "naive_bayes"}'),
    ),
    Case("OptionError: no models", fitted("model={}"), fitted()),
    Case(
        "OptionError: several classes",
        fitted('model="naive_bayes"'),
        'df.imb.reliability("y", model="naive_bayes", cv=2, top_class=True)',
        THREE,
    ),
    Case("OptionError: scores of several classes", asked(scores="x"), setup=THREE),
    Case(
        "OptionError: a cap beside scores",
        asked(scores="p", options="max_rows=100"),
        asked(scores="p"),
        setup=scored(""),
    ),
    Case("OptionError: the likeliest of one score", asked("top_class=True"), asked(), scored("")),
    Case(
        "OptionError: the likeliest of two",
        fitted('model="naive_bayes", top_class=True'),
        fitted('model="naive_bayes"'),
    ),
    Case(
        "OptionError: the likeliest class calibrated",
        fitted('model="naive_bayes", top_class=True, calibrators=["sigmoid"]'),
        fitted('model="naive_bayes", top_class=True'),
        THREE,
    ),
    Case(
        "OptionError: the likeliest class of two models",
        fitted('model={"a": "naive_bayes", "b": "logistic"}, top_class=True, strategies=["undersample"]'),
        fitted('model="naive_bayes", top_class=True'),
        THREE,
    ),
    Case(
        "OptionError: costs of the likeliest class",
        fitted('model="naive_bayes", top_class=True, cost={"fp": 1, "fn": 5}'),
        fitted('model="naive_bayes", top_class=True'),
        THREE,
    ),
    Case("OptionError: costs in a column", asked('cost={"fp": "s", "fn": 5}'), setup=scored("")),
    Case(
        "ModelError: the likeliest class of margins",
        fitted('model="svm", top_class=True'),
        "from sklearn.calibration import CalibratedClassifierCV\nfrom sklearn.svm import SVC\n\n"
        'df.imb.reliability(\n    "y",\n    model=CalibratedClassifierCV(estimator=SVC()),\n    top_class=True,\n    cv=2,\n)',
        THREE,
    ),
    Case(
        "OptionError: another calibrator of the result",
        fitted('model="naive_bayes"', '.model("sigmoit")'),
        fitted('model="naive_bayes"', '.model(name="sigmoid")'),
    ),
    Case("ModelError: scores were not fitted here", f"{asked()}.model()", setup=scored("")),
]
COLUMN = [
    in_range("margins", "s", 'from scipy.special import expit\n\ndf["s"] = expit(df["s"])', scored("")),
    in_range("percent", "q", 'df["q"] = df["q"] / 100', scored('df["q"] = 100 * df["p"]')),
    in_range("rounding", "p", 'df["p"] = df["p"].clip(0, 1)', scored('df.loc[7, "p"] = 1.0000001')),
    in_range(
        "points",
        "q",
        'df["q"] = ((df["q"] - 300.0) / 550.0).clip(0, 1)',
        scored('df["q"] = (df["s"].rank() * 550 / 400).round() + 300\ndf.loc[7, "q"] = 300'),
    ),
    Case(
        "OptionError: decisions", asked(scores="q"), setup=scored('df["q"] = np.where(df["p"] > 0.5, 1, -1)')
    ),
    Case("IMB412: judged", asked(scores="q"), setup=scored('df["q"] = (df["p"] > 0.5) * 1')),
    Case("IMB413: judged", asked(), f'df["p"] = 1 - df["p"]\n{asked()}', scored('df["p"] = 1 - df["p"]')),
    Case("IMB414: judged", asked("test=test"), setup=scored("test = df.assign(p=0.5)")),
]
FINDINGS = [
    Case("IMB313: a model", fitted('model="svm"')),
    Case(
        "IMB501",
        fitted('model="knn", strategies=["undersample"]'),
        'df.imb.reliability(\n    "y",\n    model="knn",\n    strategies=["undersample"],\n    cv=2,\n'
        '    calibrators=["sigmoid", "isotonic"],\n)',
    ),
    Case("IMB503", asked(), setup=scored("")),
    Case("IMB503: enough in all", asked(), asked("test_size=0"), ENOUGH),
    Case("IMB502", asked(), setup=scored("")),
    Case("IMB504", fitted('model="naive_bayes"')),
    Case(
        "IMB507",
        asked('calibrators=["sigmoid"], cost={"fp": 1, "fn": 5}', scores="q"),
        setup=f'{ENOUGH}df["q"] = 1 - (1 - df["p"]) / 20',
    ),
    Case("IMB505", asked(), asked('calibrators=["sigmoid", "isotonic"]'), scored("")),
    Case(
        "IMB505: the focal loss",
        fitted('strategies=["focal"]'),
        'df.imb.reliability("y", strategies=["focal"], cv=2, calibrators=["sigmoid", "isotonic"])',
    ),
    Case(
        "IMB506",
        asked('calibrators=["temperature", "sigmoid"]'),
        asked('calibrators=["sigmoid"]'),
        scored(""),
    ),
]


def at(call: str, options: str = "prevalence=0.01") -> str:
    """Return a call at a prevalence."""
    return f"df.imb.{call}, {options})"


#: The same rows, with a model that was fitted elsewhere.
ELSEWHERE = (
    ENOUGH
    + 'from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression().fit(df[["s"]], df["y"])\n'
)
#: Weighed so that the positives are as frequent as the others.
BALANCED = (
    ELSEWHERE
    + 'df["p"] = LogisticRegression(class_weight="balanced").fit(df[["s"]], df["y"]).predict_proba(df[["s"]])[:, 1]\n'
)
#: Three classes of one score, and a model whose probabilities are far too sure.
SURE = (
    ENOUGH
    + """df["y"] = np.where(y == 1, "b", np.where(rng.random(1000) < 0.15, "c", "a"))
from sklearn.tree import DecisionTreeClassifier
"""
)
PREVALENCE = [
    Case(
        "IMB501: several classes",
        at(
            'fit_eval("y", model=DecisionTreeClassifier(random_state=0), strategies=[], preprocess=None, cv=2',
            'prevalence={"a": 0.1, "b": 0.45, "c": 0.45}',
        ),
        """from sklearn.tree import DecisionTreeClassifier

df.imb.fit_eval(
    "y",
    model=DecisionTreeClassifier(random_state=0),
    strategies=[],
    preprocess=None,
    cv=2,
    prevalence=0.45,
    pos_label="b",
)""",
        SURE,
    ),
    Case(
        "OptionError: scores at the share of the frame",
        at('best_threshold("y", scores="p"'),
        'df["p"] = df["p"] * 0.0740741 / (1 - df["p"] + df["p"] * 0.0740741)\n'
        + at('best_threshold("y", scores="p"'),
        ELSEWHERE + 'df["p"] = model.predict_proba(df[["s"]])[:, 1]\n',
    ),
    Case(
        "OptionError: scores of another share",
        at('best_threshold("y", scores="p"'),
        'df["p"] = df.imb.reliability("y", scores="p", prevalence=0.01).apply(df)\n'
        + at('best_threshold("y", scores="p"'),
        BALANCED,
    ),
    Case(
        "OptionError: a fitted model of the frame's share",
        at('fit_eval("y", model=model, fitted=True'),
        'model = df.imb.reliability("y", model=model, fitted=True, prevalence=0.01).model()\n'
        + at('fit_eval("y", model=model, fitted=True'),
        ELSEWHERE,
    ),
    Case(
        "OptionError: scores of another share, with a test frame",
        at('best_threshold("y", scores="p", test=test'),
        "",
        BALANCED + "df, test = df[:700].copy(), df[700:].copy()\n",
    ),
    Case(
        "IMB418",
        at(
            'fit_eval("y", model=RandomForestClassifier(5, random_state=0), strategies=[]',
            "prevalence=0.01, cv=2",
        ),
        "",
        ELSEWHERE + "from sklearn.ensemble import RandomForestClassifier\n",
    ),
]

CASES = [*OPTIONS, *COLUMN, *FINDINGS, *PREVALENCE]
