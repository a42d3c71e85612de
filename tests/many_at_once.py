"""Run in a process of its own by `test_many_at_once.py`: calls side by side, and what they leave. Prints what it saw as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import io
import json
import multiprocessing
import os
import queue
import random
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any, Self

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib.parallel import get_active_backend
from odd_frames import surroundings
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_info

import imbalance_accessor as imb
from imbalance_accessor.threads import quieted, recorded

QUICK: dict[str, Any] = {"strategies": ["none"], "cv": 2, "progress": False, "n_jobs": 1}
#: Seconds after which a call is taken for one without end.
LONG = 60.0


def frame(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = (rng.random(n) < 0.3).astype(int)
    return pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"]).assign(y=y)


class Prevalence(ClassifierMixin, BaseEstimator):
    """Says the prevalence; its fit does a piece of `WORK` before, known by name, so that every copy does the same."""

    def __init__(self, work: str = "nothing") -> None:
        self.work = work

    def fit(self, X: Any, y: Any) -> Self:
        WORK[self.work]()
        self.classes_, self.share_ = np.unique(y), float(np.mean(y))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return np.tile([1 - self.share_, self.share_], (len(X), 1))


def converges_not() -> None:
    warnings.warn("no optimum", ConvergenceWarning, stacklevel=1)
    time.sleep(0)


def says() -> None:
    for _ in range(5):
        warnings.warn("said in a fit", UserWarning, stacklevel=1)
        time.sleep(0)


def nests() -> None:
    imb.counts(frame(), "y")
    found = imb.fit_eval(frame(), "y", model=Prevalence("does not converge"), **QUICK)
    assert "IMB315" in found.findings.codes


def starts_threads() -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: converges_not(), range(2)))


def fails() -> None:
    raise ValueError("this fit fails")


def stops() -> None:
    raise KeyboardInterrupt


WORK: dict[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "does not converge": converges_not,
    "says": says,
    "nests": nests,
    "starts threads": starts_threads,
    "fails": fails,
    "stops": stops,
}


def fitted(model: Any = None, **options: Any) -> Any:
    return imb.fit_eval(frame(), "y", model=Prevalence() if model is None else model, **QUICK | options)


def in_a_pool(model: Any, backend: str = "threading") -> Any:
    with joblib.parallel_config(backend, n_jobs=2):
        return fitted(model, n_jobs=None)


#: Calls by name; `fits` take longest.
CALLS: dict[str, Callable[[], Any]] = {
    "counts": lambda: imb.counts(frame(), "y"),
    "weights": lambda: imb.weights(frame(), "y"),
    "overview": lambda: imb.overview(frame(), "y"),
    "split": lambda: imb.split(frame(), "y"),
    "smote": lambda: imb.smote(frame(), "y"),
    "no such column": lambda: imb.counts(frame(), "z"),
    "picture": lambda: imb.counts(frame(), "y")._repr_html_(),
}
FITS: dict[str, Callable[[], Any]] = {
    "leaks": lambda: imb.leaks(frame(), "y"),
    "logistic": lambda: fitted("logistic"),
    "bayes": lambda: fitted(GaussianNB()),
    "network": lambda: fitted(MLPClassifier(max_iter=2, random_state=0)),
    "bagged networks": lambda: fitted(
        BaggingClassifier(MLPClassifier(max_iter=2, random_state=0), n_estimators=2, random_state=0)
    ),
    "forest": lambda: fitted(RandomForestClassifier(4, n_jobs=2, random_state=0)),
    **{work: lambda work=work: fitted(Prevalence(work)) for work in WORK},
    "a pool": lambda: in_a_pool(Prevalence("does not converge")),
    "a pool of nests": lambda: in_a_pool(Prevalence("nests")),
}


def told(call: Callable[[], Any]) -> str:
    """Return all that a call says: its numbers and findings, or its error."""
    try:
        found = call()
    except (Exception, KeyboardInterrupt) as error:
        return f"{type(error).__name__}: {error}"
    told = found if isinstance(found, str) else f"{found!r} {found.findings}"
    return told + (found.frame.to_csv() if hasattr(found, "frame") else "")


def around() -> dict[str, Any]:
    """Return what calls must leave alone: of the process, and of this thread."""
    return (
        surroundings()
        | {
            "showwarning": warnings.showwarning,
            "formatwarning": warnings.formatwarning,
            "_showwarnmsg": warnings._showwarnmsg,  # type: ignore[attr-defined]
            "_showwarnmsg_impl": warnings._showwarnmsg_impl,  # type: ignore[attr-defined]
            "warning filters": list(warnings.filters),
            "signals": signal.getsignal(signal.SIGINT),
            "environment": dict(os.environ),
            "files": sorted(os.listdir(tempfile.gettempdir())),  # noqa: PTH208
            "threads": threads(),
        }
        | around_thread()
    )


def threads(seconds: float = 10.0) -> list[str]:
    """Return the names of living threads, given those of a closed pool a moment to end."""
    until = time.perf_counter() + seconds
    while threading.active_count() > 1 and time.perf_counter() < until and seconds:
        seconds = seconds if any("Pool" in each.name for each in threading.enumerate()) else 0.0
        time.sleep(0.01)
    return sorted(each.name for each in threading.enumerate())


def around_thread() -> dict[str, Any]:
    backend, n_jobs = get_active_backend()
    return {
        "library threads": [(each["filepath"], each["num_threads"]) for each in threadpool_info()],
        "joblib": (type(backend).__name__, n_jobs),
        "scikit-learn's": sklearn.get_config(),
        "numpy's errors": np.geterr(),
        "context": [
            (each.name, repr(value))
            for each, value in contextvars.copy_context().items()
            if each.name != "decimal_context"  # Python's own, made at the first use
        ],
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return what is not as it was."""
    return [
        f"{name}: {was!r:.90} is {after[name]!r:.200}" for name, was in before.items() if after[name] != was
    ]


