"""Tab after ``%imbalance`` and after ``df.imb.``."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from IPython.core.completer import CompletionSplitter, provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell

import imbalance_accessor as imb
from imbalance_accessor import options, registry
from imbalance_accessor.ipython import completion
from imbalance_accessor.ipython.completion import complete
from imbalance_accessor.modeling.models import NAMED
from imbalance_accessor.modeling.strategies import NAMES, kinds
from imbalance_accessor.reference.cheatsheet import TABLES


def frame() -> pd.DataFrame:
    columns = {"churn": ["no", "yes"], "total day": [1, 2], 'say "x"': [1, 2], "it's": [1, 2], 7: [0, 1]}
    return pd.DataFrame(columns)


USER = {"df": frame(), "y": frame()["churn"], "_hidden": frame(), "n": 3, "other": frame()}


def offered(text: str, names=USER) -> list[str]:
    found = complete(text, names)
    assert found is not None
    assert text.endswith(found[0])
    return found[1]


def test_first_come_verbs_and_frames():
    assert offered("%imbalance ") == [*registry.VERBS, *registry.REFERENCES, "df", "other", "demo"]
    assert offered("%imbalance fit") == ["fit_eval"]
    assert offered("%imbalance d") == ["df", "demo"]
    assert offered("r = %imbalance ove") == ["overview"]
    assert offered("%imbalance fit-eval ") == ["df", "other", "demo"]


def test_pages_offer_their_tables_and_rows():
    assert offered("%imbalance che") == ["cheatsheet"]
    assert offered("%imbalance cheatsheet ")[:6] == [*TABLES, "fraud"]
    assert offered("%imbalance cheatsheet foc") == ['"focal loss"']
    assert offered("%imbalance cheatsheet fraud ") == offered("%imbalance pitfalls -") == ["-o"]
    assert offered("%imbalance pitfalls ac") == ["accuracy"]
    assert "fraud" not in offered("%imbalance pitfalls ")


def test_labels_stand_where_they_suffice():
    assert offered("%imbalance counts ") == ["df", "y", "other", "demo"]
    assert "y" not in offered("%imbalance smote ")


def test_then_the_columns_of_the_named_frame_in_quotes_where_they_must_be():
    columns = ["churn", '"total day"', "'say \"x\"'", '"it\'s"', "7"]
    for start in ("%imbalance df ", "%imbalance fit_eval df ", "%imbalance counts other "):
        assert offered(start) == columns
    assert offered("%imbalance fit_eval df ch") == ["churn"]
    assert offered('%imbalance fit_eval df "to') == ['"total day"']
    assert offered("%imbalance fit_eval df 'to") == ['"total day"']
    assert set(offered("%imbalance demo ")) == set(imb.make_churn(100).columns)


def test_what_is_offered_is_read_back_by_the_magic():
    from imbalance_accessor.ipython.parser import read_line
    from imbalance_accessor.ipython.values import column_of

    data = frame()
    found = [read_line(f"df {word}", registry.VERBS).target for word in offered("%imbalance df ")]
    assert [column_of(word, data) for word in found] == list(data.columns)


@pytest.mark.parametrize("verb", registry.VERBS)
def test_the_options_are_those_of_the_verb(verb):
    from imbalance_accessor.ipython.values import parameters

    wanted = {f"--{name.replace('_', '-')}" for name in parameters(registry.verb(verb))}
    assert set(offered(f"%imbalance {verb} df churn --")) == wanted | {"--snippet", "--save"}
    assert set(offered(f"%imbalance {verb} df churn ")) == wanted | {"--snippet", "--save", "-o"}
    one = sorted(wanted)[0]
    assert one not in offered(f"%imbalance {verb} df churn {one} 1 ")


def test_values_of_options():
    assert offered("%imbalance fit_eval df churn --model ")[: len(NAMED)] == list(NAMED)
    assert offered("%imbalance fit_eval df churn --model n") == ["naive_bayes"]
    assert offered("%imbalance fit_eval df churn --strategies none smote cl") == ["class_weight"]
    assert [word for word in NAMES if word.startswith("s")] == offered(
        "%imbalance best_threshold df churn --strategy s"
    )
    assert offered("%imbalance smote df churn --kind adas") == ["adasyn"]
    assert offered("%imbalance smote df churn --impute t") == ["true"]
    assert offered("%imbalance best_threshold df churn --criterion b") == ["balanced_accuracy"]
    assert offered("%imbalance reliability df churn --preprocess s") == ["skrub"]
    assert offered("%imbalance reliability df churn --calibrators iso") == ["isotonic"]
    assert offered("%imbalance counts df churn --pos-label ")[:2] == ["no", "yes"]
    assert offered("%imbalance counts y --pos-label ye") == ["yes"]
    assert offered("%imbalance fit_eval df churn --groups to") == ['"total day"']
    assert offered("%imbalance fit_eval df churn --sample-weight to") == ['"total day"']
    assert offered("%imbalance counts df churn --prevalence 0.0") == ["0.01", "0.001"]
    assert offered("%imbalance counts df churn --ignore IMB20")[0] == "IMB201"
    assert offered("%imbalance df churn --snippet s") == ["short"]
    assert offered("%imbalance df churn --lib") == []
    assert offered("%imbalance df churn --snippet --lib") == ["--library"]
    assert offered("%imbalance fit_eval df churn --snippet --library ")[:1] == ["sklearn"]
    assert "xgboost" not in offered("%imbalance fit_eval df churn --snippet --library ")
    assert offered("%imbalance weights df churn --snippet --library x") == ["xgboost"]
    assert offered("%imbalance df churn --no-such-option x") == []


def test_a_word_in_quotes_is_no_option():
    assert offered('%imbalance counts df churn --ignore "--snippet" ') == offered(
        "%imbalance counts df churn --ignore IMB101 "
    )
    odd = {"df": pd.DataFrame(columns=["--odd", "-o"])}
    assert offered("%imbalance counts df ", odd) == ['"--odd"', '"-o"']
    assert "--cv" in offered('%imbalance counts df "--odd" --', odd)


def test_a_quote_may_be_open_only_in_the_word_that_is_typed():
    assert offered("%imbalance fit_eval 'df' 'churn' --groups \"it's") == ['"it\'s"']
    assert offered('%imbalance fit_eval df churn --groups="total d') == ['"total day"']
    assert offered("%imbalance fit_eval df[ 'total d") == []


def test_values_after_an_equals_sign_and_after_a_comma():
    assert offered("%imbalance fit_eval df churn --model=f") == ["forest"]
    assert offered("%imbalance fit_eval df churn --strategies none,smo")[0] == "smote"
    assert offered("%imbalance fit_eval df churn --strategies=none,bord") == ["borderline"]


def test_the_words_are_those_that_are_understood():
    assert set(options.MODELS) == set(NAMED)
    assert offered("%imbalance smote df churn --kind ")[: len(kinds()) + 1] == ["auto", *kinds()]
    for option in ("fit_eval df churn --strategies ", "best_threshold df churn --strategy "):
        assert offered(f"%imbalance {option}")[: len(NAMES)] == NAMES


@pytest.mark.slow
def test_the_first_tab_waits_for_no_library():
    code = """
