"""Samplers, strategies and the ratio of classes: what they cannot do, and what does it instead."""

from fix_cases import NUMBERS, Case

#: The classes lie far apart, so that no rare row has a frequent one near.
APART = NUMBERS + 'df["a"] += 100 * (df["y"] == "yes")\n'
#: A third column holds words.
MIXED = NUMBERS + 'df["c"] = np.resize(["u", "v", "w"], 400)\n'
HOLED = NUMBERS + 'df.loc[df.index[::7], "b"] = np.nan\n'
#: A class with two rows, one of them in the training set.
ALONE = NUMBERS + 'df = pd.concat([df[df["y"] == "no"], df[df["y"] == "yes"][:2]], ignore_index=True)\n'
FEW = NUMBERS + 'df = pd.concat([df[df["y"] == "no"], df[df["y"] == "yes"][:5]], ignore_index=True)\n'
THREE = NUMBERS + 'df.loc[df["y"].eq("no") & (df.index % 5 == 0), "y"] = "maybe"\n'
OVER = NUMBERS + "from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE\n"
#: 200 levels, and so little memory that a new row for each of them does not fit.
LEVELS = (
    NUMBERS
    + """
from imbalance_accessor.evaluation.memory import memory_of
df["c"] = [f"at {place}" for place in np.r_[np.arange(200), np.arange(200)]]
"""
)
#: Verbs that find that their work is long.
LONG = (
    NUMBERS
    + """
import pytest
from imbalance_accessor.evaluation.runtime import Work
df = pd.concat([df] * 6, ignore_index=True)
def long(verb):
    def call(*args, **options):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("imbalance_accessor.verbs.smote._work", lambda *_: Work(pairs=70.0))
            return verb(*args, **options)
    return call
"""
)
STEPS = (
    NUMBERS
    + """
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.naive_bayes import GaussianNB
from sklearn.linear_model import LogisticRegression
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.svm import LinearSVC
from sklearn.neighbors import KNeighborsClassifier
df["word"] = np.resize(["u", "v", "w"], 400)
"""
)
PLAIN = STEPS + 'df = df.drop(columns="word")\n'
QUICK = 'model="naive_bayes", cv=2'

