"""Run in a process of its own by `test_watched.py`: what every verb reaches for outside it. Prints it as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import every_result
import joblib
import matplotlib as mpl
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import font_manager
from matplotlib import pyplot as plt
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

import imbalance_accessor as imb

#: What Python reports before it happens, and what of it would be news to a user.
REACHING = (
    "socket.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "webbrowser.",
    "subprocess.",
    "pickle.find_class",
)
STARTING = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn")
CHANGING = ("os.mkdir", "os.remove", "os.rename", "os.chmod", "os.link", "os.symlink", "shutil.", "tempfile.")


def watch(seen: list[str]) -> None:
    """Note from now on whatever leaves this process: connections, other processes, files that are written or made."""

    def note(event: str, about: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = about
            writes = any(letter in mode for letter in "wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR)
            if writes and path != os.devnull:
                seen.append(f"open {path} {mode} {flags}")
        elif event.startswith((*REACHING, *STARTING, *CHANGING)):
            seen.append(f"{event} {about!r:.200}")

    sys.addaudithook(note)


def shown(found: Any) -> None:
    """Look at a result in every way there is."""
    assert repr(found)
    assert found._repr_html_()
    for way in ("snippet", "explain", "plot"):
        if hasattr(found, way):
            assert getattr(found, way)() is not None
    plt.close("all")


def verbs() -> None:
    for case in (f"{verb} hostile" for verb in every_result.EVERY):
        shown(every_result.made(case))


def magic(shell: InteractiveShell) -> None:
    options = {"counts": "", "weights": "", "smote": "--impute", "fit_eval": "--cv 2 --strategies none"}
    for verb, told in options.items():
        shown(shell.run_line_magic("imbalance", f"{verb} churn.csv churn {told}"))
    try:
        shell.run_line_magic("imbalance", "counts x.pkl churn")
    except UsageError as error:
        assert "neither CSV nor Parquet" in str(error)
    else:
        raise AssertionError("a pickle was read")


def main() -> None:
    mpl.use("Agg")
    font_manager.fontManager.findfont("DejaVu Sans")
    _openmp_effective_n_threads()  # scikit-learn's first search for neighbours counts the cores, by lscpu on Linux
    imb.make_churn(300).to_csv("churn.csv", index=False)
    joblib.dump({"a": 1}, "x.pkl")
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.run_line_magic("load_ext", "imbalance_accessor")
    seen: list[str] = []
    watch(seen)
    verbs()
    magic(shell)
    noticed = list(seen)
    Path("written").touch()
    print(json.dumps({"seen": noticed, "watching": len(seen) > len(noticed)}))  # noqa: T201


if __name__ == "__main__":
    main()
