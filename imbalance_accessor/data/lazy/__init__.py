"""Tables that are read piece by piece: lazy frames of polars, relations of DuckDB, frames of Dask.

`tables` finds what reads a table; a module an engine; `sample` draws the rows that models are fitted on. Nothing here holds
a whole table, but for one column of it.
"""
