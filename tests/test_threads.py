"""Threads that hear their own warnings alone, and share the cores."""

import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_info, threadpool_limits

from imbalance_accessor.threads import measured, recorded, side_by_side

pytestmark = pytest.mark.filterwarnings("error")


def pools(kind):
    """Threads that each library of a kind may start, as this thread sees it."""
    return {each["filepath"]: each["num_threads"] for each in threadpool_info() if each["user_api"] == kind}


def texts(caught):
    return [str(each.message) for each in caught]


def warned_with(text, barrier, times=20):
    """Warn several times while another thread does, and return what was heard."""
    with recorded() as caught:
        barrier.wait(20)
        for _ in range(times):
            warnings.warn(text, stacklevel=1)
            time.sleep(0)  # let the other one in
        barrier.wait(20)
    return texts(caught)


@pytest.fixture
def two_threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_each_thread_hears_its_own_warnings_alone(two_threads):
    barrier = threading.Barrier(2)
    with warnings.catch_warnings(record=True) as elsewhere:
        warnings.simplefilter("always")
        with side_by_side(1) as timed:
            calls = [
                two_threads.submit(timed, warned_with, (text, barrier), {"times": 20})
                for text in ("mine", "yours")
            ]
            mine, yours = (call.result(60)[0] for call in calls)
    assert mine == ["mine"] * 20
    assert yours == ["yours"] * 20
    assert elsewhere == []


@pytest.mark.parametrize("apart", [True, False])
def test_one_record_inside_another_hears_what_is_said_inside_it(apart):
    def said():
        with recorded() as outer:
            warnings.warn("before", stacklevel=1)
            with recorded() as inner:
                warnings.warn("inside", stacklevel=1)
            warnings.warn("after", stacklevel=1)
        return texts(outer), texts(inner)

    if apart:
        with side_by_side() as timed:
            found, _ = timed(said, (), {})
    else:
        found = said()
    assert found == (["before", "after"], ["inside"])


def test_a_record_ends_with_an_error_too():
    def fails():
        with recorded():
            raise ValueError

    with warnings.catch_warnings(record=True) as elsewhere:
        warnings.simplefilter("always")
        with side_by_side():
            with pytest.raises(ValueError):
                fails()
            warnings.warn("out of it", stacklevel=1)
    assert texts(elsewhere) == ["out of it"]


def test_what_a_thread_that_does_not_record_says_goes_where_it_went_before(two_threads):
    barrier = threading.Barrier(2)

    def loud():
        barrier.wait(20)
        warnings.warn("loud", UserWarning, stacklevel=1)
        barrier.wait(20)

    with warnings.catch_warnings():
        heard = []
        warnings.showwarning = lambda message, category, *place: heard.append((str(message), category))
        with side_by_side() as timed:
            quiet = two_threads.submit(timed, warned_with, ("quiet", barrier), {})
            two_threads.submit(timed, loud, (), {}).result(60)
            assert set(quiet.result(60)[0]) == {"quiet"}
    assert heard == [("loud", UserWarning)]


def test_a_warning_is_recorded_with_its_kind_whatever_filters_say():
    def said():
        with recorded() as caught:
            for _ in range(2):
                warnings.warn("old", DeprecationWarning, stacklevel=1)
        return caught

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = said()
        with side_by_side() as timed:
            among, _ = timed(said, (), {})
    for caught in (alone, among):
        assert [(str(each.message), each.category) for each in caught] == [("old", DeprecationWarning)] * 2
        assert {each.filename for each in caught} == {__file__}


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_all_is_as_before_afterwards(error):
    def fails():
        with recorded():
            if error is not None:
                raise error

    with threadpool_limits(2):
        before = list(warnings.filters), warnings.showwarning, threadpool_info()
        try:
            with side_by_side(1) as timed:
                assert warnings.showwarning is not before[1]
                timed(fails, (), {})
        except BaseException as told:
            assert error is not None and isinstance(told, error)
        assert (warnings.filters, warnings.showwarning, threadpool_info()) == before
        with recorded() as caught:  # as one alone again: nothing of it reaches the threads' own lists
            warnings.warn("again", stacklevel=1)
        assert warnings.showwarning is before[1]
    assert texts(caught) == ["again"]


def test_matrix_products_and_compiled_loops_share_the_cores(two_threads):
    def seen():
        return pools("blas"), pools("openmp"), _openmp_effective_n_threads()

    with threadpool_limits(2):
        assert set(pools("blas").values()) == {2}
        with side_by_side(1) as timed:
            found = [
                call.result(60)[0] for call in [two_threads.submit(timed, seen, (), {}) for _ in range(2)]
            ]
            assert set(pools("blas").values()) == {1}
        for blas, openmp, effective in found:
            assert blas
            assert set(blas.values()) == {1}
            assert set(openmp.values()) <= {1}
            assert effective == 1


def test_the_limit_of_compiled_loops_ends_with_the_call(two_threads):
    def first():
        with threadpool_limits(2, user_api="openmp"):
            with side_by_side(1) as timed:
                inside, _ = timed(pools, ("openmp",), {})
            return inside, pools("openmp")

    inside, afterwards = two_threads.submit(first).result(60)
    assert set(inside.values()) == {1}
    assert set(afterwards.values()) == {2}


def test_without_a_number_nothing_is_limited():
    with threadpool_limits(2), side_by_side() as timed:
        blas, _ = timed(pools, ("blas",), {})
    assert set(blas.values()) == {2}


def test_a_call_returns_what_the_function_returns():
    with side_by_side(1) as timed:
        found, share = timed(divmod, (17, 5), {})
        assert found == divmod(17, 5)
        assert timed(dict, (), {"a": 1})[0] == {"a": 1}
    assert isinstance(share, float)


def test_the_share_is_the_time_computed_of_the_time_gone_by():
    now, worked = iter([100.0, 104.0]), iter([7.0, 8.0])
    assert measured(divmod, (17, 5), {}, now.__next__, worked.__next__) == ((3, 2), 0.25)


def test_a_thread_that_waits_computes_nearly_nothing():
    with side_by_side(1) as timed:
        assert timed(time.sleep, (0.2,), {})[1] < 0.3


def test_what_measures_a_call_can_be_given():
    with side_by_side(1, lambda function, args, kwargs: (function(*args, **kwargs), 0.7)) as timed:
        assert timed(divmod, (17, 5), {}) == ((3, 2), 0.7)


def test_after_an_interrupt_the_last_thread_is_waited_for():
    """A library's own catch_warnings in a thread would bring back later what was there meanwhile."""
    showing, filters = warnings.showwarning, list(warnings.filters)
    begun, ended = threading.Event(), threading.Event()

    def fit():
        with recorded(), warnings.catch_warnings():
            begun.set()
            time.sleep(0.3)
        ended.set()

    thread = threading.Thread(target=fit)
    with pytest.raises(KeyboardInterrupt), side_by_side():
        thread.start()
        begun.wait()
        raise KeyboardInterrupt
    thread.join()
    assert ended.is_set()
    assert warnings.showwarning is showing
    assert list(warnings.filters) == filters
