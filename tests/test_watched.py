"""Nothing leaves the process: no connection, no other process, no file, nothing unpickled.

scikit-learn counts the cores once in a process, by a call of `lscpu`: that is its own, with or without this package.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_verbs_and_magic_reach_for_nothing_outside(tmp_path):
    env = os.environ | {"MPLCONFIGDIR": str(tmp_path / "mpl"), "IPYTHONDIR": str(tmp_path / "ipython")}
    env["PYTHONDONTWRITEBYTECODE"] = "1"  # of modules that are loaded late
    del env["OMP_NUM_THREADS"]  # as a user's session is: with it nobody counts the cores
    there = tmp_path / "there"
    there.mkdir()
    words = [sys.executable, str(Path(__file__).parent / "watched.py")]
    done = subprocess.run(words, cwd=there, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout.splitlines()[-1])
    assert saw == {"seen": [], "watching": True}
    assert sorted(each.name for each in there.iterdir()) == ["churn.csv", "written", "x.pkl"]
