"""Each verb against what a fair colleague would have written without the package: time, memory, growth.

Every case runs in fresh processes: one times ours and the peer in turn, round by round, and one for each side measures
the peak of memory. Ratios are of medians, with the lowest and highest ratio of a round's pair.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

MARKER = "run.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="*", help="beginnings of case names, such as counts; by default all")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--growth", action="store_true", help="time each verb at three sizes instead")
    parser.add_argument("--interrupts", action="store_true", help="interrupt long calls instead")
    parser.add_argument("--rounds", type=int, help="rounds of every case, in place of its own number")
    parser.add_argument("--write", action="store_true", help="put the rows into RESULTS.md")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--memory", choices=("ours", "peer", "one_by_one"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.growth:
        import growth

        sys.exit(growth.child(given.child) if given.child else growth.main(given.case, write=given.write))
    if given.interrupts:
        import interrupts

        sys.exit(
            interrupts.child(given.child) if given.child else interrupts.main(given.case, write=given.write)
        )
    if given.child:
        print(json.dumps(child(given)))
        return
    sys.exit(parent(given, parser))


def child(given: argparse.Namespace) -> dict[str, Any]:
    """Measure one case in this process: the times of both sides, or one side's memory."""
    from cases import CASES
    from measuring import interleaved, n_bytes, peak_memory

    case = next(each for each in CASES if each.key == given.child)
    warm = case.make(case.warm)  # imports and caches
    interleaved(case.sides, warm, 1, goes_on=case.goes_on)
    data = case.make(case.rows)
    if given.memory:
        work = case.held[given.memory]
        if case.goes_on and given.memory == "ours":
            return peak_memory(lambda frame: case.ours(case.peer(frame)), data)
        return peak_memory(work, data)
    taken, results = interleaved(case.sides, data, given.rounds or case.rounds, goes_on=case.goes_on)
    remark, right = case.check(results["ours"], results["peer"]) if case.check else ("", True)
    return {"taken": taken, "bytes": n_bytes(data), "remark": remark, "right": bool(right)}


def start(*arguments: str) -> Any:
    """Run this script in a fresh process and return what it printed."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def named(typed: str, keys: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """Return the case of that name, or else all whose names begin so."""
    found = [typed] if typed in keys else [key for key in keys if key.startswith(typed)]
    if not found:
        parser.error(f"no case begins with {typed!r}; --list names them")
    return found


def parent(given: argparse.Namespace, parser: argparse.ArgumentParser) -> bool:
    """Run the chosen cases, print their rows, and say whether a bound is missed."""
    import report
    from cases import CASES

    keys = {key for name in given.case for key in named(name, [each.key for each in CASES], parser)}
    chosen = [each for each in CASES if not given.case or each.key in keys]
    if given.list:
        print(*(f"{each.key:28}{each.name}" for each in chosen), sep="\n")
        return False
    print(*report.table(report.HEAD, []), sep="\n", flush=True)
    rounds = [] if given.rounds is None else ["--rounds", str(given.rounds)]
    rows = []
    for case in chosen:
        about = report.machine()
        times = start("--child", case.key, *rounds)
        memory = {side: start("--child", case.key, "--memory", side) for side in case.held}
        rows.append(report.row(case, times, memory))
        print(report.line(rows[-1].cells), flush=True)
    print("", *(f"- {' — '.join([*each.cells[:2], each.remark])}" for each in rows if each.remark), sep="\n")
    print("", about, sep="\n")
    if given.write:
        order = [(each.name, each.against) for each in CASES]
        report.write_block(MARKER, report.merged(report.written(MARKER), rows, order, about))
    return not all(each.held for each in rows)


if __name__ == "__main__":
    main()
