"""Imports for a first answer: no search for garbage in between, and afterwards as before."""

import gc

import pytest

from imbalance_accessor import registry
from imbalance_accessor.process_state import importing


@pytest.fixture(params=[True, False], ids=["searched", "not searched"])
def was_on(request):
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_garbage_is_searched_for_afterwards_as_before(was_on):
    with importing():
        assert not gc.isenabled()
    assert gc.isenabled() == was_on
    with pytest.raises(ImportError), importing():
        raise ImportError
    assert gc.isenabled() == was_on


def test_a_verb_is_imported_so(monkeypatch, was_on):
    seen = []
    real = registry.importlib.import_module
    monkeypatch.setattr(
        registry.importlib, "import_module", lambda name: (seen.append(gc.isenabled()), real(name))[1]
    )
    assert callable(registry.verb("counts"))
    assert seen == [False] and gc.isenabled() == was_on
