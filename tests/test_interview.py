"""`docs/interview.ipynb`: each line gives the number that plain libraries give, and the answer says that number."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explained import numbers_in, plain, sentences
from interview_answers import ANSWERS, Witness
from spoken import CLASS, numbers, words

NOTEBOOK = Path(__file__).parents[1] / "docs" / "interview.ipynb"
#: What the notebook promises where folds or fits are involved: of figures (of large ones a share), and of counted rows.
FIGURE, ROWS = 0.002, 1


# --- the notebook


@dataclass(frozen=True)
class Question:
    """A question with its line, what the line printed when the notebook was stored, and what is said by hand."""

    asked: str
    line: str
    printed: str
    by_hand: str

    def said(self, value: object) -> list[str]:
        """The answer: by hand, else the line's own words, as stored and as they are today."""
        return [self.by_hand] if self.by_hand else [" ".join(self.printed.split()), str(value)]


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _printed(cell: dict[str, Any]) -> str:
    shown = [each.get("text", each.get("data", {}).get("text/plain", "")) for each in cell["outputs"]]
    return "\n".join("".join(each) for each in shown)


def read_questions(cells: Sequence[dict[str, Any]]) -> Iterator[Question]:
    for place, cell in enumerate(cells):
        heading = re.search(r"^### \d+\. (.*)$", _source(cell), re.MULTILINE)
        if cell["cell_type"] == "markdown" and heading:
            line, after = cells[place + 1], [_source(each) for each in cells[place + 2 : place + 3]]
            by_hand = "".join(each.removeprefix("> ") for each in after if each.startswith("> "))
            yield Question(heading[1], _source(line), _printed(line), by_hand)


CELLS = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
QUESTIONS = {each.asked: each for each in read_questions(CELLS)}


def run(code: str, namespace: dict[str, Any]) -> Any:
    """Run a cell and return what its last line gives."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), namespace)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace) if last else None


# --- the tests


@pytest.fixture(scope="module")
def namespace() -> dict[str, Any]:
    found: dict[str, Any] = {}
    run(_source(CELLS[1]), found)
    return found


@pytest.fixture(scope="module")
def values(namespace) -> dict[str, Any]:
    """What each line returns, in the notebook's order."""
    return {asked: run(question.line, namespace) for asked, question in QUESTIONS.items()}


@pytest.fixture(scope="module")
def witness(namespace) -> Witness:
    return Witness(namespace)


def slack(value: float, fits: bool) -> float:
    counted = isinstance(value, int | np.integer)
    return (ROWS if counted else FIGURE * max(1, abs(value))) * fits


def is_said(text: str, percent: bool, value: float, fits: bool) -> bool:
    """Whether a number of a sentence is this value, to the digits that are said."""
    by = 100 if percent else 1
    step = 10.0 ** -len(text.replace(",", "").partition(".")[2])
    return abs(float(text.replace(",", "")) - by * value) <= step / 2 + by * slack(value, fits) + 1e-9


def off(
    said: str, known: Sequence[float], given: Sequence[float], fits: bool
) -> tuple[list[str], list[float]]:
    """Numbers of an answer that are not known, and known ones that it does not say."""
    spoken = numbers_in(CLASS.sub("Q", plain(said)))
    strays = [
        text
        for text, percent in spoken
        if not any(is_said(text, percent, each, fits) for each in known)
        and not any(is_said(text, percent, each, False) for each in given)
    ]
    unsaid = [each for each in known if not any(is_said(*number, each, fits) for number in spoken)]
    return strays, unsaid


def test_there_are_forty_questions():
    numbered = re.findall(r"^### (\d+)\. ", "\n".join(map(_source, CELLS)), re.MULTILINE)
    assert list(map(int, numbered)) == list(range(1, 41))
    assert list(QUESTIONS) == list(ANSWERS)


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_question_has_one_line_or_two(asked):
    lines = QUESTIONS[asked].line.splitlines()
    assert len(lines) <= 2
    assert max(map(len, lines)) <= 130


@pytest.mark.parametrize("asked", QUESTIONS)
def test_an_answer_is_fit_to_be_spoken(asked):
    said = QUESTIONS[asked].by_hand
    if said:
        assert [each for each in sentences(said) if len(words(each)) > 22 or len(numbers(each)) > 3] == []
        assert len(words(said)) <= 50


@pytest.mark.slow
@pytest.mark.parametrize("asked", ANSWERS)
def test_the_line_and_the_answer_give_the_number(asked, values, witness):
    answer, question = ANSWERS[asked], QUESTIONS[asked]
    known = list(answer.witness(witness))
    if answer.read:
        read = list(map(float, answer.read(values[asked])))
        allowed = [0.0005 + slack(each, answer.fits) for each in known]
        assert len(read) == len(known)
        assert [
            pair
            for *pair, most in zip(read, known, allowed, strict=True)
            if not abs(pair[0] - pair[1]) <= most
        ] == []
    for said in question.said(values[asked]):
        assert off(said, known, answer.given, answer.fits) == ([], [])


@pytest.mark.parametrize("asked", QUESTIONS)
def test_what_is_said_by_hand_is_what_the_line_printed(asked):
    question = QUESTIONS[asked]
    printed = [
        abs(float(text.replace(",", ""))) / (100 if percent else 1)
        for text, percent in numbers_in(question.printed.replace("'", ""))
    ]
    given = ANSWERS[asked].given
    assert not question.by_hand or off(question.by_hand, printed, given, False)[0] == []
