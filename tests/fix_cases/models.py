"""Models: words, classes, fitted ones, pipelines, what they cannot do."""

from fix_cases import NUMBERS, Case

LOGISTIC = NUMBERS + "from sklearn.linear_model import LogisticRegression\n"
PIPELINE = LOGISTIC + (
    "from sklearn.pipeline import make_pipeline\n"
    "from sklearn.preprocessing import StandardScaler\n"
    "model = make_pipeline(StandardScaler(), LogisticRegression())\n"
)
NAIVE = 'df.imb.fit_eval("y", model={}, strategies=["none"], cv=2)'

CASES = [
    Case(
        "OptionError: a misspelled model",
        NAIVE.format('"naive_bays"'),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2)',
    ),
    Case("OptionError: no such model", NAIVE.format('"xyz"')),
    Case(
        "OptionError: a misspelled preprocess",
        'df.imb.fit_eval("y", preprocess="autto", model="naive_bayes", strategies=["none"], cv=2)',
        'df.imb.fit_eval("y", preprocess="auto", model="naive_bayes", strategies=["none"], cv=2)',
    ),
    Case(
        "ModelError: a class",
        'df.imb.fit_eval("y", model=GaussianNB, strategies=["none"], cv=2)',
        """\
from sklearn.naive_bayes import GaussianNB

df.imb.fit_eval("y", model=GaussianNB(), strategies=["none"], cv=2)""",
        NUMBERS + "from sklearn.naive_bayes import GaussianNB\n",
    ),
    Case("ModelError: a class of another kind", NAIVE.format("dict")),
    Case(
        "ModelError: a name said to be fitted",
        'df.imb.fit_eval("y", model="naive_bayes", fitted=True, strategies=["none"], cv=2)',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2)',
    ),
    Case(
        "ModelError: not fitted",
        'df.imb.fit_eval("y", model=model, fitted=True, strategies=["none"], cv=2)',
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

df.imb.fit_eval(
    "y",
    model=Pipeline(
        [("standardscaler", StandardScaler()), ("logisticregression", LogisticRegression())]
    ),
    strategies=["none"],
    cv=2,
)""",
        PIPELINE,
    ),
    Case(
        "ModelError: frozen and not fitted",
        'df.imb.fit_eval("y", model=FrozenEstimator(LogisticRegression()), strategies=["none"], cv=2)',
        """\
from sklearn.linear_model import LogisticRegression

df.imb.fit_eval("y", model=LogisticRegression(), strategies=["none"], cv=2)""",
        LOGISTIC + "from sklearn.frozen import FrozenEstimator\n",
    ),
    Case(
        "OptionError: no model in a list",
        NAIVE.format("[]"),
        'df.imb.fit_eval("y", strategies=["none"], cv=2)',
    ),
    Case(
        "OptionError: one model in a dict",
        NAIVE.format('{"a": "naive_bayes"}'),
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2)',
    ),
    Case(
        "OptionError: models named by numbers",
        NAIVE.format('{1: "naive_bayes", 2: "logistic"}'),
        """\
df.imb.fit_eval(
    "y",
    model={"naive_bayes": "naive_bayes", "logistic": "logistic"},
    strategies=["none"],
    cv=2,
)""",
    ),
    Case(
        "OptionError: two models of one name",
        NAIVE.format('["logistic", "logistic"]'),
        """\
df.imb.fit_eval(
    "y",
    model={"logistic_1": "logistic", "logistic_2": "logistic"},
    strategies=["none"],
    cv=2,
)""",
    ),
    Case(
        "OptionError: a colon in a model's name",
        NAIVE.format('{"a: b": "naive_bayes", "c": "logistic"}'),
        """\
df.imb.fit_eval(
    "y",
    model={"naive_bayes": "naive_bayes", "logistic": "logistic"},
    strategies=["none"],
    cv=2,
)""",
    ),
    Case(
        "OptionError: a misspelled model among others",
        NAIVE.format('["logistic", "naive_bays"]'),
        'df.imb.fit_eval("y", model=["logistic", "naive_bayes"], strategies=["none"], cv=2)',
    ),
    Case(
        "ModelError: a fitted model among others",
        NAIVE.format('{"a": fitted, "b": "naive_bayes"}'),
        """\
from sklearn.linear_model import LogisticRegression

df.imb.fit_eval(
    "y",
    model={"a": LogisticRegression(), "b": "naive_bayes"},
    strategies=["none"],
    cv=2,
)""",
        LOGISTIC + 'fitted = LogisticRegression().fit(df[["a", "b"]], df["y"])\n',
    ),
    Case(
        "ModelError: several models that came fitted",
        'df.imb.fit_eval("y", model=[fitted, "naive_bayes"], fitted=True, strategies=["none"], cv=2)',
        setup=LOGISTIC + 'fitted = LogisticRegression().fit(df[["a", "b"]], df["y"])\n',
    ),
    Case(
        "ModelError: margins among probabilities",
        NAIVE.format('{"a": LinearSVC(), "b": "naive_bayes"}'),
        """\
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import LinearSVC

df.imb.fit_eval(
    "y",
    model={"a": CalibratedClassifierCV(estimator=LinearSVC()), "b": "naive_bayes"},
    strategies=["none"],
    cv=2,
)""",
        NUMBERS + "from sklearn.svm import LinearSVC\n",
    ),
    Case(
        "OptionError: several models on shuffled labels",
        'df.imb.fit_eval("y", model=["naive_bayes", "logistic"], permutations=5, strategies=["none"], cv=2)',
        'df.imb.fit_eval("y", model=["naive_bayes", "logistic"], strategies=["none"], cv=2)',
    ),
    Case(
        "OptionError: several models on one page",
        'df.imb.report("y", model=["naive_bayes", "logistic"], strategies=["none"], cv=2)',
        'df.imb.report("y", model="naive_bayes", strategies=["none"], cv=2)',
    ),
    Case("ModelError: no classifier", NAIVE.format("42")),
    Case(
        "ModelError: an empty pipeline",
        NAIVE.format("Pipeline([])"),
        setup=NUMBERS + "from sklearn.pipeline import Pipeline\n",
    ),
    Case(
        "ModelError: a hard vote",
        'df.imb.fit_eval("y", model=VotingClassifier([("a", LogisticRegression())]), strategies=["none"], cv=2)',
        """\
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression

df.imb.fit_eval(
    "y",
    model=VotingClassifier(estimators=[("a", LogisticRegression())], voting="soft"),
    strategies=["none"],
    cv=2,
)""",
        LOGISTIC + "from sklearn.ensemble import VotingClassifier\n",
    ),
    Case(
        "ModelError: a hard vote of margins",
        'df.imb.fit_eval("y", model=VotingClassifier([("a", LinearSVC())]), strategies=["none"], cv=2)',
        setup=NUMBERS + "from sklearn.ensemble import VotingClassifier\nfrom sklearn.svm import LinearSVC\n",
    ),
    Case(
        "ModelError: early stopping",
        'df.imb.fit_eval("y", model=Early(), strategies=["none"], cv=2)',
        """\
# Early: put your own class here; it cannot be imported
df.imb.fit_eval("y", model=Early(early_stopping_rounds=None), strategies=["none"], cv=2)""",
        LOGISTIC
        + """class Early(LogisticRegression):
    def __init__(self, C=1.0, early_stopping_rounds=5):
        super().__init__(C=C)
        self.early_stopping_rounds = early_stopping_rounds
""",
    ),
    Case(
        "ModelError: no copy",
        'df.imb.fit_eval("y", model=Odd(), strategies=["none"], cv=2)',
        setup=LOGISTIC
        + """class Odd(LogisticRegression):
    def __init__(self, *args):
        pass
""",
    ),
    Case(
        "OptionError: skrub before a fitted model",
        'df.imb.fit_eval("y", model=model, fitted=True, preprocess="skrub", strategies=["none"], cv=2)',
        'df.imb.fit_eval("y", model=model, fitted=True, strategies=["none"], cv=2)',
        PIPELINE + 'model.fit(df[["a", "b"]], df["y"])\n',
    ),
    Case(
        "OptionError: skrub before a pipeline",
        'df.imb.fit_eval("y", model=model, preprocess="skrub", strategies=["none"], cv=2)',
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

df.imb.fit_eval(
    "y",
    model=Pipeline(
        [
            ("standardscaler", StandardScaler()),
            ("logisticregression", LogisticRegression()),
        ],
    ),
    strategies=["none"],
    cv=2,
)""",
        PIPELINE,
    ),
    Case(
        "ModelError: a scorer that looks for a class named 1",
        'df.imb.fit_eval("y", strategies=["none"], cv=2, model=TunedThresholdClassifierCV(GaussianNB(), scoring="f1"))',
        """\
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.naive_bayes import GaussianNB

df["y"] = (df["y"] == "yes").astype(int)
df.imb.fit_eval(
    "y",
    strategies=["none"],
    cv=2,
    model=TunedThresholdClassifierCV(estimator=GaussianNB(), scoring="f1"),
)""",
        NUMBERS
        + "from sklearn.model_selection import TunedThresholdClassifierCV\nfrom sklearn.naive_bayes import GaussianNB",
    ),
    Case(
        "IMB419",
        'df.imb.fit_eval("y", strategies=["none"], cv=2, model=LogisticRegression(C=float("inf"), max_iter=500))',
        setup=LOGISTIC + 'df["y"] = df["y"].to_numpy()[::-1]\n',  # columns that say nothing
    ),
]
