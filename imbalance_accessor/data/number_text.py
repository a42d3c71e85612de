"""Numbers written as text: in which format a column writes them, and how they are read."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from numbers import Integral, Real
from typing import Any, Literal, cast

import pandas as pd

from imbalance_accessor.data.cells import by_level

#: How missing cells are often written in text.
MISSING_TEXT = frozenset(
    {
        *("", "?", ".", "-", "--", "#n/a", "<na>", "n/a", "n.a.", "na", "nan", "nat", "nil", "none", "null"),
        *("missing", "not available", "unk", "unknown"),
    }
)
#: Of these, what is often a category of its own.
OFTEN_MEANT = frozenset({"none", "-", "--", "nil", "missing"})
#: Fewer different numbers are labels such as "0" and "1", and a category says the same.
_FEWEST = 3
#: Digits from which numbers of one length, such as postal codes, are codes.
_CODE_DIGITS = 3
_ONE_DIGIT = str.maketrans("12345678", "99999999")
#: Different cells that tell of most columns that they hold no numbers.
_FIRST = 50
#: Different cells with a mark before three digits that tell what it marks, where whole numbers stand among them.
_MANY_MARKED = 50

_SYMBOLS = "$€£¥₹₩₽₺₫₪฿₴₦"
_WORDS = "USD|EUR|GBP|JPY|CHF|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|R\\$|US\\$|Rs\\.?|kr\\.?|zł|Fr\\."
_CURRENCY = rf"[{_SYMBOLS}]|{_WORDS}"
_SPACES = r"\s"  # of all kinds, the narrow ones between thousands too
_SIGN = r"[+\-−]"
#: A number with what may stand around it.
_NUMBER = re.compile(
    rf"(?P<open>\()?(?P<sign>{_SIGN}?)\s*(?P<before>{_CURRENCY})?\s*(?P<inner>\()?(?P<second>{_SIGN}?)\s*"
    r"(?P<core>(?:[0-9](?:[0-9.,'’\s]*[0-9])?[.,]?|[.,][0-9]+)(?:[eE](?:-[0-9]{1,3}|\+?[0-9]{1,2}))?)"
    rf"(?P<after>\s*(?:%|{_CURRENCY}|[^\W\d_]+[²³]?(?:/[^\W\d_]+)?|°[CF]?))?(?P<third>-)?(?P<close>\))?"
)
#: Units that are often written close to a number, whatever its length.
_MEASURES = frozenset(
    {
        *("kg", "lb", "lbs", "oz", "cm", "mm", "km", "ft", "ml", "cc", "kb", "mb", "gb", "tb", "mhz", "ghz"),
        *("hp", "bhp", "kw", "kwh", "mph", "kmh", "min", "mins", "hrs", "yrs", "px"),
    }
)
#: A letter before digits makes a code.
_CODED = re.compile(r"[A-Za-z]{1,2}\d[\d.]*")
#: A zero as accountants write it.
_ZERO = re.compile(rf"(?P<currency>{_CURRENCY})\s*[-–]+")
#: What a number with words looks like: bounds (<1, >20, 10+), and those with a unit (10+ years).
_BOUND = re.compile(r"(?:[<>≤≥~]=?\s*)?[$€£]?\d[\d,]*(?:\.\d+)?\s*[+%]?(?:\s+[^\W\d_]+|[^\W\d_]{2,}|[kKmM])?")
#: Different words around numbers, and their share of the different cells, from which those name things, such as plates do.
_MANY_WORDS, _WORDS_SHARE = 4, 0.1
#: Longer cells are no numbers.
_LONGEST = 60
#: Marks of thousands and of decimals, the likelier first, as patterns of the whole number.
_EXPONENT = r"(?:[eE][+\-]?\d+)?"
_HABITS = {
    ("", "."): rf"(?:\d+\.?\d*|\.\d+){_EXPONENT}",
    (",", "."): r"[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d*)?|\d{1,3}(?:\.\d*)?|\.\d+",
    (".", ","): r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?|\d{1,3}(?:,\d*)?|,\d+",
    ("", ","): rf"(?:\d+,?\d*|,\d+){_EXPONENT}",
    (" ", "."): r"[1-9]\d{0,2}(?:\s\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?",
    (" ", ","): r"[1-9]\d{0,2}(?:\s\d{3})+(?:,\d*)?|\d+(?:,\d*)?",
    ("'", "."): r"[1-9]\d{0,2}(?:['’]\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?",
    ("'", ","): r"[1-9]\d{0,2}(?:['’]\d{3})+(?:,\d*)?|\d+(?:,\d*)?",
    # some thousands are marked, others are not
    (",,", "."): r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+",
    ("..", ","): r"\d{1,3}(?:\.\d{3})+(?:,\d*)?|\d+(?:,\d*)?|,\d+",
}
#: Marks of thousands, as they stand between the brackets of a pattern.
_MARKS = {",": ",", ".": ".", " ": r"\s", "'": "'’"}
_SAYS = {",": "commas", ".": "dots", " ": "spaces", "'": "apostrophes"}


@dataclass(frozen=True)
class NumberFormat:
    """How a column writes numbers.

    Attributes
    ----------
    replacements : tuple of (str, str)
        Regular expressions and what takes their place, one after the other, until pandas reads the cells as numbers.
    example : str
        A cell, as it is written.
    says : str
        What is special about it, in words; nothing of plain numbers.
    unclear : {"", "scale", "values"}
        Whether a mark may be one of thousands or of decimals, and what it leaves unclear.
    declared : bool
        Whether the column is one of categories by type.
    """

    replacements: tuple[tuple[str, str], ...] = ()
    example: str = ""
    says: str = ""
    unclear: Literal["", "scale", "values"] = ""
    declared: bool = False

    def read(self, column: pd.Series) -> pd.Series:
        """Return a column's numbers, float64; nan for cells that are none."""
        return by_level(column, self._read)

    def _read(self, cells: pd.Series) -> pd.Series:
        for pattern, instead in self.replacements:
            cells = cells.replace(pattern, instead, regex=True)
        return pd.Series(pd.to_numeric(cells, errors="coerce").to_numpy("float64", na_value=float("nan")))

    def misreads(self, column: pd.Series) -> bool:
        """Whether rows to come write numbers in another habit, in which they are others: 4.228,36 for 4,228.36."""
        other = number_format(column.dropna().astype(object).unique())
        if other is None or other.unclear or other.replacements == self.replacements:
            return False
        return not self.read(column).equals(other.read(column))

    def code(self, column: str) -> str:
        r"""Write the same as code, for the code of a column.

        Examples
        --------
        >>> NumberFormat(((r"[$,]", ""),)).code('df["price"]')
        'pd.to_numeric(df["price"].replace("[$,]", "", regex=True), errors="coerce")'
        """
        column += ".astype(object)" if self.declared else ""
        for pattern, instead in self.replacements:
            column += f".replace({_literal(pattern)}, {_literal(instead)}, regex=True)"
        return f'pd.to_numeric({column}, errors="coerce")'


