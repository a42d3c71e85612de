from __future__ import annotations

import doctest
import importlib

import pytest

ROOM = "imbalance_accessor.present"


@pytest.mark.parametrize(
    "module", ["card", "cells", "help", "html", "labels", "palette", "sentences", "tables"]
)
def test_examples_run(module):
    tried = doctest.testmod(importlib.import_module(f"{ROOM}.{module}"))
    assert tried.attempted
    assert not tried.failed
