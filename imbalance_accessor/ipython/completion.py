"""Tab: what may follow in a line of ``%imbalance``, and after ``df.imb.``.

``%load_ext imbalance_accessor`` hooks this into the shell, ``%unload_ext`` takes it out; an import leaves Tab as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from IPython.core.interactiveshell import InteractiveShell

from imbalance_accessor import registry
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.data.frames import column_names, is_frame, made_pandas
from imbalance_accessor.data.lazy.tables import is_table
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.ipython.lines import as_word
from imbalance_accessor.ipython.parser import dashed, grouped, opens, split_words
from imbalance_accessor.ipython.values import libraries
from imbalance_accessor.metrics.registry import METRICS, criteria
from imbalance_accessor.modeling.strategies import NAMES, kinds
from imbalance_accessor.options import CALIBRATORS, MODELS
from imbalance_accessor.reference.cheatsheet import TABLES
from imbalance_accessor.reference.lookup import names_in
from imbalance_accessor.rendering.help import parameters_of

#: Labels that are offered for ``--pos-label``.
_MOST_LABELS = 50
_LINE = re.compile(r"(?:^|=)\s*%imbalance\s+(?P<words>[^\n]*)$")
_ATTRIBUTE = re.compile(r"(?P<data>[A-Za-z_][\w.]*(?:\[[^\[\]]*\])?)\.imb\.(?P<start>\w*)$")


def complete(text: str, names: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """Return what may stand at the end of a text, or None where that is not ours to say.

    Parameters
    ----------
    text : str
        What stands before the cursor; its last line counts.
    names : mapping
        The user's variables.

    Returns
    -------
    (str, list of str) or None
        The text that is replaced, at the end of `text`, and what may stand in its place.

    Examples
    --------
    >>> complete("%imbalance we", {})
    ('we', ['weights'])
    >>> complete("df.imb.fit", {"df": pd.DataFrame()})
    ('fit', ['fit_eval'])
    """
    line = text.rpartition("\n")[2]
    magic = _LINE.search(line)
    if magic is not None:
        *whole, last = split_words(f"{magic['words']}|")  # the bar is what would be typed next
        last = last.removesuffix("|")
        if last.startswith("--") and "=" in last:
            option, _, last = last.partition("=")
            whole.append(option)
        last = last.rpartition(",")[2]  # several values of one option
        return last, _starting_with(last, _expected(whole, last, names))
    bound = _ATTRIBUTE.search(line)
    if bound is not None:
        return bound["start"], _starting_with(bound["start"], _bound_verbs(bound["data"], names))
    return None


def _starting_with(start: str, words: Iterable[str]) -> list[str]:
    """Return the words that begin as typed; a quote and the case do not matter."""
    typed = start.lstrip("\"'").casefold()
    return [word for word in words if word.lstrip("\"'").casefold().startswith(typed)]


def _expected(whole: list[str], last: str, names: Mapping[str, Any]) -> list[str]:
    """Return what may follow some whole words."""
    if whole and whole[0] in registry.REFERENCES:
        return _words_of(whole[0]) if len(whole) == 1 and not last.startswith("-") else ["-o"]
    named, positionals, options = grouped(whole, registry.VERBS)
    verb = named or "overview"
    if opens(last) or last == "-":
        return _options(verb, options)
    if options:
        values = _values(verb, options, positionals, names)
        return values if last else [*values, *_options(verb, options)]
    if not positionals:
        return [*(() if whole else (*registry.VERBS, *registry.REFERENCES)), *_frames(names, verb)]
    if len(positionals) == 1:
        columns = _columns(_data(positionals[0], names))
        return columns or ([] if last else _options(verb, options))
    return [] if last else _options(verb, options)


def _words_of(page: str) -> list[str]:
    """Return the names of a page's tables and rows; other words are understood too."""
    tables = TABLES if page == "cheatsheet" else {page: TABLES[page]}
    return [as_word(name) for name in names_in(tables)]


def _frames(names: Mapping[str, Any], verb: str) -> list[str]:
    """Return the frames among the user's variables, and the labels where they suffice."""
    kinds = (pd.DataFrame, pd.Series) if verb in registry.LABEL_VERBS else pd.DataFrame
    found = [
        name
        for name, each in names.items()
        if (isinstance(each, kinds) or is_frame(each) or is_table(each)) and not name.startswith("_")
    ]
    return found if "demo" in found else [*found, "demo"]


def _data(word: str, names: Mapping[str, Any]) -> Any:
    """Return what a word stands for; files and expressions are not read for a Tab."""
    return names[word] if word in names else make_churn(100) if word == "demo" else None


def _columns(data: Any) -> list[str]:
    return [as_word(column) for column in column_names(data)]


def _options(verb: str, given: list[str]) -> list[str]:
    known = [dashed(name) for name in parameters_of(verb)]
    more = {"--snippet": "--library", "--save": "--overwrite"}
    ours = ["-o", *more, *(beside for first, beside in more.items() if first in given)]
    return [option for option in [*known, *ours] if option not in given]


