"""Used by many at once: each call is as it is alone, and leaves the process as it was, however calls meet."""

import importlib.util
import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def run(script, *words, folder, timeout=300):
    """Run an attack in a process of its own, and return what it saw."""
    env = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE)])}
    env |= {"JOBLIB_TEMP_FOLDER": str(folder), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "-Wdefault", str(HERE / script), *map(str, words)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def needs(*modules):
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


def check_interrupts(saw):
    assert {place: each["said"] for place, each in saw.items() if each["said"] != "KeyboardInterrupt"} == {}
    assert {place: each["left"] for place, each in saw.items() if each["left"]} == {}
    assert [place for place, each in saw.items() if not each["same"]] == []


def test_calls_that_meet_hear_their_own_fits_and_wait_for_none(tmp_path):
    saw = run("meeting.py", "in_order", folder=tmp_path)
    assert saw["side by side"] == {"changed": [], "mute": [], "loud": True, "still": True}
    assert saw["nested"] == {"changed": [], "mute": [], "as alone": True}
    assert saw["orders"] == {"tried": 6, "wrong": {}}
    assert saw["settings"] == []
    assert set(saw["quick beside slow"].values()) == {"ends"}


@pytest.mark.slow
def test_blocks_of_threads_can_be_entered_and_left_in_any_order(tmp_path):
    saw = run("meeting.py", "orders", "HGU", "HQU", "CU", folder=tmp_path)
    assert saw == {"tried": 90 + 90 + 6, "wrong": {}}


@pytest.mark.slow
def test_a_storm_of_calls_gives_what_each_gives_alone(tmp_path):
    saw = run("many_at_once.py", "storm", 8, folder=tmp_path)
    assert saw["alone"].pop("refused") == ["no such column", "fails", "stops"]
    assert saw["alone"] == {"changed": [], "mute": [], "unsteady": [], "unheard": [], "printed": ""}
    assert saw["together"] == {"changed": [], "mute": [], "wrong": [], "user": [], "printed": ""}
    assert saw["heard"]


@pytest.mark.slow
def test_processes_that_are_started_beside_fits_are_sound(tmp_path):
    ways = [how for how in ("fork", "spawn") if how in multiprocessing.get_all_start_methods()]
    saw = run("elsewhere.py", "started", *ways, folder=tmp_path)
    assert saw == {"changed": [], "mute": []} | {how: [] for how in ways}


@pytest.mark.slow
@needs("distributed")
def test_tasks_of_a_cluster_hear_their_own_fits_and_leave_its_workers_as_they_were(tmp_path):
    saw = run("elsewhere.py", "on_dask", folder=tmp_path)
    assert saw == {"changed": [], "wrong": [], "mute": [], "workers": 2}


@pytest.mark.slow
@needs("ipykernel", "jupyter_client", "psutil")
def test_threads_and_interrupts_of_a_notebook_s_cells_leave_its_kernel_as_it_was(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    saw = run("elsewhere.py", "in_kernel", there, folder=tmp_path)
    check_interrupts(saw.pop("interrupted"))
    assert saw == {"wrong": [], "changed": [], "mute": [], "printed": "", "heard": True}


@pytest.mark.slow
@needs("psutil")
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent otherwise there")
def test_an_interrupt_leaves_nothing_wherever_it_comes(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    saw = run("interrupted.py", "everywhere", there, folder=tmp_path)
    assert len(saw) >= 20
    check_interrupts(saw)
