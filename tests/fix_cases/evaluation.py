"""`fit_eval`, what it is asked and what it finds; `trace`."""

from fix_cases import NUMBERS, Case

NAIVE = 'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2{})'
SEVERAL = NUMBERS + 'df["y"] = np.where(df["y"] == "yes", "c", np.where(df.index % 2, "a", "b"))\n'
TWELVE = """
import numpy as np, pandas as pd, imbalance_accessor
rng = np.random.default_rng(0)
df = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60), "y": np.arange(60) % 12})
"""
TEXT = NUMBERS + 'df["t"] = np.where(df.index % 2, "u", "v")\n'
MARGINS = NUMBERS + "from sklearn.svm import LinearSVC\n"
FITTED = NUMBERS + (
    "from sklearn.linear_model import LogisticRegression\n"
    'model = LogisticRegression().fit(df[["a", "b"]], df["y"])\n'
)
AS_IT_IS = 'df.imb.fit_eval("y", model=model, fitted=True, cv=2{})'
OWN = """
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
class Own(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.inner_ = LogisticRegression().fit(X, y)
        self.classes_ = self.inner_.classes_
        self.n_ = len(y)
        if FAILS:
            raise ValueError("not today")
        return self
    def predict_proba(self, X):
        return SCORES
    def predict(self, X):
        return SAYS
"""


def own(
    *,
    fails: str = "False",
    says: str = "self.inner_.predict(X)",
    scores: str = "self.inner_.predict_proba(X)",
) -> str:
    """Make a class of the user's own that fails to fit, or scores or predicts something odd."""
    return NUMBERS + OWN.replace("FAILS", fails).replace("SAYS", says).replace("SCORES", scores)


SEVENTY = NUMBERS.replace("[360, 40]", "[400, 130]").replace("400)", "530)").replace("size=400", "size=530")

