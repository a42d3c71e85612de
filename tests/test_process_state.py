"""Warnings by context: each call hears its own, and leaves what all threads share as it was."""

import contextlib
import contextvars
import dis
import logging
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import numpy as np
import pytest
from sklearn.preprocessing import scale
from sklearn.utils.parallel import Parallel, _get_threadpool_controller, delayed
from threadpoolctl import threadpool_limits

from imbalance_accessor import process_state
from imbalance_accessor.process_state import cached_property, own_filters, quieted, recorded

pytestmark = pytest.mark.filterwarnings("error")

BLOCKS = {"recorded": recorded, "quieted": quieted, "own filters": own_filters}


def texts(caught):
    return [str(each.message) for each in caught]


def say(text, category=UserWarning):
    warnings.warn(text, category, stacklevel=1)


@pytest.fixture
def elsewhere():
    """What is heard where no block runs."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


@pytest.fixture(autouse=True)
def as_before():
    """After each test the module is as it was, to the last function."""
    before = dict(vars(warnings)), list(warnings.filters), type(warnings), threading.Thread.start
    yield
    ignored = {"_filters_version", "__warningregistry__", "filters"}
    after = {name: each for name, each in vars(warnings).items() if name not in ignored}
    assert after == {name: each for name, each in before[0].items() if name not in ignored}
    assert warnings.filters == before[1]
    assert (type(warnings), threading.Thread.start) == before[2:]


@pytest.fixture
def in_turns():
    """Two threads that take turns: each runs to its next ``yield``, then the other does."""

    def take(*both):
        turns = [threading.Semaphore(1), threading.Semaphore(0)]

        def run(place, steps):
            found = []
            while True:
                assert turns[place].acquire(timeout=20)
                try:
                    found.append(next(steps))
                except StopIteration as ended:
                    return ended.value
                finally:
                    turns[1 - place].release()

        with ThreadPoolExecutor(2) as pool:
            return [call.result(60) for call in [pool.submit(run, *each) for each in enumerate(both)]]

    return take


def test_each_thread_hears_its_own_warnings_alone(in_turns, elsewhere):
    def warned_with(text):
        with recorded() as caught:
            for _ in range(20):
                say(text)
                yield
        return texts(caught)

    assert in_turns(warned_with("mine"), warned_with("yours")) == [["mine"] * 20, ["yours"] * 20]
    assert elsewhere == []


@pytest.mark.parametrize("inner", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("outer", BLOCKS.values(), ids=BLOCKS)
def test_who_enters_first_and_leaves_first_takes_nothing_from_the_other(outer, inner, in_turns, elsewhere):
    """Interleaved, ``warnings.catch_warnings`` brings back for good what the first had set; the fixture looks."""

    def first():
        with outer():
            yield
            say("encountered in matmul", RuntimeWarning)
            yield
        yield

    def second():
        yield
        with inner():
            yield
            say("encountered in matmul", RuntimeWarning)
            yield
        say("afterwards")

    in_turns(first(), second())
    loud = [each for each in (outer, inner) if each is own_filters]
    assert texts(elsewhere) == ["encountered in matmul"] * len(loud) + ["afterwards"]


def test_filters_that_a_library_sets_in_one_thread_silence_no_other(in_turns):
    def silences():
        with recorded() as caught:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
                say("unheard")
                yield
            yield
            say("heard again")
        return texts(caught)

    def speaks():
        with recorded() as caught:
            yield
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                yield
                say("heard")
                yield
            say("and after")
        return texts(caught)

    assert in_turns(silences(), speaks()) == [["heard again"], ["heard", "and after"]]


def test_one_record_inside_another_hears_what_is_said_inside_it():
    with recorded() as outer:
        say("before")
        with recorded() as inner:
            say("inside")
        say("after")
    assert (texts(outer), texts(inner)) == (["before", "after"], ["inside"])


def test_what_libraries_do_with_warnings_inside_is_as_without_a_record():
    """Recorded by themselves, raised, silenced, reset, given anew in each of scikit-learn's jobs."""
    with recorded() as caught:
        with warnings.catch_warnings(record=True) as theirs:
            warnings.simplefilter("always")
            say("theirs")
        with warnings.catch_warnings(), pytest.raises(UserWarning, match="raised"):
            warnings.simplefilter("error")
            say("raised")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "silen")
            say("silenced")
            warnings.resetwarnings()
            say("by default")
        with warnings.catch_warnings():
            shown = []
            warnings.showwarning = lambda message, *place: shown.append(str(message))
            say("shown")
        Parallel(n_jobs=1)(delayed(say)(f"job {each}") for each in range(2))
        np.ones(1) / np.zeros(1)  # warned of in C
        scale(np.array([[1.0], [1.0]]))
    assert (texts(theirs), shown) == (["theirs"], ["shown"])
    assert texts(caught) == ["by default", "job 0", "job 1", "divide by zero encountered in divide"]


