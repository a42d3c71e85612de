"""What is printed reaches every terminal: all text of all results, in encodings that hold little of it."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import pandas as pd
import pytest
from every_result import EVERY, FRAMES, made
from IPython.lib.pretty import pretty

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.errors import Fix, ImbalanceError, OptionError
from imbalance_accessor.ipython.magic import _help
from imbalance_accessor.reference.cheatsheet import TABLES
from imbalance_accessor.rendering.card import Card, as_text
from imbalance_accessor.rendering.labels import columns
from imbalance_accessor.rendering.result import Explanation, Result
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.terminals import code_for_terminal, for_terminal

NARROW = ("cp1252", "cp437", "latin-1", "ascii", "cp932", "gbk")
FITTED = {"fit_eval", "reliability", "best_threshold", "trace", "learning_curve", "leaks"}
VERBS = [pytest.param(verb, marks=[pytest.mark.slow] if verb in FITTED else []) for verb in EVERY]
#: What each of our characters is called in ASCII; typed here once more.
ASCII = {"−": "-", "–": "-", "→": "->", "▸": ">", "…": "...", "×": "x", "·": "*", "±": "+/-", "²": "^2"}
ASCII |= {"≤": "<=", "≥": ">=", "√": "sqrt", "∝": "~", "\u0303": "~", "’": "'"}
ASCII |= {"Σ": "sum", "π": "pi", "λ": "lambda", "α": "alpha", "β": "beta", "γ": "gamma"}


@contextmanager
def terminal(encoding: str) -> Iterator[io.TextIOWrapper]:
    """Let standard output be a stream that takes what it can encode, and refuses all else."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding, errors="strict", newline="\n")
    with redirect_stdout(stream):
        yield stream


def printed(face: object, encoding: str) -> str:
    with terminal(encoding) as stream:
        print(face)  # noqa: T201 - what is tested
        stream.flush()
    return stream.buffer.getvalue().decode(encoding).removesuffix("\n")  # type: ignore[attr-defined]


def holds(encoding: str, character: str) -> bool:
    return character.encode(encoding, "replace").decode(encoding) == character


def in_words(text: str, encoding: str) -> str:
    """Write what an encoding lacks, character by character."""
    escape = lambda c: c.encode("ascii", "backslashreplace").decode()  # noqa: E731
    said = "".join(c if holds(encoding, c) else ASCII.get(c, escape(c)) for c in text)
    return said.encode(encoding).decode(encoding)  # cp932 reads a minus back as a wide one


def plain(text: str) -> str:
    return str.__str__(text)


def sentences(result: Result) -> list[str]:
    said = [result.explain(), result.explain(audience="interview"), getattr(result, "verdict", "")]
    return [*said, *(part for each in result.findings for part in (each.message, each.cure))]


def code(result: Result) -> list[object]:
    return [result.snippet(style="full"), *(each.fix for each in result.findings if each.fix)]


@pytest.mark.parametrize("verb", VERBS)
def test_every_face_of_every_result_is_printed_in_every_encoding(verb):
    result = made(f"{verb} foreign")
    faces = [result, [*result.findings], result.findings, *result.findings, *code(result), *sentences(result)]
    shown = [result, result.explain(), result.snippet(style="full"), result.findings]
    for encoding in NARROW:
        for face in faces:
            printed(face, encoding)
        for face in shown:
            with terminal(encoding) as stream:
                stream.write(pretty(face))  # as IPython shows it


@pytest.mark.parametrize("verb", VERBS)
def test_sentences_say_in_words_what_an_encoding_lacks_and_keep_what_it_holds(verb):
    for sentence in sentences(made(f"{verb} foreign")):
        for encoding in NARROW:
            assert printed(sentence, encoding) == in_words(plain(sentence), encoding)
            with terminal(encoding):
                assert f"{sentence}" == f"{sentence:.9999}" == str(sentence)


@pytest.mark.parametrize("verb", VERBS)
def test_code_keeps_its_meaning_in_every_encoding(verb):
    for each in code(made(f"{verb} foreign")):
        whole = each.code if isinstance(each, Fix) else plain(each)
        for encoding in NARROW:
            assert ast.dump(ast.parse(printed(each, encoding))) == ast.dump(ast.parse(whole))


@pytest.mark.parametrize("verb", VERBS)
def test_utf8_html_and_what_is_stored_know_nothing_of_the_terminal(verb):
    result = made(f"{verb} foreign")
    with redirect_stdout(io.StringIO()):
        texts = [str(face) for face in (result, *code(result), *sentences(result), result.findings)]
        page = result._repr_html_()
    assert [
        printed(face, "utf-8") for face in (result, *code(result), *sentences(result), result.findings)
    ] == texts
    with terminal("ascii"):
        assert result._repr_html_() == page
        assert [plain(each) for each in sentences(result)] == texts[1 + len(code(result)) : -1]


