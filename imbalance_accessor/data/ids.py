"""Ids: columns that name rows, or things that have several rows."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Fewest rows of which a column may be the ids, and different values of an id that is met again.
_ROWS = 20
#: Share of different whole numbers, and of different text, from which they may name rows.
_DIFFERENT, _DIFFERENT_TEXT = 0.98, 0.9
#: How densely whole numbers that count rows fill their range.
_DENSE = 1.5
#: Rows a value on average from which a column named like an id is a code.
_ROWS_A_VALUE = 10
#: Rows that tell of most columns that their cells are not all different.
_FIRST = 1_000

_WHO = (
    "account|booking|card|case|claim|client|contract|customer|device|donor|driver|employee|encounter|household|invoice|loan|"
    "machine|member|merchant|order|passenger|patient|person|policy|sensor|session|student|subject|ticket|transaction|user|vehicle|"
    "visit"
)
#: Names that say "this names a thing that may have several rows".
_THING = re.compile(
    r"(^|[_\W])([cgprstu]?id|ids|uuid|guid|identifier)$|^id[_ ]|(?-i:(?<=[a-z0-9])(Id|ID|Uuid|UUID)$)"
    r"|^(ssn|iban|mrn|unnamed: \d+)$"
    rf"|^({_WHO})[_ ]?(id|no|nr|nbr|number|nummer|key|ref|code)$"
    r"|^(client|customer|donor|driver|employee|member|passenger|patient|person|student|subject|user)$",
    re.IGNORECASE,
)
#: Names of codes.
_CODE = re.compile(
    r"(^|[_\W])(zip|plz|cep|postcode|zip_?code|post(al)?[_ ]?code|mcc|naics|sic|fips|icd(9|10)?|code)$"
    r"|(?-i:(?<=[a-z])(Zip|Code)$)",
    re.IGNORECASE,
)
#: The same of whole numbers that are all different.
_ROW = re.compile(
    r"(^|[_\W])(index|idx|key|rownum|row|nr|no|nbr|number|serial|pk|level_0|unnamed: \d+)\.?$|nummer$"
    r"|(?-i:(?<=[a-z])(Number|No|Nr|Nbr|Index|Key)$)",
    re.IGNORECASE,
)


def is_id_name(name: Hashable) -> bool:
    """Whether a column is named like an id.

    Examples
    --------
    >>> [is_id_name(name) for name in ("EmployeeNumber", "user_id", "Unnamed: 0", "paid", "num")]
    [True, True, True, False, False]
    """
    return bool(_THING.search(str(name)) or _ROW.search(str(name)))


def is_code_name(name: Hashable, levels: Any) -> bool:
    """Whether a column of digits is named like a code, such as that of a postal district or of a trade.

    Examples
    --------
    >>> is_code_name("zip", ["501", "94105"]), is_code_name("mcc", ["5411", "742"]), is_code_name("age", ["5", "17"])
    (True, True, False)
    """
    return bool(_CODE.search(str(name))) and all(
        isinstance(cell, str) and not re.search(r"[.,]\d", cell) for cell in levels
    )


def counts_rows(name: Hashable, values: NDArray[np.float64]) -> str | None:
    """Return why whole numbers name rows, or None if they do not.

    Parameters
    ----------
    name : hashable
        The column's name.
    values : ndarray of float, shape (n_rows,)
        Its cells, whole numbers; nan where missing.
    """
    known = values[~np.isnan(values)]
    if len(known) < _ROWS or _share(known[:_FIRST]) < _DIFFERENT or _share(known) < _DIFFERENT:
        return None
    if is_id_name(name):
        return "an id by name, nearly all different"
    dense = float(known.max() / 2 - known.min() / 2) * 2 + 1 <= _DENSE * len(
        known
    )  # a difference may overflow
    return "counts the rows, like an id" if dense else None


def names_rows(n_filled: int, n_levels: int) -> bool:
    """Whether so many different text cells name rows."""
    return n_filled >= _ROWS and n_levels >= _DIFFERENT_TEXT * n_filled


def names_things(name: Hashable, n_filled: int, n_levels: int) -> bool:
    """Whether a column is named like an id and has few rows a value.

    Examples
    --------
    >>> names_things("customer_id", 2_000, 400), names_things("region_id", 2_000, 40)
    (True, False)
    """
    return n_levels >= _ROWS and n_filled < _ROWS_A_VALUE * n_levels and may_name_things(name)


def may_name_things(name: Hashable) -> bool:
    """Whether a column is named like an id that may have several rows."""
    return bool(_THING.search(str(name)))


def _share(values: NDArray[np.float64]) -> float:
    return len(pd.unique(values)) / len(values)
