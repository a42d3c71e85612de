"""Row weights and prevalence: columns and Series that cannot weigh rows, shares that are none."""

from fix_cases import NUMBERS, Case

#: The frame with weights beside two features, in a column whose name is plain.
WEIGHED = NUMBERS + 'df["w"] = rng.uniform(1, 9, size=400).round(2)\n'
#: The same with the weights in a Series of their own.
BESIDE = WEIGHED + 'sample_weight = df.pop("w").copy()\n'
THREE = WEIGHED + 'df["y"] = df["y"].where(rng.uniform(size=400) < 0.8, "so")\n'
#: Weights that are one number for each class.
BY_CLASS = 'df["w"] = df["y"].map({"no": 10.0, "so": 5.0, "yes": 1.0})\n'
TEST = WEIGHED + "df, test = df[:300].copy(), df[300:].copy()\n"


def error(name: str, options: str, fix: str = "", setup: str = WEIGHED, target: str = '"y"') -> Case:
    """Return the case of an error of `leaks` with these options, and the lines and options that mend it."""
    *lines, last = fix.split("\n") if fix else [""]
    call = f"df.imb.leaks({target}{', ' + last if last else ''})"
    return Case(
        f"OptionError: {name}",
        f"df.imb.leaks({target}, {options})",
        "\n".join([*lines, call]) if fix else "",
        setup,
    )


def mended(lines: str, options: str) -> str:
    return f"{lines}\n{options}"


W = 'sample_weight="w"'
BETWEEN = 'df = df[df["w"].between(0, 1e+50)]'

