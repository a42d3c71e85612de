"""Any frame: the magic's line gives what the function gives, or one line that says why not, and leaves all as it was."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from odd_frames import attempt, nothing_left, odd_frames, tallied, tried
from test_any_frame import LIGHT
from traitlets.config import Config

from imbalance_accessor.data.synthetic_rows import _CALLS
from imbalance_accessor.ipython import magic


@pytest.fixture(autouse=True)
def synthetic_rows_forgotten():
    _CALLS.clear()


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell(config=config, ipython_dir=str(tmp_path_factory.mktemp("ipython")))
    magic.load_magic(made)
    yield made
    magic.unload_magic(made)
    made.restore_sys_module_state()


def quoted(name: Any) -> str | None:
    """Return a column's name as it is typed on the magic's line; None where that cannot be."""
    if isinstance(name, bool) or not isinstance(name, str | int) or "\n" in str(name):
        return None
    if '"' in str(name):
        return None if "'" in str(name) else f"'{name}'"
    return f'"{name}"'


@tried(150, 50_000)
@given(st.data(), odd_frames(most=30))
def test_the_magic_says_what_the_function_says(shell, data, odd):
    frame, target = odd.frame()
    verb = data.draw(st.sampled_from(LIGHT))
    words = "labels" if odd.as_series else quoted(target)
    if words is None:
        return
    shell.user_ns.update(df=frame, labels=target)
    _CALLS.clear()
    with nothing_left(frame, *([target] if odd.as_series else [])):
        wanted = attempt(verb, frame, target)
        tallied(odd, "%imbalance", wanted)
        _CALLS.clear()
        try:
            found = magic.run_line(shell, f"{verb} df {words}")
        except UsageError as error:
            assert wanted is None or "labels" in str(error)
            sentence, *below = str(error).splitlines()
            assert sentence.endswith((".", "?")) and below[:1] in ([], ["Fix:"])
            return
        assert wanted is not None
        pd.testing.assert_frame_equal(found.frame, wanted.frame)