def _literal(pattern: str) -> str:
    return ("r" if "\\" in pattern else "") + f'"{pattern}"'


def is_missing_word(cell: Any) -> bool:
    """Whether a cell is a word that often stands for a missing one."""
    return isinstance(cell, str) and cell.strip().casefold() in MISSING_TEXT


def is_blank(cell: str) -> bool:
    """Whether a cell is blank, or a word for a missing one that is hardly a category of its own."""
    return is_missing_word(cell) and cell.strip().casefold() not in OFTEN_MEANT


def number_format(levels: Any) -> NumberFormat | None:
    """Return the format in which a column writes numbers, or None if it holds anything else but words for missing cells.

    Parameters
    ----------
    levels : sequence or array
        The column's different cells, without missing ones; text, or text and numbers.

    Returns
    -------
    NumberFormat or None

    Notes
    -----
    Whole numbers with leading zeros, or all of one length from three digits on, are codes, not numbers. A comma before three
    digits may mark thousands or decimals: cells that allow only one of them decide.

    Examples
    --------
    >>> number_format(["$67,349", "$1,200.50", "n/a", "$3"]).says
    'commas between thousands'
    >>> number_format(["00501", "10001", "94105"]) is None
    True
    """
    if not all(map(reads_as_number, levels[:_FIRST])):  # tells of most columns
        return None
    text = [cell for cell in levels if isinstance(cell, str)]
    if len(text) < len(levels) and not all(isinstance(cell, str) or reads_as_number(cell) for cell in levels):
        return None
    shapes = {shape: cells for shape, cells in _shapes(text).items() if not is_missing_word(shape)}
    if len(levels) - len(text) + sum(shapes.values()) < _FEWEST:
        return None
    if not shapes:
        return NumberFormat(example=str(next(cell for cell in levels if not isinstance(cell, str))))
    zeros = {shape: zero for shape in shapes if (zero := _ZERO.fullmatch(shape.strip()))}
    shapes = {shape: cells for shape, cells in shapes.items() if shape not in zeros}
    fits = [_match(shape) for shape in shapes]
    matches = [match for match in fits if match is not None]
    found = _around(matches) if len(matches) == len(shapes) else None
    if found is None:
        return None
    replacements, removed, says = found
    cores = Counter[str]()
    for match, cells in zip(matches, shapes.values(), strict=True):
        cores[match["core"]] += cells
    plain = not (removed or replacements) and not any(shape.strip()[0] in "+-" for shape in shapes)
    if plain and (_are_codes(cores) if len(text) == len(levels) else _have_leading_zeros(cores)):
        return None
    habits = [marks for marks, pattern in _HABITS.items() if _all_match(pattern, cores)]
    if not habits:
        return None
    removed += [
        each for each in dict.fromkeys(zero["currency"] for zero in zeros.values()) if each not in removed
    ]
    currency = any(re.fullmatch(_CURRENCY, each) for each in removed)
    (thousands, decimal), unclear = _decided(habits, cores, currency=currency)
    mark = thousands[:1]
    if mark and any(re.search(f"[{_MARKS[mark]}]", core) for core in cores):
        removed.append(_MARKS[mark])
        says.append(f"{_SAYS[mark]} between thousands")
    if removed:
        spaced = any(re.search(r"\s", shape.strip()) for shape in shapes)
        replacements.append((_any_of(removed, spaced=spaced), ""))
    if decimal == ",":
        replacements.append((",", "."))
        says.append("decimal commas")
    if zeros:
        replacements.append((r"^\s*[-–]+\s*$", "0"))
        says.append("a dash for 0")
    written = (cell.strip() for cell in text if _match(cell))
    first = [*islice(written, _FIRST), *(shape.strip() for shape in zeros)]
    example = next((cell for cell in first if re.search(r"\d[.,]\d", cell)), first[0])
    return NumberFormat(tuple(replacements), example, ", ".join(says), unclear)


