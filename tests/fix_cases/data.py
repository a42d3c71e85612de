"""Features: names, kinds and cells of columns; columns that rule a split; a test frame of one's own."""

from fix_cases import NUMBERS, Case

_BESIDE = NUMBERS + 'y = df.pop("y")\n'
_TEST = NUMBERS + "df, test = df[:300], df[300:].copy()\n"


def _where(library: str) -> str:
    """Skip what needs a library that is not there."""
    return f"{NUMBERS}__import__('pytest').importorskip('{library}')\n"


def _with(column: str, setup: str = NUMBERS) -> str:
    return f"{setup}df = df.assign({column})\n"


#: Half of a pair of surrogates, as code.
_HALF = r"\ud800"

CASES = [
    # ---------------------------------------------------------------- the frame and its names
    Case("FeatureError: a Series", "imb.split(y, None)", "", _BESIDE + "import imbalance_accessor as imb\n"),
    Case(
        "FeatureError: a dict of columns",
        'imb.split(df, "y")',
        'import pandas as pd\n\ndf = pd.DataFrame(df)\ndf.imb.split("y")',
        NUMBERS + "import imbalance_accessor as imb\ndf = df.to_dict('list')\n",
    ),
    Case(
        "FeatureError: a column that stands twice",
        'df.imb.split("y", test=test)',
        "df = df.loc[:, ~df.columns.duplicated()]\n"
        "test = test.loc[:, ~test.columns.duplicated()]\n"
        'df.imb.split("y", test=test)',
        NUMBERS + 'df = pd.concat([df, df["a"]], axis=1)\ndf, test = df[:300], df[300:]\n',
    ),
    Case(
        "FeatureError: two columns of one name",
        'df.imb.split("y", test=test)',
        'df.columns = [f"{name}_{place}" if twice else name for place, (name, twice) in '
        "enumerate(zip(df.columns, df.columns.duplicated()))]\n"
        "test.columns = df.columns\n"
        'df.imb.split("y", test=test)',
        NUMBERS + 'df.columns = ["a", "a", "y"]\ndf, test = df[:300].copy(), df[300:].copy()\n',
    ),
    Case(
        "FeatureError: two columns of the target's name",
        'df.imb.split("y")',
        "",
        NUMBERS + 'df.columns = ["y", "b", "y"]\n',
    ),
    Case(
        "FeatureError: names that are truth values",
        "df.imb.split(True, groups=7)",
        'df.columns = df.columns.map(str)\ndf.imb.split("True", groups="7")',
        NUMBERS
        + "df.columns = pd.Index([False, 'b', True], dtype=object)\ndf = df.assign(**{'7': 0}).rename(columns={'7': 7})\n"
        "df[7] = range(400)\n",
    ),
    Case(
        "FeatureError: a column without a name",
        'df.imb.split("y", test=test)',
        'df.columns = df.columns.map(str)\ntest.columns = test.columns.map(str)\ndf.imb.split("y", test=test)',
        NUMBERS
        + "df.columns = pd.Index([None, 'b', 'y'], dtype=object)\ndf, test = df[:300].copy(), df[300:].copy()\n",
    ),
    Case(
        "FeatureError: names of several types",
        'df.imb.leaks("y", groups=7, test=test)',
        "df.columns = df.columns.map(str)\n"
        "test.columns = test.columns.map(str)\n"
        'df.imb.leaks("y", groups="7", test=test)',
        NUMBERS
        + 'df[7], df[8] = range(400), "x"\ndf.loc[::3, 8] = "z"\ndf, test = df[:300].copy(), df[300:].copy()\n',
    ),
    Case(
        "FeatureError: a target whose name is a pair",
        'df.imb.leaks(("c", "y"))',
        "df.columns = df.columns.map(str)\ndf.imb.leaks(\"('c', 'y')\")",
        NUMBERS + 'df = df.assign(k=["u", "v"] * 200)\ndf = pd.concat({"c": df}, axis=1)\n',
    ),
    Case(
        "FeatureError: names that would be alike as text",
        'df.imb.leaks("y")',
        "",
        NUMBERS + 'df["1"], df[1] = rng.normal(size=(2, 400))\ndf["k"] = ["u", "v"] * 200\n',
    ),
    Case(
        "FeatureError: another order of bytes",
        'df.imb.split("y", test=test)',
        'df = df.astype({"a": "float64", "b": "float32"})\n'
        'test = test.astype({"a": "float64", "b": "float32"})\n'
        'df.imb.split("y", test=test)',
        NUMBERS + 'df = df.astype({"a": ">f8", "b": ">f4"})\ndf, test = df[:300], df[300:]\n',
    ),
    # ---------------------------------------------------------------- cells that no model takes
    Case("FeatureError: no column left", 'df[["y"]].imb.leaks("y")'),
    Case(
        "FeatureError: dates alone",
        'df.imb.fit_eval("y", strategies=["none"], cv=2)',
        'df.imb.fit_eval("y", strategies=["none"], cv=2, preprocess="skrub")',
        _where("skrub") + "df = df[['y']].assign(day=pd.date_range('2026-01-01', periods=400))\n",
    ),
    Case(
        "FeatureError: dates alone, and a verb without preprocess",
        'df.imb.leaks("y")',
        "",
        NUMBERS + "df = df[['y']].assign(day=pd.date_range('2026-01-01', periods=400))\n",
    ),
    Case(
        "FeatureError: infinite cells",
        'df.imb.leaks("y", test=test)',
        'df["a"] = df["a"].where(lambda x: x.abs() <= 1e+150)\n'
        'test["a"] = test["a"].where(lambda x: x.abs() <= 1e+150)\n'
        'df["o"] = df["o"].map(lambda x: x if abs(x) <= 1e+150 else None, na_action="ignore")\n'
        'test["o"] = test["o"].map(lambda x: x if abs(x) <= 1e+150 else None, na_action="ignore")\n'
        'df.imb.leaks("y", test=test)',
        NUMBERS
        + 'df["o"] = df["b"].astype(object)\ndf.loc[3, ["a", "o"]] = np.inf, -(10**400)\ndf.loc[4, "o"] = None\n'
        "df.loc[399, 'a'] = -np.inf\ndf, test = df[:300], df[300:].copy()\n",
    ),
    Case(
        "FeatureError: infinite cells of the test frame",
        'df.imb.leaks("y", test=test)',
        'test["a"] = test["a"].where(lambda x: x.abs() <= 1e+150)\ndf.imb.leaks("y", test=test)',
        _TEST + "test.loc[399, 'a'] = np.inf\n",
    ),
    Case(
        "FeatureError: huge cells",
        'df.imb.leaks("y")',
        'df["a"] = df["a"] / 1e+200\ndf["b"] = df["b"].where(lambda x: x.abs() <= 1e+150)\ndf.imb.leaks("y")',
        NUMBERS + 'df["a"] *= 1e200\ndf.loc[5, "b"] = 1e300\n',
    ),
    Case(
        "FeatureError: text that is no Unicode",
        'df.imb.leaks("y")',
        'df["c"] = df["c"].map(lambda cell: str(cell).encode("utf-8", "backslashreplace").decode(), na_action="ignore")\n'
        'df.imb.leaks("y")',
        _with(r"c=pd.Series(['\ud800a', 'b'] * 200, dtype=object)"),
    ),
    Case(
        "FeatureError: a level that is no Unicode",
        'df.imb.split("y")',
        'df["c"] = df["c"].map(lambda cell: str(cell).encode("utf-8", "backslashreplace").decode(), na_action="ignore")\n'
        'df.imb.split("y")',
        _with(r"c=pd.Categorical(pd.Series(['\ud800a', 'b'] * 200, dtype=object))"),
    ),
    Case(
        "FeatureError: text of a test frame that is no Unicode",
        'df.imb.leaks("y", test=test)',
        'test["c"] = test["c"].map(lambda cell: str(cell).encode("utf-8", "backslashreplace").decode(), na_action="ignore")\n'
        'df.imb.leaks("y", test=test)',
        _with("c=['a', 'b'] * 200")
        + r"df, test = df[:300], df[300:].assign(c=pd.Series(['a', '\ud800'] * 200, dtype=object))",
    ),
    Case(
        "FeatureError: names that are no Unicode, of the target and of the groups too",
        f'df.imb.split("y{_HALF}", groups="g{_HALF}", test=test)',
        "".join(
            f'{df}.columns = [name.encode("utf-8", "backslashreplace").decode() if isinstance(name, str) else name '
            f"for name in {df}.columns]\n"
            for df in ("df", "test")
        )
        + f'df.imb.split("y\\{_HALF}", groups="g\\{_HALF}", test=test)',
        _with("g=df.index // 4")
        + f"df.columns = pd.Index(['a', 'b', 'y{_HALF}', 'g{_HALF}'], dtype=object)\n"
        + "df, test = df[:300], df[300:]\n",
    ),
    Case(
        "FeatureError: scores whose name is no Unicode",
        f'df.imb.best_threshold("y", scores="a{_HALF}")',
        'df.columns = [name.encode("utf-8", "backslashreplace").decode() if isinstance(name, str) else name '
        "for name in df.columns]\n"
        f'df.imb.best_threshold("y", scores="a\\{_HALF}")',
        NUMBERS + f"df.columns = pd.Index(['a{_HALF}', 'b', 'y'], dtype=object)\n",
    ),
    # ---------------------------------------------------------------- ids
    Case(
        "OptionError: an id that is nearly a column",
        'df.imb.split("y", id="kez")',
        'df.imb.split("y", id="key")',
        NUMBERS + 'df["key"] = range(400)\n',
    ),
    Case(
        "OptionError: an id that is the groups too",
        'df.imb.split("y", id="who", groups="who")',
        'df.imb.split("y", groups="who")',
        NUMBERS + 'df["who"] = np.arange(400) // 4\n',
    ),
    # ---------------------------------------------------------------- groups and time
    Case(
        "OptionError: groups is a column's cells",
        'df.imb.split("y", groups=df["who"])',
        'df.imb.split("y", groups="who")',
        NUMBERS + 'df["who"] = np.arange(400) % 50',
    ),
    Case(
        "FeatureError: infinite cells are filled for smote",
        'df.imb.smote("y")',
        'df["a"] = df["a"].where(lambda x: x.abs() <= 1e+150)\ndf.imb.smote("y", impute=True)',
        NUMBERS + 'df.loc[3, "a"] = np.inf',
    ),
    Case(
        "FeatureError: names of two types, and the target's",
        "df.imb.smote(3)",
        'df.columns = df.columns.map(str)\ndf.imb.smote("3")',
        NUMBERS + 'df.columns = [0, "b", 3]',
    ),
    Case(
        "FeatureError: sparse columns of one name",
        'df.imb.split("y")',
        'df = df.loc[:, ~df.columns.duplicated()]\ndf.imb.split("y")',
        NUMBERS
        + 'df["a"] = df["b"] = pd.arrays.SparseArray(np.arange(400) % 3 == 0)\n'
        + 'df.columns = ["a", "a", "y"]',
    ),
    Case("OptionError: groups and time", 'df.imb.split("y", groups="a", time="b")'),
    Case("OptionError: groups is the target", 'df.imb.split("y", groups="y")'),
    Case(
        "OptionError: groups misspelled",
        'df.imb.split("y", groups="WHO")',
        'df.imb.split("y", groups="who")',
        _with("who=df.index // 4"),
    ),
    Case(
        "OptionError: groups near a column that cannot",
        'df.imb.split("y", groups="WHO")',
        "",
        _with("who=None"),
    ),
    Case(
        "OptionError: groups in a list",
        'df.imb.split("y", groups=["who"])',
        'df.imb.split("y", groups="who")',
        _with("who=df.index // 4"),
    ),
    Case(
        "OptionError: groups beside the frame",
        'df.imb.split("y", groups=groups)',
        'df = df.assign(groups_=groups)\ndf.imb.split("y", groups="groups_")',
        _with("groups=1") + "groups = pd.Series(df.index // 4)\n",
    ),
    Case(
        "OptionError: groups with missing cells",
        'df.imb.split(y, groups="who")',
        'kept = df["who"].notna()\ndf, y = df[kept], y[kept]\ndf.imb.split(y, groups="who")',
        _with("who=pd.Series(df.index // 4).where(df.index != 5)", _BESIDE),
    ),
    Case(
        "OptionError: groups nearly all missing",
        'df.imb.split("y", groups="who")',
        "",
        _with("who=pd.Series(df.index // 4).where(df.index < 5)"),
    ),
    Case(
        "OptionError: groups of several types",
        'df.imb.split("y", groups="who", test=test)',
        'df["who"] = df["who"].map(str)\ntest["who"] = test["who"].map(str)\ndf.imb.split("y", groups="who", test=test)',
        _with("who=[[i] if i % 8 else 'x' for i in df.index // 4]")
        + "df, test = df[:320].copy(), df[320:].copy()\n"
        "df['who'] = df['who'].map(lambda c: c if c != 'x' else 'w')\n",
    ),
    Case(
        "OptionError: groups that are no Unicode",
        'df.imb.split("y", groups="who")',
        'df["who"] = df["who"].map(lambda cell: str(cell).encode("utf-8", "backslashreplace").decode(), na_action="ignore")\n'
        'df.imb.split("y", groups="who")',
        _with(r"who=pd.Series([f'\ud800{i}' for i in df.index // 4], dtype=object)"),
    ),
    Case(
        "OptionError: periods as time",
        'df.imb.split("y", time="month")',
        'df["month"] = df["month"].dt.to_timestamp()\ndf.imb.split("y", time="month")',
        _with("month=pd.period_range('1990-01', periods=400, freq='M')"),
    ),
    Case(
        "OptionError: durations as time",
        'df.imb.split("y", time="since", test=test)',
        'df["since"] = df["since"].dt.total_seconds()\n'
        'test["since"] = test["since"].dt.total_seconds()\n'
        'df.imb.split("y", time="since", test=test)',
        _with("since=pd.to_timedelta(range(400), unit='D')")
        + "df, test = df[:300].copy(), df[300:].copy()\n",
    ),
    Case(
        "OptionError: dates in several formats as time",
        'df.imb.split("y", time="day")',
        'import pandas as pd\n\ndf["day"] = pd.to_datetime(df["day"], format="mixed")\ndf.imb.split("y", time="day")',
        _with("day=[f'2026-01-{i % 28 + 1:02}' if i % 2 else f'{i % 28 + 1} Jan 2026' for i in df.index]"),
    ),
    Case(
        "OptionError: words as time",
        'df.imb.split("y", time="week")',
        "",
        _with("week=[f'w{i}' for i in df.index]"),
    ),
    # ---------------------------------------------------------------- what is said of cells
    Case("IMB201", 'df.imb.leaks("y")', "", NUMBERS + 'df.loc[3, "y"] = None\n'),
    Case(
        "IMB201: of the test frame", 'df.imb.split("y", test=test)', "", _TEST + 'test.loc[333, "y"] = None\n'
    ),
    Case(
        "IMB202: ids, constants, durations",
        'df.imb.leaks("y", test=test)',
        'df = df.drop(columns=["id", "one", "since"])\n'
        'test = test.drop(columns=["id", "one", "since"])\n'
        'df.imb.leaks("y", test=test)',
        _with("id=[f'c{i}' for i in df.index], one=1, since=pd.to_timedelta(df.index, unit='D')")
        + "df, test = df[:300], df[300:]\n",
    ),
    Case(
        "IMB202: names that hold quotes",
        'df.imb.overview("y")',
        """df = df.drop(columns=['"; import os; "', "it's"])\ndf.imb.overview("y")""",
        NUMBERS + """df['"; import os; "'], df["it's"] = [f'c{i}' for i in df.index], 1\n""",
    ),
    Case(
        "IMB202: an id with repeated values",
        'df.imb.leaks("y")',
        'df = df.drop(columns=["one"])\ndf.imb.leaks("y", groups="customer_id")',
        _with("customer_id=[f'c{i // 4}' for i in df.index], one=1"),
    ),
    Case(
        "IMB202: an id with repeated values, and a verb without groups",
        'df.imb.overview("y")',
        "",
        _with("customer_id=[f'c{i // 4}' for i in df.index]"),
    ),
    Case(
        "IMB202: an id by which rows cannot be divided",
        'df.imb.leaks("y")',
        "",
        _with("customer_id=[None if i % 10 == 0 else f'c{i // 4}' for i in df.index]"),
    ),
    Case(
        "IMB202: free text",
        'df.imb.fit_eval("y", strategies=["none"], cv=2)',
        'df.imb.fit_eval("y", strategies=["none"], cv=2, preprocess="skrub")',
        _with("note=[f'the customer called {i} times about the bill' for i in df.index]", _where("skrub")),
    ),
    Case("IMB202: constants alone", 'df.imb.overview("y")', "", _with("one=1")),
    Case("IMB203", 'df.imb.overview("y")', "", _with("p=[f'${i}.50' for i in df.index % 99]")),
    Case(
        "IMB203: cells of the test frame that cannot be read",
        'df.imb.leaks("y", test=test)',
        "",
        _with("p=[f'${i}.50' for i in df.index % 99]")
        + "df, test = df[:300], df[300:].copy()\ntest.loc[333, 'p'] = 'free'\n",
    ),
    Case("IMB205", "df.imb.leaks(y)", 'df.imb.leaks("y")', NUMBERS + 'y = df["y"]\n'),
    Case(
        "IMB205: under another name",
        "df.imb.leaks(y, test=test)",
        'df = df.drop(columns=["z", "y"])\ndf.imb.leaks(y, test=test)',
        NUMBERS
        + "y = df['y']\ndf = df[['a', 'b']].assign(z=y, y=y)\ntest = df[300:]\ndf, y = df[:300], y[:300]\n",
    ),
    Case(
        "IMB206",
        'df.imb.leaks("y", test=test)',
        'df["k"] = df["k"].mask(df["k"].isin(["?"]))\n'
        'test["k"] = test["k"].mask(test["k"].isin(["?"]))\n'
        'df.imb.leaks("y", test=test)',
        _with("k=pd.Series(['u', 'v', '?', 'w'] * 100).astype('category')")
        + "df, test = df[:300], df[300:].copy()\n",
    ),
    Case(
        "IMB207",
        'df.imb.leaks("y", test=test)',
        'df["n"] = df["n"].mask(df["n"].isin([-999]))\n'
        'test["n"] = test["n"].mask(test["n"].isin([-999]))\n'
        """df["it's"] = df["it's"].mask(df["it's"].isin([999]))\n"""
        """test["it's"] = test["it's"].mask(test["it's"].isin([999]))\n"""
        'df.imb.leaks("y", test=test)',
        _where("pyarrow")
        + "df['n'] = pd.array(np.where(df.index % 9, df.index % 50, -999), dtype='int64[pyarrow]')\n"
        """df["it's"] = pd.arrays.SparseArray(np.where(df.index % 8, df.index % 40, 999))\n"""
        "df, test = df[:300], df[300:].copy()\n",
    ),
    Case(
        "IMB208",
        'df.imb.overview("y")',
        'df["k"] = df["k"].map(repr, na_action="ignore")\ndf.imb.overview("y")',
        _with("k=pd.Series([1, '1', 'b', None] * 100, dtype=object)"),
    ),
    Case(
        "IMB209",
        'df.imb.leaks("y", test=test)',
        "import pandas as pd\n\n"
        'df["day_year"] = df["day"].dt.year\n'
        'test["day_year"] = test["day"].dt.year\n'
        'df["seen_month"] = pd.to_datetime(df["seen"], format="%d/%m/%y", errors="coerce").dt.month\n'
        'test["seen_month"] = pd.to_datetime(test["seen"], format="%d/%m/%y", errors="coerce").dt.month\n'
        'df = df.drop(columns=["day", "seen"])\n'
        'test = test.drop(columns=["day", "seen"])\n'
        'df.imb.leaks("y", test=test)',
        _with(
            "day=pd.date_range('2020-01-01', periods=400, freq='7D'), seen=[f'{i % 28 + 1}/{i % 9 + 1}/25' for i in df.index]"
        )
        + "df, test = df[:300].copy(), df[300:].copy()\n",
    ),
    Case(
        "IMB209: periods",
        'df.imb.overview("y")',
        'df["m_month"] = df["m"].dt.month\ndf = df.drop(columns=["m"])\ndf.imb.overview("y")',
        _with("m=pd.period_range('1990-01', periods=400, freq='M')"),
    ),
    Case(
        "IMB210: numbers",
        'df.imb.overview("y")',
        "import pandas as pd\n\n"
        'df["p"] = pd.to_numeric(df["p"].replace(",", ".", regex=True), errors="coerce")\n'
        'df.imb.overview("y")',
        _with("p=[f'{i % 9 + 1},{100 + i}' for i in df.index]"),
    ),
    Case(
        "IMB210: dates",
        'df.imb.overview("y")',
        "import pandas as pd\n\n"
        'df["day"] = pd.to_datetime(df["day"], format="%d/%m/%Y", errors="coerce")\n'
        'df.imb.overview("y")',
        _with("day=[f'{i % 12 + 1:02}/{i // 12 % 12 + 1:02}/2025' for i in df.index]"),
    ),
    Case(
        "IMB211",
        'df.imb.overview("y")',
        'import pandas as pd\n\ndf["p"] = pd.to_numeric(df["p"], errors="coerce")\ndf.imb.overview("y")',
        _with("p=[f'{i}.5' if i else 'free' for i in df.index]"),
    ),
    Case(
        "IMB211: bounds",
        'df.imb.overview("y")',
        "",
        _with("job=['< 1 year', '2 years', '5 years', '10+ years'] * 100"),
    ),
    # ---------------------------------------------------------------- a test frame of one's own
    Case(
        "SplitError: test is a dict",
        'df.imb.split("y", test=test)',
        'import pandas as pd\n\ntest = pd.DataFrame(test)\ndf.imb.split("y", test=test)',
        _TEST + "test = test.to_dict('list')\n",
    ),
    Case(
        "SplitError: a column of the test frame stands twice",
        'df.imb.split("y", test=test)',
        'test = test.loc[:, ~test.columns.duplicated()]\ndf.imb.split("y", test=test)',
        _TEST + "test = pd.concat([test, test['a']], axis=1)\n",
    ),
    Case(
        "SplitError: test and labels without a name",
        "df.imb.split(y, test=test)",
        'y = y.rename("y")\ndf.imb.split(y, test=test)',
        _TEST + "y = df.pop('y').rename(None)\n",
    ),
    Case(
        "SplitError: the test frame lacks a column",
        'df.imb.split("y", test=test)',
        'df = df.drop(columns=["b"])\ndf.imb.split("y", test=test)',
        _TEST + "del test['b']\n",
    ),
    Case(
        "SplitError: the test frame lacks the target",
        'df.imb.split("y", test=test)',
        "",
        _TEST + "del test['y']\n",
    ),
    Case(
        "SplitError: the test frame writes a name in another way",
        'df.imb.split("y", test=test)',
        'test = test.rename(columns={"Amount ": "amount"})\ndf.imb.split("y", test=test)',
        _TEST + "df = df.rename(columns={'a': 'amount'})\ntest = test.rename(columns={'a': 'Amount '})\n",
    ),
    Case(
        "SplitError: labels that the first frame lacks",
        'df.imb.split("y", test=test)',
        'test = test[test["y"].isin(["no", "yes"])]\ndf.imb.split("y", test=test)',
        _TEST + "test.loc[333, 'y'] = 'maybe'\n",
    ),
    Case(
        "SplitError: other labels",
        'df.imb.split("y", test=test)',
        "",
        _TEST + "test['y'] = test['y'].map({'yes': 1, 'no': 0})\n",
    ),
    Case(
        "SplitError: numbers written in another way",
        'df.imb.leaks("y", test=test)',
        "import pandas as pd\n\n"
        'test["p"] = pd.to_numeric(test["p"].replace("[.]", "", regex=True).replace(",", ".", regex=True), errors="coerce")\n'
        'df.imb.leaks("y", test=test)',
        _with("p=[f'{i}.25' for i in df.index + 1000]")
        + "df, test = df[:300], df[300:].assign(p=[f'1.{i},75' for i in range(100, 200)])\n",
    ),
    Case(
        "SplitError: text where the first frame has numbers",
        'df.imb.leaks("y", test=test)',
        "import pandas as pd\n\n"
        'test["a"] = pd.to_numeric(test["a"], errors="coerce")\n'
        'df.imb.leaks("y", test=test)',
        _TEST + "test['a'] = test['a'].map(str)\n",
    ),
    Case(
        "SplitError: words where the first frame has numbers",
        'df.imb.leaks("y", test=test)',
        "",
        _TEST + "test['a'] = ['u', 'v'] * 50\n",
    ),
    Case(
        "SplitError: numbers where the first frame has text",
        'df.imb.leaks("y", test=test)',
        'test["k"] = test["k"].map(str, na_action="ignore")\ndf.imb.leaks("y", test=test)',
        _with("k=['1', '2'] * 200") + "df, test = df[:300], df[300:].assign(k=[1, 2] * 50)\n",
    ),
    Case(
        "SplitError: numbers where the first frame has truth values",
        'df.imb.leaks("y", test=test)',
        'test["k"] = test["k"].map({1: True, 0: False})\ndf.imb.leaks("y", test=test)',
        _with("k=[True, False] * 200") + "df, test = df[:300], df[300:].assign(k=[1, 0] * 50)\n",
    ),
    Case(
        "SplitError: text where the first frame has truth values",
        'df.imb.leaks("y", test=test)',
        'test["k"] = test["k"].map({"True": True, "False": False})\ndf.imb.leaks("y", test=test)',
        _with("k=[True, False] * 200") + "df, test = df[:300], df[300:].assign(k=['True', 'False'] * 50)\n",
    ),
]
