"""The sample of a table: the same rows in every engine, drawn again by its own lines, and by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from alone import execute
from lazy_tables import ENGINES, opened, parts_of, rows_with_ids

from imbalance_accessor.data.lazy.hashing import hash_ids, splitmix64
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import draw_sample
from imbalance_accessor.data.lazy.tables import table_of
from imbalance_accessor.rendering.snippets.reading import read_first
from imbalance_accessor.rendering.snippets.writer import Snippet

ROWS = rows_with_ids()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return parts_of(ROWS, tmp_path_factory.mktemp("parts"))


def sample_of(given, *, seed=0, most=400, id=None, target="y"):
    table = table_of(given)
    return draw_sample(table, count_labels(table, target, None), most=most, seed=seed, id=id)


def mixed(number, seed):
    """Mix one number as Steele, Lea and Flood write it, in whole numbers of Python."""
    most = 2**64 - 1
    z = (seed + (number + 1) * 0x9E3779B97F4A7C15) & most
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & most
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & most
    return z ^ (z >> 31)


def by_hand(frame, first_numbers, seed, share):
    """Return the places of the rows with the smallest numbers of each class."""
    numbers = [mixed(each, seed) for each in first_numbers]
    kept = []
    for label in sorted(frame["y"].unique()):
        places = [place for place in range(len(frame)) if frame["y"].iloc[place] == label]
        kept += sorted(places, key=numbers.__getitem__)[:share]
    return kept


def test_the_numbers_are_those_of_splitmix64():
    places = np.array([0, 1, 2, 10**9, 2**40], dtype=np.uint64)
    for seed in (0, 1, 2**63):
        assert splitmix64(places, seed).tolist() == [mixed(int(each), seed) for each in places]


@pytest.mark.parametrize("engine", ENGINES)
def test_places_with_the_smallest_numbers_are_taken(engine, folder):
    sample = sample_of(opened(engine, folder), seed=3)
    assert sample.taken == {0: 340, 1: 60}
    wanted = sorted(by_hand(ROWS, range(len(ROWS)), 3, sample.share))
    assert sample.places.tolist() == wanted
    assert sample.frame.astype(ROWS.dtypes).equals(ROWS.iloc[wanted].reset_index(drop=True))


@pytest.mark.parametrize("id", ["key", "name"])
@pytest.mark.parametrize("engine", ENGINES)
def test_ids_identify_rows_whatever_their_order(engine, folder, id, tmp_path):
    sample = sample_of(opened(engine, folder), id=id)
    first = [each % 2**64 for each in ROWS["key"]] if id == "key" else hash_ids(ROWS["name"]).tolist()
    wanted = ROWS.iloc[by_hand(ROWS, first, 0, sample.share)].sort_values(id, ignore_index=True)
    assert sample.places.tolist() == wanted[id].tolist()
    wanted = wanted.drop(columns=id)
    assert sample.frame.astype(wanted.dtypes).equals(wanted)
    turned = parts_of(ROWS.iloc[::-1], tmp_path / "turned", parts=5)
    assert sample_of(opened(engine, turned), id=id).frame.equals(sample.frame)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_line_reads_a_table_that_is_taken_whole(engine, folder):
    sample = sample_of(opened(engine, folder), most=200_000)
    (line,) = sample.lines
    space = execute(line, df=opened(engine, folder))
    pd.testing.assert_frame_equal(space["df"], sample.frame)


@pytest.mark.parametrize("id", [None, "key", "name"])
@pytest.mark.parametrize("engine", ENGINES)
def test_its_lines_draw_the_same_rows(engine, folder, id):
    sample = sample_of(opened(engine, folder), seed=5, id=id)
    program = read_first(Snippet("print(df.shape)"), sample.lines)
    assert len(sample.lines) <= 12
    assert max(map(len, program.split("\n"))) <= 88
    space = execute(program, df=opened(engine, folder))
    pd.testing.assert_frame_equal(space["df"], sample.frame)
