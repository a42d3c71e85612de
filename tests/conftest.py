"""What every process of the tests needs, whoever starts it: set before a library is imported, and handed down."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# side by side, processes share the cores: none starts threads of its own beside them
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["MPLBACKEND"] = "agg"
if "IPYTHONDIR" not in os.environ:  # a shell writes its history and its profile there
    _SHELLS = tempfile.TemporaryDirectory(prefix="ipython-", ignore_cleanup_errors=True)
    os.environ["IPYTHONDIR"] = _SHELLS.name


# the same examples each time, however busy this machine is: a search for more is `odd_frames.FRAMES`
_STEADY = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "max_examples": 60,
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("steady", **_STEADY)
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Try a few odd frames where slow tests are left out, see `odd_frames.tried`; who names a test wants it, slow or not."""
    if config.option.markexpr == "not slow":
        os.environ.setdefault("IMBALANCE_ACCESSOR_FRAMES", "few")
        if any("::" in each for each in config.args):
            config.option.markexpr = ""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test that is marked `quick(n)`, call all cases slow but n, evenly spread."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("quick"):
            cases.setdefault(item.nodeid.split("[")[0], []).append(item)
    for alike in cases.values():
        (n,) = alike[0].get_closest_marker("quick").args
        for place, item in enumerate(alike):
            if place and place * n // len(alike) == (place - 1) * n // len(alike):
                item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while test files are imported, leave them out of every search for it later, and search seldom."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use the cores that this process may use; for one file, as for one core, nothing but this process."""
    from joblib import cpu_count  # of a container with a limit, too

    paths = {Path(each.split("::")[0]) for each in config.args}
    workers = cpu_count() if any(each.is_dir() for each in paths) else min(cpu_count(), len(paths))
    return workers if workers > 1 else 0


#: Files that look at the same results, which one process makes once for all of them.
_TOGETHER = {
    "results": "test_card_numbers test_contract test_markup test_browser test_browser_report test_page test_slider_in_browser",
    "explained": "test_explanations test_sentences test_words",
}
_GROUPS = {f"{name}.py": group for group, names in _TOGETHER.items() for name in names.split()}


class _ByFile(LoadFileScheduling):
    """A file to a process, as `--dist=loadfile` does, and some files together."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return _GROUPS.get(path.rpartition("/")[2], path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    return _ByFile(config, log) if config.getoption("dist") == "loadfile" else None