def test_a_warning_is_recorded_with_its_kind_whatever_filters_say():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with recorded() as caught:
            for _ in range(2):
                say("old", DeprecationWarning)
    assert [(str(each.message), each.category) for each in caught] == [("old", DeprecationWarning)] * 2
    assert {each.filename for each in caught} == {__file__}


def test_what_a_thread_beside_it_shows_once_is_recorded_all_the_same(in_turns):
    def beside():
        yield
        say("the same")
        yield

    def records():
        with recorded() as caught:
            yield
            yield
            say("the same")
        return texts(caught)

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        shown = []
        warnings.showwarning = lambda message, *place: shown.append(str(message))
        assert in_turns(records(), beside())[0] == ["the same"]
    assert shown == ["the same"]


def test_what_is_said_beside_a_record_goes_where_it_went_before(in_turns, elsewhere):
    def records():
        with recorded() as caught:
            yield
        return texts(caught)

    def beside():
        yield say("beside")

    assert in_turns(records(), beside())[0] == []
    assert texts(elsewhere) == ["beside"]


@pytest.mark.parametrize("started", [threading.Thread, ThreadPoolExecutor, ThreadPool])
def test_threads_that_are_started_inside_are_heard(started, elsewhere):
    """As a bagging starts them in its fit."""
    with recorded() as caught:
        if started is threading.Thread:
            thread = threading.Thread(target=say, args=("of a thread",))
            thread.start()
            thread.join(20)
        else:
            with started(2) as pool:
                list(pool.map(say, ["of a thread"]))
    assert (texts(caught), elsewhere) == (["of a thread"], [])


def test_a_thread_with_a_copy_of_the_context_is_heard_while_the_record_runs_and_no_longer(elsewhere):
    """As `asyncio.to_thread` starts them."""
    ended = threading.Event()

    def outlives(said):
        say("during")
        said.set()
        ended.wait(20)
        say("after")

    with recorded() as caught:
        said = threading.Event()
        thread = threading.Thread(target=contextvars.copy_context().run, args=(outlives, said))
        thread.start()
        said.wait(20)
    ended.set()
    thread.join(20)
    assert (texts(caught), texts(elsewhere)) == (["during"], ["after"])


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_where_python_keeps_contexts_apart_its_own_blocks_do_the_same(block, monkeypatch, elsewhere):
    monkeypatch.setattr(process_state, "_PYTHON_KEEPS_APART", True)
    with block() as caught:
        say("encountered in matmul", RuntimeWarning)
        assert type(warnings).__name__ == "module"
    assert texts(caught or []) == ["encountered in matmul"] * (block is recorded)
    assert texts(elsewhere) == ["encountered in matmul"] * (block is own_filters)


def test_blocks_of_generators_may_end_in_any_order(elsewhere):
    def generator():
        with recorded() as caught:
            yield caught

    with own_filters():
        outlives = generator()
        caught = next(outlives)
        say("inside")
    outlives.close()
    say("outside")
    assert (texts(caught), texts(elsewhere)) == (["inside"], ["outside"])


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_ends_with_an_error_too(error, block, elsewhere):
    with pytest.raises(error), block():
        raise error
    say("out of it")
    assert texts(elsewhere) == ["out of it"]