CASES = [
    # ------------------------------------------------------------ rows that were not made, and samplers that cannot work
    Case("IMB320: smote", 'df.imb.smote("y", kind="borderline")', 'df.imb.smote("y", kind="smote")', APART),
    Case(
        "IMB320: a sampler of one's own",
        'df.imb.smote("y", kind=BorderlineSMOTE(sampling_strategy={"yes": 90}, random_state=0))',
        'df.imb.smote("y", kind="smote", ratio={"yes": 90})',
        APART + "from imblearn.over_sampling import BorderlineSMOTE",
    ),
    Case(
        "IMB320: fit_eval",
        f'df.imb.fit_eval("y", strategies=["class_weight", "borderline"], {QUICK})',
        """\
df.imb.fit_eval("y", strategies=["class_weight", "smote"], model="naive_bayes", cv=2)""",
        APART,
    ),
    Case(
        "ModelError: ADASYN among rows apart",
        'df.imb.smote("y", kind="adasyn")',
        'df.imb.smote("y", kind="smote")',
        APART,
    ),
    Case(
        "ModelError: columns that are none",
        'df.imb.smote("y", kind=SMOTENC(["zzz"], random_state=0))',
        """\
from imblearn.over_sampling import SMOTENC

df.imb.smote("y", kind=SMOTENC(categorical_features=["c"], random_state=0))""",
        MIXED + "from imblearn.over_sampling import SMOTENC",
    ),
    Case(
        "ModelError: words for SMOTE",
        'df.imb.smote("y", kind=SMOTE(random_state=0))',
        'df.imb.smote("y", kind="auto")',
        MIXED + "from imblearn.over_sampling import SMOTE",
    ),
    Case(
        "ModelError: a function names no label",
        'df.imb.smote("y", kind=SMOTE(sampling_strategy=lambda y: {"maybe": 90}))',
        'df.imb.smote("y", kind="smote")',
        OVER,
    ),
    Case(
        "OptionError: rows that SMOTE would drop",
        'df.imb.smote("y", kind=SMOTE(sampling_strategy={"no": 9, "yes": 90}, random_state=0))',
        """\
from imblearn.over_sampling import SMOTE

df.imb.smote("y", kind=SMOTE(sampling_strategy={"yes": 90}, random_state=0))""",
        OVER,
    ),
    Case(
        "OptionError: a label of a sampler's",
        'df.imb.smote("y", kind=SMOTE(sampling_strategy={"Yes": 90}, random_state=0))',
        """\
from imblearn.over_sampling import SMOTE

df.imb.smote("y", kind=SMOTE(sampling_strategy={"yes": 90}, random_state=0))""",
        OVER,
    ),
    Case(
        "OptionError: a number for three classes",
        'df.imb.smote("y", kind=SMOTE(sampling_strategy=0.5, random_state=0))',
        """\
from imblearn.over_sampling import SMOTE

df.imb.smote(
    "y",
    kind=SMOTE(sampling_strategy={"maybe": 115, "yes": 115}, random_state=0),
)""",
        THREE + "from imblearn.over_sampling import SMOTE",
    ),
    Case(
        "OptionError: a parameter of a sampler's",
        f'df.imb.best_threshold("y", strategy=SMOTE(k_neighbors=0, random_state=0), {QUICK})',
        """\
from imblearn.over_sampling import SMOTE

df.imb.best_threshold("y", strategy=SMOTE(random_state=0), model="naive_bayes", cv=2)""",
        OVER,
    ),
    Case(
        "OptionError: a class for a sampler",
        'df.imb.smote("y", kind=ADASYN)',
        """\
from imblearn.over_sampling import ADASYN

# random_state=None stands below: each run draws anew, and numbers may differ
df.imb.smote("y", kind=ADASYN())""",
        OVER,
    ),
    Case(
        "OptionError: a fitted sampler",
        'df.imb.smote("y", kind=SMOTE(random_state=0).fit(df[["a", "b"]], df["y"]))',
        """\
from imblearn.over_sampling import SMOTE

df.imb.smote("y", kind=SMOTE(random_state=0))""",
        OVER,
    ),
    Case("OptionError: no sampler", 'df.imb.smote("y", kind=3)'),
    # ------------------------------------------------------------ memory and time
    Case(
        "ModelError: memory",
        'memory_of(2e5)(df.imb.smote)("y")',
        'df.imb.smote("y", max_rows=100)',
        LEVELS,
    ),
    Case(
        "IMB321",
        f'memory_of(1e5)(df.imb.fit_eval)("y", strategies=["smote"], {QUICK})',
        'df.imb.fit_eval("y", strategies=["oversample"], model="naive_bayes", cv=2)',
        LEVELS,
    ),
    Case("IMB317", 'long(df.imb.smote)("y")', 'df.imb.smote("y", max_rows=1000)', LONG),
    # ------------------------------------------------------------ options of smote
    Case(
        "OptionError: ratio of a sampler of one's own",
        'df.imb.smote("y", kind=SMOTE(random_state=0), ratio="1:2")',
        """\
from imblearn.over_sampling import SMOTE

df.imb.smote("y", kind=SMOTE(sampling_strategy=0.5, random_state=0))""",
        OVER,
    ),
    Case("OptionError: a ratio above 1", 'df.imb.smote("y", ratio=3)', 'df.imb.smote("y", ratio="1:3")'),
    Case(
        "OptionError: a ratio's label",
        'df.imb.smote("y", ratio={"yess": 90})',
        'df.imb.smote("y", ratio={"yes": 90})',
    ),
    Case(
        "OptionError: parts of rows",
        'df.imb.smote("y", ratio={"yes": 90, "no": 300.5})',
        'df.imb.smote("y", ratio={"yes": 90})',
    ),
    Case("OptionError: rows to drop", 'df.imb.smote("y", ratio={"yes": 3})', 'df.imb.smote("y")'),
    Case("OptionError: k_neighbors", 'df.imb.smote("y", k_neighbors=0)', 'df.imb.smote("y", k_neighbors=5)'),
    Case("OptionError: kind", 'df.imb.smote("y", kind="smoth")', 'df.imb.smote("y", kind="smote")'),
    Case("FeatureError: missing cells", 'df.imb.smote("y")', 'df.imb.smote("y", impute=True)', HOLED),
    Case(
        "FeatureError: categories",
        'df.imb.smote("y", kind="adasyn")',
        'df.imb.smote("y", kind="auto")',
        MIXED,
    ),
    Case("IMB302", 'df.imb.smote("y")', setup=FEW),
    Case("IMB303", 'df.imb.smote("y", test_size=0.5)', setup=ALONE),
    Case(
        "IMB307",
        'df.imb.smote("y")',
        'df.imb.smote("y", scale=True)',
        NUMBERS + 'df["a"] *= 1000\n',
    ),
    Case("IMB308", 'df.imb.smote("y")', setup=NUMBERS + 'df["b"] = df["b"].round()\n'),
    Case("IMB310", 'df.imb.smote("y")', setup=MIXED),
    Case("IMB314", 'df.imb.smote("y", ratio="1:20")'),
    Case(
        "IMB318: a sampler",
        'df.imb.smote("y", kind=SMOTE())',
        """\
from imblearn.over_sampling import SMOTE

df.imb.smote("y", kind=SMOTE(random_state=0))""",
        OVER,
    ),
    Case(
        "IMB318: a strategy",
        f'df.imb.fit_eval("y", strategies=[SMOTE()], {QUICK}, random_state=3)',
        """\
from imblearn.over_sampling import SMOTE

df.imb.fit_eval(
    "y",
    strategies=[SMOTE(random_state=3)],
    model="naive_bayes",
    cv=2,
    random_state=3,
)""",
        OVER,
    ),
    # ------------------------------------------------------------ strategies
    Case(
        "OptionError: a strategy's name",
        f'df.imb.fit_eval("y", strategies=["none", "smot", "oversample"], {QUICK})',
        """\
df.imb.fit_eval("y", strategies=["smote", "oversample"], model="naive_bayes", cv=2)""",
    ),
    Case(
        "OptionError: a set of strategies",
        f'df.imb.fit_eval("y", strategies={{"oversample", "none"}}, {QUICK})',
        """\
df.imb.fit_eval("y", strategies=["none", "oversample"], model="naive_bayes", cv=2)""",
    ),
    Case(
        "OptionError: a class for a strategy",
        f'df.imb.fit_eval("y", strategies=[SMOTE], {QUICK})',
        """\
from imblearn.over_sampling import SMOTE

# random_state=None stands below: each run draws anew, and numbers may differ
df.imb.fit_eval("y", strategies=[SMOTE()], model="naive_bayes", cv=2)""",
        OVER,
    ),
    Case("OptionError: no strategy", f'df.imb.fit_eval("y", strategies=[3], {QUICK})'),
    Case(
        "IMB304: no weights",
        'df.imb.fit_eval("y", strategies=["class_weight"], model="knn", cv=2)',
        'df.imb.fit_eval("y", strategies=["class_weight"], model="logistic", cv=2)',
    ),
    Case(
        "IMB304: weights row by row",
        f'df.imb.fit_eval("y", strategies=["smote+original_weight"], {QUICK})',
        """\
df.imb.fit_eval("y", strategies=["smote+original_weight"], model="logistic", cv=2)""",
    ),
    Case(
        "IMB304: margins",
        'df.imb.fit_eval("y", strategies=[BalancedRandomForestClassifier(2, random_state=0)], model=LinearSVC(), '
        "preprocess=None, cv=2)",
        """\
from imblearn.ensemble import BalancedRandomForestClassifier

df.imb.fit_eval(
    "y",
    strategies=[BalancedRandomForestClassifier(n_estimators=2, random_state=0)],
    model="logistic",
    cv=2,
)""",
        PLAIN + "from imblearn.ensemble import BalancedRandomForestClassifier",
    ),
    Case(
        "IMB304: another loss",
        f'df.imb.fit_eval("y", strategies=["focal"], {QUICK})',
        'df.imb.fit_eval("y", strategies=["focal"], model="logistic", cv=2)',
    ),
    Case(
        "IMB304: missing cells",
        'df.imb.fit_eval("y", strategies=["smote"], model=HistGradientBoostingClassifier(max_iter=2), preprocess=None, cv=2)',
        """\
from sklearn.ensemble import HistGradientBoostingClassifier

df.imb.fit_eval(
    "y",
    strategies=["smote"],
    model=HistGradientBoostingClassifier(max_iter=2),
    preprocess="auto",
    cv=2,
)""",
        HOLED + "from sklearn.ensemble import HistGradientBoostingClassifier",
    ),
    Case(
        "IMB110: a sampler in the pipeline",
        'df.imb.fit_eval("y", strategies=["oversample"], model=Pipeline([("scale", StandardScaler()), '
        '("more", RandomOverSampler(random_state=0)), ("model", GaussianNB())]), cv=2)',
        """\
from imblearn.pipeline import Pipeline
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler

df.imb.fit_eval(
    "y",
    strategies=["oversample"],
    model=Pipeline([("scale", StandardScaler()), ("model", GaussianNB())]),
    cv=2,
)""",
        PLAIN,
    ),
    Case(
        "IMB110: weights in the model",
        'df.imb.fit_eval("y", strategies=["none"], model=LogisticRegression(class_weight="balanced"), cv=2)',
        """\
from sklearn.linear_model import LogisticRegression

df.imb.fit_eval("y", strategies=["none"], model=LogisticRegression(), cv=2)""",
        PLAIN,
    ),
    Case(
        "IMB110: original weights",
        'df.imb.fit_eval("y", strategies=["smote+original_weight"], cv=2)',
        'df.imb.fit_eval("y", strategies=["smote"], cv=2)',
    ),
    Case(
        "IMB111",
        'df.imb.fit_eval("y", strategies=["oversample"], cv=2, '
        "model=HistGradientBoostingClassifier(max_iter=2, early_stopping=True, random_state=0))",
        """\
from sklearn.ensemble import HistGradientBoostingClassifier

df.imb.fit_eval(
    "y",
    strategies=["oversample"],
    cv=2,
    model=HistGradientBoostingClassifier(
        max_iter=2,
        early_stopping=False,
        random_state=0,
    ),
)""",
        PLAIN,
    ),
    Case(
        "IMB304: words for numbers",
        'df.imb.fit_eval("y", strategies=["adasyn"], cv=2, model=HistGradientBoostingClassifier(max_iter=2), preprocess=None)',
        """\
from sklearn.ensemble import HistGradientBoostingClassifier

df.imb.fit_eval(
    "y",
    strategies=["smote"],
    cv=2,
    model=HistGradientBoostingClassifier(max_iter=2),
    preprocess=None,
)""",
        STEPS + 'df["word"] = df["word"].astype("category")',
    ),
    Case(
        "IMB304: words behind a pipeline's steps",
        'df.imb.fit_eval("y", strategies=["smote"], cv=2, model=Pipeline([("as_is", FunctionTransformer()), '
        '("model", HistGradientBoostingClassifier(max_iter=2, categorical_features="from_dtype"))]))',
        """\
from sklearn.ensemble import HistGradientBoostingClassifier

df.imb.fit_eval(
    "y",
    strategies=["smote"],
    cv=2,
    model=HistGradientBoostingClassifier(max_iter=2),
)""",
        STEPS
        + 'from sklearn.preprocessing import FunctionTransformer\ndf["word"] = df["word"].astype("category")',
    ),
    Case(
        "IMB207: cells that are made missing are to be filled",
        'df.imb.smote("y")',
        'df["n"] = df["n"].mask(df["n"].isin([-999]))\ndf.imb.smote("y", impute=True)',
        NUMBERS + 'df["n"] = rng.integers(1, 90, 400)\ndf.loc[df.index[:60], "n"] = -999',
    ),
    Case(
        "IMB320: behind a threshold",
        'df.imb.best_threshold("y", model="naive_bayes", strategy="borderline", cv=2)',
        'df.imb.best_threshold("y", model="naive_bayes", strategy="smote", cv=2)',
        NUMBERS
        + 'df["a"] = rng.normal(size=400) + 30 * (df["y"] == "yes")\ndf["b"] = df["a"] + rng.normal(size=400)',
    ),
    Case(
        "OptionError: smote's kind under another name",
        'df.imb.smote("y", strategy="borderline")',
        'df.imb.smote("y", kind="borderline")',
    ),
]
