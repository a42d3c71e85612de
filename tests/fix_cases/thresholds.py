"""Thresholds: what they are chosen for, limits and costs, and scores that come in a column."""

from fix_cases import Case

#: 400 rows with a fair score, its probabilities and an amount, 60 of them positive.
SCORED = """
import numpy as np, pandas as pd, imbalance_accessor
rng = np.random.default_rng(0)
y = rng.permutation(np.repeat([0, 1], [340, 60]))
s = rng.normal(size=400) + 1.5 * y - 1.5
df = pd.DataFrame({"s": s, "p": 1 / (1 + np.exp(-s)), "amount": 1.0 + np.arange(400) % 7, "y": y})
"""
#: Its highest scores tie.
TIED = f'{SCORED}df["p"] = df["p"].clip(upper=0.6)\n'
THREE = """
import numpy as np, pandas as pd, imbalance_accessor
rng = np.random.default_rng(0)
y = np.array(["a", "b", "c"])[np.arange(150) % 3]
df = pd.DataFrame({"x": rng.normal(size=150) + (y == "a"), "z": rng.normal(size=150) + (y == "b"), "y": y})
cost = pd.DataFrame(1 - np.eye(3), index=list("abc"), columns=list("abc"))
"""


def scored(line: str) -> str:
    """Return the frame of scores, with one more line."""
    return f"{SCORED}{line}\n"


def asked(options: str, scores: str = "p") -> str:
    """Return the call on a column of scores."""
    return f'df.imb.best_threshold("y", scores="{scores}"{options and ", "}{options})'


def option(what: str, options: str, fix: str | None = None, setup: str = SCORED) -> Case:
    """Return a case of options that are changed."""
    return Case(f"OptionError: {what}", asked(options), "" if fix is None else asked(fix), setup)


def mended(name: str, call: str, lines: str, setup: str) -> Case:
    """Return a case of lines before the same call."""
    return Case(name, call, f"{lines}\n{call}", setup)


#: The same rows in a lazy frame, where there is polars.
LAZY = f"{SCORED}polars = __import__('pytest').importorskip('polars')\ndf = polars.from_pandas(df).lazy()\n"

MATRIX = 'df.imb.best_threshold("y", cost=cost, cv=2, model={model})'

