"""Run in a process of its own by `test_many_at_once.py`: calls in other processes. Prints what it saw as JSON."""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import sys
import threading
import warnings
from typing import Any

from many_at_once import (
    FITS,
    LONG,
    WORK,
    Prevalence,
    around_thread,
    changed,
    fitted,
    in_a_pool,
    mute,
    told,
    watched,
)


def in_child(results: Any) -> None:
    """In a process that was started while another thread stood in a fit: warn, and call."""
    lost = mute()
    results.put(
        [
            *lost,
            *(
                ["no IMB315"]
                if "IMB315" not in fitted(Prevalence("does not converge")).findings.codes
                else []
            ),
            *mute(),
        ]
    )


def started(*ways: str) -> dict[str, Any]:
    """Start processes while threads stand in fits, in one of their own, and in a pool."""
    free, inside = threading.Event(), threading.Semaphore(0)
    WORK["stays"] = lambda: (inside.release(), free.wait(LONG))[0]
    slow = [threading.Thread(target=run, args=(Prevalence("stays"),)) for run in (fitted, in_a_pool)]
    with watched() as saw:
        for each in slow:
            each.start()
            inside.acquire(timeout=LONG)
        for how in ways:
            saw[how] = asked_of(how)
        free.set()
        for each in slow:
            each.join(LONG)
    return saw


def asked_of(how: str) -> list[str]:
    """Return what a process that is started now finds wrong."""
    context = multiprocessing.get_context(how)
    results = context.Queue()
    child = context.Process(target=in_child, args=(results,))
    child.start()
    try:
        return results.get(timeout=LONG / 2)
    except queue.Empty:
        child.kill()
        return ["hangs"]
    finally:
        child.join(LONG)
        results.close()
        results.join_thread()


def task(seed: int) -> list[str]:
    """Call verbs, as one of several tasks in a worker of a cluster; say what was not as it must be."""
    before = around_thread()
    loud, still = ("does not converge", "nothing") if seed % 2 else ("network", "bayes")
    wrong = [] if "IMB315" in told(FITS[loud]) else [f"no IMB315 of {loud!r}"]
    wrong += [f"IMB315 of {still!r}"] if "IMB315" in told(FITS[still]) else []
    return [*wrong, *changed(before, around_thread())]


def warning_state() -> dict[str, str]:
    names = ("showwarning", "formatwarning", "_showwarnmsg", "_showwarnmsg_impl", "filters")
    return {name: repr(getattr(warnings, name)) for name in names} | {"type": type(warnings).__name__}


def on_dask() -> dict[str, Any]:
    """Run tasks in three threads of each of two processes of a cluster; then hear what other people's tasks say there."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=3, host="127.0.0.1", dashboard_address=None, memory_limit=None
        ) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2, timeout=LONG)
        for each in cluster.scheduler.workers:  # what libraries do when they are loaded
            client.submit(task, 0, pure=False, workers=[each]).result(LONG)
        before = client.run(warning_state)
        wrong = client.gather(client.map(task, range(12), pure=False))
        after = client.run(warning_state)
        lost = client.gather([client.submit(mute, pure=False, workers=[each]) for each in before])
    return {
        "changed": [line for each, was in before.items() for line in changed(was, after[each])],
        "wrong": [line for lines in wrong for line in lines],
        "mute": [each for lines in lost for each in lines],
        "workers": len(before),
    }


CELL = """
import asyncio, json, elsewhere as many
async def main():
    calls = [asyncio.to_thread(many.task, seed) for seed in range(8)]
    return [line for lines in await asyncio.gather(*calls) for line in lines]
await asyncio.to_thread(many.task, 0)
before = many.warning_state()
wrong = await main()
saw = {"wrong": wrong, "changed": many.changed(before, many.warning_state())}
print(json.dumps(saw | {"mute": many.mute()}))
"""


INTERRUPTED = """
import json, interrupted
print(json.dumps(interrupted.everywhere({folder!r}, "fit", "bar", "picture")))
"""


def in_kernel(folder: str) -> dict[str, Any]:
    """Call verbs in the threads of `asyncio.to_thread` of one cell, and interrupt them in another; then warn in a third."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    printed: dict[str, str] = {}

    def keep(message: Any) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            printed[content["name"]] += content["text"]
        if message["msg_type"] == "error":
            printed["stderr"] += "\n".join(content["traceback"])

    def run(cell: str) -> Any:
        printed.update(stdout="", stderr="")
        client.execute_interactive(cell, timeout=2 * LONG, output_hook=keep)
        return json.loads(printed["stdout"] or "null")

    try:
        saw = run(CELL) | {
            "printed": printed["stderr"],
            "interrupted": run(INTERRUPTED.format(folder=folder)),
        }
        run("import warnings; warnings.warn('mine')")
        return saw | {"heard": "UserWarning: mine" in printed["stderr"]}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    import faulthandler

    import elsewhere as module  # so that other processes find what stands here

    faulthandler.dump_traceback_later(4 * LONG, exit=True)
    print(json.dumps(getattr(module, sys.argv[1])(*sys.argv[2:])))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # whatever hangs