def mute() -> list[str]:
    """Warn in four ways, and return those that nobody hears."""
    lost, code = [], compile('import warnings; warnings.warn("mine")', "<mine>", "exec")
    with contextlib.redirect_stderr(io.StringIO()) as printed:
        exec(code, {"__name__": "mine"})
    if "mine" not in printed.getvalue():
        lost.append("stderr")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(code, {"__name__": "mine"})
    if [str(each.message) for each in caught] != ["mine"]:
        lost.append("catch_warnings")
    try:
        with pytest.warns(UserWarning, match="mine"):
            exec(code, {"__name__": "mine"})
    except BaseException:  # pytest's failures are no exceptions
        lost.append("pytest.warns")
    before, own = warnings.showwarning, list[str]()
    warnings.showwarning = lambda message, *_, **__: own.append(str(message))
    exec(code, {"__name__": "mine"})
    warnings.showwarning = before
    return lost if own == ["mine"] else [*lost, "showwarning"]


@contextlib.contextmanager
def watched() -> Iterator[dict[str, Any]]:
    """Hold the process against what it was."""
    saw: dict[str, Any] = {}
    fitted()  # the first bar starts tqdm's own thread, which stays
    before = around()
    yield saw
    saw["changed"], saw["mute"] = changed(before, around()), mute()


