"""%imbalance in a real shell: the grammar, typed values, where DF and TARGET come from, and one-line errors."""

import builtins
import subprocess
import sys
import traceback
import types
import typing
import warnings
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from imbalance_accessor import registry
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import LeakageError, OptionError
from imbalance_accessor.findings import Finding
from imbalance_accessor.ipython import magic
from imbalance_accessor.ipython.parser import Call, read_line, split_words, unquoted
from imbalance_accessor.ipython.values import label_of, parameters, typed_options


class Got:
    """What a stand-in verb was called with."""

    def __init__(self, verb: str, data: Any, target: Any, options: dict[str, Any]) -> None:
        self.verb, self.data, self.target, self.options = verb, data, target, options

    def __repr__(self) -> str:
        return f"<shown {self.verb}>"


class Estimator:
    pass


def fake_counts(data, target=None, *, pos_label: Hashable | None = None, test_size: float = 0.2, cv: int = 5):
    return Got("counts", data, target, {"pos_label": pos_label, "test_size": test_size, "cv": cv})


def fake_overview(data, target, *, ignore: Sequence[str] = ()):
    return Got("overview", data, target, {"ignore": ignore})


def fake_fit_eval(
    data,
    target,
    *,
    model: "str | Any | Sequence[str | Any]" = "logistic",
    strategies: Sequence[str | Estimator] = ("none", "smote"),
    criterion: str = "f1",
    pos_label: Hashable | None = None,
    test: pd.DataFrame | None = None,
    groups: Hashable | None = None,
    preprocess: Literal["auto"] | None = "auto",
    fitted: bool = False,
    n_jobs: int | None = None,
    method: str | Mapping[Any, float] = "balanced",
    ratio: float | str = 1.0,
):
    options = {key: value for key, value in locals().items() if key not in ("data", "target")}
    return Got("fit_eval", data, target, options)


def fake_smote(data, target):
    raise LeakageError("680 of these 1,440 rows are synthetic.\nEvaluate on the test set.")


FAKES = {"counts": fake_counts, "overview": fake_overview, "fit_eval": fake_fit_eval, "smote": fake_smote}


@pytest.fixture(scope="module")
def only_shell(tmp_path_factory):
    config = Config()
    config.HistoryManager.enabled = False
    module = types.ModuleType("shell_of_this_test")
    shell = InteractiveShell(
        config=config, ipython_dir=str(tmp_path_factory.mktemp("ipython")), user_module=module
    )
    yield shell
    shell.restore_sys_module_state()


@pytest.fixture
def shell(only_shell, monkeypatch):
    monkeypatch.delattr(
        builtins, "_", raising=False
    )  # a doctest run before leaves one, which IPython respects
    monkeypatch.setattr(registry, "verb", FAKES.__getitem__)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        magic.load_magic(only_shell)
        only_shell.reset(new_session=True)
        only_shell.user_ns["df"] = frame()
        yield only_shell
        magic.unload_magic(only_shell)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": range(40),
            "total day charge": range(40),
            "it's": range(40),
            7: range(40),
            "churn": ["no"] * 32 + ["yes"] * 8,
            "n": [0] * 28 + [1] * 12,
        }
    )


def run(shell, line: str) -> Any:
    return shell.run_cell(line, store_history=True).result


def fails(shell, line: str) -> str:
    with pytest.raises(UsageError) as caught:
        magic.run_line(shell, line)
    assert caught.type is UsageError
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None
    sentence, *fix = str(caught.value).split("\n")
    assert fix[:1] in ([], ["Fix:"])
    return sentence


# --- the grammar ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("df churn", ["df", "churn"]),
        ("df 'total day charge'", ["df", "total day charge"]),
        ('df "it\'s"', ["df", "it's"]),
        (r"C:\data\a.csv y", [r"C:\data\a.csv", "y"]),
        ("df #1", ["df", "#1"]),
        ("df \"a\\\" '' x\\", ["df", "a\\", "", "x\\"]),
        ("""df "it's"' "x"'""", ["df", 'it\'s "x"']),
        ("df\u00a0'a\u00a0b'\u3000é=è", ["df", "a\u00a0b", "é=è"]),
        ("df --method={'a':1} --name=", ["df", "--method={'a':1}", "--name="]),
        ("\"df[df.x == 'a b']\" y", ["df[df.x == 'a b']", "y"]),
        ("$x {y}", ["$x", "{y}"]),
        ('parts["train"] y', ['parts["train"]', "y"]),
        ('df["total day charge"] y', ['df["total day charge"]', "y"]),
        ("df --groups='a b' --time=\"it's\"", ["df", "--groups=a b", "--time=it's"]),
    ],
)
def test_words(line, words):
    assert [unquoted(word) for word in split_words(line)] == words


