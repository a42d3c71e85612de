"""What `%imbalance` says when it is asked for help, and when its first word or an option is not known."""

from __future__ import annotations

import inspect

import pytest
from IPython.core.error import UsageError

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.errors import OptionError, near
from imbalance_accessor.ipython import magic
from imbalance_accessor.ipython.parser import read_line


class Shell:
    """No more of a shell than help needs: no variables."""

    user_ns: dict[str, object] = {}  # noqa: RUF012
    history_manager = None


@pytest.mark.parametrize("line", ["", "--help", "-h"])
def test_help_on_the_magic_lists_every_verb(capsys, line):
    assert magic.run_line(Shell(), line) is None
    printed = capsys.readouterr().out
    assert all(f"\n  {verb} " in printed for verb in registry.VERBS)


@pytest.mark.parametrize("verb", registry.VERBS)
@pytest.mark.parametrize("line", ["{} --help", "{} -h", "{} df churn --help"])
def test_help_on_a_verb_lists_its_options_with_a_sentence_each(capsys, verb, line):
    assert magic.run_line(Shell(), line.format(verb)) is None
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith(f"%imbalance {verb} DF ")
    assert max(map(len, printed)) <= 80
    for name, parameter in inspect.signature(registry.verb(verb)).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            (line,) = [each for each in printed if each.split()[:1] == [f"--{name.replace('_', '-')}"]]
            assert len(line.split()) >= 4, line


def test_help_says_what_the_docstring_says(capsys):
    magic.run_line(Shell(), "counts --help")
    assert "Share of rows that a test set would hold." in capsys.readouterr().out


def test_a_first_word_that_is_no_verb_is_said_with_the_verbs():
    with pytest.raises(
        UsageError,
        match=r"^'nope' is no verb\. Verbs: overview, counts, .*leaks, report\. Or is 'nope' the frame",
    ):
        magic.run_line(Shell(), "nope df churn")
    with pytest.raises(OptionError, match=r"'smoot' is no verb\. Did you mean 'smote'\?"):
        read_line("smoot df churn", registry.VERBS)


def test_only_what_is_near_is_suggested():
    options = ["--pos-label", "--test-size", "--cv", "--ignore"]
    assert near("--nope", options) == ""
    assert near("--ignor", options) == " Did you mean '--ignore'?"
    assert near("--testsize", options) == " Did you mean '--test-size'?"


def test_pages_are_shown_without_a_frame():
    shell = Shell()
    shell.user_ns = {"fraud": 3}
    for line, page in {
        "cheatsheet": imb.cheatsheet(),
        "cheatsheet fraud": imb.cheatsheet("fraud"),
        "cheatsheet Platt scaling -o page": imb.cheatsheet("platt"),
        "cheatsheet 'focal loss'": imb.cheatsheet("focal loss"),
        "pitfalls": imb.pitfalls(),
        "pitfalls accuracy": imb.pitfalls("accuracy"),
    }.items():
        assert magic.run_line(shell, line).frame.equals(page.frame), line
    assert shell.user_ns["page"].frame.equals(imb.cheatsheet("platt").frame)
    assert magic.run_line(shell, "pitfalls;") is None
    with pytest.raises(UsageError, match=r"topic='frod' is not known\.(.*\n)*.*%imbalance cheatsheet fraud$"):
        magic.run_line(shell, "cheatsheet frod")
