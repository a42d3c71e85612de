"""The examples in the docstrings say what the functions do."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["aims", "arrays", "costs", "decimals", "intervals", "metrics", "multiclass", "thresholds"])
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"imbalance_accessor.stats.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