def test_a_word_in_quotes_is_no_option():
    assert read_line('counts df "--odd" --cv 3', ["counts"]) == Call(
        "counts", "df", "--odd", {"cv": ("3",)}, None
    )
    assert read_line("counts df '-o' -o made", ["counts"]).output == "made"


@pytest.mark.parametrize(
    "line", ["df it's", "--cv 5 'df y", "df total day --groups 'a b", "smote 'df --help"]
)
def test_unclosed_quote_is_said_first(line):
    with pytest.raises(OptionError, match=r"^A quote is not closed"):
        read_line(line, FAKES)


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("df churn", Call("overview", "df", "churn", {}, None)),
        ("counts y", Call("counts", "y", None, {}, None)),
        ("counts counts counts", Call("counts", "counts", "counts", {}, None)),
        ("fit-eval df y", Call("fit_eval", "df", "y", {}, None)),
        ("df y --test-size .3 -o r", Call("overview", "df", "y", {"test_size": (".3",)}, "r")),
        ("df y --test_size=0.3", Call("overview", "df", "y", {"test_size": ("0.3",)}, None)),
        (
            "df y -o r --a 1 2 --b",
            Call("overview", "df", "y", {"a": ("1", "2"), "b": ()}, "r"),
        ),
        ("df y --pos-label -1", Call("overview", "df", "y", {"pos_label": ("-1",)}, None)),
    ],
)
def test_grammar(line, call):
    assert read_line(line, FAKES) == call


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--cv 5 df y", "Positionals come first"),
        ("counts", "Which frame"),
        ("df total day charge", 'Put a name that holds blanks in quotes, as in "total day charge"'),
        ("fiteval df churn", "Did you mean 'fit_eval'?"),
        ("df y --cv 1 --cv 2", "--cv is given twice"),
        ("df y -o", "-o takes one name"),
        ("df y -o 2x", "not '2x'"),
        ("df y -o class", "not 'class'"),
        ("df y -o a b", "not 'a b'"),
    ],
)
def test_grammar_mistakes(line, sentence):
    with pytest.raises(OptionError) as caught:
        read_line(line, FAKES)
    assert sentence in str(caught.value)


# --- typed values -----------------------------------------------------------------------------------------


