"""``df.imb`` and ``y.imb``: the verbs, bound to a frame or to a Series of labels."""

from __future__ import annotations

import importlib
import types
from typing import Any

import pandas as pd

from imbalance_accessor import registry
from imbalance_accessor.data.when_imported import when_imported
from imbalance_accessor.errors import near


class _Verb:
    """A class attribute that becomes the verb's function, bound to the data, when it is asked for."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: _Accessor | None, owner: type) -> Any:
        function = registry.verb(self.name)
        return function if instance is None else types.MethodType(function, instance._data)


class _Accessor:
    """The verbs bound to `data`; pandas builds one at every access, so there is no work here."""

    _called = "df.imb"

    def __init__(self, data: Any) -> None:
        self._data = data

    def __dir__(self) -> list[str]:
        return [name for name, value in vars(type(self)).items() if isinstance(value, _Verb)]

    def __getattr__(self, name: str) -> Any:
        """Say which verbs there are; a name without an object keeps Python from guessing once more."""
        hint = f"{near(name, dir(self))} It has: {', '.join(dir(self))}."
        raise AttributeError(f"{self._called} has no {name!r}.{hint}", name=name)

    def __repr__(self) -> str:
        from imbalance_accessor.data.lazy.tables import is_table
        from imbalance_accessor.rendering.help import accessor_help

        rows = None if is_table(self._data) else len(self._data)
        return accessor_help(type(self).__name__, dir(self), rows)


class FrameAccessor(_Accessor):
    """What ``df.imb`` offers: every verb, with the frame as its first argument."""


class SeriesAccessor(_Accessor):
    """What ``y.imb`` offers: the verbs that need labels alone."""

    _called = "y.imb"


for _owner, _names in ((FrameAccessor, registry.VERBS), (SeriesAccessor, registry.LABEL_VERBS)):
    for _name in _names:
        _attribute = _Verb()
        _attribute.__set_name__(_owner, _name)
        setattr(_owner, _name, _attribute)


def register() -> None:
    """Register both accessors once; a reload of the package registers nothing anew."""
    if getattr(pd.DataFrame, "imb", None) is not FrameAccessor:
        pd.api.extensions.register_dataframe_accessor("imb")(FrameAccessor)
    if getattr(pd.Series, "imb", None) is not SeriesAccessor:
        pd.api.extensions.register_series_accessor("imb")(SeriesAccessor)
    when_imported("polars", _register_on_polars)
    when_imported("dask.dataframe", _register_on_dask)
    when_imported("duckdb", lambda duckdb: _put_on(getattr(duckdb, "DuckDBPyRelation", None)))
    when_imported("pyspark.sql", lambda spark: _put_on(getattr(spark, "DataFrame", None)))


def _register_on_polars(polars: types.ModuleType) -> None:
    """Put ``imb`` on frames and Series of polars, unless something else is called so there."""
    api = getattr(polars, "api", None)
    for kind, registered, accessor in (
        ("DataFrame", "register_dataframe_namespace", FrameAccessor),
        ("LazyFrame", "register_lazyframe_namespace", FrameAccessor),
        ("Series", "register_series_namespace", SeriesAccessor),
    ):
        register_namespace, owner = getattr(api, registered, None), getattr(polars, kind, None)
        if register_namespace is not None and owner is not None and not hasattr(owner, "imb"):
            register_namespace("imb")(accessor)


def _register_on_dask(dataframe: types.ModuleType) -> None:
    """Put ``imb`` on frames of Dask, unless something else is called so there."""
    frame = getattr(dataframe, "DataFrame", None)
    if frame is not None and not hasattr(frame, "imb"):
        extensions = importlib.import_module("dask.dataframe.extensions")
        extensions.register_dataframe_accessor("imb")(FrameAccessor)


def _put_on(kind: type | None) -> None:
    """Put ``imb`` on a class that has no way to register it, unless something else is called so there."""
    if kind is not None and not hasattr(kind, "imb"):
        kind.imb = property(FrameAccessor)  # type: ignore[attr-defined]