def test_an_interrupt_at_any_step_leaves_nothing(elsewhere):
    """Raised wherever Python looks for one: where a function begins, and after each call."""
    steps = 0

    def interrupted(at):
        left, before = at, {}

        def step(frame, event, _):
            nonlocal left
            frame.f_trace_opcodes = True
            if event == "opcode" and frame.f_code.co_filename.endswith("process_state.py"):
                name = dis.opname[frame.f_code.co_code[frame.f_lasti]]
                left -= name == "RESUME" or before.get(frame, "").startswith("CALL")
                before[frame] = name
                if left == 0:
                    left = -1
                    raise KeyboardInterrupt
            return step

        sys._getframe().f_trace_opcodes = True  # Python 3.12 asks before it traces
        sys.settrace(step)
        try:
            with recorded():
                pass
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(None)
        return False

    while interrupted(steps + 1):
        steps += 1
        say("heard")
        assert len(elsewhere) == steps
        assert type(warnings).__name__ == "module"
    assert steps > 30


def test_logging_that_captures_warnings_hears_those_beside(caplog):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        try:
            with own_filters():
                say("inside")
        finally:
            logging.captureWarnings(False)
    assert "inside" in caplog.text


FORKED = """
import os, threading, warnings
from imbalance_accessor import process_state
from imbalance_accessor.process_state import recorded

held, done = threading.Event(), threading.Event()

def beside():
    with recorded():
        held.set()
        done.wait()

thread = threading.Thread(target=beside)
thread.start()
held.wait()
with recorded() as mine:
    child = os.fork()
    warnings.warn("inside")
if not child:
    assert [str(each.message) for each in mine] == ["inside"]
    assert type(warnings).__name__ == "module"  # the thread beside does not run here
    with recorded() as caught:
        warnings.warn("again")
    warnings.warn("shown")
    os._exit(len(caught) - 1)
_, status = os.waitpid(child, 0)
assert type(warnings).__name__ == "_ByContext"
done.set()
thread.join()
assert type(warnings).__name__ == "module"
raise SystemExit(status)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="there is no fork")
def test_a_child_process_has_the_blocks_of_the_thread_that_forked_alone():
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("UserWarning: shown") == 1


def test_what_is_computed_once_waits_for_no_other_object():
    """Python 3.11 lets one object at a time compute a property of that name."""
    second_has_computed = threading.Event()

    class Computed:
        def __init__(self, waits):
            self.waits, self.times = waits, 0

        @cached_property
        def once(self):
            self.times += 1
            return second_has_computed.wait(20) if self.waits else second_has_computed.set()

    first, second = Computed(True), Computed(False)
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(lambda: first.once)
        pool.submit(lambda: second.once).result(20)
        assert waiting.result(30)
    assert first.once
    assert first.times == 1


def test_an_interrupt_amid_a_search_for_neighbours_leaves_matrix_products_their_threads():
    """Compiled code is interrupted as it returns, which is where scikit-learn lifts its limit."""
    pools = _get_threadpool_controller().select(user_api="blas")
    with threadpool_limits(2, user_api="blas"):
        before = [library.num_threads for library in pools.lib_controllers]
        with pytest.raises(KeyboardInterrupt), own_filters(), recorded():
            pools.limit(limits=1)
            raise KeyboardInterrupt
        assert [library.num_threads for library in pools.lib_controllers] == before


def test_an_interrupt_waits_for_pools_of_threads_that_would_put_back_filters_behind_it():
    """As joblib leaves its pools of threads: each ends its task, and with it what scikit-learn sets around one."""
    before, inside = list(warnings.filters), threading.Event()

    def task():
        with warnings.catch_warnings():
            inside.set()
            time.sleep(0.05)

    with pytest.raises(KeyboardInterrupt), recorded():
        pool = ThreadPool(1)
        pool.apply_async(task)
        pool.close()
        assert inside.wait(20)
        raise KeyboardInterrupt
    pool.join()
    assert list(warnings.filters) == before


def test_who_wraps_the_start_of_threads_meanwhile_is_not_undone(monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", threading.Thread.start)
    counted = []

    def wrap(start):
        def wrapped(thread):
            counted.append(thread)
            start(thread)

        return wrapped

    with own_filters():
        threading.Thread.start = wrap(threading.Thread.start)
    kept = threading.Thread.start
    for block in (contextlib.nullcontext, recorded, quieted):
        with block() as caught:
            thread = threading.Thread(target=say, args=["in a thread"])
            if caught is not None:
                thread.start()
                thread.join(20)
                assert texts(caught) == ["in a thread"]
        assert threading.Thread.start is kept
    thread = threading.Thread()
    thread.start()
    thread.join(20)
    assert len(counted) == 2
