"""Threads that share the cores."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_info, threadpool_limits

from imbalance_accessor.metrics.shared_cores import in_one_thread, measured, side_by_side

pytestmark = pytest.mark.filterwarnings("error")


def pools(kind):
    """Threads that each library of a kind may start, as this thread sees it."""
    return {each["filepath"]: each["num_threads"] for each in threadpool_info() if each["user_api"] == kind}


@pytest.fixture
def two_threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


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


@pytest.mark.parametrize(("short", "loops"), [(True, True), (True, False), (False, True)])
def test_short_work_is_done_in_one_thread(two_threads, short, loops):
    def seen():
        with threadpool_limits(2):
            with in_one_thread(short=short, loops=loops):
                inside = {*pools("blas").values()}, {*pools("openmp").values()}
            return inside, ({*pools("blas").values()}, {*pools("openmp").values()})

    inside, afterwards = two_threads.submit(seen).result(60)
    assert inside == ({1 if short else 2}, {1 if short and loops else 2})
    assert afterwards == ({2}, {2})


def test_the_limit_of_compiled_loops_ends_with_the_call(two_threads):
    def first():
        with threadpool_limits(2, user_api="openmp"):
            with side_by_side(1) as timed:
                inside, _ = timed(pools, ("openmp",), {})
            return inside, pools("openmp")

    inside, afterwards = two_threads.submit(first).result(60)
    assert set(inside.values()) == {1}
    assert set(afterwards.values()) == {2}


@pytest.mark.parametrize("first_out", [0, 1])
def test_blocks_of_several_threads_end_in_any_order(first_out):
    with threadpool_limits(4):
        blocks = [side_by_side(3), side_by_side(2)]
        for block in blocks:
            block.__enter__()
        assert set(pools("blas").values()) == {2}
        blocks.pop(first_out).__exit__(None, None, None)
        assert set(pools("blas").values()) == {2 if first_out == 0 else 3}
        blocks.pop().__exit__(None, None, None)
        assert set(pools("blas").values()) == {4}


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
