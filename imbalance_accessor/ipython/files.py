"""Files that stand for a frame in a line: one is read, and many are scanned by polars or DuckDB where these are installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from glob import glob, has_magic
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from imbalance_accessor.data.lazy.tables import is_table, table_of
from imbalance_accessor.errors import OptionError, one_line
from imbalance_accessor.rendering.snippets.writer import quoted_code

_SUFFIXES = (".parquet", ".csv")
#: Bytes of one file from which on it is scanned piece by piece too.
_LARGE = 100_000_000
#: What reads files piece by piece, the first that is installed: module, the name it is imported by, and how functions begin.
_SCANNERS = (("polars", "pl", "scan"), ("duckdb", "duckdb", "read"))
#: Rows by which polars tells the types of columns of text; of 100, as it does unasked, it errs.
_TYPED_BY = {"infer_schema_length": 10_000}


@dataclass(frozen=True)
class Files:
    """What reads one file, or many of one kind.

    Attributes
    ----------
    pattern : str
        A path, or the pattern of many.
    library, short, function : str
        A module, the name it is imported by, and what is called of it.
    options : mapping of str to object
        What it is called with.
    are_joined : bool
        Whether each file is read by itself.
    """

    pattern: str
    library: str
    short: str
    function: str
    options: Mapping[str, Any] = field(default_factory=dict)
    are_joined: bool = False

    @property
    def imports(self) -> list[str]:
        """The imports of the code."""
        as_short = "" if self.short == self.library else f" as {self.short}"
        return [
            *(["from glob import glob", ""] if self.are_joined else []),
            f"import {self.library}{as_short}",
        ]

    @property
    def code(self) -> str:
        """The expression that gives the frame."""
        path, function = quoted_code(self.pattern), f"{self.short}.{self.function}"
        if self.are_joined:
            return f"pd.concat(map({function}, sorted(glob({path}, recursive=True))), ignore_index=True)"
        return (
            f"{function}({', '.join([path, *(f'{name}={value!r}' for name, value in self.options.items())])})"
        )

    def read(self) -> Any:
        """Return the frame; of files that are scanned what reads them piece by piece.

        Raises
        ------
        OptionError
            Files that cannot be read, in one sentence.
        """
        try:
            function = getattr(import_module(self.library), self.function)
            if self.are_joined:
                return pd.concat(map(function, _matching(self.pattern)), ignore_index=True)
            # low_memory guesses a column's type chunk by chunk, and warns where the chunks disagree
            more = {"low_memory": False} if self.function == "read_csv" and self.library == "pandas" else {}
            found = function(_expanded(self.pattern), **self.options, **more)
            if is_table(found):
                _ = table_of(found).columns  # which is read of the first file
            return found
        except ImportError as error:
            raise OptionError(
                f"{self.pattern!r} needs pyarrow ({first_line(error)}). "
                "Install it: python -m pip install 'imbalance_accessor[parquet]'."
            ) from None
        except Exception as error:
            said = first_line(error.__cause__ or error)
            raise OptionError(
                f"{self.pattern!r} could not be read: {said.rstrip('.')}. {self._cure}"
            ) from None

    @property
    def _cure(self) -> str:
        """What to do where they cannot be read."""
        kind = "CSV" if self.function.endswith("csv") else "Parquet"
        if has_magic(self.pattern):
            return f"Check that each file is {kind}, and leave the others out."
        return f"Check that it is {kind}."


def file_of(word: str) -> Files | None:
    """Return what reads the file, or the files of a pattern, that a word names; None where it is no such word.

    Raises
    ------
    OptionError
        A pattern of files that matches none.
    """
    kind = _kind(word)
    if not kind:
        return None
    path = _path(word)
    if path is not None and path.is_file():
        return _scanned(word, kind) if path.stat().st_size > _LARGE else _read(word, kind)
    if not has_magic(word):
        return None
    if not _matching(word):
        raise OptionError(
            f"{word!r} matches no file; looked for in {one_line(str(Path.cwd()))}. Check the pattern, or give the whole path."
        )
    return _scanned(word, kind)


def folder_of(word: str) -> Files | None:
    """Return what reads a folder of Parquet or CSV files; None where a word names none.

    Raises
    ------
    OptionError
        A folder without such files.
    """
    path = _path(word)
    if path is None or not path.is_dir():
        return None
    for suffix in _SUFFIXES:
        for below in ("*", "**/*"):
            pattern = f"{word.rstrip('/')}/{below}{suffix}"
            if found := _matching(pattern):
                in_folders = suffix == ".parquet" and any("=" in Path(each).parent.name for each in found)
                return _by_folder(word, pattern) if in_folders else _scanned(pattern, suffix[1:])
    raise OptionError(f"The folder {word!r} holds no Parquet or CSV file. Name the folder that does.")


def plain_file(word: str) -> bool:
    """Whether a word names a file, of whatever kind."""
    path = _path(word)
    return path is not None and path.is_file()


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _kind(word: str) -> str:
    return next((suffix[1:] for suffix in _SUFFIXES if word.lower().endswith(suffix)), "")


def _read(pattern: str, kind: str, *, are_joined: bool = False) -> Files:
    return Files(pattern, "pandas", "pd", f"read_{kind}", are_joined=are_joined)


def _scanned(pattern: str, kind: str) -> Files:
    """Let files be scanned, by what is installed for it."""
    scanner = next((each for each in _SCANNERS if find_spec(each[0]) is not None), None)
    if scanner is None:
        return _read(pattern, kind, are_joined=has_magic(pattern))
    library, short, verb = scanner
    options = _TYPED_BY if library == "polars" and kind == "csv" else {}
    return Files(pattern, library, short, f"{verb}_{kind}", options)


def _by_folder(folder: str, pattern: str) -> Files:
    """Let Parquet files be scanned whose folders, such as ``day=1``, are a column too."""
    scanned = _scanned(pattern, "parquet")
    if scanned.library == "pandas":
        return _read(folder, "parquet")
    return replace(scanned, options={"hive_partitioning": True})


def _matching(pattern: str) -> list[str]:
    """Return the files of a pattern, in their order."""
    found = glob(_expanded(pattern), recursive=True)  # noqa: PTH207 - absolute patterns too, as the code has it
    return sorted(each for each in found if Path(each).is_file())


def _expanded(pattern: str) -> str:
    try:
        return str(Path(pattern).expanduser()) if pattern.startswith("~") else pattern
    except RuntimeError:  # nobody of that name
        return pattern


def _path(word: str) -> Path | None:
    try:
        path = Path(_expanded(word))
        return path if path.exists() else None
    except (OSError, ValueError):  # too long, or no text for a path at all
        return None