MINE = Estimator()
NAMES = {
    "mine": MINE,
    "logistic": "a variable that has a known text's name",
    "smote": "another",
    "svm": types,  # as after `from sklearn import svm`
    "balanced_forest": Estimator,
    "adasyn": fake_smote,
    "oversample": Finding("IMB301", "note", "A result", "of ours."),
    "our_weights": (OURS := type("W", (dict,), {"__module__": "imbalance_accessor.verbs.weights"})(no=1)),
    "holdout": (HOLDOUT := frame()),
    "my_weights": {"no": 1, "yes": 5},
    "my_list": ["none", MINE],
    "auto": "shadowed",
    "f1": "shadowed",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("--model forest", "forest"),
        ("--model forest,mine", ("forest", MINE)),
        ("--model mine", MINE),
        ("--model logistic", "logistic"),
        ("--model svm", "svm"),
        ("--model balanced_forest", "balanced_forest"),
        ("--strategies none smote", ("none", "smote")),
        ("--strategies none,smote mine", ("none", "smote", MINE)),
        ("--strategies adasyn oversample", ("adasyn", "oversample")),
        ("--method our_weights", OURS),
        ("--strategies smote+class_weight", ("smote+class_weight",)),
        ("--strategies my_list", ("none", MINE)),
        ("--strategies \"('none', 'smote')\"", ("none", "smote")),
        ("--criterion f1", "f1"),
        ("--pos-label yes", "yes"),
        ("--test holdout", HOLDOUT),
        ("--test none", None),
        ("--groups 7", 7),
        ("--groups 'total day charge'", "total day charge"),
        ("--groups unknown", "unknown"),
        ("--groups none", None),
        ("--preprocess none", None),
        ("--preprocess auto", "auto"),
        ("--preprocess pca", "pca"),
        ("--fitted", True),
        ("--fitted true", True),
        ("--fitted FALSE", False),
        ("--n-jobs none", None),
        ("--n-jobs -1", -1),
        ("--method sqrt", "sqrt"),
        ("--method my_weights", {"no": 1, "yes": 5}),
        ('--method "{0: 1, 1: 10}"', {0: 1, 1: 10}),
        ("--method {0:1,1:10}", {0: 1, 1: 10}),
        ("--ratio 1:3", "1:3"),
        ("--ratio 0.5", 0.5),
        ("--ratio 1", 1.0),
    ],
)
def test_values_follow_the_signature(text, value):
    call = read_line(f"fit_eval df churn {text}", FAKES)
    data = frame()
    options = typed_options(fake_fit_eval, call, data["churn"], data, NAMES)
    (got,) = options.values()
    assert type(got) is type(value)
    assert got is value or got == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("--n-jobs two", "--n-jobs takes a whole number or none, got 'two'."),
        ("--n-jobs", "--n-jobs takes one value, got none."),
        ("--n-jobs 1 2", "--n-jobs takes one value, got 2: 1 2."),
        ("--fitted maybe", "--fitted takes true or false, got 'maybe'."),
        ("--test nowhere", "--test takes none or the name of a variable of yours, got 'nowhere'."),
        ("--strategies", "--strategies takes at least one value."),
        ("--method {yes:10}", "is no Python literal"),
        ("--modle forest", "--modle is not an option of fit_eval. Did you mean '--model'"),
    ],
)
def test_bad_values_are_one_sentence(text, sentence):
    call = read_line(f"fit_eval df churn {text}", FAKES)
    with pytest.raises(OptionError) as caught:
        typed_options(fake_fit_eval, call, frame()["churn"], frame(), {})
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "word", "label"),
    [
        ([0, 1], "1", 1),
        (["0", "1"], "1", "1"),
        ([1, "1"], "1", 1),  # two labels read "1": the number that the word spells, as in Python
        ([True, False], "true", True),
        ([0.0, 1.0, None], "1", 1),
        (["no", "yes"], "YES", "yes"),
        (["no", "yes"], "maybe", "maybe"),
        (["no", "yes"], "none", None),
        ([[1], [2]], "1", 1),
    ],
)
def test_pos_label_is_the_label_of_that_text(labels, word, label):
    got = label_of(word, pd.Series(labels))
    assert got == label
    assert type(got) is type(label)


def test_unknown_option_lists_the_known_ones(shell):
    sentence = fails(shell, "counts df churn --folds 5")
    assert sentence.endswith("It has: --pos-label, --test-size, --cv, -o.")


# --- DF and TARGET ----------------------------------------------------------------------------------------


def test_a_variable_is_handed_on_untouched(shell):
    got = run(shell, "%imbalance df churn")
    assert got.verb == "overview"
    assert got.data is shell.user_ns["df"]
    assert got.target == "churn"


def test_demo_and_a_variable_of_that_name(shell):
    pd.testing.assert_frame_equal(run(shell, "%imbalance counts demo churn").data, make_churn())
    shell.user_ns["demo"] = shell.user_ns["df"]
    assert run(shell, "%imbalance counts demo churn").data is shell.user_ns["df"]


def test_expression(shell):
    got = run(shell, '%imbalance "df[df.x > 3].copy()" churn')
    pd.testing.assert_frame_equal(got.data, frame().query("x > 3"))


@pytest.mark.parametrize("ending", ["csv", "CSV", "parquet"])
def test_files(shell, tmp_path, monkeypatch, ending):
    monkeypatch.chdir(tmp_path)
    saved = frame().rename(columns=str)
    if ending == "parquet":
        pytest.importorskip("pyarrow", exc_type=ImportError)
        saved.to_parquet(f"a file.{ending}")
    else:
        saved.to_csv(f"a file.{ending}", index=False)
    pd.testing.assert_frame_equal(run(shell, f"%imbalance 'a file.{ending}' churn").data, saved)