def _shapes(cells: Iterable[str]) -> Counter[str]:
    """Return cells with all digits but 0 written as 9, and how many each stands for: few of many cells are different so."""
    return Counter(cell.translate(_ONE_DIGIT) for cell in cells)


def _decided(
    habits: list[tuple[str, str]], cores: Mapping[str, int], *, currency: bool
) -> tuple[tuple[str, str], Literal["", "scale", "values"]]:
    """Return the marks of thousands and decimals, and what they leave unclear.

    Where three digits follow every mark, many marked cells beside whole numbers tell that they are thousands: of decimals some
    would end in 0 and be shorter. Money hardly has three decimals; a point before them may be that of a price a litre, where no
    whole numbers stand among them. There either reading gives the same numbers but for their scale.
    """
    likeliest = habits[0]
    mark = {(",", "."): ",", ("", "."): "."}.get(likeliest)
    other = {",": ("", ","), ".": (".", ",")}.get(mark or "")
    marked = sum(cells for core, cells in cores.items() if mark in core) if mark else 0
    if not marked or other not in habits:
        return likeliest, ""
    beside_whole = marked < sum(cores.values())
    if (currency and (mark == "," or beside_whole)) or (beside_whole and marked >= _MANY_MARKED):
        return ((",", ".") if mark == "," else (".", ",")), ""
    return likeliest, "values" if beside_whole else "scale"


def reads_as_number(cell: Any) -> bool:
    """Whether a cell is a number, text with one, or a word for a missing one.

    Examples
    --------
    >>> reads_as_number(3), reads_as_number("$ 3"), reads_as_number("?"), reads_as_number("three"), reads_as_number(10**400)
    (True, True, True, False, False)
    """
    if isinstance(cell, str):
        return is_missing_word(cell) or _match(cell) is not None or _ZERO.fullmatch(cell.strip()) is not None
    return isinstance(cell, Real) and not abs(cast(float, cell)) > sys.float_info.max


def _match(cell: str) -> re.Match[str] | None:
    return _NUMBER.fullmatch(cell.strip()) if len(cell) <= _LONGEST else None


def _around(matches: list[re.Match[str]]) -> tuple[list[tuple[str, str]], list[str], list[str]] | None:
    """Return what to do about what stands around the numbers; None where it is not of one kind."""
    before, after = ({match[side] or "" for match in matches} for side in ("before", "after"))
    units = {unit.strip() for unit in after} - {""}
    currencies = before - {""} | {unit for unit in units if re.fullmatch(_CURRENCY, unit)}
    units -= currencies
    if len(currencies) + len(units) > 1 or not all(_has_partner(match) for match in matches):
        return None
    bare = [match for match in matches if not (match["before"] or match["after"])]
    # a number without its unit may be of another one, unless it is 0
    zeros = all(float(_digits(match["core"])) == 0 for match in bare)
    if units and not (zeros and _are_units(after, matches)):
        return None
    replacements: list[tuple[str, str]] = []
    says: list[str] = []
    if any(match["close"] for match in matches):
        replacements.append((r"\((.*)\)", r"-\1"))
        says.append("brackets for negative numbers")
    if any(match["third"] for match in matches):
        replacements.append((r"(.*)-\s*$", r"-\1"))
        says.append("minus signs at the end")
    if any("−" in match["sign"] + match["second"] for match in matches):
        replacements.append(("−", "-"))
    return replacements, list(currencies | units), says


