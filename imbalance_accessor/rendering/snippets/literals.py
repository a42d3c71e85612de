"""Values that have no literal of Python's own, such as an interval or a date, written by the call that makes them."""

from __future__ import annotations

import datetime
import decimal
import fractions
import re
import uuid
from typing import Any

import numpy as np
import pandas as pd

#: The modules that such calls begin with, by the name they have in code.
MODULES = {
    "pd": "pandas",
    "np": "numpy",
    "pl": "polars",
    "dask": "dask",
    "datetime": "datetime",
    "decimal": "decimal",
    "fractions": "fractions",
    "uuid": "uuid",
}


def literal(value: Any) -> str | None:
    """Write a value by the call that makes it, or return None where no call is known.

    Examples
    --------
    >>> import pandas as pd
    >>> print(literal(pd.Interval(0, 1, closed="left")), literal(decimal.Decimal("1.10")))
    pd.Interval(0, 1, closed="left") decimal.Decimal("1.10")
    """
    if value is pd.NA or value is pd.NaT or value is ...:
        return {id(pd.NA): "pd.NA", id(pd.NaT): "pd.NaT"}.get(id(value), "...")
    if isinstance(value, pd.Timestamp):
        return f'pd.Timestamp("{value.isoformat()}"{_zone(value)})' if _is_exact(value) else None
    if isinstance(value, pd.Timedelta):
        return f'pd.Timedelta("{value.isoformat()}")' if value.nanoseconds >= 0 else None
    if isinstance(value, pd.Period):
        return f'pd.Period("{value}", freq="{value.freqstr}")'
    if isinstance(value, pd.Interval):
        ends = [_end(value.left), _end(value.right)]
        return None if None in ends else f'pd.Interval({ends[0]}, {ends[1]}, closed="{value.closed}")'
    if isinstance(value, np.datetime64 | np.timedelta64 | np.dtype):
        return _of_numpy(value)
    if type(value) is decimal.Decimal:
        return f'decimal.Decimal("{value}")'
    if type(value) is fractions.Fraction:
        return f"fractions.Fraction({value.numerator}, {value.denominator})"
    if type(value) is uuid.UUID:
        return f'uuid.UUID("{value}")'
    if type(value) in {datetime.date, datetime.time, datetime.datetime, datetime.timedelta}:
        return repr(value) if getattr(value, "tzinfo", None) is None else None
    return repr(value) if type(value) in {slice, range} else None


def your_name(value: Any) -> str:
    """Return the name that stands for what cannot be written.

    Examples
    --------
    >>> your_name(lambda x: x), your_name(object())
    ('your_lambda', 'your_object')
    """
    own = str(getattr(value, "__name__", type(value).__name__)).strip("<>").casefold()
    return f"your_{re.sub(r'[^a-z0-9_]', '_', own)}"


def _is_exact(value: pd.Timestamp) -> bool:
    """Whether text and a zone's name bring the same moment back."""
    again = pd.Timestamp(value.isoformat())
    return bool((again if value.tz is None else again.tz_convert(str(value.tz))) == value)


def _zone(value: pd.Timestamp) -> str:
    return "" if value.tz is None else f').tz_convert("{value.tz}"'


def _end(end: Any) -> str | None:
    plain = end.item() if isinstance(end, np.generic) else end
    if isinstance(plain, float) and not np.isfinite(plain):
        return f'float("{plain}")'
    return repr(plain) if isinstance(plain, int | float) else literal(plain)


def _of_numpy(value: Any) -> str | None:
    if isinstance(value, np.dtype):
        return None if value.names else f'np.dtype("{value.str if value.kind in "OUSMm" else value.name}")'
    name = "datetime64" if isinstance(value, np.datetime64) else "timedelta64"
    unit = np.datetime_data(value.dtype)[0]
    text = f'"{value}"' if name == "datetime64" else str(value.astype("int64"))
    return f'np.{name}({text}, "{unit}")' if np.datetime_data(value.dtype)[1] == 1 else None
