"""Try odd frames by the thousand, and write down what came of them, by what they were made of.

Runs the property tests of `tests/test_any_frame*.py` with as many frames as their long profile has: 50,000 for each
verb that fits nothing and for the magic, 2,000 for each that fits; and writes `ROBUSTNESS.md`, unless a test
fails (a wrong number, a library's traceback, a changed frame, anything left behind). ``--times N`` tries N times as many
as every check of the project does (2,000 and 150) in their place.

``--few N`` hands N frames of each kind with one to eight positives to each verb instead, runs every fix of their errors
and findings, and writes the page's last part.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import imblearn
import numpy as np
import pandas as pd
import sklearn

HERE = Path(__file__).resolve().parent
TESTS = ("test_any_frame.py", "ipython/test_magic_any_frame.py", "test_any_frame_fitted.py")
PARTS = (
    "verb",
    "labels",
    "each smaller class",
    "unlabelled",
    "rows",
    "target",
    "feature",
    "names",
    "row labels",
    "state",
)
HEAD = """# Odd frames tried

Made by `python benchmarks/robustness.py{option}`: frames drawn at random from the kinds below, each handed to the verbs,
some with groups, times, a test frame, scores, costs or a cap; the invariants of `tests/test_any_frame*.py` were checked on
every answer (each class has its rows, train and test are disjoint, complete and made of the original rows, intervals hold
their points, calibrators keep the order, models that are handed out give the scores that were reported), and after every call
that the frame, the seeds, the settings, the figures and the warnings were as before. Words and code were made of every answer;
of a share the card and the picture were drawn, the code was run, and its numbers compared.

An *answer* is a result that passed these checks; an *error* is one sentence of our own, before any fit. There was nothing
else: with a third outcome this page is not written.

{about}

"""


FEW = "# Few positives"
ABOUT_FEW = f"""{FEW}

Made by `python benchmarks/robustness.py --few {{seeds}}`: {{seeds}} frames each with 1, 2, 3, 4, 6 and 8 positives, handed to
each verb (`tests/few_positives.py`); of 120 rows (plain, in 15 groups, at 50 times) or of 4 to 19 rows ("both parts few").
Every fix of an error or a finding was run to the letter, in a namespace that holds the frame alone: the call must then
succeed, and the finding be gone. *In words*: an error whose cure no code can do, such as one positive that cannot stand on
both sides. Foreign: a library's exception or warning.

"""


def main(options: list[str]) -> int:
    if options[:1] == ["--few"]:
        return write_few(int(options[1]))
    frames = options[1] if options[:1] == ["--times"] else "many"
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        failed = tried(frames, Path(folder))
        tally: Counter[str] = Counter()
        for place in Path(folder).glob("*.json"):
            tally.update(json.loads(place.read_text()))
    if failed:
        return failed
    about = (
        f"pandas {pd.__version__}, numpy {np.__version__}, scikit-learn {sklearn.__version__}, "
        f"imbalanced-learn {imblearn.__version__}, Python {sys.version.split()[0]}; "
        f"{(time.perf_counter() - begun) / 60:.0f} minutes."
    )
    text = HEAD.format(option=f" --times {frames}" if frames != "many" else "", about=about)
    write(text + "\n".join(tables(tally)) + "\n", old_part(1))
    return 0


def write(odd: str, few: str) -> None:
    """Write the page's two parts."""
    (HERE / "ROBUSTNESS.md").write_text(f"{odd.rstrip()}\n\n{few}".rstrip() + "\n", encoding="utf-8")


def old_part(place: int) -> str:
    """Return a part of the page as it stands: odd frames, few positives."""
    odd, found, few = (HERE / "ROBUSTNESS.md").read_text(encoding="utf-8").partition(FEW)
    return (odd, found + few)[place]


def write_few(seeds: int) -> int:
    """Hand frames of few positives to every verb, and write what came of it; 1 where something should not be."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    import few_positives as few  # a module of the tests

    shown = (*few.OUTCOMES, "fix that mends", *few.WRONG)
    lines = [f"| verb | rows | {' | '.join(shown)} |", f"| --- | --- |{' ---: |' * len(shown)}"]
    wrong: list[str] = []
    for verb, kind in itertools.product(few.VERBS, few.KINDS):
        tallies = [few.tried(positives, kind, verb, seeds) for positives in few.POSITIVES]
        found = sum((tally.found for tally in tallies), Counter[str]())
        wrong += [line for tally in tallies for line in tally.wrong]
        lines.append(f"| {verb} | {kind} | {' | '.join(str(found[outcome]) for outcome in shown)} |")
    write(old_part(0), ABOUT_FEW.format(seeds=seeds) + "\n".join(lines) + "\n")
    print("\n".join(wrong))
    return int(bool(wrong))


def tried(frames: str, folder: Path) -> int:
    """Run the tests, dealt to a process for each core; each process leaves its tally in the folder."""
    env = os.environ | {
        "IMBALANCE_ACCESSOR_FRAMES": frames,
        "IMBALANCE_ACCESSOR_TALLY": str(folder / "tally"),
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
    }
    dealt = ["-n", "auto", "--dist", "worksteal", "-p", "no:cacheprovider", "--durations=20"]
    words = [sys.executable, "-m", "pytest", *dealt, *(f"tests/{name}" for name in TESTS)]
    return subprocess.run(words, cwd=HERE.parent, env=env, check=False).returncode


def tables(tally: Counter[str]) -> list[str]:
    """Return one table for each part of a frame, a row for each kind of it."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for key, count in tally.items():
        part, kind, came = key.split("|")
        found.setdefault(part, {}).setdefault(kind, Counter())[came] += count
    lines = []
    for part in PARTS:
        lines += [f"| {part} | answers | errors |", "| --- | ---: | ---: |"]
        lines += [
            f"| {kind} | {came['answer']:,} | {came['error']:,} |"
            for kind, came in sorted(found.get(part, {}).items())
        ]
        lines.append("")
    return lines[:-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
