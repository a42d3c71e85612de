"""One to eight positives, plain, in groups, in the order of time and in few rows: each verb answers, or its cure works."""

from __future__ import annotations

import itertools

import few_positives
import pytest

#: One of eleven; `benchmarks/robustness.py --few` tries all of them.
CELLS = list(itertools.product(few_positives.POSITIVES, few_positives.KINDS, few_positives.VERBS))[::11]


@pytest.mark.parametrize(
    "verb", ["overview", "counts", "weights", "split", "smote", "best_threshold", "leaks"]
)
def test_two_positives_in_few_rows(verb):
    check(2, "both parts few", verb)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "kind", "verb"), CELLS, ids=str)
def test_every_number_of_positives(k, kind, verb):
    check(k, kind, verb)


def check(k: int, kind: str, verb: str) -> None:
    tally = few_positives.tried(k, kind, verb, seeds=1)
    assert not tally.wrong
    assert sum(tally.found[outcome] for outcome in few_positives.OUTCOMES) == 1
