"""When a bar is seen, and where."""

import subprocess
import sys
import threading

import pytest
from tqdm._monitor import TMonitor

from imbalance_accessor.evaluation import progress

pytestmark = pytest.mark.filterwarnings("error")


class Shown:
    """Stands in for IPython's display: keeps what a cell's output held, one text after another."""

    def __init__(self):
        self.texts = []

    def display(self, data, **given):
        self.texts.append(data["text/plain"])
        return self

    def update(self, data, **given):
        self.texts.append(data["text/plain"])


def test_in_a_notebook_the_bar_stands_in_the_output_and_is_gone_when_done(monkeypatch, capfd):
    shown = Shown()
    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", shown)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    with progress.bar(3, shown=True) as bar:
        bar.set_description("smote")
        bar.update()
        bar.refresh()
    assert any(text.startswith("smote:  33%") and "/3 [" in text for text in shown.texts)
    assert shown.texts[-1] == ""
    before = len(shown.texts)
    with progress.bar(3, shown=False) as bar:
        bar.update()
    with progress.bar(3, shown=None, delay=3600.0) as bar:  # short work
        bar.update()
    assert len(shown.texts) == before
    assert capfd.readouterr() == ("", "")


def test_by_default_a_bar_is_seen_after_the_delay(capfd):
    with progress.bar(3, shown=None, delay=3600.0) as bar:
        bar.update()
    assert capfd.readouterr() == ("", "")
    with progress.bar(3, shown=None, delay=0.0) as bar:
        bar.update()
    assert "/3 [" in capfd.readouterr().err


def test_no_thread_is_left_that_looks_after_bars():
    """Whichever test drew the first bar of this process."""
    for shown in (True, False, None):
        with progress.bar(3, shown=shown) as bar:
            bar.update()
    assert [each for each in threading.enumerate() if isinstance(each, TMonitor)] == []


@pytest.mark.slow
def test_a_notebook_needs_no_widgets():
    code = """
import sys, types, IPython.display
sys.modules["ipykernel.zmqshell"] = types.ModuleType("ipykernel.zmqshell")
sys.modules["ipywidgets"] = None
from imbalance_accessor.evaluation.progress import bar
with bar(2, shown=True) as shown:
    shown.update()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
