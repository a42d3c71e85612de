"""Options that several verbs share: shares, folds, seeds, truth values and caps."""

from fix_cases import Case

FIT = 'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2'
#: The frame with a time, and with a group of three rows.
RULED = """
import numpy as np, pandas as pd, imbalance_accessor
df = pd.DataFrame({"a": np.random.default_rng(0).normal(size=120), "when": np.arange(120) // 2, "who": np.arange(120) // 3})
df["y"] = np.arange(120) % 5 == 0
"""

CASES = [
    Case("OptionError: percent", 'df.imb.split("y", test_size=25)', 'df.imb.split("y", test_size=0.25)'),
    Case("OptionError: no share", 'df.imb.split("y", test_size=None)', 'df.imb.split("y", test_size=0.2)'),
    Case("OptionError: no test set", 'df.imb.smote("y", test_size=0)', 'df.imb.smote("y", test_size=0.2)'),
    Case(
        "OptionError: a share of labels",
        'df.imb.counts("y", test_size=9)',
        'df.imb.counts("y", test_size=0.09)',
    ),
    Case("OptionError: folds", 'df.imb.counts("y", cv=1)', 'df.imb.counts("y", cv=5)'),
    Case("OptionError: folds as text", 'df.imb.counts("y", cv="3")', 'df.imb.counts("y", cv=3)'),
    Case(
        "OptionError: deals",
        f"{FIT}, repeats=0)",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, repeats=5)',
    ),
    Case(
        "OptionError: deals in the order of time",
        f'{FIT}, repeats=3, time="when")',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, time="when")',
        RULED,
    ),
    Case(
        "OptionError: no deals in the order of time",
        f'{FIT}, repeats=0, time="when")',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2, time="when")',
        RULED,
    ),
    Case("OptionError: a seed", 'df.imb.split("y", random_state=-1)', 'df.imb.split("y", random_state=0)'),
    Case("OptionError: neither true nor false", 'df.imb.smote("y", scale="maybe")'),
    Case("OptionError: a word for true", 'df.imb.smote("y", scale="true")', 'df.imb.smote("y", scale=True)'),
    Case(
        "OptionError: no numeric feature to draw by",
        'df.imb.smote("y").plot(x="y", y="b")',
        'df.imb.smote("y").plot(x="a", y="b")',
    ),
    Case("OptionError: a cap", 'df.imb.smote("y", max_rows=1)', 'df.imb.smote("y", max_rows=20000)'),
    Case(
        "OptionError: a cap and groups",
        'df.imb.smote("y", max_rows=50, groups="who")',
        'df.imb.smote("y", groups="who")',
        RULED,
    ),
]
