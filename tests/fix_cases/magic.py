"""Lines of ``%imbalance``: an error's fix is a line that can be pasted, or Python; both name the data as they were typed."""

from fix_cases import NUMBERS, Case

#: The rows by a name of their own, with a column that holds a blank; a test frame, and labels.
NAMED = f"""{NUMBERS}
train = df.rename(columns={{"b": "total day", "y": "is fraud"}})
held, labels = train.tail(100), df["y"].rename("churned")
train_2 = 1
del df, y
"""
#: A file in place of a variable.
WRITTEN = f"""{NUMBERS}
import os, tempfile
os.chdir(tempfile.mkdtemp())
df.to_csv("rows.csv", index=False)
open("rows.pkl", "x").close(), open("empty.csv", "x").close()
"""


def line(what: str, typed: str, fix: str = "", setup: str = NUMBERS, error: str = "OptionError") -> Case:
    fixed = f"%imbalance {fix}" if fix else ""
    return Case(f"{error}: {what}", f"%imbalance {typed}", fixed, setup)


#: The package alone.
IMPORTED = "import imbalance_accessor as imb"
#: A folder to write into, with one page.
PAGES = (
    f"{NUMBERS}\nimport os, tempfile\nos.chdir(tempfile.mkdtemp())\nopen('it is there.html', 'x').close()\n"
)

