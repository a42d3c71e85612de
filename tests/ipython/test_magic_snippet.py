"""Code into the next cell: ``--snippet`` in the magic, ``to_cell`` on a snippet."""

from __future__ import annotations

import functools
import sys
import types

import pandas as pd
import pytest
from IPython.core.error import UsageError
from magic_shell import Shell

from imbalance_accessor import registry
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import OptionError
from imbalance_accessor.ipython.magic import run_line
from imbalance_accessor.ipython.parser import read_line
from imbalance_accessor.rendering.snippets.writer import Snippet


def executed(code, **names):
    space = dict(names)
    exec(code, space)
    return space


def test_the_next_cell_holds_the_code_of_the_result():
    frame = make_churn()
    shell = Shell(df=frame)
    result = run_line(shell, "weights df churn --snippet")
    assert shell.next == [str(result.snippet())]
    assert executed(shell.next[0], df=frame)["class_weight"] == result


def test_weights_of_a_variable_have_the_name_that_the_code_reads():
    frame = make_churn()
    mine = frame["churn"].map({"no": 2.0, "yes": 1.0})
    shell = Shell(df=frame, mine=mine)
    result = run_line(shell, "weights df churn --sample-weight mine --snippet")
    assert shell.next == [f"sample_weight = mine\n{result.snippet()}"]
    assert executed(shell.next[0], df=frame, mine=mine)["class_weight"] == result


def test_the_style_is_a_word_after_it():
    shell = Shell(df=make_churn())
    result = run_line(shell, "counts df churn --snippet short;")
    assert result is None
    assert shell.next == [str(shell.user_ns["df"].imb.counts("churn").snippet(style="short"))]


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ("--snippet full", "full"),
        ("--style full", "full"),
        ("--snippet --style full", "full"),
        ("--style", "short"),
    ],
)
def test_the_style_may_be_named_as_the_method_names_it(words, style):
    assert read_line(f"counts df churn {words}", ["counts"]).snippet == style
    with pytest.raises(OptionError, match="--snippet='short full' is not known"):
        read_line("counts df churn --snippet short --style full", ["counts"])


@pytest.mark.parametrize("end", ["--snippet full --library keras", "--library keras --snippet full"])
def test_the_library_is_an_option_beside_it(end):
    shell = Shell(df=make_churn())
    result = run_line(shell, f"weights df churn {end}")
    assert shell.next == [str(result.snippet(style="full", library="keras"))]
    run_line(shell, "weights df churn --snippet short --library xgboost")
    assert shell.next[1] == str(result.snippet(style="short", library="xgboost"))
    run_line(shell, "df churn --snippet --library sklearn")
    assert shell.next[2] == str(shell.user_ns["df"].imb.overview("churn").snippet())


def test_a_library_is_refused_before_any_work(monkeypatch):
    verb = registry.verb

    def never(name):
        return functools.wraps(verb(name))(lambda *args, **given: pytest.fail(f"{name} was called"))

    monkeypatch.setattr(registry, "verb", never)
    shell = Shell(df=make_churn())
    for line, said in (
        ("weights df churn --snippet --library torch", r"library='torch' is not known.*'pytorch'"),
        (
            "fit_eval df churn --snippet --library xgboost",
            r"library='xgboost' is not known here\. Known: 'sklearn'; w",
        ),
        (
            "weights df churn --library xgboost",
            r"--library says what the code of --snippet is for\. Add --snippet",
        ),
        ("weights df churn --snippet --library", "--library takes one name, not ''"),
        (
            "weights df churn --snippet --library keras pytorch",
            "--library takes one name, not 'keras pytorch'",
        ),
    ):
        with pytest.raises(UsageError, match=said):
            run_line(shell, line)
    assert shell.next == []


def test_another_frame_is_named_df_first():
    frame = make_churn()
    shell = Shell(people=frame)
    result = run_line(shell, "weights people churn --snippet -o found")
    assert shell.next[0].startswith("df = people\n")
    assert executed(shell.next[0], people=frame)["class_weight"] == shell.user_ns["found"] == result
    run_line(shell, 'weights "people[people.age > 40]" churn --snippet')
    made = executed(shell.next[1], people=frame)["class_weight"]
    assert made == frame[frame["age"] > 40].imb.weights("churn")


def test_the_demo_and_a_file_are_read_first(tmp_path):
    shell = Shell()
    result = run_line(shell, "weights demo churn --snippet")
    assert executed(shell.next[0])["class_weight"] == result
    file = tmp_path / "it's.csv"
    make_churn().to_csv(file, index=False)
    result = run_line(shell, f'weights "{file}" churn --snippet')
    assert executed(shell.next[1])["class_weight"] == result


def test_without_it_the_next_cell_stays_as_it_is():
    shell = Shell(df=make_churn())
    run_line(shell, "weights df churn")
    assert shell.next == []


def test_an_unknown_style_is_refused_before_any_work():
    with pytest.raises(OptionError, match=r"--snippet='long' is not known\. Known: 'short', 'full'"):
        read_line("counts df churn --snippet long", ["counts"])


def test_a_snippet_goes_to_the_next_cell_by_itself(monkeypatch):
    shell = Shell()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    code = pd.Series([0, 0, 1]).imb.weights().snippet(style="full")
    assert code.to_cell() is None
    assert shell.next == [str(code)]


@pytest.mark.parametrize("ipython", [None, types.SimpleNamespace(get_ipython=lambda: None)])
def test_without_a_notebook_one_sentence_says_so(monkeypatch, ipython):
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    with pytest.raises(OptionError, match=r"fills the next cell of a notebook.*print\(snippet\)"):
        Snippet("x = 1").to_cell()


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("weights df lab --snippet", "y = lab"),
        ("weights lab --snippet", "y = lab"),
        ("weights y --snippet", None),
        ("weights my lab --snippet", "df, y = my, lab"),
        ("weights y df --snippet", "df, y = y, df"),
        ('weights parts["all"] lab --snippet', 'df, y = parts["all"], lab'),
        ("weights demo lab --snippet", "df, y = make_churn(), lab"),
        ("split my churn --test held --snippet", "df, test = my, held"),
        ("split df churn --test test --snippet", None),
    ],
)
def test_the_next_cell_names_what_its_code_reads(line, first):
    """Or it would take whatever stands under these names, such as the labels turned round."""
    frame = make_churn()
    labels, turned = frame["churn"], frame["churn"].map({"yes": "no", "no": "yes"})
    names = {
        "df": frame,
        "my": frame,
        "lab": labels,
        "y": turned,
        "parts": {"all": frame},
        "held": frame.head(300),
    }
    if line.startswith("weights y df"):
        names |= {"y": frame, "df": labels}
    if line.startswith("weights y --"):
        names |= {"y": labels}
    shell = Shell(**names, test=frame.head(100))
    result = run_line(shell, line)
    assert first in shell.next[0].splitlines() if first else shell.next[0] == str(result.snippet())
    space = executed(shell.next[0], **shell.user_ns)
    if line.startswith("weights"):
        assert space["class_weight"] == result
    else:
        assert len(space["X_test"]) == len(result.X_test)