import sys, pandas as pd
from imbalance_accessor.ipython.completion import complete
names = {"df": pd.DataFrame({"a": [1]})}
fits = ("fit_eval df a --", "fit_eval df a --model ", "fit_eval df a --strategies ")
for line in (*fits, "smote df a --kind ", "weights df a --snippet --library "):
    assert complete("%imbalance " + line, names)[1], line
print([name for name in ("sklearn", "imblearn", "scipy", "matplotlib") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_verbs_after_the_accessor():
    assert offered("df.imb.") == list(registry.VERBS)
    assert offered("x = 1\nr = df.imb.sm") == ["smote"]
    for labels in ("y.imb.", "df.churn.imb.", "df['churn'].imb.", 'df["total day"].imb.'):
        assert offered(labels) == list(registry.LABEL_VERBS)
    assert offered("df[df.age > 3].imb.sp") == ["split"]
    assert offered("made_later.imb.c") == ["counts"]
    assert offered("n.imb.") == []


@pytest.mark.parametrize(
    "text", ["", "df.", "imb.", "%imb", "%timeit imbalance ", "x = '%imbalance'", "df.imbalance.", "1.imb"]
)
def test_other_text_is_left_to_others(text):
    found = complete(text, USER)
    assert found is None


def test_nothing_is_evaluated():
    class Trap:
        def __getattr__(self, name):
            raise AssertionError

        def __getitem__(self, name):
            raise AssertionError

    assert offered("trap.x.imb.", {"trap": Trap()}) == list(registry.VERBS)
    assert offered("%imbalance counts trap ", {"trap": Trap()})


def test_odd_labels_and_columns_stop_nothing():
    lists = pd.DataFrame({"y": [[1], [2]], "z": [np.nan, np.nan]})
    assert "--cv" in offered("%imbalance counts lists y --pos-label ", {"lists": lists})
    assert offered("%imbalance counts lists z --pos-label ", {"lists": lists})[0].startswith("--")
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert offered("%imbalance counts twice ", {"twice": twice}) == ["a", "a"]
    assert offered("twice.a.imb.", {"twice": twice}) == list(registry.VERBS)


# --- in a shell


@pytest.fixture
def shell():
    made = TerminalInteractiveShell()
    yield made
    InteractiveShell.clear_instance()


def lines(shell: InteractiveShell, text: str) -> list[str]:
    """Return what a text becomes; how much of it is replaced differs with IPython."""
    with provisionalcompleter():
        return [text[: each.start] + each.text for each in shell.Completer.completions(text, len(text))]


def test_tab_in_a_shell(shell, capsys):
    shell.push({"df": frame()})
    imb.load_ipython_extension(shell)
    assert lines(shell, "df.imb.") == [f"df.imb.{verb}" for verb in registry.VERBS]
    assert lines(shell, "x = 1\ndf.imb.sm") == ["x = 1\ndf.imb.smote"]
    assert lines(shell, "df['churn'].imb.c") == ["df['churn'].imb.counts"]
    assert lines(shell, "%imbalance fit_eval df chu") == ["%imbalance fit_eval df churn"]
    assert lines(shell, "%imbalance fit_eval df churn --mod") == ["%imbalance fit_eval df churn --model"]
    assert lines(shell, "%imbalance fit_eval df churn --model=fo") == [
        "%imbalance fit_eval df churn --model=forest"
    ]
    assert lines(shell, '%imbalance df "total d') == ['%imbalance df "total day"']
    assert len(set(lines(shell, "%imbalance "))) == len(lines(shell, "%imbalance ")) > len(registry.VERBS)
    assert "import" in lines(shell, "impo")
    imb.unload_ipython_extension(shell)
    assert "%imbalance fit_eval df churn" not in lines(shell, "%imbalance fit_eval df chu")
    assert "Traceback" not in "".join(capsys.readouterr())


def test_a_kernel_asks_for_one_line_at_a_time(shell):
    shell.push({"df": frame()})
    imb.load_ipython_extension(shell)
    for line, whole in (("r = df.imb.fit", "r = df.imb.fit_eval"), ("%imbalance weig", "%imbalance weights")):
        replaced, found = shell.complete("", line, len(line))
        assert [line.removesuffix(replaced) + each for each in found] == [whole]


def fail(*given):
    raise ValueError


@pytest.mark.quick(1)
@pytest.mark.parametrize("text", ["df.im", "df.imb.", "%imbalance fit_eval df ", "impo", "%tim"])
@pytest.mark.parametrize("missing", ["", "IPython.core.completer"])
def test_a_failure_is_silent_and_leaves_the_shells_own(shell, monkeypatch, capsys, text, missing):
    if missing.startswith("IPython") and not completion._takes_context(shell):
        pytest.skip("this IPython takes words as they are")
    shell.push({"df": frame()})
    completion.withdraw(shell)
    own = lines(shell, text)
    completion.offer(shell)
    if missing:
        monkeypatch.setitem(sys.modules, missing, None)
    else:
        monkeypatch.setattr(completion, "complete", fail)
    assert lines(shell, text) == own
    assert "Traceback" not in "".join(capsys.readouterr())


class CompleterByLine:
    """IPython's before 8.6, as far as our matcher meets it: its matchers know no context."""

    def __init__(self):
        self.magic_arg_matchers, self.custom_matchers = [], [lambda text: ["own"]]
        self.splitter = CompletionSplitter()

    def complete(self, line):
        self.text_until_cursor = line
        text = self.splitter.split_line(line)
        # nothing is caught here, there as little as in IPython
        for matcher in self.magic_arg_matchers:
            found = list(matcher(line))
            if found:
                return [line.removesuffix(text) + each for each in found]
        return [each for matcher in self.custom_matchers for each in matcher(text)]


def test_the_shells_before_context(monkeypatch):
    old = SimpleNamespace(Completer=CompleterByLine(), user_ns=USER)
    completion.offer(old)
    completion.offer(old)
    assert len(old.Completer.magic_arg_matchers) == len(old.Completer.custom_matchers) == 1
    tab = old.Completer.complete
    assert tab("r = df.imb.") == [f"r = df.imb.{verb}" for verb in registry.VERBS]
    assert tab("y.imb.C") == ["y.imb.counts"]
    assert tab('df["total day"].imb.w') == ['df["total day"].imb.weights']
    assert tab("%imbalance fit_eval df chu") == ["%imbalance fit_eval df churn"]
    assert tab("%imbalance df ")[1:3] == ['%imbalance df "total day"', "%imbalance df 'say \"x\"'"]
    assert tab('%imbalance df "total d') == tab('%imbalance df "t') == ['%imbalance df "total day"']
    assert tab("%imbalance fit_eval df churn --strategies=none,bord")[0].endswith("=none,borderline")
    assert tab("%imbalance df churn --sn") == ["%imbalance df churn --snippet"]
    # the quote that is typed stays, so a name that is offered in the other one cannot take its place
    assert tab("%imbalance df 'total d") == ["own"] == tab("df.other")
    monkeypatch.setattr(completion, "complete", fail)
    assert tab("df.imb.") == ["own"]
    completion.withdraw(old)
    assert not old.Completer.magic_arg_matchers
    assert len(old.Completer.custom_matchers) == 1


@pytest.mark.parametrize(
    "shell", [SimpleNamespace(), SimpleNamespace(Completer=None), SimpleNamespace(Completer=1)]
)
def test_a_shell_that_completes_in_a_way_of_its_own_is_left_alone(shell):
    before = vars(shell).copy()
    completion.offer(shell)
    completion.withdraw(shell)
    assert vars(shell) == before


def ours(shell: InteractiveShell) -> list[object]:
    added = [*shell.Completer.custom_matchers, *shell.Completer.magic_arg_matchers]
    return [each for each in added if getattr(each, "matcher_identifier", "") == completion.IDENTIFIER]


def test_load_ext_hooks_tab_once_and_unload_ext_takes_it_away(shell):
    for _ in range(2):
        assert not ours(shell)
        for magic in ("load_ext", "load_ext", "reload_ext"):
            shell.run_line_magic(magic, "imbalance_accessor")
            assert len(ours(shell)) == 1
        imb.load_ipython_extension(shell)
        assert len(ours(shell)) == 1
        shell.run_line_magic("unload_ext", "imbalance_accessor")
    assert not ours(shell)


def test_an_import_leaves_tab_as_it_is():
    code = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def hooked():
    return [list(getattr(shell.Completer, name)) for name in ("matchers", "custom_matchers", "magic_arg_matchers")]
before = hooked()
shell.run_cell("import imbalance_accessor as imb; counted = imb.make_churn(200).imb.counts('churn')")
print("counted" in shell.user_ns, hooked() == before)
print([name for name in ("sklearn", "imblearn", "matplotlib", "imbalance_accessor.ipython") if name in sys.modules])
shell.run_cell("%load_ext imbalance_accessor")
print(hooked() == before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["True True", "[]", "False"], done.stderr
