"""Class weights: labels they do not name, or that no library takes; and weights as a strategy."""

from fix_cases import NUMBERS, Case

TEXT = NUMBERS + 'df["y"] = df["y"].map({"no": "0", "yes": "1"})\ny = df["y"]\n'
DATES = (
    NUMBERS
    + """
import datetime
y = df["y"].map({"no": datetime.date(2020, 1, 1), "yes": datetime.date(2021, 1, 1)})
"""
)
THREE = NUMBERS + 'df.loc[df["y"].eq("no") & (df.index % 5 == 0), "y"] = "maybe"\n'
QUICK = 'model="naive_bayes", cv=2'

CASES = [
    Case(
        "OptionError: method",
        'df.imb.weights("y", method="balance")',
        'df.imb.weights("y", method="balanced")',
    ),
    Case(
        "OptionError: beta",
        'df.imb.weights("y", method="effective", beta=1)',
        'df.imb.weights("y", method="effective", beta=0.999)',
    ),
    Case(
        "OptionError: a weight's label",
        'df.imb.weights("y", method={"No": 1, "yes": 9})',
        'df.imb.weights("y", method={"no": 1, "yes": 9})',
    ),
    Case(
        "OptionError: labels written as numbers",
        'df.imb.weights("y", method={0: 1, 1: 9}, ignore="IMB212")',
        'df.imb.weights("y", method={"0": 1, "1": 9}, ignore="IMB212")',
        TEXT,
    ),
    Case("OptionError: a label like no other", 'df.imb.weights("y", method={"zzz": 1})'),
    Case("OptionError: a weight below 0", 'df.imb.weights("y", method={"no": -1})'),
    Case("OptionError: no weight at all", 'df.imb.weights("y", method={"no": 0, "yes": 0})'),
    Case(
        "IMB204",
        'df.imb.weights("y", method={"yes": 9})',
        'df.imb.weights("y", method={"no": 1.0, "yes": 9})',
    ),
    Case(
        "IMB212: numbers as text",
        'df.imb.weights("y", method={"0": 1, "1": 9}, pos_label="1")',
        """\
df["y"] = df["y"].astype(int)
df.imb.weights("y", method={0: 1, 1: 9}, pos_label=1)""",
        TEXT,
    ),
    Case(
        "IMB212: a series of dates",
        "y.imb.weights()",
        """\
import pandas as pd

y = pd.Series(y.factorize(sort=True)[0], y.index, name=y.name)
y.imb.weights()""",
        DATES,
    ),
    # ------------------------------------------------------------ as a strategy
    Case(
        "OptionError: a strategy leaves out a label",
        f'df.imb.fit_eval("y", strategies=[{{"yes": 9}}], {QUICK})',
        """\
df.imb.fit_eval("y", strategies=[{"no": 1.0, "yes": 9}], model="naive_bayes", cv=2)""",
    ),
    Case(
        "OptionError: a strategy's label",
        f'df.imb.best_threshold("y", strategy={{"no": 1, "ye": 9}}, {QUICK})',
        """\
df.imb.best_threshold("y", strategy={"no": 1, "yes": 9}, model="naive_bayes", cv=2)""",
    ),
    Case(
        "OptionError: weights of a class against the rest",
        f'df.imb.fit_eval("y", strategies=[{{"no": 1, "maybe": 1, "yes": 9}}], pos_label="yes", {QUICK})',
        """\
df.imb.fit_eval(
    "y",
    strategies=[{False: 1.0, True: 9}],
    pos_label="yes",
    model="naive_bayes",
    cv=2,
)""",
        THREE,
    ),
]