CASES = [
    # settings
    Case(
        "OptionError: a misspelled criterion",
        NAIVE.format(', criterion="mc"'),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, criterion="mcc")',
    ),
    Case(
        "OptionError: a misspelled metric",
        NAIVE.format(', metric="average_precison"'),
        """\
df.imb.fit_eval(
    "y",
    model="naive_bayes",
    strategies=["none"],
    cv=2,
    metric="average_precision",
)""",
    ),
    Case(
        "OptionError: a metric of probabilities",
        'df.imb.fit_eval("y", model=LinearSVC(), metric="brier", strategies=["none"], cv=2)',
        """\
from sklearn.svm import LinearSVC

df.imb.fit_eval(
    "y",
    model=LinearSVC(),
    metric="average_precision",
    strategies=["none"],
    cv=2,
)""",
        MARGINS,
    ),
    Case(
        "OptionError: a threshold for several classes",
        NAIVE.format(', metric="f1_tuned"'),
        """\
df.imb.fit_eval(
    "y",
    model="naive_bayes",
    strategies=["none"],
    cv=2,
    metric="f1_tuned",
    pos_label="c",
)""",
        SEVERAL,
    ),
    Case(
        "OptionError: a threshold for several classes, fitted",
        AS_IT_IS.format(', metric="f1_tuned"'),
        setup=SEVERAL + FITTED.removeprefix(NUMBERS),
    ),
    Case(
        "OptionError: a cap for a fitted model",
        AS_IT_IS.format(", max_rows=100"),
        'df.imb.fit_eval("y", model=model, fitted=True, cv=2)',
        FITTED,
    ),
    Case(
        "OptionError: half a shuffle",
        NAIVE.format(", permutations=0.5"),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, permutations=20)',
    ),
    Case(
        "OptionError: half a shuffle of no test set",
        NAIVE.format(", permutations=0.5, test_size=0"),
        """\
df.imb.fit_eval(
    "y",
    model="naive_bayes",
    strategies=["none"],
    cv=2,
    permutations=0,
    test_size=0,
)""",
    ),
    Case(
        "OptionError: shuffles of no test set",
        NAIVE.format(", permutations=2, test_size=0"),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, test_size=0)',
    ),
    Case(
        "OptionError: shuffles for a fitted model",
        AS_IT_IS.format(", permutations=2"),
        'df.imb.fit_eval("y", model=model, fitted=True, cv=2)',
        FITTED,
    ),
    Case(
        "OptionError: no workers",
        NAIVE.format(", n_jobs=0"),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2)',
    ),
    Case(
        "OptionError: a misspelled strategy",
        'df.imb.best_threshold("y", strategy="oversmple", cv=2)',
        'df.imb.best_threshold("y", strategy="oversample", cv=2)',
    ),
    Case(
        "OptionError: a list of one strategy",
        'df.imb.best_threshold("y", model="naive_bayes", strategy=["oversample"], cv=2)',
        'df.imb.best_threshold("y", model="naive_bayes", strategy="oversample", cv=2)',
    ),
    Case(
        "OptionError: several strategies", 'df.imb.best_threshold("y", strategy=["none", "oversample"], cv=2)'
    ),
    # what a model cannot learn from
    Case(
        "FeatureError: text without preprocessing",
        NAIVE.format(", preprocess=None"),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, preprocess="auto")',
        TEXT,
    ),
    Case(
        "ModelError: more neighbours than rows",
        'df.imb.fit_eval("y", model=KNeighborsClassifier(500), strategies=["none"], cv=2)',
        """\
from sklearn.neighbors import KNeighborsClassifier

df.imb.fit_eval(
    "y",
    model=KNeighborsClassifier(n_neighbors=80),
    strategies=["none"],
    cv=2,
)""",
        NUMBERS + "from sklearn.neighbors import KNeighborsClassifier\n",
    ),
    Case(
        "ModelError: more neighbours than rows, in a pipeline",
        'df.imb.fit_eval("y", model=make_pipeline(StandardScaler(), KNeighborsClassifier(500)), cv=2)',
        setup=NUMBERS
        + "from sklearn.neighbors import KNeighborsClassifier\n"
        + "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n",
    ),
    Case(
        "FeatureError: a column with hardly a cell",
        'df.imb.fit_eval("y", model="boosting", strategies=["none"], cv=2)',
        """\
df = df.drop(columns=["c"])
df.imb.fit_eval("y", model="boosting", strategies=["none"], cv=2)""",
        NUMBERS + 'df["c"] = np.where(df.index == 105, 1.0, np.nan)\ndf.loc[135, "c"] = 2.0\n',
    ),
    Case(
        "FeatureError: features that do not vary in a fold",
        NAIVE.format(""),
        'df.imb.fit_eval("y", model="logistic", strategies=["none"], cv=2)',
        NUMBERS + 'df["a"] = np.where(df.index == 3, 1.0, 0.0)\ndf = df.drop(columns="b")\n',
    ),
    Case(
        "ModelError: a strategy the model cannot take",
        'df.imb.best_threshold("y", model="knn", strategy="focal", cv=2)',
        'df.imb.best_threshold("y", model="logistic", strategy="focal", cv=2)',
    ),
    Case(
        "SplitError: a test set of hardly a row of each class",
        NAIVE.format(", test_size=0.2"),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, test_size=0)',
        TWELVE,
    ),
    Case(
        "SplitError: a test set of hardly a row of each class, by groups",
        NAIVE.format(', test_size=0.2, groups="g"'),
        setup=TWELVE + 'df["g"] = df.index // 12\n',
    ),
    # models that fail, and that warn
    Case(
        "ModelError: a fit that fails",
        'df.imb.fit_eval("y", model=Own(), cv=2, strategies=["none"])',
        setup=own(fails="True"),
    ),
    Case(
        "ModelError: shuffled labels on which it fails",
        'df.imb.fit_eval("y", model=Own(), cv=2, strategies=["none"], permutations=2)',
        """\
# Own: put your own class here; it cannot be imported
df.imb.fit_eval("y", model=Own(), cv=2, strategies=["none"])""",
        own(fails="len(y) == 320 and list(y) != LEARNED") + 'LEARNED = df.imb.split("y").y_train.tolist()\n',
    ),
    Case(
        "IMB305: two strategies that fail",
        'df.imb.fit_eval("y", model=Own(), cv=2, strategies=["oversample", "undersample", "none"])',
        """\
# Own: put your own class here; it cannot be imported
df.imb.fit_eval("y", model=Own(), cv=2, strategies=["none"])""",
        own(fails='(y == "yes").mean() > 0.3'),
    ),
    Case(
        "IMB306",
        'df.imb.fit_eval("y", model="naive_bayes", cv=2, strategies=["oversample", "smote", "smote+class_weight"])',
        'df.imb.fit_eval("y", model="naive_bayes", cv=2, strategies=["oversample", "smote"])',
    ),
    Case(
        "IMB315: a fit that did not converge",
        'df.imb.fit_eval("y", model=LogisticRegression(max_iter=1), cv=2, strategies=["none"])',
        setup=NUMBERS + "from sklearn.linear_model import LogisticRegression\n",
    ),
    Case(
        "IMB322",
        'df.imb.fit_eval("y", model=Own(), cv=2, strategies=["none"])',
        setup=own(says='["maybe"] * len(X)'),
    ),
    Case("IMB312", AS_IT_IS.format(""), setup=FITTED),
    Case(
        "ModelError: a fitted model of other labels",
        AS_IT_IS.format(""),
        setup=FITTED + 'df["y"] = df["y"].str.upper()\n',
    ),
    Case(
        "ModelError: a fitted model of other columns",
        AS_IT_IS.format(""),
        setup=FITTED + 'df = df.drop(columns="b")\n',
    ),
    # scores
    Case(
        "IMB313",
        'df.imb.fit_eval("y", model=LinearSVC(), strategies=["none"], cv=2)',
        setup=MARGINS,
    ),
    Case(
        "IMB401: enough on all rows",
        NAIVE.format(""),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, test_size=0)',
        SEVENTY,
    ),
    Case(
        "IMB401: several classes, enough on all rows",
        NAIVE.format(""),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, test_size=0)',
        SEVENTY + 'df["y"] = np.where(df["y"] == "yes", "c", np.where(df.index % 2, "a", "b"))\n',
    ),
    Case("IMB401: few on all rows", NAIVE.format("")),
    Case("IMB401: shuffles that need a test set", NAIVE.format(", permutations=1"), setup=SEVENTY),
    Case(
        "IMB401: a result's method",
        NAIVE.format("") + ".best_threshold()",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, test_size=0).best_threshold()',
        SEVENTY,
    ),
    Case(
        "IMB409",
        'df[["b", "y"]].imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, permutations=5)',
    ),
    Case(
        "IMB410: more can be held out",
        NAIVE.format(', groups="g"'),
        """\
df.imb.fit_eval(
    "y",
    model="naive_bayes",
    strategies=["none"],
    cv=2,
    groups="g",
    test_size=0.4,
)""",
        NUMBERS + 'df["g"] = df.index % 30\n',
    ),
    Case("IMB410: few in all", NAIVE.format(', groups="g"'), setup=NUMBERS + 'df["g"] = df.index % 8\n'),
    Case(
        "IMB407",
        'df.imb.fit_eval("y", model=Own(), cv=2, strategies=["none"])',
        setup=own(scores="self.inner_.predict_proba(X) * [[1.0, 0.01 if self.n_ < 200 else 1.0]]"),
    ),
    Case(
        "IMB416",
        'df.imb.best_threshold("y", model=FixedThresholdClassifier(GaussianNB(), threshold=0.2), cv=2)',
        setup=NUMBERS
        + "from sklearn.model_selection import FixedThresholdClassifier\n"
        + "from sklearn.naive_bayes import GaussianNB\n",
    ),
    Case(
        "IMB319: a column that says nothing",
        NAIVE.format(""),
        'df.imb.fit_eval("y", model="boosting", strategies=["none"], cv=2)',
        NUMBERS + 'df["t"] = [f"t{i // 3}" for i in df.index]\n',
    ),
    Case(
        "IMB319: some levels",
        NAIVE.format(""),
        setup=NUMBERS + 'df["t"] = ["u" if i % 2 else f"t{i % 200}" for i in df.index]\n',
    ),
    # results
    Case(
        "OptionError: a strategy without a row",
        NAIVE.format("") + '.model("non")',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2).model(name="none")',
    ),
    Case(
        "OptionError: a strategy without a row, of two",
        'df.imb.fit_eval("y", strategies=["oversample"], cv=2).reliability(["none", "oversmple"])',
        """\
df.imb.fit_eval("y", strategies=["oversample"], cv=2).reliability(
    strategies=["none", "oversample"],
)""",
    ),
    Case(
        "OptionError: a strategy without a row, to trace",
        NAIVE.format("") + '.trace("non")',
        """\
df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2).trace(
    strategy="none",
)""",
    ),
    Case(
        "OptionError: a metric that is misspelled",
        NAIVE.format("") + '.best_by("recal")',
        """\
df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2).best_by(
    metric="recall",
)""",
    ),
    Case(
        "OptionError: a metric without a value",
        'df.imb.fit_eval("y", model=LinearSVC(), strategies=["none"], cv=2).best_by("brier")',
        """\
from sklearn.svm import LinearSVC

df.imb.fit_eval("y", model=LinearSVC(), strategies=["none"], cv=2).best_by(
    metric="average_precision",
)""",
        MARGINS,
    ),
    Case(
        "OptionError: no strategies",
        NAIVE.format("") + ".reliability([])",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2).reliability()',
    ),
    Case(
        "OptionError: a threshold of several",
        NAIVE.format("") + ".best_threshold()",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, pos_label="c").best_threshold()',
        SEVERAL,
    ),
    Case(
        "OptionError: a row by another type",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2).trace(row="7")',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2).trace(row=7)',
    ),
    Case("OptionError: a row that is not there", NAIVE.format("") + ".trace(row=1000)"),
    Case(
        "OptionError: a row's label that several have",
        NAIVE.format("") + ".trace(row=0)",
        setup=NUMBERS + "df.index = df.index % 200\n",
    ),
    Case(
        "OptionError: a row that no fold scores",
        NAIVE.format(', time="t"') + ".trace(row=0)",
        setup=NUMBERS + 'df["t"] = df.index\n',
    ),
    Case("ModelError: no rounds", NAIVE.format("") + ".trace().rounds"),
    Case("ModelError: no row", NAIVE.format("") + ".trace().terms"),
]
