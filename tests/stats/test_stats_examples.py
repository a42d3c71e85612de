"""The examples in the docstrings say what the functions do."""

import doctest
import importlib

import pytest

MODULES = (
    "aims",
    "arrays",
    "bootstrap",
    "calibration",
    "closed_forms",
    "costs",
    "cut_range",
    "decimals",
    "focal",
    "intervals",
    "metrics",
    "multiclass",
    "registry",
    "thresholds",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"imbalance_accessor.stats.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