CASES = [
    # ---------------------------------------------------------------- which column weighs the rows
    error("weights misspelled", 'sample_weight="W"', W),
    error("weights near a column that cannot", 'sample_weight="A"'),
    error("weights in a list", 'sample_weight=["w"]', W),
    error("weights like no column", 'sample_weight="income"'),
    error("weights are the target", 'sample_weight="y"', "\n"),
    error("weights rule the split", 'groups="w", sample_weight="w"', 'groups="w"'),
    Case(
        "OptionError: weights are scores",
        'df.imb.best_threshold("y", scores="w", sample_weight="w")',
        'df.imb.best_threshold("y", scores="w")',
        WEIGHED,
    ),
    error("weights are the target's cells", "sample_weight=y", "\n", WEIGHED + 'y = df["y"].rename("z")\n'),
    error(
        "weights in an array",
        "sample_weight=sample_weight",
        mended("df = df.assign(sample_weight=sample_weight)", 'sample_weight="sample_weight"'),
        BESIDE + "sample_weight = sample_weight.to_numpy()\n",
    ),
    error(
        "weights by the frame's order",
        "sample_weight=sample_weight",
        mended("sample_weight = sample_weight.set_axis(df.index)", "sample_weight=sample_weight"),
        BESIDE + "df.index = df.index + 1000\n",
    ),
    error(
        "weights by the frame's labels",
        "sample_weight=sample_weight",
        mended("sample_weight = sample_weight.reindex(df.index)", "sample_weight=sample_weight"),
        BESIDE + "df = df[5:]\n",
    ),
    error(
        "weights of other rows",
        "sample_weight=sample_weight",
        "",
        BESIDE + "sample_weight = sample_weight[5:]\n",
    ),
    error(
        "weights beside the first of two frames",
        "sample_weight=sample_weight, test=test",
        mended('df["w"] = sample_weight', 'sample_weight="w", test=test'),
        TEST + 'sample_weight = df.pop("w")\n',
    ),
    error(
        "weights beside the first of two frames that lack them",
        "sample_weight=sample_weight, test=test",
        "",
        TEST + 'sample_weight = df.pop("w")\ndel test["w"]\n',
    ),
    Case(
        "OptionError: weights of labels in an array",
        "y.imb.counts(sample_weight=sample_weight)",
        "import pandas as pd\n\nsample_weight = pd.Series(sample_weight, index=y.index)\n"
        "y.imb.counts(sample_weight=sample_weight)",
        BESIDE + 'sample_weight, y = sample_weight.to_numpy(), df["y"]\n',
    ),
    Case(
        "OptionError: weights of labels by name",
        'y.imb.counts(sample_weight="w")',
        "",
        WEIGHED + 'y = df["y"]\n',
    ),
    Case(
        "OptionError: weights of some labels",
        "y.imb.weights(sample_weight=sample_weight)",
        "kept = sample_weight.between(0, 1e+50)\n"
        "y, sample_weight = y[kept], sample_weight[kept]\n"
        "y.imb.weights(sample_weight=sample_weight)",
        BESIDE + 'sample_weight[7], y = None, df["y"]\n',
    ),
    Case(
        "FeatureError: weights that stand twice",
        'df.imb.counts("y", sample_weight="w")',
        'df = df.loc[:, ~df.columns.duplicated()]\ndf.imb.counts("y", sample_weight="w")',
        WEIGHED + 'df = pd.concat([df, df["w"]], axis=1)\n',
    ),
    Case(
        "OptionError: rows that are dropped with their weights",
        'df.imb.leaks("y", groups="who", sample_weight=sample_weight)',
        'kept = df["who"].notna()\ndf, sample_weight = df[kept], sample_weight[kept]\n'
        'df.imb.leaks("y", groups="who", sample_weight=sample_weight)',
        BESIDE + 'df["who"] = pd.Series(df.index // 4).where(df.index != 5)\n',
    ),
    Case(
        "OptionError: rows that are dropped with their labels and weights",
        'df.imb.leaks(y, groups="who", sample_weight=sample_weight)',
        'kept = df["who"].notna()\ndf, y, sample_weight = df[kept], y[kept], sample_weight[kept]\n'
        'df.imb.leaks(y, groups="who", sample_weight=sample_weight)',
        BESIDE + 'y = df.pop("y")\ndf["who"] = pd.Series(df.index // 4).where(df.index != 5)\n',
    ),
    Case(
        "IMB104: rows that come again, with weights beside them",
        'df.imb.leaks("y", sample_weight=sample_weight)',
        "kept = ~df.duplicated()\ndf, sample_weight = df[kept], sample_weight[kept]\n"
        'df.imb.leaks("y", sample_weight=sample_weight)',
        BESIDE + 'df.loc[300:, ["a", "b", "y"]] = df.loc[:99, ["a", "b", "y"]].to_numpy()\n',
    ),
    # ---------------------------------------------------------------- cells that are no weights
    error("missing weights", W, mended(BETWEEN, W), WEIGHED + 'df.loc[3, "w"] = None\n'),
    error("weights nearly all missing", W, "", WEIGHED + 'df.loc[9:, "w"] = None\n'),
    error(
        "missing weights beside the frame",
        "sample_weight=sample_weight",
        mended(
            "kept = sample_weight.between(0, 1e+50)\ndf, y, sample_weight = df[kept], y[kept], sample_weight[kept]",
            "sample_weight=sample_weight",
        ),
        BESIDE + 'sample_weight[3], y = None, df.pop("y")\n',
        target="y",
    ),
    error(
        "missing weights of the test frame",
        f"{W}, test=test",
        mended('test = test[test["w"].between(0, 1e+50)]', f"{W}, test=test"),
        TEST + 'test.loc[333, "w"] = None\n',
    ),
    error("infinite weights", W, mended(BETWEEN, W), WEIGHED + 'df.loc[3, "w"] = np.inf\n'),
    error(
        "negative weights",
        W,
        mended('df = df[df["w"].astype(float).between(0, 1e+50)]', W),
        WEIGHED + 'df.loc[3, "w"] = -1\ndf = df.astype({"w": "Float64"})\n',
    ),
    error("words for weights", W, "", WEIGHED + 'df["w"] = "heavy"\ndf.loc[::2, "w"] = "light"\n'),
    error(
        "weights as digits",
        f"{W}, test=test",
        mended(
            'import pandas as pd\n\ndf["w"] = pd.to_numeric(df["w"])\ntest["w"] = pd.to_numeric(test["w"])',
            f"{W}, test=test",
        ),
        WEIGHED
        + 'df["w"] = [str(1000 + i) for i in range(400)]\ndf, test = df[:300].copy(), df[300:].copy()\n',
    ),
    error(
        "weights that are categories",
        W,
        mended('import pandas as pd\n\ndf["w"] = pd.to_numeric(df["w"])', W),
        WEIGHED + 'df = df.astype({"w": "category"})\n',
    ),
    error("huge weights", W, mended('df["w"] = df["w"] / 1e+200', W), WEIGHED + 'df["w"] *= 2e199\n'),
    error(
        "tiny weights beside the frame",
        "sample_weight=sample_weight",
        mended("sample_weight = sample_weight / 1e-150", "sample_weight=sample_weight"),
        BESIDE + "sample_weight *= 1e-150\n",
    ),
    error("huge and tiny weights", W, "", WEIGHED + 'df.loc[5, "w"] = 1e-300\n'),
    error("no weight at all", W, "\n", WEIGHED + 'df["w"] = 0\n'),
    error("a class without weight", W, "\n", WEIGHED + 'df.loc[df["y"] == "yes", "w"] = 0\n'),
    Case(
        "SplitError: a class without weight in the test set",
        f'df.imb.leaks("y", {W})',
        f'df = df[df["w"] > 0]\ndf.imb.leaks("y", {W})',
        WEIGHED + 'df.loc[df.index[df["y"] == "yes"][6:], "w"] = 0\n',
    ),
    Case(
        "SplitError: a class without weight in the test set, beside the frame",
        "df.imb.leaks(y, sample_weight=sample_weight)",
        "kept = sample_weight > 0\ndf, y, sample_weight = df[kept], y[kept], sample_weight[kept]\n"
        "df.imb.leaks(y, sample_weight=sample_weight)",
        BESIDE + 'y = df.pop("y")\nsample_weight[y.index[y == "yes"][6:]] = 0\n',
    ),
    Case(
        "SplitError: one row of a class with a weight",
        f'df.imb.fit_eval("y", {W}, progress=False)',
        "",
        WEIGHED + 'df.loc[df.index[df["y"] == "yes"][1:], "w"] = 0\n',
    ),
    error("times for weights", W, "", WEIGHED + 'df["w"] = pd.Period("2020")\n'),
    error("weights that are no name", "sample_weight=([1], 2)"),
    # ---------------------------------------------------------------- columns that look like weights
    Case(
        "IMB214",
        'df.imb.leaks("y")',
        'df.imb.leaks("y", sample_weight="fnlwgt")',
        WEIGHED.replace('"w"', '"fnlwgt"'),
    ),
    Case(
        "IMB214: of two, in two frames",
        'df.imb.leaks("y", test=test)',
        'df = df.drop(columns=["w"])\ntest = test.drop(columns=["w"])\ndf.imb.leaks("y", test=test, sample_weight="PERWT")',
        WEIGHED + 'df["PERWT"] = df["w"] * 100\ndf, test = df[:300].copy(), df[300:].copy()\n',
    ),
    Case(
        "IMB214: beside others",
        'df.imb.leaks("y", sample_weight="w")',
        'df = df.drop(columns=["PERWT"])\ndf.imb.leaks("y", sample_weight="w")',
        WEIGHED + 'df["PERWT"] = df["w"] * 100\n',
    ),
    Case("IMB214: no other feature", 'df[["w", "y"]].imb.leaks("y")', "", WEIGHED),
    # ---------------------------------------------------------------- weights that were divided by their sum
    Case(
        "IMB215",
        'df.imb.leaks("y", sample_weight="w")',
        'df["w"] = df["w"] / 0.0025\ndf.imb.leaks("y", sample_weight="w")',
        WEIGHED + 'df["w"] /= df["w"].sum()\n',
    ),
    Case(
        "IMB215: beside the frame",
        'df.imb.leaks("y", sample_weight=sample_weight)',
        'sample_weight = sample_weight / 0.0025\ndf.imb.leaks("y", sample_weight=sample_weight)',
        BESIDE + "sample_weight /= sample_weight.sum()\n",
    ),
    # ---------------------------------------------------------------- weights that say how classes were sampled
    Case(
        "IMB216",
        'df.imb.fit_eval("y", sample_weight="w", strategies=[], cv=2, n_jobs=1, progress=False)',
        'df = df.drop(columns=["w"])\n'
        'df.imb.fit_eval("y", strategies=[], cv=2, n_jobs=1, progress=False, prevalence=0.010989011)',
        WEIGHED + BY_CLASS,
    ),
    Case(
        "IMB216: beside the frame, with a prevalence",
        'df.imb.leaks("y", sample_weight=sample_weight, prevalence=0.02)',
        'df.imb.leaks("y", prevalence=0.02)',
        WEIGHED + BY_CLASS + 'sample_weight = df.pop("w")\n',
    ),
    Case(
        "IMB216: several classes, two frames",
        'df.imb.leaks("y", sample_weight="w", test=test)',
        'df = df.drop(columns=["w"])\ntest = test.drop(columns=["w"])\n'
        'df.imb.leaks("y", test=test, prevalence={"no": 0.859920997, "so": 0.130659374, "yes": 0.00941962929})',
        THREE + BY_CLASS + "test = df.copy()\n",
    ),
    # ---------------------------------------------------------------- where the model will be used
    error("percent", "prevalence=2", "prevalence=0.02"),
    error("percent as text", 'prevalence="2%"', "prevalence=0.02"),
    error("a share as text", 'prevalence="0.02"', "prevalence=0.02"),
    error("no share", "prevalence=0", "\n"),
    error("a truth value", "prevalence=True", "\n"),
    error("not a number", 'prevalence=float("nan")', "\n"),
    error("shares in order", "prevalence=[0.98, 0.02]", 'prevalence={"no": 0.98, "yes": 0.02}'),
    error("one share of several classes", "prevalence=0.02", 'prevalence=0.02, pos_label="yes"', THREE),
    error(
        "each class's share, of one against the rest",
        'prevalence={"no": 0.9, "so": 0.08, "yes": 0.02}, pos_label="yes"',
        'prevalence=0.02, pos_label="yes"',
        THREE,
    ),
    error(
        "a label misspelled", 'prevalence={"no": 0.98, "Yes": 0.02}', 'prevalence={"no": 0.98, "yes": 0.02}'
    ),
    error("no label", 'prevalence={"no": 0.98, "zebra": 0.02}'),
    error("a label left out", 'prevalence={"yes": 0.02}', 'prevalence={"no": 0.98, "yes": 0.02}'),
    error("two labels left out", 'prevalence={"yes": 0.02}', "", THREE),
    error("shares of no whole", 'prevalence={"no": 9, "yes": 1}', 'prevalence={"no": 0.9, "yes": 0.1}'),
    error("a share of nothing", 'prevalence={"no": 1, "yes": 0}'),
    error("a share too small to reckon with", "prevalence=1e-301", "\n"),
    error("shares too large to add up", 'prevalence={"no": 1e308, "yes": 10**400}'),
    error("one label twice", 'prevalence=pd.Series([0.98, 0.01, 0.02], index=["no", "yes", "yes"])'),
    error(
        "labels misspelled, and shares as text",
        'prevalence={"No": "98 %", "Yes": "2 %"}',
        'prevalence={"no": 0.98, "yes": 0.02}',
    ),
    error(
        "shares as decimal numbers",
        'prevalence={"no": Decimal("0.98"), "yes": Decimal("0.02")}',
        'prevalence={"no": 0.98, "yes": 0.02}',
        "from decimal import Decimal\n\n" + WEIGHED,
    ),
    Case(
        "OptionError: percent, at a threshold",
        't.at(prevalence="2%")',
        'df.imb.best_threshold("y", scores="p").at(prevalence=0.02)',
        WEIGHED + 'df["p"] = rng.uniform(size=400)\nt = df.imb.best_threshold("y", scores="p")\n',
    ),
    error(
        "shares as text", 'prevalence={"no": "98 %", "yes": "2 %"}', 'prevalence={"no": 0.98, "yes": 0.02}'
    ),
    # ---------------------------------------------------------------- fits that take none
    Case(
        "ModelError: no row weights in a fit",
        f'df.imb.fit_eval("y", model="knn", {W}, cv=2, n_jobs=1, progress=False)',
        f'df.imb.fit_eval("y", model="logistic", {W}, cv=2, n_jobs=1, progress=False)',
        WEIGHED,
    ),
    Case(
        "IMB323",
        f'df.imb.fit_eval("y", strategies=["easy_ensemble", "oversample"], {W}, cv=2, n_jobs=1, progress=False)',
        f'df.imb.fit_eval("y", strategies=["balanced_forest", "oversample"], {W}, cv=2, n_jobs=1, progress=False)',
        WEIGHED,
    ),
]
