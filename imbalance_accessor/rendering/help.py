"""What there is to call: shown by ``df.imb`` and by ``%imbalance`` alone."""

from __future__ import annotations

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from imbalance_accessor.terminals import for_terminal

#: What each verb answers, in one line.
ANSWERS = {
    "overview": "How imbalanced is it, and what to do?",
    "counts": "Rows of each class; how sure can a score be?",
    "weights": "Which class weights even it out?",
    "split": "Train and test sets, stratified and seeded.",
    "smote": "New rare rows, in the training set alone.",
    "fit_eval": "Does resampling or weighting help?",
    "score": "How good are predictions that I already have?",
    "reliability": "Are the probabilities true?",
    "best_threshold": "Which threshold, and what does it cost?",
    "leaks": "What makes the score too good?",
    "report": "All of these on one page, to keep or send.",
}


@functools.cache
def parameters_of(verb: str) -> dict[str, str]:
    """Return a verb's options and how they are annotated, read from its file: its libraries take seconds to load.

    Examples
    --------
    >>> parameters_of("counts")["cv"]
    'int'
    """
    file = Path(__file__).parents[1] / "verbs" / verb / "__init__.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    (function,) = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == verb]
    return {
        each.arg: ast.unparse(each.annotation) if each.annotation else "" for each in function.args.kwonlyargs
    }


def verbs_with(option: str) -> list[str]:
    """Return the verbs that have an option."""
    return [verb for verb in ANSWERS if option in parameters_of(verb)]


def accessor_help(kind: str, verbs: Sequence[str], rows: int | None) -> str:
    """Return what ``df.imb`` or ``y.imb`` prints: each verb with its call and what it answers.

    Parameters
    ----------
    kind : str
        The accessor's class name; one that begins with ``Series`` needs no target.
    verbs : sequence of str
        The verbs it has.
    rows : int or None
        Rows of the data it is bound to; None: a table that is read piece by piece, which does not know.

    Examples
    --------
    >>> print(accessor_help("SeriesAccessor", ["counts"], 2000))
    y.imb: 2,000 labels. What to call:
    <BLANKLINE>
      y.imb.counts()  Rows of each class; how sure can a score be?
    <BLANKLINE>
    Each result has .frame, .plot(), .snippet(), .explain() and .save(path).
    """
    series = kind.startswith("Series")
    calls = {
        f"y.imb.{verb}()" if series else f'df.imb.{verb}("target")': ANSWERS.get(verb, "") for verb in verbs
    }
    head = "df.imb: a table whose rows its engine counts; models are fitted on a sample."
    if rows is not None:
        head = f"y.imb: {rows:,} labels." if series else f"df.imb: {rows:,} rows."
    lines = "\n".join(_told(calls))
    end = "Each result has .frame, .plot(), .snippet(), .explain() and .save(path)."
    return f"{head} What to call:\n\n{lines}\n\n{end}"


def magic_help(verbs: Sequence[str] = tuple(ANSWERS)) -> str:
    """Return what ``%imbalance`` alone prints: the forms, the verbs, three examples."""
    lines = "\n".join(_told({verb: ANSWERS.get(verb, "") for verb in verbs}))
    return f"""\
%imbalance DF TARGET                       the overview
%imbalance VERB DF TARGET [--option value] one verb; options: its parameters
%imbalance cheatsheet [WORD]               what is typical, or a word looked up
%imbalance pitfalls [WORD]                 sentences not to say

DF is a CSV or Parquet file, a name, demo, or an expression in quotes, which is
run as Python. $x and {{x}} are not expanded. Verbs:

{lines}

%imbalance demo churn
%imbalance fit_eval df churn --model forest --cv 5 -o result
%imbalance report df churn --save churn.html

%imbalance? tells more."""


def verb_help(
    verb: str, function: Callable[..., Any], *, needs_target: bool, strategies: Mapping[str, str]
) -> str:
    """Return what ``%imbalance VERB --help`` prints: the form, and each option with what its docstring says first.

    Parameters
    ----------
    verb : str
    function : callable
        The verb; its keyword-only parameters are the options.
    needs_target : bool
        Whether labels alone do not suffice.
    strategies : mapping of str to str
        What each strategy does, told where the verb takes one.

    Returns
    -------
    str
        No line is wider than 80 columns.
    """
    said = _first_sentences(inspect.getdoc(function) or "")
    options = {
        f"--{name.replace('_', '-')}": said.get(name, "")
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    options |= {
        "-o": "Store the result under this name too.",
        "--snippet": "Put the plain code into the next cell.",
        "--save": "Write what is shown into this HTML file; --overwrite replaces one.",
    }
    lines = _told(options)
    if options.keys() & {"--strategies", "--strategy"}:
        lines += ["", "Strategies:", *_told(strategies)]
    form = f"%imbalance {verb} DF {'TARGET' if needs_target else '[TARGET]'} [--option value ...]"
    shown = "\n".join(lines)
    return f"{form}\n{ANSWERS.get(verb, '')}\n\n{shown}\n\ndf.imb.{verb}? tells more."


def _told(said: Mapping[str, str]) -> list[str]:
    """Return a line for each name, with what is said of it."""
    wide = max(map(len, said), default=0)
    return [
        f"  {name:<{wide}}  {textwrap.shorten(for_terminal(what), 76 - wide, placeholder=for_terminal(' …'))}".rstrip()
        for name, what in said.items()
    ]


def _first_sentences(doc: str) -> dict[str, str]:
    """Return the first sentence on each parameter of a numpydoc docstring."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n---|\Z)", doc, flags=re.MULTILINE | re.DOTALL)
    entries = re.findall(
        r"^(\w[\w, ]*) : .*\n((?:[ ]+.*\n|\n(?=[ ]))*)", section[1] + "\n" if section else "", re.MULTILINE
    )
    return {
        name.strip(): re.split(r"(?<=\.)\s", " ".join(text.replace("`", "").split()))[0]
        for names, text in entries
        for name in names.split(",")
    }
