"""Run in a process of its own by `test_many_at_once.py`: blocks of threads in every order. Prints what it saw as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import queue
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

from many_at_once import LONG, WORK, Prevalence, converges_not, fitted, in_a_pool, mute, told, watched
from sklearn.exceptions import ConvergenceWarning

from imbalance_accessor.process_state import quieted, recorded


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


def orders(*kinds: str) -> dict[str, Any]:
    """Try every order in which threads of these kinds can enter and leave their blocks."""
    tried = [
        order
        for letters in kinds
        for order in sorted({"".join(each) for each in permutations(letters + letters.lower())})
        if all(order.index(one) < order.index(one.lower()) for one in letters)
    ]
    wrong = {order: crossed(order) for order in tried}
    return {"tried": len(tried), "wrong": {order: found for order, found in wrong.items() if found}}


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


def settings_beside() -> list[str]:
    """Change how warnings are told while another thread stands in a call; say what does not hold, there or afterwards."""
    wrong, own = [], list[str]()
    other = Actor("call", a_call)
    with warnings.catch_warnings():
        other.enter()
        warnings.simplefilter("error")
        try:
            warnings.warn("mine", UserWarning, stacklevel=1)
            wrong.append("an error is none")
        except UserWarning:
            other.say()
        warnings.simplefilter("ignore")
        warnings.showwarning = lambda message, *_, **__: own.append(str(message))
        warnings.warn("ignored", UserWarning, stacklevel=1)
        other.say()
        warnings.simplefilter("always")
        warnings.warn("heard", UserWarning, stacklevel=1)
        other.leave()
        warnings.warn("heard after", UserWarning, stacklevel=1)
    wrong += [] if own == ["heard", "heard after"] else [f"heard {own}"]
    before = warnings.showwarning
    again = Actor("call", a_call)
    again.enter()
    again.say()
    logging.captureWarnings(True)
    again.leave()
    wrong += ["warnings are not logged"] if warnings.showwarning is before else []
    logging.captureWarnings(False)
    return [*wrong, *other.found, *again.found]


def in_order() -> dict[str, Any]:
    """Let threads meet in the ways that can be told apart without a clock."""
    return {
        "side by side": side_by_side(),
        "nested": nested(),
        "orders": orders("HG"),
        "settings": settings_beside(),
        "quick beside slow": quick_beside_slow(),
    }


def nested() -> dict[str, Any]:
    """Call verbs inside the fits of a pool of threads."""
    with watched() as saw:
        said = within(lambda: in_a_pool(Prevalence("nests")), LONG / 3)
    return saw | {"as alone": said == told(lambda: fitted(Prevalence("nests")))}


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


if __name__ == "__main__":
    import faulthandler

    import meeting as module  # so that other processes find what stands here

    faulthandler.dump_traceback_later(4 * LONG, exit=True)
    print(json.dumps(getattr(module, sys.argv[1])(*sys.argv[2:])))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # whatever hangs
