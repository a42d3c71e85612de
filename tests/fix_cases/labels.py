"""Labels: a target that is not found, cells that are no classes, a positive class that no row has."""

from fix_cases import NUMBERS, Case

_BESIDE = NUMBERS + 'y = df.pop("y")\n'
_IMB = NUMBERS + "import imbalance_accessor as imb\n"
_START = "import numpy as np, pandas as pd, imbalance_accessor\n"
_LABELS = _START + "df = pd.DataFrame({{'a': range(40), 'y': {}}})\n"

CASES = [
    # ---------------------------------------------------------------- where the labels stand
    Case("TargetError: misspelled", 'df.imb.counts("Y ")', 'df.imb.counts("y")'),
    Case(
        "TargetError: a number in quotes",
        'df.imb.split("2")',
        "df.imb.split(2)",
        NUMBERS + "df.columns = range(3)\n",
    ),
    Case("TargetError: like no other", 'df.imb.counts("outcome")'),
    Case(
        "TargetError: near a measurement",
        'df.imb.counts("income_")',
        "",
        NUMBERS + 'df["income"] = df["a"]\n',
    ),
    Case("TargetError: a list of one name", 'df.imb.counts(["y"])', 'df.imb.counts("y")'),
    Case(
        "TargetError: an array of labels",
        "df.imb.split(y)",
        "import pandas as pd\n\ny = pd.Series(y, index=df.index)\ndf.imb.split(y)",
        _BESIDE + "y = y.to_numpy()\n",
    ),
    Case(
        "TargetError: a frame of one column",
        "df.imb.split(y)",
        "y = y.iloc[:, 0]\ndf.imb.split(y)",
        _BESIDE + "y = y.to_frame()\n",
    ),
    Case(
        "TargetError: labels of all rows in another order",
        "df.imb.split(y)",
        "y = y.reindex(df.index)\ndf.imb.split(y)",
        _BESIDE + "y = y.sample(frac=1, random_state=1)\n",
    ),
    Case(
        "TargetError: labels on an index of their own",
        "df.imb.split(y)",
        "y = y.set_axis(df.index)\ndf.imb.split(y)",
        _BESIDE + "y.index += 1000\n",
    ),
    Case("TargetError: too few labels", "df.imb.split(y)", "", _BESIDE + "y = y[:-1]\n"),
    Case("TargetError: a Series needs no target", 'y.imb.counts("y")', "y.imb.counts()", _BESIDE),
    Case(
        "TargetError: no target named",
        "imb.counts(df)",
        'df.imb.counts("y")',
        _IMB,
    ),
    Case(
        "TargetError: one column twice",
        'df.imb.counts("y")',
        'df = df.loc[:, ~df.columns.duplicated()]\ndf.imb.counts("y")',
        NUMBERS + 'df = pd.concat([df, df["y"]], axis=1)\n',
    ),
    Case(
        "TargetError: two columns of one name",
        'df.imb.counts("y")',
        "",
        NUMBERS + 'df = pd.concat([df, df["y"][::-1].reset_index(drop=True)], axis=1)\n',
    ),
    Case(
        "TargetError: a dict of columns",
        'imb.counts(df, "y")',
        'import pandas as pd\n\ndf = pd.DataFrame(df)\ndf.imb.counts("y")',
        _IMB + "df = df.to_dict('list')\n",
    ),
    Case(
        "TargetError: plain labels",
        "imb.counts(df)",
        "import pandas as pd\n\ndf = pd.Series(df)\ndf.imb.counts()",
        _IMB + "df = y\n",
    ),
    Case(
        "TargetError: rows without names",
        'imb.counts(df, "y")',
        "",
        _IMB + "df = df.to_numpy()\n",
    ),
    # ---------------------------------------------------------------- cells that are no classes
    Case("TargetError: no rows", 'df[:0].imb.counts("y")'),
    Case("TargetError: dates", 'df.imb.counts("y")', "", _LABELS.format("pd.date_range('2026', periods=40)")),
    Case(
        "TargetError: another order of bytes",
        'df.imb.counts("y")',
        'df["y"] = df["y"].astype("int32")\ndf.imb.counts("y")',
        _LABELS.format("np.repeat([0, 1], [30, 10]).astype('>i4')"),
    ),
    Case(
        "TargetError: another order of bytes, beside the frame",
        "df.imb.counts(y)",
        'y = y.astype("float64")\ndf.imb.counts(y)',
        _BESIDE + "y = (y == 'yes').astype('>f8')\n",
    ),
    Case(
        "TargetError: lists of one label",
        'df.imb.counts("y")',
        'df["y"] = df["y"].str[0]\ndf.imb.counts("y")',
        _LABELS.format("[['yes']] * 10 + [['no']] * 30"),
    ),
    Case("TargetError: dicts", 'df.imb.counts("y")', "", _LABELS.format("[{'a': 1}] * 40")),
    Case(
        "TargetError: text that is no Unicode",
        'df.imb.counts("y")',
        'df["y"] = df["y"].map(lambda cell: str(cell).encode("utf-8", "backslashreplace").decode(), na_action="ignore")\n'
        'df.imb.counts("y")',
        _LABELS.format(r"pd.Series(['\ud800a', 'b'] * 20, dtype=object)"),
    ),
    Case(
        "TargetError: the name is no Unicode",
        r'df.imb.counts("\ud800")',
        'df.columns = [name.encode("utf-8", "backslashreplace").decode() if isinstance(name, str) else name '
        "for name in df.columns]\n"
        r'df.imb.counts("\\ud800")',
        NUMBERS + r"df.columns = pd.Index(['a', 'b', '\ud800'], dtype=object)",
    ),
    Case(
        "TargetError: the name of a Series is no Unicode",
        "df.imb.counts(y)",
        r'y = y.rename("\\ud800")' + "\ndf.imb.counts(y)",
        _BESIDE + r"y = y.rename('\ud800')",
    ),
    Case(
        "TargetError: complex numbers on the line",
        'df.imb.counts("y")',
        'df["y"] = df["y"].map(lambda cell: cell.real)\ndf.imb.counts("y")',
        _LABELS.format("np.repeat([0j, 1], [30, 10])"),
    ),
    Case("TargetError: complex numbers", 'df.imb.counts("y")', "", _LABELS.format("np.repeat([1j, 1], 20)")),
    Case("TargetError: all missing", 'df.imb.counts("y")', "", _LABELS.format("[None] * 40")),
    Case("TargetError: one class", 'df.imb.counts("y")', "", _LABELS.format("'no'")),
    Case(
        "TargetError: one class and missing cells",
        'df.imb.counts("y", pos_label="yes")',
        'df["y"] = df["y"].astype(object).where(df["y"].notna(), "not yes")\ndf.imb.counts("y", pos_label="yes")',
        _LABELS.format("['yes'] * 10 + [None] * 30"),
    ),
    Case(
        "TargetError: one and missing cells",
        'df.imb.split("y")',
        'df["y"] = df["y"].astype(object).where(df["y"].notna(), 0.0)\ndf.imb.split("y")',
        _LABELS.format("[1.0] * 10 + [None] * 30"),
    ),
    Case("TargetError: an id", 'df.imb.counts("y")', "", _LABELS.format("[f'c{i}' for i in range(40)]")),
    Case("TargetError: a measurement", 'df.imb.counts("a")'),
    Case(
        "TargetError: fractions that are classes",
        'df.imb.split("y", pos_label=0.5)',
        'df["y"] = df["y"].map(str, na_action="ignore")\ndf.imb.split("y", pos_label="0.5")',
        _LABELS.format("[0.5] * 10 + [1.0] * 20 + [np.nan] * 10"),
    ),
    Case(
        "TargetError: many whole numbers",
        'df.imb.counts("y")',
        'df["y"] = df["y"].map(str, na_action="ignore")\ndf.imb.counts("y")',
        _START + "df = pd.DataFrame({'y': [7 * i for i in range(30)] * 2 + [1, 2, 3, 4]})\n",
    ),
    Case(
        "TargetError: fractions, in a test frame too",
        'df.imb.split("y", test=test)',
        'df["y"] = df["y"].map(str, na_action="ignore")\n'
        'test["y"] = test["y"].map(str, na_action="ignore")\n'
        'df.imb.split("y", test=test)',
        _LABELS.format("[0.5] * 10 + [1.0] * 30") + "test = df.copy()\n",
    ),
    Case(
        "IMB213",
        'df.imb.leaks("y", pos_label="yes ", test=test)',
        'df["y"] = df["y"].str.strip()\ntest["y"] = test["y"].str.strip()\ndf.imb.leaks("y", pos_label="yes", test=test)',
        NUMBERS + "df.loc[::2, 'y'] += ' '\ndf, test = df[:300].copy(), df[300:].copy()\n",
    ),
    Case(
        "IMB213: one word",
        "df.imb.split(y)",
        "",
        _BESIDE + "y = y.replace('no', 'yes ').astype('category')\n",
    ),
    # ---------------------------------------------------------------- the positive class
    Case(
        "OptionError: pos_label of another type",
        'df.imb.counts("y", pos_label="1")',
        'df.imb.counts("y", pos_label=1.0)',
        _LABELS.format("[1.0] * 10 + [0.0] * 29 + [np.nan]"),
    ),
    Case(
        "OptionError: pos_label misspelled",
        'df.imb.counts("y", pos_label="Yess")',
        'df.imb.counts("y", pos_label="yes")',
    ),
    Case("OptionError: pos_label like no other", 'df.imb.counts("y", pos_label="churned")'),
    Case(
        "OptionError: pos_label is a list",
        'df.imb.counts("y", pos_label=["yes"])',
        'df.imb.counts("y", pos_label="yes")',
    ),
]