class Actor:
    """A thread that stands inside a block until it is told to leave, and warns there whenever it is told to."""

    def __init__(self, name: str, block: Callable[[Actor], Any]) -> None:
        self.name, self.block, self.asked, self.done = name, block, queue.Queue[str](), queue.Queue[str]()
        self.times, self.first, self.found = 0, True, ""
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.found = self.block(self)
        except BaseException as error:
            self.found = repr(error)
        self.done.put("ended")

    def stay(self) -> None:
        """Stand here, at the first of several fits."""
        if not self.first:
            return
        self.first = False
        self.done.put("entered")
        while self.asked.get(timeout=LONG) != "leave":
            self.times += 1
            warnings.warn(self.name, ConvergenceWarning, stacklevel=1)
            self.done.put("said")

    def say(self) -> None:
        self.asked.put("say")
        self.done.get(timeout=LONG)

    def enter(self) -> None:
        self.thread.start()
        self.done.get(timeout=LONG)

    def leave(self) -> None:
        self.asked.put("leave")
        self.done.get(timeout=LONG)
        self.thread.join()


def hearing(actor: Actor) -> list[str]:
    with recorded() as caught:
        actor.stay()
        heard = [str(each.message) for each in caught]
    return heard if heard != [actor.name] * actor.times else []


def quiet(actor: Actor) -> list[str]:
    with quieted():
        actor.stay()
    return []


def own_block(actor: Actor) -> list[str]:
    """As a user's own thread does; Python's block hears the whole process, but never what our threads hear."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        actor.stay()
    heard = [str(each.message) for each in caught]
    wrong = [each for each in heard if each not in (actor.name, "quiet")]
    return wrong + ["own lost"] * (heard.count(actor.name) != actor.times)


def a_call(actor: Actor) -> list[str]:
    WORK["stay"] = actor.stay
    return [] if "IMB315" in fitted(Prevalence("stay")).findings.codes else ["no IMB315"]


def crossed(order: str) -> list[str]:
    """Let threads enter (capital) and leave blocks in an order, all inside warning at each step; return what went wrong."""
    kinds = {"H": hearing, "G": hearing, "Q": quiet, "U": own_block, "C": a_call}
    names = {"H": "hearing", "G": "hearing too", "Q": "quiet", "U": "user", "C": "call"}
    actors = {letter: Actor(names[letter], kinds[letter]) for letter in order if letter.isupper()}
    before, inside = (list(warnings.filters), warnings.showwarning, warnings._showwarnmsg_impl), list[Actor]()  # type: ignore[attr-defined]
    with contextlib.redirect_stderr(io.StringIO()) as printed:
        for letter in order:
            actor = actors[letter.upper()]
            if letter.isupper():
                actor.enter()
                inside.append(actor)
            else:
                actor.leave()
                inside.remove(actor)
            for each in inside:
                each.say()
    wrong = [f"{each.name} {each.found}" for each in actors.values() if each.found]
    if any(f"Warning: {names[letter]}\n" in printed.getvalue() for letter in "HGUC"):
        wrong.append(f"printed {printed.getvalue()!r}")
    after = (list(warnings.filters), warnings.showwarning, warnings._showwarnmsg_impl)  # type: ignore[attr-defined]
    wrong += [f"{was!r:.60} is {now!r:.90}" for was, now in zip(before, after, strict=True) if was != now]
    wrong += [f"mute {each}" for each in mute()]
    if wrong:  # each order begins in peace
        warnings.filters[:], warnings.showwarning, warnings._showwarnmsg_impl = before  # type: ignore[attr-defined]
    return wrong


def orders(letters: str) -> dict[str, Any]:
    """Try every order in which threads of these kinds can enter and leave their blocks."""
    both = sorted({"".join(each) for each in permutations(letters + letters.lower())})
    right = [each for each in both if all(each.index(one) < each.index(one.lower()) for one in letters)]
    wrong = {order: crossed(order) for order in right}
    return {"tried": len(right), "wrong": {order: found for order, found in wrong.items() if found}}


def within(call: Callable[[], Any], seconds: float = LONG) -> str:
    """Return what a call says, or that it does not end."""
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(told(call)), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else "hangs"


def quick_beside_slow() -> dict[str, Any]:
    """End a quick call, in its thread or in a pool, while another thread's fit still sleeps."""
    saw = {}
    for kind, run in {"alone": fitted, "pool": in_a_pool}.items():
        for beside, slow_run in {"alone": fitted, "pool": in_a_pool}.items():
            inside, free, begun = threading.Event(), threading.Event(), threading.Event()
            WORK["slow"] = lambda inside=inside, free=free: (inside.set(), free.wait(LONG))[0]
            WORK["quick"] = lambda inside=inside, begun=begun: (begun.set(), inside.wait(LONG))[0]
            slow = threading.Thread(
                target=lambda run=slow_run, begun=begun: (begun.wait(LONG), run(Prevalence("slow")))
            )
            slow.start()  # once the quick call is in its fit
            found = within(lambda run=run: run(Prevalence("quick")), LONG / 4)
            free.set()
            slow.join(LONG)
            saw[f"{kind} beside {beside}"] = "hangs" if found == "hangs" or slow.is_alive() else "ends"
    return saw