def _any_of(removed: list[str], *, spaced: bool) -> str:
    """Return the pattern of any of several characters and words, and of white space."""
    chars = "".join(each for each in removed if len(each) == 1 or each in _MARKS.values())
    chars += r"\s" if spaced and r"\s" not in chars else ""
    words = [re.escape(each) for each in removed if each not in chars]
    return "|".join([*([chars if chars in (",", "%", r"\s") else f"[{chars}]"] if chars else []), *words])


def _digits(core: str) -> str:
    return re.sub(r"\D", "", core) or "0"


def _has_partner(match: re.Match[str]) -> bool:
    """Whether both brackets stand there or none, and one sign at most."""
    opened = [side for side in (match["open"], match["inner"]) if side]
    signs = sum(map(bool, (*opened, match["sign"], match["second"], match["third"])))
    return len(opened) == bool(match["close"]) and signs <= 1


def _are_units(after: set[str], matches: list[re.Match[str]]) -> bool:
    """Whether words after numbers are their unit; written close to them, they may make codes, such as 12A and 941xx."""
    close = [word for word in after - {"", "%", "°"} if not word[0].isspace()]
    measured = {word.casefold() for word in close} <= _MEASURES
    codes = not measured and _are_codes([match["core"] for match in matches])
    return not codes and all(len(word) > 1 for word in close)


def _are_codes(cores: Collection[str]) -> bool:
    if _have_leading_zeros(cores):
        return True
    whole = [core for core in cores if core.isdigit()]
    lengths = set(map(len, cores))
    return len(whole) == len(cores) and len(lengths) == 1 and min(lengths) >= _CODE_DIGITS


def _have_leading_zeros(cores: Collection[str]) -> bool:
    return any(core.isdigit() and len(core) > 1 and core[0] == "0" for core in cores)


def holds_codes(levels: Any) -> bool:
    """Whether a column's cells are digits that name something: with leading zeros, or all of one length.

    Examples
    --------
    >>> holds_codes(["00501", "10001"]), holds_codes(["5", "17", "3"])
    (True, False)
    """
    whole = (str(cell) if isinstance(cell, Integral) else cell for cell in levels[:_FIRST])
    if not all(isinstance(cell, str) and (cell.strip().isdigit() or is_missing_word(cell)) for cell in whole):
        return False
    shapes = [shape.strip() for shape in _shapes(map(str, levels)) if not is_missing_word(shape)]
    return bool(shapes) and all(map(str.isdigit, shapes)) and _are_codes(shapes)


def _is_amount(cell: str) -> bool:
    """Whether a cell alone is a number, signed, of money or of percent, in any habit."""
    match = _match(cell)
    if match is None or not _has_partner(match):
        return False
    after = (match["after"] or "").strip()
    known = not after or after == "%" or re.fullmatch(_CURRENCY, after) is not None
    return known and any(re.fullmatch(pattern, match["core"]) for pattern in _HABITS.values())


def _all_match(pattern: str, cores: Collection[str]) -> bool:
    fits = re.compile(pattern).fullmatch
    return all(fits(core) is not None for core in cores)


def is_bound(cell: Any) -> bool:
    """Whether a cell is a number with words that bound it or name its unit.

    Examples
    --------
    >>> is_bound("90+"), is_bound("< 1 year"), is_bound("1O.3")
    (True, True, False)
    """
    text = str(cell).strip()
    return len(text) <= _LONGEST and _BOUND.fullmatch(text) is not None


def bounds_share(levels: Any) -> float:
    """Return the share of a column's different cells that are numbers or bounds such as ``<1`` and ``10+ years``; 0 among codes.

    Examples
    --------
    >>> bounds_share(["< 1 year", "2 years", "10+ years", "n/a"]), bounds_share(["A11", "A12", "428"])
    (1.0, 0.0)
    """
    cells = [str(cell).strip() for cell in levels if not is_missing_word(cell)]
    bounds = [cell for cell in cells if is_bound(cell) or _is_amount(cell)]
    lettered = any(re.search(r"\d", cell) and re.search(r"[^\W\d_]", cell) for cell in cells)
    coded = sum(_CODED.fullmatch(cell) is not None for cell in cells) >= _FEWEST
    if (
        len(cells) < _FEWEST
        or coded
        or (lettered and _are_codes([re.sub(r"\D+$", "", cell) for cell in bounds]))
    ):
        return 0.0
    words = {re.sub(r"[\d.,]+", "", cell) for cell in bounds}
    return len(bounds) / len(cells) if len(words) <= max(_MANY_WORDS, _WORDS_SHARE * len(bounds)) else 0.0
