"""Where no thread and no process can start, as in a browser's Python, every verb gives the usual numbers, without a word."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nowhere_to_run
import pytest


@pytest.fixture(scope="module")
def usual():
    return nowhere_to_run.answers(1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cores", "no semaphores"])
def test_every_verb_gives_the_usual_numbers_and_says_nothing(usual, kind):
    script = Path(nowhere_to_run.__file__)
    done = subprocess.run([sys.executable, str(script), kind], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found == (usual if kind == "cores" else {"fit_eval": usual["fit_eval"]})