def storm(calls: str = "30", of: str = "8") -> dict[str, Any]:
    """Mix calls in threads; say which were not as they are alone. One more thread warns, and hears itself alone."""
    every = CALLS | FITS
    alone = {name: told(call) for name, call in every.items()}
    again = {name: told(call) for name, call in every.items()}
    unsteady = [name for name, call in every.items() if again[name] != alone[name]]
    own, over, lost = 0, threading.Event(), list[str]()

    def user() -> None:
        nonlocal own
        while not over.is_set():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                warnings.warn("the user's", UserWarning, stacklevel=1)
            heard = [str(each.message) for each in caught]
            own += 1
            lost.extend(["lost"] if "the user's" not in heard else [])
            lost.extend(each for each in heard if each in ("no optimum", "said in a fit"))
            time.sleep(0.01)

    def work(seed: int) -> list[str]:
        rng, wrong = random.Random(seed), list[str]()
        before = around_thread()
        for _ in range(int(calls)):
            name = rng.choice(sorted(CALLS if rng.random() < 0.7 else FITS))
            found = told(every[name])
            if found != alone[name]:
                wrong.append(f"{name}: {found} INSTEAD OF {alone[name]}")
        return wrong + changed(before, around_thread())

    with watched() as saw, contextlib.redirect_stderr(io.StringIO()) as printed:
        listener = threading.Thread(target=user)
        listener.start()
        with ThreadPoolExecutor(int(of)) as pool:
            wrong = [each for found in pool.map(work, range(int(of))) for each in found]
        over.set()
        listener.join()
    return saw | {
        "wrong": wrong,
        "user": lost,
        "printed": printed.getvalue(),
        "unsteady": unsteady,
        "heard": own > 0,
    }


def in_order() -> dict[str, Any]:
    """Let threads meet in the ways that can be told apart without a clock."""
    return {"side by side": side_by_side(), "orders": orders("HG"), "quick beside slow": quick_beside_slow()}


def nested() -> dict[str, Any]:
    """Call verbs inside the fits of a pool of threads."""
    with watched() as saw:
        saw["said"] = within(lambda: in_a_pool(Prevalence("nests")), LONG / 3)
    return saw | {"alone": told(lambda: fitted(Prevalence("nests")))} if saw["said"] != "hangs" else saw


def side_by_side() -> dict[str, Any]:
    """Have two calls in threads, of which one's fits warn while the other stands in its own."""
    with watched() as saw:
        warns, calm = threading.Barrier(2), threading.Barrier(2)

        def warn() -> None:
            warns.wait(LONG), converges_not(), calm.wait(LONG)

        WORK["warns beside"] = warn
        WORK["is beside"] = lambda: (warns.wait(LONG), calm.wait(LONG))
        with ThreadPoolExecutor(2) as pool:
            loud, still = pool.map(
                lambda work: fitted(Prevalence(work)).findings.codes, ("warns beside", "is beside")
            )
    return saw | {"loud": "IMB315" in loud, "still": "IMB315" not in still}


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


