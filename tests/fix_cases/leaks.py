"""Leaks: columns that tell, rows that come again or belong together, and scores that are too good."""

from fix_cases import NUMBERS, Case

_QUICK = 'strategies=["none"], model="naive_bayes", cv=2'
_BESIDE = 'y = df.pop("y")\n'
_TEST = "df, test = df[:300].copy(), df[300:].copy()\n"
#: 80 patients of five rows, of whom 16 are ill.
_PATIENTS = (
    NUMBERS
    + "who = np.arange(400) // 5\ndf = df.assign(patient_id=who + 1000, y=np.where(who % 5 == 0, 'yes', 'no'))\n"
)
#: Positives come late.
_LATE = NUMBERS + "df = df.assign(y=np.where(np.arange(400) % 10 < np.arange(400) // 80, 'yes', 'no'))\n"

CASES = [
    # ---------------------------------------------------------------- rows that .smote() made
    Case(
        "IMB101",
        'df.imb.counts("y")',
        "",
        NUMBERS + "made = df.imb.smote('y')\ndf = made.X_train.assign(y=made.y_train)\n",
    ),
    Case(
        "LeakageError",
        f'df.imb.fit_eval("y", {_QUICK})',
        "",
        NUMBERS + "made = df.imb.smote('y')\ndf = made.X_train.assign(y=made.y_train)\n",
    ),
    # ---------------------------------------------------------------- rows that come again
    Case(
        "IMB102",
        'df.imb.leaks("y")',
        'df = df[~(df.drop(columns=["row"]).duplicated() & (df["y"] == "yes"))]\ndf.imb.leaks("y")',
        NUMBERS
        + "df = pd.concat([df, df[df['y'] == 'yes'].sample(320, replace=True, random_state=0)], ignore_index=True)\n"
        "df['row'] = range(len(df))\n",
    ),
    Case(
        "IMB102: labels beside the frame",
        "df.imb.leaks(y)",
        "import pandas as pd\n\n"
        'kept = ~(pd.concat([df, y], axis=1).duplicated() & (y == "yes"))\ndf, y = df[kept], y[kept]\ndf.imb.leaks(y)',
        NUMBERS
        + "df = pd.concat([df, df[df['y'] == 'yes'].sample(320, replace=True, random_state=0)], ignore_index=True)\n"
        + _BESIDE,
    ),
    Case(
        "IMB102: few rows would be left",
        'df.imb.leaks("y")',
        "",
        NUMBERS + "few = df[df['y'] == 'yes'].head(6)\n"
        "df = pd.concat([df[df['y'] == 'no'], few.sample(320, replace=True, random_state=0)], ignore_index=True)\n",
    ),
    Case(
        "IMB103",
        'df.imb.leaks("y")',
        "",
        NUMBERS + "from imblearn.over_sampling import SMOTE\n"
        "df['c'] = rng.normal(size=400)\n"
        "X, y = SMOTE(random_state=0).fit_resample(df[['a', 'b', 'c']], df['y'])\ndf = X.assign(y=y)\n",
    ),
    Case(
        "IMB104",
        'df.imb.leaks("y")',
        'df = df[~df.duplicated()]\ndf.imb.leaks("y")',
        NUMBERS + "df = pd.concat([df, df.sample(200, random_state=0)], ignore_index=True)\n",
    ),
    Case(
        "IMB104: labels beside the frame, an id in it",
        "df.imb.leaks(y)",
        "import pandas as pd\n\n"
        'kept = ~pd.concat([df.drop(columns=["id"]), y], axis=1).duplicated()\ndf, y = df[kept], y[kept]\ndf.imb.leaks(y)',
        NUMBERS + "df = pd.concat([df, df.sample(200, random_state=0)], ignore_index=True)\n"
        "df['id'] = [f'c{i}' for i in df.index]\n" + _BESIDE,
    ),
    Case(
        "IMB104: labels that contradict",
        'df.imb.leaks("y")',
        "import pandas as pd\n\n"
        'df = df.assign(same_rows=pd.util.hash_pandas_object(df.drop(columns=["y"]), index=False))\n'
        'df.imb.leaks("y", groups="same_rows")',
        NUMBERS + "again = df.sample(200, random_state=0)\nagain.loc[again.index[:9], 'y'] = 'yes'\n"
        "df = pd.concat([df, again], ignore_index=True)\n",
    ),
    Case(
        "IMB104: in a test frame",
        'df.imb.leaks("y", test=test)',
        "import pandas as pd\n\n"
        'seen = pd.concat([df, test]).duplicated(["a", "b"]).to_numpy()[len(df) :]\n'
        "test = test[~seen]\n"
        'df.imb.leaks("y", test=test)',
        NUMBERS + "df, test = df[:250], pd.concat([df[200:], df[:9]])\n",
    ),
    Case(
        "IMB104: a test frame of train rows",
        'df.imb.leaks("y", test=test)',
        'df.imb.leaks("y")',
        NUMBERS + "test = df[200:]\n",
    ),
    Case(
        "IMB104: a test frame of train rows with few cells",
        'df.imb.leaks("y", test=test)',
        'df.imb.leaks("y")',
        NUMBERS + "df = (df[['a', 'b']] > 0).astype(float).assign(y=df['y'])\ntest = df[200:]\n",
    ),
    Case(
        "IMB105",
        'df.imb.leaks("y")',
        "",
        NUMBERS + "df = pd.concat([df, df.head(40).assign(y='yes')], ignore_index=True)\n",
    ),
    # ---------------------------------------------------------------- columns that tell
    Case(
        "IMB106",
        'df.imb.leaks("y", test=test)',
        """df = df.drop(columns=['"refund"'])\ntest = test.drop(columns=['"refund"'])\ndf.imb.leaks("y", test=test)""",
        NUMBERS + """df['"refund"'] = (df["y"] == "yes") * 9.5 + rng.random(400)\n""" + _TEST,
    ),
    Case(
        "IMB106: the only column",
        'df.imb.leaks("y")',
        "",
        NUMBERS + "df['a'] = (df['y'] == 'yes') * 9.5 + rng.random(400)\ndel df['b']\n",
    ),
    Case(
        "IMB107",
        'df.imb.leaks("y")',
        'df = df.drop(columns=["row_id"])\ndf.imb.leaks("y")',
        NUMBERS + "df = df.sort_values('y', ignore_index=True).assign(row_id=range(400))\n",
    ),
    Case(
        "IMB112",
        'df.imb.leaks("y")',
        'df = df.drop(columns=["closed"])\ndf.imb.leaks("y")',
        NUMBERS
        + "df['closed'] = np.where((df['y'] == 'yes') & (df.index % 3 > 0), rng.random(400), np.nan)\n",
    ),
    # ---------------------------------------------------------------- rows that belong together
    Case(
        "IMB108",
        'df.imb.fit_eval("y", strategies=["none"], cv=2)',
        'df.imb.fit_eval("y", strategies=["none"], cv=2, groups="patient_id")',
        _PATIENTS,
    ),
    Case(
        "IMB108: some rows have no group",
        "df.imb.leaks(y)",
        'kept = df["patient_id"].notna()\ndf, y = df[kept], y[kept]\ndf.imb.leaks(y, groups="patient_id")',
        _PATIENTS + "df['patient_id'] = df['patient_id'].where(df.index % 50 > 0)\n" + _BESIDE,
    ),
    Case(
        "IMB108: groups that cannot be divided",
        'df.imb.leaks("y")',
        "",
        NUMBERS
        + "who = np.arange(400) // 10\ndf = df.assign(patient_id=who + 1000, y=np.where(who == 7, 'yes', 'no'))\n",
    ),
    Case(
        "IMB109",
        f'df.imb.fit_eval("y", {_QUICK})',
        f'df.imb.fit_eval("y", {_QUICK}, time="day")',
        _LATE + "df['day'] = pd.date_range('2026-01-01', periods=400)\n",
    ),
    Case(
        "IMB109: periods, some missing",
        'df.imb.leaks("y")',
        'df = df[df["day"].notna()]\ndf["day"] = df["day"].dt.to_timestamp()\ndf.imb.leaks("y", time="day")',
        _LATE
        + "df['day'] = pd.Series(pd.period_range('2026-01-01', periods=400)).where(df.index % 50 > 0)\n",
    ),
    Case(
        "IMB109: rows that cannot be divided",
        'df.imb.leaks("y")',
        "",
        NUMBERS
        + "df = df.assign(y=np.where(np.arange(400) < 60, 'yes', 'no'), day=pd.date_range('2026-01-01', periods=400))\n",
    ),
    # ---------------------------------------------------------------- scores
    Case(
        "IMB113",
        f'df.imb.fit_eval("y", {_QUICK})',
        f'df = df.drop(columns=["z"])\ndf.imb.fit_eval("y", {_QUICK})',
        NUMBERS + "df['z'] = (df['y'] == 'yes') * 9.5 + rng.random(400)\n",
    ),
    Case(
        "IMB113: no column alone",
        'df.imb.fit_eval("y", strategies=["none"], cv=2)',
        "",
        NUMBERS
        + "df[[*'cdefghijklmnop']] = rng.normal(size=(400, 14)) + 2 * (df[['y']] == 'yes').to_numpy()\n",
    ),
    Case(
        "IMB411: missing or not",
        f'df.imb.fit_eval("y", {_QUICK}, test=test)',
        'df["m_missing"] = df["m"].isna()\ntest["m_missing"] = test["m"].isna()\n'
        f'df.imb.fit_eval("y", {_QUICK}, test=test)',
        NUMBERS + "df['a'] = rng.normal(size=400)\n"
        "df['m'] = np.where(rng.random(400) < np.where(df['y'] == 'yes', 0.7, 0.1), np.nan, rng.normal(size=400))\n"
        + _TEST,
    ),
    # ---------------------------------------------------------------- what leaks() is asked
    Case(
        "OptionError: a demonstration and a test frame",
        'df.imb.leaks("y", demonstrate=True, model="naive_bayes", cv=2, test=test)',
        'df.imb.leaks("y", demonstrate=True, model="naive_bayes", cv=2)',
        NUMBERS + _TEST,
    ),
    Case(
        "ModelError: a demonstration without probabilities",
        'df.imb.leaks("y", demonstrate=True, model="svm", cv=2)',
        'df.imb.leaks("y", demonstrate=True, model="logistic", cv=2)',
        NUMBERS + "df['y'] = np.arange(400) % 3\n",
    ),
    Case(
        "OptionError: a demonstration of a search",
        'df.imb.leaks("y", demonstrate=True, cv=2, model=model)',
        'df.imb.leaks("y", demonstrate=True, cv=2, model="logistic")',
        NUMBERS
        + "from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import GridSearchCV\n"
        "model = GridSearchCV(LogisticRegression(), {'C': [1, 2]})\n",
    ),
    Case(
        "ModelError: a demonstration of a model that holds rows back",
        'df.imb.leaks("y", demonstrate=True, cv=2, model=model)',
        'df.imb.leaks("y", demonstrate=True, cv=2, model="logistic")',
        NUMBERS
        + "from sklearn.linear_model import LogisticRegressionCV\nmodel = LogisticRegressionCV(cv=2)\n",
    ),
    Case(
        "ModelError: a demonstration on three rare rows",
        'df.imb.leaks("y", demonstrate=True, model="naive_bayes", cv=2)',
        'df.imb.leaks("y", demonstrate=True, model="naive_bayes", cv=5)',
        NUMBERS + "df = pd.concat([df[df['y'] == 'no'], df[df['y'] == 'yes'].head(3)])\n",
    ),
    Case(
        "ModelError: a demonstration on two rare rows",
        'df.imb.leaks("y", demonstrate=True, model="naive_bayes", test_size=0)',
        "",
        NUMBERS + "df = pd.concat([df[df['y'] == 'no'], df[df['y'] == 'yes'].head(2)])\n",
    ),
    Case(
        "OptionError: a code in small letters",
        'df.imb.leaks("y", ignore=["imb202", 209])',
        'df.imb.leaks("y", ignore=("IMB202", "IMB209"))',
    ),
    Case("OptionError: no code", 'df.imb.leaks("y", ignore=["all"])'),
]