def test_a_file_comes_before_a_variable(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame().head(3).to_csv("x.csv", index=False)
    shell.user_ns["x"] = types.SimpleNamespace(csv=frame())
    assert len(run(shell, "%imbalance x.csv churn").data) == 3


def test_files_that_cannot_be_read(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.pkl").write_bytes(b"cos\nsystem\n(S'touch hacked'\ntR.")
    assert fails(shell, "bad.pkl churn") == (
        "'bad.pkl' is neither CSV nor Parquet. Read it yourself and give the frame's name."
    )
    assert not (tmp_path / "hacked").exists()
    (tmp_path / "empty.csv").touch()
    assert "'empty.csv' could not be read: No columns" in fails(shell, "empty.csv churn")
    (tmp_path / "text.parquet").write_text("a,b")
    assert "'text.parquet'" in fails(shell, "text.parquet churn")


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nope.csv churn", "'nope.csv' is no file, no variable and no expression"),
        ("dff churn", "Did you mean 'df'"),
        ("fiteval churn", "Did you mean 'fit_eval'"),
        ("'df[' churn", "SyntaxError"),
        ("'1 / 0' churn", "ZeroDivisionError: division by zero"),
        ("'[1, 2]' churn", "is of type list, not a DataFrame or Series"),
    ],
)
def test_no_frame(shell, line, sentence):
    assert sentence in fails(shell, line)


@pytest.mark.parametrize(
    ("word", "column"),
    [("'total day charge'", "total day charge"), ('"it\'s"', "it's"), ("7", 7), ("chrn", "chrn")],
)
def test_target_is_the_column_of_that_text(shell, word, column):
    assert run(shell, f"%imbalance df {word}").target == column


def test_target_may_be_a_series_of_the_users(shell):
    y = shell.user_ns["y"] = frame()["n"]
    got = run(shell, "%imbalance counts df y --pos-label 1")
    assert got.target is y
    assert got.options["pos_label"] == 1


def test_label_verbs_take_a_series_and_others_do_not(shell):
    shell.user_ns["y"] = frame()["churn"]
    got = run(shell, "%imbalance counts y --pos-label no")
    assert (got.data is shell.user_ns["y"], got.target, got.options["pos_label"]) == (True, None, "no")
    assert "fit_eval needs a DataFrame with features; 'y' is a Series" in fails(shell, "fit_eval y")


@pytest.mark.parametrize("line", ["df", "counts df", "fit_eval df --model forest"])
def test_forgotten_target_is_asked_for_with_the_likely_ones(shell, line):
    sentence = fails(shell, line)
    assert "Which column is the target?" in sentence
    # 8 of the 40 rows are "yes", 12 of the 40 are 1
    assert "Likely, with the rarest class and its share: 'churn' ('yes': 20.0%), 'n' (1: 30.0%)." in sentence


# --- in the shell -----------------------------------------------------------------------------------------


def test_returns_shows_and_stores_the_same_object(shell, capsys):
    got = run(shell, "%imbalance counts df churn --cv 3 -o kept")
    assert shell.user_ns["kept"] is got is shell.user_ns["_"]
    assert got.options["cv"] == 3
    assert "<shown counts>" in capsys.readouterr().out


def test_a_semicolon_shows_nothing_but_an_assignment_keeps_the_object(shell, capsys):
    assert run(shell, "%imbalance counts df churn -o kept;") is None
    run(shell, "r = %imbalance counts df churn ;")
    run(shell, "s=%imbalance counts df churn;")
    assert [type(shell.user_ns[name]) for name in ("kept", "r", "s")] == [Got] * 3
    assert shell.user_ns["r"].target == "churn"
    assert capsys.readouterr().out == ""


def test_dollars_and_braces_are_not_expanded(shell):
    shell.user_ns["x"] = 1
    assert run(shell, "%imbalance df {x}").target == "{x}"
    assert run(shell, "%imbalance df $x").target == "$x"


def test_an_interrupt_shows_one_frame_of_ours(shell, monkeypatch):
    def stopped(data, target=None):
        raise KeyboardInterrupt

    monkeypatch.setitem(FAKES, "counts", stopped)
    frames = traceback.extract_tb(shell.run_cell("%imbalance counts df churn").error_in_exec.__traceback__)
    assert [
        each.name for each in frames if "imbalance_accessor" in each.filename or each.name == "stopped"
    ] == ["imbalance"]


def test_errors_are_one_usage_line(shell, capsys):
    assert fails(shell, "smote df churn") == (
        "680 of these 1,440 rows are synthetic. Evaluate on the test set."
    )
    shell.run_cell("%imbalance smote df churn")
    shown = capsys.readouterr()
    lines = (shown.out + shown.err).strip().splitlines()
    assert lines == ["UsageError: 680 of these 1,440 rows are synthetic. Evaluate on the test set."]


def test_alone_prints_help(shell, capsys):
    assert run(shell, "%imbalance") is None
    shown = capsys.readouterr().out
    assert all(verb in shown for verb in registry.VERBS)


def test_question_mark_documents_it(shell, capsys):
    shell.run_cell("%imbalance?")
    shown = capsys.readouterr().out
    assert "%imbalance VERB DF TARGET [--parameter value ...]" in shown
    assert "--strategies none smote" in shown
    assert "\"{'no': 1, 'yes': 10}\"" in shown


def test_load_reload_unload_any_number_of_times(only_shell, capsys):
    def registered() -> bool:
        return "imbalance" in only_shell.magics_manager.magics["line"]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            only_shell.run_line_magic("load_ext", "imbalance_accessor")
            assert registered()
            only_shell.run_line_magic("reload_ext", "imbalance_accessor")
            only_shell.run_line_magic("reload_ext", "imbalance_accessor")
            assert registered()
            only_shell.run_line_magic("unload_ext", "imbalance_accessor")
            assert not registered()
    magic.unload_magic(only_shell)
    assert capsys.readouterr() == ("", "")


def ipython(code: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-W",
        "error:::imbalance_accessor",
        "-m",
        "IPython",
        "--no-banner",
        "--colors=NoColor",
    ]
    command += ["--HistoryManager.enabled=False", "--ext=imbalance_accessor", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_from_the_command_line():
    done = ipython("%imbalance counts demo churn")
    assert done.stderr == ""
    # 2,000 customers of whom exactly 5 % churn
    assert "100" in done.stdout and "1,900" in done.stdout
    missed = ipython("%imbalance counts demo chrn")
    assert "UsageError: 'chrn' is not a column of this frame. Did you mean 'churn'?" in (
        missed.stdout + missed.stderr
    )
    assert "Traceback" not in missed.stdout + missed.stderr


# --- the real verbs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", registry.VERBS)
def test_every_parameter_of_every_verb_can_be_typed(name):
    function = registry.verb(name)
    hints = typing.get_type_hints(function)
    for option in parameters(function):
        assert option in hints
        assert not option.startswith("_")


def test_the_magic_equals_the_function(only_shell):
    magic.load_magic(only_shell)
    try:
        weights = only_shell.run_line_magic(
            "imbalance", "weights demo churn --method \"{'no': 1, 'yes': 10}\""
        )
        assert dict(weights) == {"no": 1, "yes": 10}
        balanced = only_shell.run_line_magic("imbalance", "weights demo churn")
        assert dict(balanced) == {"no": 2000 / (2 * 1900), "yes": 2000 / (2 * 100)}
    finally:
        magic.unload_magic(only_shell)


def test_a_prevalence_is_a_number_or_a_share_by_label_and_weights_a_column_or_a_variable():
    data = pd.DataFrame({"w": [1.0, 2.0], 7: [2, 1], "y": [0, 1]})
    names = {"df": data, "mine": data["w"] * 2, "w": "hidden"}

    def read(line: str) -> dict[str, Any]:
        call = read_line(f"fit_eval df y {line}", registry.VERBS)
        return typed_options(registry.verb("fit_eval"), call, data["y"], data, names)

    assert read("--prevalence .02 --sample-weight w") == {"prevalence": 0.02, "sample_weight": "w"}
    for said in ("0=.9,1=.1", "0=.9 1=.1", "'{0: .9, 1: .1}'"):
        assert read(f"--prevalence {said}") == {"prevalence": {0: 0.9, 1: 0.1}}
    assert read("--sample-weight 7 --prevalence none") == {"sample_weight": 7, "prevalence": None}
    assert read("--sample-weight mine")["sample_weight"] is names["mine"]