OPTIONS = [
    option("a ranking as a criterion", 'criterion="roc_auc"'),
    option("a criterion misspelt", 'criterion="balanced_acuracy"', 'criterion="balanced_accuracy"'),
    option("fbeta without beta", 'criterion="fbeta"', 'criterion="fbeta", beta=2'),
    option("beta with f1", 'criterion="f1", beta=2', 'criterion="fbeta", beta=2'),
    option("beta with mcc", 'criterion="mcc", beta=2', 'criterion="mcc"'),
    option("two betas", 'criterion="f2", beta=3', 'criterion="f2"'),
    option("beta of zero", "beta=0", "beta=2"),
    option("precision alone", 'criterion="precision"', 'criterion="precision", min_recall=0.8'),
    option("recall alone", 'criterion="recall"', 'criterion="recall", min_precision=0.5'),
    option("cost without amounts", 'criterion="cost"'),
    option("a threshold in percent", "threshold=30", "threshold=0.3"),
    option("a threshold as text", 'threshold="30 %"', "threshold=0.3"),
    option("a threshold beside the scores", "threshold=-3"),
    Case(
        "OptionError: a threshold in percent, among others",
        f"{asked('')}.at([0.2, 30])",
        f"{asked('')}.at(threshold=[0.2, 0.3])",
        SCORED,
    ),
    option("a limit in percent", "min_recall=80", "min_recall=0.8"),
    option("a limit of nothing", "min_precision=0, min_recall=0.5", "min_recall=0.5"),
    option("a limit above 1", "min_precision=1.2"),
    option("two bounds of flags", "top_k=20, max_flag_rate=0.1", "top_k=20"),
    option("more than all rows", "top_k=500, min_recall=0.5", "min_recall=0.5"),
    option("fewer than one row", "top_k=0"),
    option("rows as text", 'top_k="20"', "top_k=20"),
    option("half a row", "top_k=2.5"),
    option("recall against flags", "min_recall=0.8, max_flag_rate=0.05", "max_flag_rate=0.05"),
    option("confidence in percent", "min_recall=0.5, confidence=95", "min_recall=0.5, confidence=0.95"),
    option("confidence in nothing", "confidence=0.9", ""),
    Case("OptionError: several classes", 'df.imb.best_threshold("y")', setup=THREE),
]
COSTS = [
    option("a number", "cost=5"),
    option(
        "a Series", "cost=cost", 'cost={"fp": 1, "fn": 5}', scored('cost = pd.Series({"fp": 1, "fn": 5})')
    ),
    option("an outcome in capitals", 'cost={"FP": 1, "FN": 5}', 'cost={"fp": 1, "fn": 5}'),
    option("an outcome too many", 'cost={"fp": 1, "fn": 5, "fnn": 3}', 'cost={"fp": 1, "fn": 5}'),
    option("no outcome", 'cost={"price": 1}'),
    option("no miss", 'cost={"fp": 1}'),
    option("a column misspelt", 'cost={"fp": 1, "fn": "amont"}', 'cost={"fp": 1, "fn": "amount"}'),
    option("gains", 'cost={"fp": -1, "fn": -5}', 'cost={"fp": 1, "fn": 5}'),
    option("a free alarm", 'cost={"fp": 0, "fn": 5}'),
    mended(
        "OptionError: an amount is missing",
        asked('cost={"fp": 1, "fn": "amount"}'),
        'import numpy as np\n\ndf = df[np.isfinite(df["amount"])]',
        scored('df.loc[7, "amount"] = np.nan'),
    ),
    mended(
        "OptionError: an amount of the test frame is missing",
        'df.imb.best_threshold("y", scores="p", cost={"fp": 1, "fn": "amount"}, test=test)',
        'import numpy as np\n\ntest = test[np.isfinite(test["amount"])]',
        scored('test = df.copy()\ntest.loc[7, "amount"] = np.inf'),
    ),
    option("a negative amount", 'cost={"fp": 1, "fn": "amount"}', setup=scored('df.loc[7, "amount"] = -1')),
    Case(
        "OptionError: a matrix and a limit",
        'df.imb.best_threshold("y", cost=cost, min_recall=0.5, model="naive_bayes", cv=2)',
        'df.imb.best_threshold("y", cost=cost, model="naive_bayes", cv=2)',
        THREE,
    ),
    Case("OptionError: a matrix of scores", 'df.imb.best_threshold("y", cost=cost, scores="x")', setup=THREE),
    Case(
        "ModelError: a matrix needs probabilities",
        'df.imb.best_threshold("y", cost=cost, model="svm", cv=2)',
        "from sklearn.calibration import CalibratedClassifierCV\nfrom sklearn.svm import SVC\n\n"
        'df.imb.best_threshold(\n    "y",\n    cost=cost,\n    model=CalibratedClassifierCV(estimator=SVC()),\n    cv=2,\n)',
        THREE,
    ),
    Case(
        "OptionError: another answer of the cheapest class",
        'df.imb.best_threshold("y", cost=cost, model="naive_bayes", cv=2).model("nonne")',
        'df.imb.best_threshold("y", cost=cost, model="naive_bayes", cv=2).model(name="none")',
        THREE,
    ),
]
COLUMN = [
    Case(
        "OptionError: a model beside scores",
        asked('model="forest", strategy="smote", fitted=True'),
        asked(""),
        SCORED,
    ),
    Case("OptionError: a column misspelt", asked("", "amont"), asked("", "amount"), SCORED),
    Case(
        "OptionError: scores beside the frame",
        'df.imb.best_threshold("y", scores=scores)',
        'df = df.assign(scores=scores)\ndf.imb.best_threshold("y", scores="scores")',
        scored('scores = df["p"].to_numpy()'),
    ),
    Case(
        "OptionError: scores on another index",
        'df.imb.best_threshold("y", scores=scores)',
        'df = df.assign(scores=scores.to_numpy())\ndf.imb.best_threshold("y", scores="scores")',
        scored('scores = df["p"].set_axis(range(1, 401))'),
    ),
    Case(
        "OptionError: scores of both classes",
        'df.imb.best_threshold("y", scores=scores)',
        "import numpy as np\n\ndf = df.assign(scores=np.asarray(scores)[:, 1])\n"
        'df.imb.best_threshold("y", scores="scores")',
        scored('scores = np.column_stack([1 - df["p"], df["p"]])'),
    ),
    Case("OptionError: no scores", 'df.imb.best_threshold("y", scores=["p"])', setup=SCORED),
    Case("OptionError: the target itself", asked("", "y"), setup=SCORED),
    option("one score", "", setup=scored('df["p"] = 0.5')),
    option("scores that are dates", "", setup=scored('df["p"] = pd.Timestamp("2024-01-01")')),
    mended(
        "OptionError: a score is missing",
        asked(""),
        'import numpy as np\n\ndf = df[np.isfinite(df["p"].astype(float))]',
        scored('df["p"] = df["p"].astype("Float64").mask(df.index == 7)'),
    ),
    mended(
        "OptionError: a score is missing among decimals",
        asked(""),
        "import numpy as np\nimport pandas as pd\n\n"
        'df = df[np.isfinite(pd.to_numeric(df["p"].map(float, na_action="ignore"), errors="coerce"))]',
        scored('from decimal import Decimal\ndf["p"] = df["p"].map(Decimal).mask(df.index == 7, None)'),
    ),
    mended(
        "OptionError: a score is missing, and labels stand beside the frame",
        'df.imb.best_threshold(y, scores="p")',
        'import numpy as np\n\nkept = np.isfinite(df["p"])\ndf, y = df[kept], y[kept]',
        scored('y = df.pop("y")\ndf.loc[7, "p"] = np.nan'),
    ),
    mended(
        "OptionError: a score of the test frame is missing",
        asked("test=test"),
        'import numpy as np\n\ntest = test[np.isfinite(test["p"])]',
        scored('test = df.copy()\ntest.loc[7, "p"] = np.nan'),
    ),
    option("a score beyond all bounds", "", setup=scored('df.loc[7, "p"] = 1e160')),
    Case("IMB412: a column", asked("", "said"), setup=scored('df["said"] = (df["p"] > 0.5).astype(int)')),
    Case("IMB412: two values", asked("", "q"), setup=scored('df["q"] = np.where(df["p"] > 0.3, 0.7, 0.2)')),
    Case(
        "IMB412: a tree",
        'df.imb.best_threshold("y", model=DecisionTreeClassifier(), cv=2)',
        setup=scored('from sklearn.tree import DecisionTreeClassifier\ndel df["p"]'),
    ),
    mended("IMB413: probabilities", asked(""), 'df["p"] = 1 - df["p"]', scored('df["p"] = 1 - df["p"]')),
    mended(
        "IMB413: scores, and a test frame",
        asked("test=test", "s"),
        'df["s"] = -df["s"]\ntest["s"] = -test["s"]',
        scored('df["s"] = -df["s"]\ntest = df.copy()'),
    ),
    Case(
        "IMB413: of the other class",
        asked(""),
        asked('pos_label="yes"'),
        scored('df["y"] = np.where(df["y"] == 1, "no", "yes")\ndf["p"] = 1 - df["p"]'),
    ),
    Case(
        "IMB413: a fitted model",
        'df.imb.best_threshold("y", model=model, fitted=True, preprocess=None)',
        setup=scored(
            "from sklearn.linear_model import LogisticRegression\n"
            'df = df[["s", "y"]]\nmodel = LogisticRegression().fit(df[["s"]], 1 - df["y"])'
        ),
    ),
    Case("IMB414: a class", asked("", "q"), setup=scored('df["q"] = np.where(df["y"] == 1, 0.9, df["p"])')),
    Case(
        "IMB414: the test frame",
        asked("test=test"),
        setup=scored("test = df.assign(p=0.5)"),
    ),
    Case(
        "IMB414: a model that learns nothing",
        'df.imb.best_threshold("y", model=DummyClassifier(), cv=2)',
        setup=scored("from sklearn.dummy import DummyClassifier"),
    ),
    Case("IMB313: margins", asked("", "s"), setup=SCORED),
    Case(
        "IMB313: margins and costs",
        asked('cost={"fp": 1, "fn": 5}', "s"),
        'from scipy.special import expit\n\ndf["s"] = expit(df["s"])\n'
        + asked('cost={"fp": 1, "fn": 5}', "s"),
        SCORED,
    ),
]
FINDINGS = [
    Case("IMB402", asked("test_size=0"), setup=SCORED),
    Case(
        "IMB402: enough in all",
        asked("test_size=0.5"),
        asked("test_size=0"),
        scored("df = pd.concat([df, df], ignore_index=True)"),
    ),
    Case("IMB403: noise", asked(""), setup=scored('df["p"] = rng.random(400)')),
    Case(
        "IMB403: one answer is as cheap",
        'df.imb.best_threshold("y", cost=cost, model="naive_bayes", cv=2)',
        setup=THREE + 'df["x"] = df["z"] = rng.normal(size=150)\n',
    ),
    Case("IMB404", asked("min_recall=0.8"), asked("min_recall=0.8, confidence=0.9"), SCORED),
    Case("IMB404: held with confidence", asked("min_recall=0.8, confidence=0.6"), setup=SCORED),
    Case("IMB405: less than a row", asked("top_k=1"), asked("top_k=2"), SCORED),
    Case("IMB405: a share less than a row", asked("top_k=0.001"), asked("top_k=0.0032"), SCORED),
    Case("IMB405: ties", asked("top_k=7"), setup=scored('df["p"] = df["p"].round(1)')),
    Case(
        "IMB405: one row counts for more",
        asked("top_k=1, prevalence=0.02", "s"),
        setup=scored('df["s"] = -s'),
    ),
    Case("IMB417", asked("max_flag_rate=0.02, prevalence=0.02", "s"), setup=SCORED),
    Case("IMB406", asked("min_precision=0.6"), asked("min_precision=0.549"), TIED),
    Case("IMB407", asked("test=test"), setup=scored('test = df.assign(p=df["p"] / 3)')),
    Case(
        "IMB408",
        asked('min_recall=0.5, confidence=0.9, groups="who", cv=2'),
        setup=scored('df["who"] = np.arange(400) // 10'),
    ),
    Case(
        "IMB415",
        asked("min_precision=0.9, min_recall=0.8"),
        asked("min_precision=0.363, min_recall=0.8"),
        SCORED,
    ),
    Case("IMB415: without each fold too", asked("min_precision=0.8"), asked("min_precision=0.549"), TIED),
    Case("IMB415: rows", asked("top_k=60, min_recall=0.99"), asked("top_k=60, min_recall=0.421"), SCORED),
    Case(
        "IMB415: no one limit",
        asked("min_precision=0.9, min_recall=0.8, max_flag_rate=0.2"),
        setup=scored('df["p"] = rng.random(400).round(2)'),
    ),
    Case(
        "ModelError: no threshold keeps the limits",
        'df.imb.best_threshold("y", min_precision=1.0, min_recall=0.9, cv=2).model()',
        'df.imb.best_threshold("y", min_precision=0.258, min_recall=0.9, cv=2).model()',
        SCORED,
    ),
    Case(
        "IMB316: of a threshold",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=[], cv=2, max_rows=100).best_threshold()',
    ),
    Case("ModelError: scores were not fitted", f"{asked('')}.model()", setup=SCORED),
    Case(
        "OptionError: another strategy",
        'df.imb.best_threshold("y", cv=2).model("nonne")',
        'df.imb.best_threshold("y", cv=2).model(name="none")',
        SCORED,
    ),
]
TABLES = [
    option("groups and deals of a table", 'groups="amount", repeats=3', "", LAZY),
    Case(
        "SplitError: positives of which the test set gets none",
        asked(""),
        asked("test_size=0"),
        LAZY + "df = df.with_columns(y=(polars.int_range(400) % 12 == 4).cast(int))\n",
    ),
]
CASES = [*OPTIONS, *COSTS, *COLUMN, *FINDINGS, *TABLES]