def started(how: str) -> dict[str, Any]:
    """Start a process while threads stand in fits, in one of their own, and in a pool."""
    context = multiprocessing.get_context(how)
    results = context.Queue()
    free = threading.Event()
    inside = threading.Semaphore(0)
    WORK["stays"] = lambda: (inside.release(), free.wait(LONG))[0]
    slow = [threading.Thread(target=run, args=(Prevalence("stays"),)) for run in (fitted, in_a_pool)]
    with watched() as saw:
        for each in slow:
            each.start()
            inside.acquire(timeout=LONG)
        child = context.Process(target=in_child, args=(results,))
        child.start()
        try:
            saw["child"] = results.get(timeout=LONG / 2)
        except queue.Empty:
            saw["child"] = ["hangs"]
            child.kill()
        free.set()
        for each in [*slow, child]:
            each.join(LONG)
        results.close()
        results.join_thread()
    return saw


def task(seed: int) -> list[str]:
    """Call verbs, as one of several tasks in a worker of a cluster; say what was not as it must be."""
    loud, still = ("does not converge", "nothing") if seed % 2 else ("network", "bayes")
    wrong = [] if "IMB315" in told(FITS[loud]) else [f"no IMB315 of {loud!r}"]
    wrong += [f"IMB315 of {still!r}"] if "IMB315" in told(FITS[still]) else []
    return [*wrong, *changed(BEFORE, around_thread())] if BEFORE else wrong


#: What a worker's threads began with.
BEFORE: dict[str, Any] = {}


def warning_state() -> dict[str, str]:
    names = ("showwarning", "formatwarning", "_showwarnmsg", "_showwarnmsg_impl", "filters")
    return {name: repr(getattr(warnings, name)) for name in names}


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
        for each in cluster.scheduler.workers:
            client.submit(task, 0, pure=False, workers=[each]).result(
                LONG
            )  # what libraries do when they are loaded
        before = client.run(warning_state)
        wrong = client.gather(client.map(task, range(24), pure=False))
        after = client.run(warning_state)
        lost = client.gather([client.submit(mute, pure=False, workers=[each]) for each in before])
    return {
        "changed": [line for each, was in before.items() for line in changed(was, after[each])],
        "wrong": [line for lines in wrong for line in lines],
        "mute": [each for lines in lost for each in lines],
        "workers": len(before),
    }


CELL = """
import asyncio, json, many_at_once as many
async def main():
    calls = [asyncio.to_thread(many.task, seed) for seed in range(8)]
    return [line for lines in await asyncio.gather(*calls) for line in lines]
await asyncio.to_thread(many.task, 0)
before = many.warning_state()
wrong = await main()
saw = {"wrong": wrong, "changed": many.changed(before, many.warning_state())}
print(json.dumps(saw | {"mute": many.mute()}))
"""


def in_kernel() -> dict[str, Any]:
    """Call verbs in the threads of `asyncio.to_thread` of one cell; then warn in the next."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        printed, saw = {"stdout": "", "stderr": ""}, {}
        for cell in (CELL, "import warnings; warnings.warn('mine')"):
            printed |= {"stderr": ""}

            def keep(message: Any) -> None:
                content = message["content"]
                if message["msg_type"] == "stream":
                    printed[content["name"]] += content["text"]
                if message["msg_type"] == "error":
                    printed["stderr"] += "\n".join(content["traceback"])

            client.execute_interactive(cell, timeout=LONG, output_hook=keep)
            saw = saw or json.loads(printed["stdout"].splitlines()[-1]) | {"printed": printed["stderr"]}
        return saw | {"heard": "UserWarning: mine" in printed["stderr"]}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    import faulthandler

    import many_at_once as module  # so that other processes find what stands here

    faulthandler.dump_traceback_later(4 * LONG, exit=True)
    print(json.dumps(getattr(module, sys.argv[1])(*sys.argv[2:])))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # whatever hangs