CASES = [
    line(
        "a page that is there",
        "counts df y --save 'it is there.html'",
        "counts df y --save 'it is there.html' --overwrite",
        PAGES,
    ),
    line("a page of another ending", "counts df y --save new.pdf", "counts df y --save new.html", PAGES),
    line("a page in no folder", "counts df y --save a/new.html", setup=PAGES),
    line("a page without a name", "counts df y --save", setup=PAGES),
    line("a page over nothing", "counts df y --overwrite", "counts df y", PAGES),
    line(
        "a page over what",
        "counts df y --save new.html --overwrite it",
        "counts df y --save new.html --overwrite",
        PAGES,
    ),
    line("a page misspelled", "counts df y --sve new.html", "counts df y --save new.html", PAGES),
    Case(
        "IMB401: a page that is written by now",
        "%imbalance report demo churn --model naive_bayes --strategies none --cv 2 --save p.html",
        "%imbalance report demo churn --model naive_bayes --strategies none --cv 2 --save p.html --test-size 0 --overwrite",
        PAGES,
    ),
    line("a quote left open", "counts 'df y"),
    line("no frame", "--cv 5"),
    line("a comment", "counts df y --cv 5 # five", "counts df y --cv 5"),
    line("a comment after the target", "df y #five", "df y"),
    line("brackets with blanks", "counts df[df.a > -9] y --cv 3", 'counts "df[df.a > -9]" y --cv 3'),
    line("an open bracket", "counts df[df.a > 1 y"),
    line("a verb", "cuonts df y", "counts df y"),
    line("a target with blanks", "counts train is fraud --cv 3", 'counts train "is fraud" --cv 3', NAMED),
    line("a target with blanks and no verb", "train is fraud", 'train "is fraud"', NAMED),
    line("words that are no column", "counts df y yes"),
    line("an option with one hyphen", "counts df y -cv 3"),
    line("an option with none", "counts df y cv=3"),
    line("an option twice", "counts df y --cv 3 --cv 4"),
    line("percent", "counts df y --prevalence 2%", "counts df y --prevalence 0.02"),
    line(
        "shares of no whole",
        "counts df y --prevalence no=98,yes=2",
        "counts df y --prevalence no=0.98,yes=0.02",
    ),
    line(
        "a label of shares",
        "counts df y --prevalence no=.98,yse=.02",
        "counts df y --prevalence no=0.98,yes=0.02",
    ),
    line("weights", "counts train 'is fraud' --sample-weight 'Total Day'", setup=NAMED),
    line(
        "weights by another name",
        "counts train 'is fraud' --weights w",
        "counts train 'is fraud' --sample-weight w",
        f"{NAMED}train['w'] = 2.5\n",
    ),
    Case(
        "OptionError: weights of a variable that do not fit",
        "%imbalance counts train 'is fraud' --sample-weight mine",
        """mine = mine.reindex(train.index)
train.imb.counts("is fraud", sample_weight=mine)""",
        f"{NAMED}\nmine, train = train['a'] ** 2, train[5:]",
    ),
    line("a style", "counts df y --snippet shrt", "counts df y --snippet short"),
    line("a style like no other", "counts df y --snippet zzz"),
    line("a library alone", "weights df y --library xgboost", "weights df y --library xgboost --snippet"),
    line("several libraries", "weights df y --snippet --library keras pytorch"),
    line("a name to store", "counts df y -o 2x", "counts df y -o result"),
    line(
        "a name that is read",
        "smote train 'is fraud' -o train",
        "smote train 'is fraud' -o train_smote",
        NAMED,
    ),
    line(
        "a frame that is read",
        "smote train 'is fraud' --test held -o held",
        "smote train 'is fraud' --test held -o held_smote",
        NAMED,
    ),
    line("a module's name", "counts df y -o np", "counts df y -o np_counts"),
    line("a name of Python's own", "counts df y -o list", "counts df y -o list_counts"),
    line("an option", "counts df y --tst-size=.3", "counts df y --test-size .3"),
    line("an option of another library", "counts df y --folds 3", "counts df y --cv 3"),
    line("an option like no other", "counts df y --zzz", "counts df y"),
    line("no value of several", "fit_eval df y --strategies"),
    line("two values for one", "counts df y --cv 3 4"),
    line(
        "a column with blanks",
        "split train 'is fraud' --groups total day",
        "split train 'is fraud' --groups \"total day\"",
        NAMED,
    ),
    line("a number", "counts df y --cv five"),
    line("a frame", "split train 'is fraud' --test hld", "split train 'is fraud' --test held", NAMED),
    line(
        "a list in brackets",
        "fit_eval df y --model naive_bayes --cv 2 --strategies [none, class_weight]",
        "fit_eval df y --model naive_bayes --cv 2 --strategies none class_weight",
    ),
    line(
        "a dict of bare words", "weights df y --method {no: 1, yes: 10}", "weights df y --method no=1 yes=10"
    ),
    line("no literal", "weights df y --method {no: [}"),
    line("no frame of that name", "counts trian 'is fraud'", "counts train 'is fraud'", NAMED),
    line("no frame at all", "counts 1/0 y"),
    line("a file of another kind", "counts rows.pkl y", setup=WRITTEN),
    line("a file that cannot be read", "counts empty.csv y", setup=WRITTEN),
    line(
        "a library on a file",
        "counts rows.csv y --snippet --library keras",
        "counts rows.csv y --snippet",
        WRITTEN,
    ),
    line("no data", "counts train_2 y", setup=NAMED),
    line("no such word", "cheatsheet frod -o page", "cheatsheet fraud"),
    line("a word of two", "cheatsheet focl loss", 'cheatsheet "focal loss"'),
    line("no such word at all", "pitfalls zzzz"),
    line("an option of a page", "pitfalls accuracy --save a.html", "pitfalls accuracy"),
    line("a page under a name that is none", "cheatsheet fraud -o 1", "cheatsheet fraud -o result"),
    line("a page under a name of Python's", "cheatsheet -o list", "cheatsheet -o list_cheatsheet"),
    Case("OptionError: a topic misspelled", 'imb.cheatsheet("frod")', 'imb.cheatsheet("fraud")', IMPORTED),
    Case(
        "OptionError: a pitfall misspelled", 'imb.pitfalls("acuracy")', 'imb.pitfalls("accuracy")', IMPORTED
    ),
    line("a series", "fit_eval labels", setup=NAMED, error="TargetError"),
    line("no target", "counts df --cv 3", "counts df y --cv 3", error="TargetError"),
    line(
        "no target that is likely",
        "counts df",
        setup="import pandas as pd\ndf = pd.DataFrame()",
        error="TargetError",
    ),
    line(
        "an option that the verb refuses",
        "split train 'is fraud' --stylee 2",
        "split train 'is fraud'",
        NAMED,
    ),
    Case(
        "FeatureError: lines on the frame that was typed",
        "%imbalance fit_eval train 'is fraud' --strategies none --cv 2 --test-size .3 -o found",
        """train.columns = train.columns.map(str)
train.imb.fit_eval("is fraud", strategies=("none",), cv=2, test_size=0.3)""",
        f"{NAMED}\ntrain[0] = train['a'] ** 2",
    ),
    Case(
        "FeatureError: lines on an expression",
        "%imbalance fit_eval 'train.copy()' 'is fraud' --model naive_bayes --strategies none --cv 2 --test held",
        """df = train.copy()
df.columns = df.columns.map(str)
held.columns = held.columns.map(str)
df.imb.fit_eval("is fraud", model="naive_bayes", strategies=("none",), cv=2, test=held)""",
        f"{NAMED}\ntrain[0] = held['0'] = train['a'] ** 2",
    ),
    Case(
        "IMB202: a finding of a line",
        "%imbalance overview train 'is fraud'",
        'train = train.drop(columns=["code"])\ntrain.imb.overview("is fraud")',
        f"{NAMED}\ntrain['code'] = [f'c{{i}}' for i in train.index]",
    ),
    Case(
        "IMB401: of the demo, which no variable holds",
        "%imbalance fit_eval demo churn --model naive_bayes --strategies none --cv 2",
        "%imbalance fit_eval demo churn --model naive_bayes --strategies none --cv 2 --test-size 0",
    ),
]