@pytest.mark.parametrize("verb", VERBS)
def test_a_card_stays_within_its_columns(verb):
    result = made(f"{verb} foreign")
    if isinstance(result, dict):
        return
    code_lines = {line for each in result.findings for line in each.fix.below().splitlines()}
    for encoding in NARROW:
        with terminal(encoding):
            code_lines |= {line for each in result.findings for line in each.fix.below().splitlines()}
        lines = {*printed(result, encoding).splitlines()} - code_lines
        assert max(map(columns, lines)) <= 80


def test_a_table_is_aligned_after_its_characters_were_replaced():
    table = pd.DataFrame({"a → b": ["1 → 2", "–"], "naïve": [0.5, 1000.0], "x×y": ["日本", "…"]}, ["–", "λ"])
    card = Card("1 − 2", figures=(("β", "×"), ("rows", "2")), table=table, best="λ", next=('df["a→b"]',))
    assert printed(as_text_when_printed(card), "ascii").splitlines() == [
        "1 - 2",
        "",
        "  beta  x",
        "  rows  2",
        "",
        r"          a -> b  na\xefve  xxy",
        r"  -       1 -> 2     0.500  \u65e5\u672c",
        r"* lambda  -          1,000  ...",
        "",
        r'Next: df["a\u2192b"]',
    ]


class as_text_when_printed:  # noqa: N801
    def __init__(self, card: Card) -> None:
        self.card = card

    def __str__(self) -> str:
        return as_text(self.card)


def test_names_that_are_cut_to_fit_stay_different_and_within_the_line():
    names = [f"日本語の列 sensor reading {i:02} in degrees Celsius at the north end of it" for i in range(3)]
    table = pd.DataFrame({name: [*names] for name in names}, names)
    lines = printed(as_text_when_printed(Card("", table=table)), "latin-1").splitlines()
    assert max(map(len, lines)) <= 80
    assert len({line[:36] for line in lines[1:4]}) == 3


@pytest.mark.parametrize(
    ("line", "ascii_line"),
    [
        ("x = df['a→b']  # λ: naïve", r"x = df['a\u2192b']  # lambda: na\xefve"),
        ("re.sub(r'[€]\\d', '', \"日\")", r"""re.sub('[\u20ac]\\d', '', "\u65e5")"""),
        (r"'\\→', 'é\'→'", r"'\\\u2192', '\xe9\'\u2192'"),
        ("f(\n    '''a\n→''', # →\n    1)", "f(\n    '''a\n\\u2192''', # ->\n    1)"),
        ("%imbalance counts df '日本", r"%imbalance counts df '\u65e5\u672c"),
    ],
)
def test_literals_are_escaped_by_value_and_comments_in_words(line, ascii_line):
    with terminal("ascii"):
        assert code_for_terminal(line) == ascii_line


@pytest.mark.parametrize("stream", [None, object(), io.StringIO(), io.TextIOWrapper(io.BytesIO(), "utf-8")])
def test_a_stream_that_takes_all_or_does_not_say_gets_all(stream, monkeypatch):
    monkeypatch.setattr(sys, "stdout", stream)
    assert for_terminal("1 → 2 日本 😀") == "1 → 2 日本 😀"
    assert code_for_terminal("'→'  # →") == "'→'  # →"


def test_half_a_character_is_printed_where_utf8_would_refuse_it():
    assert printed(OptionError("no \ud800"), "utf-8") == r"no \ud800"


def test_what_stands_beside_results_is_printed_too():
    pages = [*TABLES.values(), imb.cheatsheet("smote")]
    help_texts = [_help(verb) for verb in ("", *registry.VERBS)]
    with terminal("ascii"):
        told = [_help(verb) for verb in ("", *registry.VERBS)]
    assert all(text.isascii() for text in told) and not all(text.isascii() for text in help_texts)
    assert all(len(line) <= 80 for text in told for line in text.splitlines())
    frame, _ = FRAMES["foreign"]
    for encoding in NARROW:
        for page in pages:
            printed(page, encoding)
            with terminal(encoding):
                page.frame.to_string().encode(encoding)
        printed(frame.imb, encoding)
        with pytest.raises(ImbalanceError) as caught:
            frame.imb.counts("größе 日")
        printed(caught.value, encoding)
        printed(repr_of(caught.value), encoding)


class repr_of:  # noqa: N801
    def __init__(self, value: object) -> None:
        self.value = value

    def __str__(self) -> str:
        return repr(self.value)


def test_slices_of_what_is_handed_out_and_files_hold_every_character(tmp_path):
    with terminal("ascii"):
        file = tmp_path / "said.txt"
        file.write_text(Explanation("0.25 → 0.43"), "utf-8")
        assert file.read_text("utf-8") == "0.25 → 0.43" == Explanation("0.25 → 0.43")[:]
        assert Snippet("x = '→'")._repr_markdown_() == "```python\nx = '→'\n```"


README_LINE = ["-m", "IPython", "--ext=imbalance_accessor", "-c", "%imbalance fit_eval demo churn"]


@pytest.mark.slow
def test_the_main_job_of_the_readme_is_printed_by_ipython_in_the_encoding_of_windows():
    done = subprocess.run(
        [sys.executable, *README_LINE],
        env=os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 and b"Error" not in done.stderr
    assert re.search(r"F1 0\.\d+ -> 0\.\d+", done.stdout.decode("cp1252"))
