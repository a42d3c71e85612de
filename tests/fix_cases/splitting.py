"""Rows that cannot be divided or folded as asked, and options that were tried on them."""

from fix_cases import Case

QUICK = 'model="naive_bayes", strategies=["none"]'


def framed(rows: int, positives: str, more: str = "") -> str:
    """Write a frame of so many rows, those at some places positive, with more columns."""
    return f"""
import numpy as np, pandas as pd, imbalance_accessor
at = np.arange({rows})
y = np.where(np.isin(at, {positives}), "yes", "no")
df = pd.DataFrame({{"a": np.random.default_rng(0).normal(size={rows}), "y": y{more}}})
"""


WHO, WHEN = ', "who": at // 10', ', "when": at // 2'
#: The first row of a class of its own.
SINGLE = '\ndf.loc[7, "y"] = "once"'
OWN = "\ntest, df = df[:30], df[20:].reset_index(drop=True)"

CASES = [
    Case("SplitError: one positive", 'df.imb.split("y")', "", framed(40, "[3]")),
    Case(
        "SplitError: one positive, leaks",
        'df.imb.leaks("y")',
        'df.imb.leaks("y", test_size=0)',
        framed(40, "[3]"),
    ),
    Case(
        "SplitError: a class of one row",
        'df.imb.split("y")',
        'df = df[df["y"].duplicated(keep=False)]\ndf.imb.split("y")',
        framed(40, "[3, 9, 30, 31]") + SINGLE,
    ),
    Case(
        "SplitError: the class asked for has one row",
        'df.imb.split("y", pos_label="once")',
        "",
        framed(40, "[3, 9, 30]") + SINGLE,
    ),
    Case(
        "SplitError: a class of one row and folds",
        f'df.imb.fit_eval("y", {QUICK})',
        'df = df[df["y"].duplicated(keep=False)]\ndf.imb.fit_eval("y", model="naive_bayes", strategies=["none"], test_size=0)',
        framed(40, "[3, 9]") + SINGLE,
    ),
    Case(
        "SplitError: labels beside, one of one row",
        'df[["a"]].imb.split(y)',
        "df, y = df[y.duplicated(keep=False)], y[y.duplicated(keep=False)]\ndf.imb.split(y)",
        framed(40, "[3, 9, 30, 31]") + SINGLE + "\ny = df.y",
    ),
    Case(
        "SplitError: fewer rows than classes",
        'df.imb.split("y", test_size=0.01)',
        'df.imb.split("y", test_size=0.15)',
        framed(60, "[3, 9, 30, 31]"),
    ),
    Case(
        "SplitError: rows for no split",
        'df.imb.split("y", test_size=0.9)',
        "",
        framed(3, "[3]") + "df['y'] = list('aab')",
    ),
    Case(
        "SplitError: a side without a class",
        'df.imb.split("y", test_size=0.1)',
        'df.imb.split("y", test_size=0.3)',
        framed(40, "[3, 9]"),
    ),
    Case(
        "SplitError: two positives",
        f'df.imb.fit_eval("y", {QUICK})',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], test_size=0)',
        framed(40, "[3, 9]"),
    ),
    Case(
        "SplitError: one positive to learn from",
        f'df.imb.fit_eval("y", {QUICK}, test_size=0.5)',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], test_size=0)',
        framed(40, "[3, 9]"),
    ),
    Case(
        "SplitError: all positives in one group",
        f'df.imb.fit_eval("y", {QUICK}, groups="who")',
        "",
        framed(60, "range(8)", WHO),
    ),
    Case(
        "SplitError: positives in two groups",
        f'df.imb.fit_eval("y", {QUICK}, groups="who")',
        'df.imb.fit_eval(\n    "y",\n    model="naive_bayes",\n    strategies=["none"],\n    groups="who",\n    test_size=0,\n)',
        framed(60, "[1, 2, 33, 34]", WHO),
    ),
    Case(
        "SplitError: no class for so many parts",
        'df.imb.split("y", groups="who")',
        'df.imb.split("y", groups="who", test_size=0.25)',
        framed(8, "[1, 3, 5, 7]", ', "who": at'),
    ),
    Case(
        "SplitError: one group",
        'df.imb.split("y", groups="who")',
        'df.imb.split("y")',
        framed(60, "[1, 21, 30, 40, 58]", ', "who": at * 0'),
    ),
    Case(
        "SplitError: one group and one positive",
        'df.imb.split("y", groups="who")',
        "",
        framed(60, "[1]", ', "who": at * 0'),
    ),
    Case(
        "SplitError: one time",
        'df.imb.split("y", time="who")',
        'df.imb.split("y")',
        framed(60, "[1, 21, 30, 40, 58]", ', "who": at * 0'),
    ),
    Case(
        "SplitError: one group to fold",
        f'df.imb.fit_eval("y", {QUICK}, groups="who", test_size=0.5)',
        'df.imb.fit_eval(\n    "y",\n    model="naive_bayes",\n    strategies=["none"],\n    groups="who",\n    test_size=0,\n)',
        framed(60, "[1, 21, 31, 40, 58]", ', "who": at % 2'),
    ),
    Case(
        "SplitError: one time to fold",
        f'df.imb.fit_eval("y", {QUICK}, time="who")',
        "",
        framed(60, "range(0, 60, 5)", ', "who": at // 48'),
    ),
    Case(
        "SplitError: positives come last",
        'df.imb.split("y", time="when")',
        "",
        framed(60, "range(52, 60)", WHEN),
    ),
    Case(
        "SplitError: positives come late",
        f'df.imb.fit_eval("y", {QUICK}, time="when")',
        "",
        framed(60, "range(42, 60)", WHEN),
    ),
    Case(
        "SplitError: positives at one time",
        'df.imb.split("y", time="when")',
        "",
        framed(60, "[50, 51]", WHEN),
    ),
    Case("SplitError: a cap", 'df.imb.smote("y", max_rows=3)', 'df.imb.smote("y", max_rows=4)'),
    Case(
        "SplitError: a cap and folds",
        'df.imb.fit_eval("y", model="naive_bayes", max_rows=4, cv=2, random_state=3)',
        'df.imb.fit_eval("y", model="naive_bayes", max_rows=8, cv=2, random_state=3)',
        framed(60, "range(30)"),
    ),
    Case(
        "SplitError: a test frame without a class",
        'df.imb.split("y", test=test)',
        "",
        framed(60, "range(30, 45)") + "\ntest = df[:30].assign(y=['no'] * 29 + ['maybe'])",
    ),
    Case(
        "OptionError: a test frame and nothing held out",
        'df.imb.fit_eval("y", test=test, test_size=0)',
        'df.imb.fit_eval("y", test=test)',
        framed(60, "range(0, 60, 5)") + OWN,
    ),
    Case(
        "SplitError: groups of both frames",
        'df.imb.split("y", test=test, groups="who")',
        'test = test[~test["who"].isin(df["who"])]\ndf.imb.split("y", test=test, groups="who")',
        framed(60, "range(0, 60, 5)", WHO) + OWN,
    ),
    Case(
        "SplitError: test rows that are early",
        'df.imb.split("y", test=test, time="when")',
        "",
        framed(60, "range(0, 60, 5)", WHEN) + OWN,
    ),
    Case(
        "SplitError: test rows some of which are late",
        'df.imb.split("y", test=test, time="when")',
        'test = test[test["when"] > df["when"].max()]\ndf.imb.split("y", test=test, time="when")',
        framed(60, "range(0, 60, 5)", WHEN) + "\ndf, test = df[:40], df[20:]",
    ),
    Case(
        "IMB301: four positives",
        f'df.imb.fit_eval("y", {QUICK})',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=4)',
        framed(60, "[3, 9, 20, 30, 50]"),
    ),
    Case(
        "IMB309: groups",
        'df.imb.split("y", groups="who")',
        'df.imb.split("y", groups="who", test_size=0.25)',
        framed(60, "range(0, 60, 3)", ', "who": np.searchsorted([25, 40, 52], at, side="right")'),
    ),
    Case(
        "IMB309: times",
        'df.imb.split("y", time="when")',
        'df.imb.split("y", time="when", test_size=0.15)',
        framed(60, "range(0, 60, 5)", ', "when": at // 17'),
    ),
    Case(
        "IMB311: time",
        f'df.imb.fit_eval("y", {QUICK}, time="when")',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], time="when", cv=2)',
        framed(60, "range(15, 60, 3)", WHEN),
    ),
    Case(
        "IMB311: cap",
        f'df.imb.fit_eval("y", {QUICK}, max_rows=4, random_state=3)',
        'df.imb.fit_eval(\n    "y",\n    model="naive_bayes",\n    strategies=["none"],\n    max_rows=8,\n    random_state=3,\n)',
        framed(60, "range(30)"),
    ),
    Case(
        "IMB314: a cap",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["oversample"], cv=2, max_rows=40)',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["oversample"], cv=2)',
    ),
    Case("IMB316: a cap", f'df.imb.fit_eval("y", {QUICK}, max_rows=100)', ""),
    Case(
        "IMB201: of labels that are counted",
        'df.imb.counts("y")',
        "",
        framed(40, "[3, 9]") + 'df.loc[5, "y"] = None',
    ),
    Case(
        "SplitError: more folds reach the later times",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], test_size=0, time="t")',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], test_size=0, time="t", cv=15)',
        """
import numpy as np, pandas as pd, imbalance_accessor
rng = np.random.default_rng(0)
df = pd.DataFrame({"a": rng.normal(size=240), "y": 0, "t": pd.date_range("2024", periods=240)})
df.loc[[20 * (j % 3) + j // 3 for j in range(12)], "y"] = 1
""",
    ),
]
