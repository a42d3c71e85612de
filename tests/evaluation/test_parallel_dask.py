"""Fits on a Dask cluster of two processes: the same numbers, also when a process dies or cannot take a fit."""

import importlib
import os
import signal
from contextlib import contextmanager

import joblib
import pandas as pd
import pytest
from lazy_tables import opened, parts_of, rows_with_ids
from lost_workers import Witness, dying, left
from sklearn.naive_bayes import GaussianNB

import imbalance_accessor as imb
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import draw_sample
from imbalance_accessor.data.lazy.tables import table_of
from imbalance_accessor.errors import ModelError

distributed = pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")

pytestmark = pytest.mark.slow

#: Fits of two strategies: two folds each, and the whole training set.
FITS = 6
OPTIONS = {"strategies": ["none", "class_weight"], "cv": 2, "progress": False}
#: Seconds after which waiting is taken for waiting without end.
LONG = 300


class KnownHere(GaussianNB):
    """Of a module that no worker has."""

    def __reduce__(self):
        return importlib.import_module, ("known_here_alone",)


@pytest.fixture(scope="module")
def frame():
    return imb.make_churn(300)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    before = children()
    with (
        environment_kept(),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=None,
            local_directory=tmp_path_factory.mktemp("dask"),
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.wait_for_workers(2, timeout=LONG)
        started = children() - before
        yield client
        started |= children() - before
    _, alive = psutil.wait_procs(started, timeout=60)
    assert len(started) >= 2
    assert alive == []


@contextmanager
def environment_kept():
    """Dask's keeper of processes names in this process, too, how its workers shall treat memory and threads."""
    kept = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def children():
    """The processes below this one, but for Python's own keeper of shared resources, which stays."""
    found = psutil.Process().children(recursive=True)
    return {each for each in found if "resource_tracker" not in " ".join(each.cmdline())}


def workers(client):
    return set(client.run(os.getpid).values())


@contextmanager
def awaited():
    """Fail instead of waiting without end."""

    def fail(*_):
        raise AssertionError(f"nothing came back within {LONG} seconds")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(LONG)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def on_dask(client, frame, **options):
    client.wait_for_workers(2, timeout=LONG)  # joblib runs here what would run on one worker alone
    with awaited(), joblib.parallel_config(backend="dask"):
        return frame.imb.fit_eval("churn", **OPTIONS | options)


def test_fits_run_in_the_workers_and_give_the_same_numbers(client, frame, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    want = frame.imb.fit_eval("churn", model=Witness(str(here)), **OPTIONS)
    got = on_dask(client, frame, model=Witness(str(there)))
    pd.testing.assert_frame_equal(got.frame, want.frame, check_exact=True)
    assert left(here, "fitted") == [os.getpid()] * FITS
    assert len(left(there, "fitted")) == FITS
    assert set(left(there, "fitted")) <= workers(client)
    assert os.getpid() not in workers(client)


def test_a_killed_worker_costs_no_result(client, frame, tmp_path):
    want = frame.imb.fit_eval("churn", model=GaussianNB(), **OPTIONS)
    before = workers(client)
    got = on_dask(client, frame, model=Witness(str(tmp_path), deaths=1, after=2, home=os.getpid()))
    pd.testing.assert_frame_equal(got.frame, want.frame, check_exact=True)
    (dead,) = left(tmp_path, "died")
    assert dead in before
    assert not psutil.pid_exists(dead)
    assert os.getpid() not in left(tmp_path, "fitted")
    assert len(left(tmp_path, "fitted")) >= FITS


def test_a_model_that_the_cluster_cannot_import_is_one_sentence(client, frame):
    with pytest.raises(ModelError, match=r"did not finish 'none'\. \w+Error: .*the modules that") as told:
        on_dask(client, frame, model=KnownHere())
    assert "\n" not in str(told.value)


def test_a_fit_that_dask_gives_up_is_one_sentence(client, frame, tmp_path, monkeypatch):
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", 0)  # sooner than after 4 dead workers
    with pytest.raises(ModelError, match=r"did not finish 'none'\. KilledWorker: .*n_jobs=1") as told:
        on_dask(client, frame, model=Witness(str(tmp_path), deaths=1, home=os.getpid()))
    assert "\n" not in str(told.value)
    assert len(left(tmp_path, "died")) == 1


def test_a_table_in_parts_gives_the_sample_that_polars_draws_though_a_worker_dies(client, tmp_path):
    folder = parts_of(rows_with_ids(), tmp_path / "parts", parts=6)
    given = opened("dask", folder)
    client.wait_for_workers(2, timeout=LONG)
    with awaited():
        made = given.map_partitions(dying, str(tmp_path), os.getpid(), meta=given._meta)
        found = sample_of(made)
        again = sample_of(given.repartition(npartitions=2))
    assert found.taken == {0: 340, 1: 60}
    assert len(left(tmp_path, "died")) == 1
    assert os.getpid() not in left(tmp_path, "read")
    wanted = sample_of(opened("polars", folder))
    for each in (found, again):
        assert each.places.tolist() == wanted.places.tolist()
        assert each.frame.astype(wanted.frame.dtypes).equals(wanted.frame)  # text is of another type


def sample_of(given):
    table = table_of(given)
    return draw_sample(table, count_labels(table, "y", None), most=400, seed=0)
