"""From what the children measured to rows of a table, and that table's place in RESULTS.md."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from cases import Case

RESULTS = Path(__file__).with_name("RESULTS.md")
#: Frames that a verb may hold on top of what the peer holds. Smaller frames than this many bytes say nothing:
#: a block of bootstrap draws alone is 8 MiB.
MOST_FRAMES, TELLING = 3.0, 10 * 2**20
#: Two peaks of one and the same call are apart by less than this.
MEASURED = 1.02
HEAD = (
    "case",
    "against",
    "ours",
    "peer",
    "ratio (lowest to highest)",
    "must reach",
    "held?",
    "peak memory, ours / peer",
)


@dataclass(frozen=True)
class Row:
    """One case's cells and remark, and whether its bounds are held."""

    cells: tuple[str, ...]
    remark: str
    held: bool


def row(case: Case, times: dict[str, Any], memory: dict[str, dict[str, int]]) -> Row:
    """Put one case together."""
    taken = {side: median(each) for side, each in times["taken"].items()}
    peer = taken["peer"] * case.times
    ratios = [ours / (other * case.times) for ours, other in zip(*_pairs(times["taken"]), strict=True)]
    allowed = case.bound.allowed(peer, taken.get("split", 0.0))
    missed = [] if taken["ours"] <= allowed else [f"{taken['ours'] / allowed:.2f} × the time allowed"]
    missed += memory_missed(case, memory, times["bytes"])
    missed += [] if times["right"] else ["results differ"]
    cells = (
        case.name,
        case.against,
        seconds(taken["ours"]),
        seconds(peer),
        _ratio(case, taken["ours"] / peer, ratios),
        case.bound.text,
        "no: " + ", ".join(missed) if missed else "yes",
        held_bytes(memory, times["bytes"]),
    )
    split = [f"a bare split takes {seconds(taken['split'])}"] if "split" in taken else []
    limit = [f"{seconds(allowed)} allowed"] if case.bound.seconds or case.bound.split else []
    remark = "; ".join(each for each in (case.remark, *split, *limit, times["remark"]) if each)
    return Row(cells, remark, not missed)


def _pairs(taken: dict[str, list[float]]) -> tuple[list[float], list[float]]:
    return taken["ours"], taken["peer"]


def _ratio(case: Case, middle: float, pairs: list[float]) -> str:
    if case.bound.faster:
        ends = f"{1 / max(pairs):,.0f} to {1 / min(pairs):,.0f}"
        return (
            f"{1 / middle:,.0f} × faster ({ends})" if middle < 0.1 else f"{1 / middle:.1f} × faster ({ends})"
        )
    return f"{middle:.3g} × ({min(pairs):.3g} to {max(pairs):.3g})"


def memory_missed(case: Case, memory: dict[str, dict[str, int]], frame: int) -> list[str]:
    """Return the bounds on memory that are not held."""
    alike, peer = memory.get("one_by_one", memory["ours"])["own"], memory["peer"]["own"]
    missed = []
    together, others = (memory[side]["summed"] for side in ("ours", "peer"))  # with workers
    if case.bound.memory is not None and together > MEASURED * case.bound.memory * others:
        missed.append(f"memory {together / max(others, 1):.2f} ×")
    frames = (alike - peer) / frame if frame >= TELLING else 0.0
    if case.is_verb and frames > MOST_FRAMES:
        missed.append(f"{frames:.1f} frames of memory more than the peer")
    return missed


def held_bytes(memory: dict[str, dict[str, int]], frame: int) -> str:
    """Write both peaks, in bytes and frames; with the workers' where there are any."""
    own, summed = ([memory[side][kind] for side in ("ours", "peer")] for kind in ("own", "summed"))
    text = " / ".join(f"{each / 2**20:,.0f}" for each in own) + " MiB"
    if frame:
        text += " (" + " / ".join(f"{each / frame:.1f}" for each in own) + " frames)"
    if "one_by_one" in memory:
        text += f"; one fit at a time {memory['one_by_one']['own'] / 2**20:,.0f} MiB"
    if any(both > 1.05 * alone + 2**20 for both, alone in zip(summed, own, strict=True)):
        text += "; summed over workers " + " / ".join(f"{each / 2**20:,.0f}" for each in summed) + " MiB"
    return text


def seconds(value: float) -> str:
    return f"{value:.1f} s" if value >= 10 else f"{value:.2f} s" if value >= 0.1 else f"{1000 * value:.2g} ms"


def machine() -> str:
    """Say what it ran on, and what else ran there."""
    packages = ("pandas", "numpy", "scikit-learn", "imbalanced-learn", "joblib")
    found = ", ".join(f"{name} {version(name)}" for name in packages)
    gigabytes = psutil.virtual_memory().total / 2**30
    threads = os.environ.get("OMP_NUM_THREADS")
    limited = f", OMP_NUM_THREADS={threads}" if threads else ""
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"{os.cpu_count()} cores, {gigabytes:.0f} GB, {platform.system()}, Python {python}, {found}{limited}; "
        f"load {os.getloadavg()[0]:.1f} when the last case began."
    )


def line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> list[str]:
    return [line(head), line(["---"] * len(head)), *map(line, rows)]


def write_block(marker: str, lines: list[str]) -> None:
    """Replace what stands between two markers of RESULTS.md."""
    text = RESULTS.read_text(encoding="utf-8")
    begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    inside = "\n".join([begin, "", *lines, "", end])
    replaced, times = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: inside, text, flags=re.DOTALL
    )
    if times != 1:
        sys.exit(f"{RESULTS.name} must hold {begin} and {end} once.")
    RESULTS.write_text(replaced, encoding="utf-8")


def written(marker: str) -> list[str]:
    """Return the lines that stand between two markers of RESULTS.md."""
    text = RESULTS.read_text(encoding="utf-8")
    return text.split(f"<!-- {marker} -->")[1].split(f"<!-- /{marker} -->")[0].strip().splitlines()


def merged(old: list[str], rows: list[Row], order: list[tuple[str, str]], about: str) -> list[str]:
    """Put newly measured rows among those written before, in the order of the cases."""
    cells, remarks = {}, {}
    for each in old:
        if each.startswith("| ") and not each.startswith((line(HEAD), "| ---")):
            found = tuple(each.strip("| ").split(" | "))
            cells[found[:2]] = found
        elif each.startswith("- "):
            name, against, remark = each[2:].split(" — ")
            remarks[name, against] = remark
    for new in rows:
        cells[new.cells[:2]] = new.cells
        remarks[new.cells[:2]] = new.remark
    known = [key for key in order if key in cells]
    said = [f"- {' — '.join(key)} — {remarks[key]}" for key in known if remarks.get(key)]
    return [about, "", *table(HEAD, [cells[key] for key in known]), "", *said]
