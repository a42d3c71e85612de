"""Arguments that a verb, or a result's method, does not have, and those that have another name there."""

from fix_cases import NUMBERS, Case

#: An empty folder to write into, with one page and one folder.
FOLDER = f"""{NUMBERS}
import os, tempfile
os.chdir(tempfile.mkdtemp())
found = df.imb.counts("y")
found.save("there.html"), os.mkdir("pages")
"""


def saved(what: str, given: str, fix: str = "", lines: str = "") -> Case:
    fixed = f'{lines}df.imb.counts("y").save({fix})' if fix else ""
    return Case(f"OptionError: {what}", f"found.save({given})", fixed, FOLDER)


CASES = [
    saved("a page that is there", '"there.html"', 'path="there.html", overwrite=True'),
    saved("a page in a folder that is not", '"a/b.html"', 'path="a/b.html"', 'import os\nos.makedirs("a")\n'),
    saved("a page below a file", '"there.html/b.html"'),
    saved("a page of another ending", '"there.pdf"', 'path="there_2.html"'),
    saved("a folder for a page", '"pages"', 'path="pages/report.html"'),
    saved("a page without a name", "None", 'path="report.html"'),
    Case(
        "OptionError: a misspelled argument",
        'df.imb.counts("y", test_sise=0.3)',
        'df.imb.counts("y", test_size=0.3)',
    ),
    Case("OptionError: an argument like no other", 'df.imb.counts("y", zzz=1)', 'df.imb.counts("y")'),
    Case(
        "OptionError: an argument of another library",
        'df.imb.counts("y", n_splits=3)',
        'df.imb.counts("y", cv=3)',
    ),
    Case(
        "OptionError: the sampling strategy of imbalanced-learn",
        'df.imb.smote("y", sampling_strategy="auto")',
        'df.imb.smote("y", ratio=1.0)',
    ),
    Case(
        "OptionError: row weights by another name",
        'df.imb.counts("y", weights="w")',
        'df.imb.counts("y", sample_weight="w")',
        f"{NUMBERS}df['w'] = 2\n",
    ),
    Case(
        "OptionError: the prevalence by another name",
        'df.imb.counts("y", priors={"no": 0.9, "yes": 0.1})',
        'df.imb.counts("y", prevalence={"no": 0.9, "yes": 0.1})',
    ),
    Case("OptionError: an argument of another verb", 'df.imb.split("y", cv=3)', 'df.imb.split("y")'),
    Case("OptionError: the target by another name", 'df.imb.counts(label="y")', 'df.imb.counts("y")'),
    Case(
        "OptionError: the labels by another name",
        "df.imb.counts(y=y)",
        "df.imb.counts(y)",
        NUMBERS + "y = df.y",
    ),
    Case(
        "OptionError: a class by another name",
        'df.imb.counts("y", label="yes")',
        'df.imb.counts("y", pos_label="yes")',
    ),
    Case("OptionError: by place", 'df.imb.fit_eval("y", "forest")'),
    Case("OptionError: the frame twice", 'df.imb.counts(df, "y", cv=3)', 'df.imb.counts("y", cv=3)'),
    Case("TargetError: the frame twice and no target", "df.imb.counts(df)"),
    Case("OptionError: the data by name, too", 'df.imb.counts("y", data=df)', 'df.imb.counts("y")'),
    Case("OptionError: the target twice", 'df.imb.counts("y", target="y")'),
    Case("TargetError: no target", "df.imb.split()", 'df.imb.split("y")'),
    Case("TargetError: no frame", 'imbalance_accessor.split("y")'),
    Case(
        "OptionError: a misspelled option of a result",
        'df.imb.counts("y").explain(audiense="interview")',
        'df.imb.counts("y").explain(audience="interview")',
    ),
    Case(
        "OptionError: an option of a result by place",
        'df.imb.counts("y").snippet("short")',
        'df.imb.counts("y").snippet(style="short")',
    ),
    Case(
        "OptionError: a library by place",
        'df.imb.weights("y").snippet("xgboost")',
        'df.imb.weights("y").snippet(library="xgboost")',
    ),
    Case(
        "OptionError: a kind of picture",
        'df.imb.counts("y").plot("clases")',
        'df.imb.counts("y").plot(kind="classes")',
    ),
    Case(
        "OptionError: a picture of several panels",
        'df.imb.reliability("y", model="naive_bayes", cv=2).plot("uniform", ax=1)',
        'df.imb.reliability("y", model="naive_bayes", cv=2).plot(kind="uniform")',
    ),
    Case(
        "OptionError: a library that only weights are written for",
        'df.imb.counts("y").snippet(library="xgboost")',
        'df.imb.counts("y").snippet()',
    ),
]
