"""Tables that are read piece by piece: what cannot be had of a part of their rows."""

from fix_cases import NUMBERS, Case

_TABLE = (
    NUMBERS
    + """test = df[300:]
__import__("pytest").importorskip("polars")
import polars
df = polars.from_pandas(df).lazy()
"""
)
_FIT = 'df.imb.fit_eval("y", model="naive_bayes", strategies=["none"], cv=2'

CASES = [
    Case("OptionError: a test set read piece by piece", f"{_FIT}, test=df)", f"{_FIT})", _TABLE),
    Case(
        "OptionError: a test set beside sampled rows",
        f"{_FIT}, max_rows=100, test=test)",
        f"{_FIT}, max_rows=100)",
        _TABLE,
    ),
    Case(
        "OptionError: weights of sampled rows",
        f'{_FIT}, max_rows=100, sample_weight="b")',
        f"{_FIT}, max_rows=100)",
        _TABLE,
    ),
    Case(
        "IMB314: a sample of even classes",
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["oversample"], cv=2, max_rows=60)',
        'df.imb.fit_eval("y", model="naive_bayes", strategies=["oversample"], cv=2, max_rows=160)',
        _TABLE,
    ),
    Case("OptionError: a sample with a row of a class", f"{_FIT}, max_rows=3)", f"{_FIT})", _TABLE),
]