def _values(verb: str, options: list[str], positionals: list[str], names: Mapping[str, Any]) -> list[str]:
    """Return the values that the last option takes."""
    option = next(word for word in reversed(options) if opens(word))
    name = option.lstrip("-").replace("-", "_")
    data = _data(positionals[0], names) if positionals else None
    if name == "snippet":
        return ["short", "full"]
    if name == "library":
        return list(libraries(verb))
    if name == "save":
        return [as_word(f"{positionals[-1] if positionals else verb}.html")]
    if name == "pos_label":
        return _labels(data, positionals)
    if name in {"groups", "time", "id", "scores", "pred", "split", "sample_weight"}:
        return _columns(data)
    if name == "ignore":
        return list(CATALOG)
    if name == "kind":
        return ["auto", *kinds()]
    if name == "criterion":
        return criteria()
    if name == "metric":
        return [metric.name for metric in METRICS.values() if metric.is_compared and metric.better]
    known = parameters_of(verb)
    if name not in known:
        return []
    truth = ("true", "false") if re.search(r"\bbool\b", known[name]) else ()
    return [*_WORDS.get(name, ()), *truth]


#: The words that an option takes which its annotation does not tell.
_WORDS: dict[str, Sequence[str]] = {
    "model": MODELS,
    "strategies": NAMES,
    "strategy": NAMES,
    "calibrators": CALIBRATORS,
    "method": ("balanced", "sqrt", "effective"),
    "bins": ("quantile", "uniform", "isotonic"),
    "preprocess": ("auto", "skrub", "none"),
    "prevalence": ("0.1", "0.01", "0.001"),
}


def _labels(data: Any, positionals: list[str]) -> list[str]:
    labels = data if isinstance(data, pd.Series) else None
    if is_table(data):
        return []  # a Tab reads no table
    if len(positionals) > 1:
        columns = (column for column in column_names(data) if str(column) == positionals[1])
        labels = next((made_pandas(data[column]) for column in columns), None)
    if not isinstance(labels, pd.Series):
        return []
    try:
        return [as_word(label) for label in labels.dropna().drop_duplicates().tolist()[:_MOST_LABELS]]
    except TypeError:  # cells such as lists
        return []


def _bound_verbs(expression: str, names: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the verbs of what an expression gives; nothing is evaluated but names and columns of frames."""
    first, *more = re.split(r"[.\[]", expression, maxsplit=1)
    data = names.get(first)
    if more:
        column = more[0].rstrip("]").strip("\"'")
        if data is not None and not is_table(data) and column in column_names(data):
            data = made_pandas(data[column])
    if isinstance(data, pd.Series):
        return registry.LABEL_VERBS
    known = first in names and not (is_frame(data) or is_table(data) or more)
    return () if known else registry.VERBS


#: The name under which the shell knows what completes our lines.
IDENTIFIER = "imbalance_accessor"


def offer(shell: InteractiveShell) -> None:
    """Let Tab complete ``df.imb.`` and lines of ``%imbalance`` in `shell`; offered twice, they are there once."""
    withdraw(shell)
    _matchers(shell).append(_matcher_of(shell))


def withdraw(shell: InteractiveShell) -> None:
    """Take these completions away from `shell` again."""
    matchers = _matchers(shell)
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != IDENTIFIER]


def _takes_context(shell: Any) -> bool:
    """Whether matchers are handed a context, as from IPython 8.6, and not just the line."""
    return hasattr(getattr(shell, "Completer", None), "suppress_competing_matchers")


def _matchers(shell: Any) -> Any:
    """Return the shell's list for ours, where what it finds is shown alone; an idle list where there is none."""
    place = "custom_matchers" if _takes_context(shell) else "magic_arg_matchers"
    return getattr(getattr(shell, "Completer", None), place, [])


def _matcher_of(shell: Any) -> Any:
    by_context = _takes_context(shell)

    def matcher(asked: Any) -> Any:
        try:
            text = (asked if by_context else shell.Completer).text_until_cursor
            typed, words = complete(text, shell.user_ns) or ("", [])
            return _shown(typed, words) if by_context else _replacing(shell, text, typed, words)
        except Exception:  # a Tab is no place for a traceback
            return {"completions": []} if by_context else []

    # what context_matcher of IPython.core.completer sets, which older releases lack
    matcher.matcher_api_version = 2  # type: ignore[attr-defined]
    matcher.matcher_identifier = IDENTIFIER  # type: ignore[attr-defined]
    matcher.matcher_priority = 100  # type: ignore[attr-defined]
    return matcher


def _shown(typed: str, words: list[str]) -> dict[str, Any]:
    from IPython.core.completer import SimpleCompletion

    completions = [SimpleCompletion(word, type="imbalance") for word in words]
    return {"completions": completions, "matched_fragment": typed, "suppress": bool(words), "ordered": True}


def _replacing(shell: Any, text: str, typed: str, words: list[str]) -> list[str]:
    """Return what may stand in place of the piece that the shell replaces: more or less than what was typed."""
    place = len(text) - len(shell.Completer.splitter.split_line(text))
    lines = [text.removesuffix(typed) + word for word in words]
    return [line[place:] for line in lines if line.startswith(text[:place])]
