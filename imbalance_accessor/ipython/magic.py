"""``%imbalance``: parse a line, call the verb, return the very object that it returns."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from imbalance_accessor import registry
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.data.frames import column_names, how_read, is_foreign, made_pandas
from imbalance_accessor.data.lazy.tables import is_table, table_of
from imbalance_accessor.data.target import which_target
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    ImbalanceError,
    OptionError,
    TargetError,
    change,
    listed,
    near,
    nearest_of,
)
from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.ipython.completion import offer, withdraw
from imbalance_accessor.ipython.files import file_of, first_line, folder_of, plain_file
from imbalance_accessor.ipython.lines import changed, check_output, free_name, page_of
from imbalance_accessor.ipython.parser import Call, asks_for_help, read_line
from imbalance_accessor.ipython.references import PageLine, page_line
from imbalance_accessor.ipython.values import column_of, libraries, typed_options
from imbalance_accessor.modeling.strategies import TABLE
from imbalance_accessor.rendering.calls import VerbCall, read_call, write_fixes
from imbalance_accessor.rendering.help import magic_help, verb_help
from imbalance_accessor.rendering.result import check_library

_NAME = "imbalance"
#: Options whose words may be labels.
_NAME_LABELS = frozenset({"pos_label", "prevalence", "method"})

_DOC = """Look at, and deal with, a rare class in a frame.

Usage::

    %imbalance DF TARGET                             the overview
    %imbalance VERB DF TARGET [--parameter value ...] [-o name]
    %imbalance cheatsheet [WORD]                     what is typical, or what is said of a word
    %imbalance pitfalls [WORD]                       sentences not to say
    %imbalance                                       what there is to call
    %imbalance VERB --help                           the options of a verb

VERB
    {verbs}.
    A first word that is a verb's name is always the verb, as are cheatsheet and pitfalls.
DF
    A variable; else a CSV or Parquet file, a folder of such files, or a pattern of them: "events/*.parquet", which
    is scanned by polars or DuckDB where one of them is installed; else `demo`, the embedded synthetic customers (2,000
    rows, target `churn`); else an expression in quotes, such as "df[df.age > 30]", which is run as Python.
TARGET
    A column, or a Series of yours on the frame's index. Put a name with blanks in quotes: "total day charge".
    {label_verbs} also take a Series as DF, and then no TARGET.
--parameter value
    The parameters of the verb itself (`df.imb.fit_eval?` explains them), with hyphens or underscores.
    An option takes every word up to the next `--`: --strategies none smote.
    Numbers, true, false and none are read as such; --impute alone means true. A dict is written
    --cost fp=1,fn=10, or in quotes: --method "{{'no': 1, 'yes': 10}}". --pos-label 1 is the label that reads 1.
    Where a parameter takes an object, a word that names a variable of yours is that variable:
    --model my_pipeline. The texts that the parameter's signature names come first.
    Several verbs share: --pos-label (the positive class), --test-size, --random-state, --groups and --time
    (columns that rule the split), --cv (folds), --ignore (findings' codes to mute), --prevalence (the share where
    the model will be used, or a=.9,b=.1) and --sample-weight (a column of row weights).
-o name
    Store the result under this name too; not under that of what the line reads.
--snippet [short or full]
    Put the plain code that gives the same numbers into the next cell. --style full is --snippet full.
--library NAME
    Beside --snippet: the library that code is for. weights knows sklearn, xgboost, lightgbm, catboost,
    pytorch and keras; the other verbs sklearn alone.

--save FILE.html [--overwrite]
    Write what is shown into one HTML file that needs no network.

Returns the object that ``df.imb.VERB(...)`` returns. A `;` at the end shows nothing (and returns nothing,
unless the line is assigned: ``r = %imbalance df churn;``).
``$x`` and ``{{x}}`` are not expanded.

Examples::

    %imbalance demo churn
    %imbalance counts "events/*.parquet" fraud
    %imbalance fit_eval df churn --model forest --strategies none class_weight smote --cv 5 -o result
    %imbalance smote train.csv "is fraud" --ratio 1:3 --impute
    %imbalance best_threshold df churn --cost fp=1,fn=10
    %imbalance weights "df[df.region == 'north']" churn --method sqrt;
    %imbalance weights df churn --snippet --library xgboost
    first = %imbalance split df churn --test-size 0.3
    %imbalance report df churn --save churn.html
    %imbalance cheatsheet PR-AUC
"""


def load_magic(shell: InteractiveShell) -> None:
    """Register the line magic ``%imbalance`` in `shell`, and let Tab complete it and ``df.imb.``."""

    @no_var_expand
    def imbalance(line: str) -> Any:
        try:
            return run_line(shell, line)
        except KeyboardInterrupt as stopped:
            raise stopped.with_traceback(None) from None

    imbalance.__doc__ = _DOC.format(
        verbs=", ".join(registry.VERBS),
        label_verbs=" and ".join(f"`{verb}`" for verb in registry.LABEL_VERBS),
    )
    register: Callable[..., None] = shell.register_magic_function
    register(imbalance, "line", _NAME)
    offer(shell)


def unload_magic(shell: InteractiveShell) -> None:
    """Take ``%imbalance`` and its Tab away from `shell`; nothing happens where they are not there."""
    shell.magics_manager.magics["line"].pop(_NAME, None)
    withdraw(shell)


def run_line(shell: InteractiveShell, line: str) -> Any:
    """Run one line and return the verb's result, or None when a closing ``;`` silences it.

    Parameters
    ----------
    shell : InteractiveShell
        The shell whose variables the line may name, and that ``-o`` writes to.
    line : str
        What follows ``%imbalance``.

    Raises
    ------
    UsageError
        For every mistake in the line and every error that the package raises on purpose: one line.
    """
    words = line.strip().removesuffix(";").strip()
    typed: _Line | PageLine = page_line(words, shell) or _Line(shell, words)
    try:
        help_on = asks_for_help(words, registry.VERBS)
        if help_on is not None:
            print(_help(help_on))  # noqa: T201 - what the user asked to be shown
            return None
        result = typed.run()
    except ImbalanceError as error:
        typed.mend(error)
        # IPython hides the traceback of exactly this class, not of a subclass.
        sentence = " ".join(str(error).splitlines())
        raise UsageError("\n".join([sentence, *getattr(error, "__notes__", ())])) from None
    return None if line.rstrip().endswith(";") and not _is_assigned(shell, line) else result


def _help(verb: str) -> str:
    """Return the help on a verb, or on the magic where none is named."""
    if not verb:
        return magic_help(registry.VERBS)
    told = {row.name: row.sentence for row in TABLE.values()}
    return verb_help(
        verb, registry.verb(verb), needs_target=verb not in registry.LABEL_VERBS, strategies=told
    )


class _Line:
    """One line: run, and what it was understood to say, so that a fix can say it too."""

    def __init__(self, shell: InteractiveShell, words: str) -> None:
        self.shell, self.words = shell, words
        self.data: Any = None
        self.labels: pd.Series | None = None
        self.made: VerbCall | None = None
        self.saves = False

    def run(self) -> Any:
        """Read the words, run the verb, and return its result, stored and its code written as asked."""
        names = self.shell.user_ns
        call = read_line(self.words, registry.VERBS)
        page = page_of(call)  # a file that cannot be written is refused before the work
        self.saves = page is not None
        check_library(call.library, libraries(call.verb))  # the result does so too, but after the work
        function = registry.verb(call.verb)
        given_data = _read_data(call.data, self.shell)
        data = self.data = made_pandas(given_data, call.data)
        target = _read_target(call, data, names)
        self.labels = _labels(data, target, call.options)
        options = typed_options(function, call, self.labels, data, names)
        given = () if target is None else (target,)
        if call.output is not None:
            check_output(call, (data, target, *options.values()), names)
        known = _known(call, data if isinstance(data, pd.Series) else target, options)
        self.made = self._verb_call(call, known, (given_data, *given), options)
        result = function(data, *given, **options)
        self.made = _as_sampled(self.made, result)
        write_fixes(result, self.made)
        if self.made.before and isinstance(getattr(result, "findings", None), Findings):
            object.__setattr__(result, "findings", Findings(map(self._in_line, result.findings)))
        if page is not None:
            print(f"Saved as {result.save(page, overwrite=call.overwrite)}")  # noqa: T201 - what the user asked for
        if call.snippet is not None:
            _next_cell(self.shell, call, known, result)
        if call.output is not None:
            names[call.output] = result
        return result

    def _verb_call(
        self, call: Call, known: Mapping[str, str], args: tuple[Any, ...], options: Mapping[str, Any]
    ) -> VerbCall:
        """Return the call in Python, its data by the names they have here, or by one that is free."""
        own = inspect.signature(registry.verb(call.verb)).parameters
        frame = {} if known.get("y") == call.data else {"df": call.data}
        names = {name: word for name, word in (frame | dict(known)).items() if word}
        before: list[str] = []
        for name, word in names.items():
            if word not in self.shell.user_ns:
                names[name] = free_name(name, self.shell.user_ns)
                before += _naming(word, names[name])
        read, came_as = how_read([*own], args, options)
        made = read_call(call.verb, own, (self.data, *args[1:]), options)
        return replace(made, names=names, before=tuple(before), read=read, came_as=came_as)

    def _in_line(self, finding: Finding) -> Finding:
        """Write a fix as a line, where its data are no variable that Python could name."""
        options = finding.fix.options
        again = {**options, "overwrite": True} if self.saves else options  # the page is there by now
        line = changed(self.words, registry.VERBS, again) if options and not finding.fix.lines else None
        says = line is not None and self._says(line, options)
        return replace(finding, fix=Fix(line)) if line is not None and says else finding

    def mend(self, error: ImbalanceError) -> None:
        """Write an error's fix as a line; as Python where it has lines of its own, or a line cannot say it."""
        fix = error.fix
        if not fix:
            return
        line = None if fix.lines else changed(self.words, registry.VERBS, fix.options)
        if line is not None and self._says(line, fix.options):
            error.fix = Fix(line)
            error.within(lambda lines, _: lines)
        elif self.made is not None:
            error.within(self.made.written)
        elif not fix.lines or not self._says(fix.lines, {}):
            error.fix = IN_WORDS
        else:
            error.within(lambda lines, _: lines)

    def _says(self, line: str, options: Mapping[str, Any]) -> bool:
        """Whether a line is understood, and says the options that are meant; no expression is evaluated for it."""
        names = self.shell.user_ns
        try:
            call = read_line(line.removeprefix("%imbalance"), registry.VERBS)
            data = self.data if self.data is not None else names.get(call.data)
            is_read = isinstance(data, pd.DataFrame | pd.Series) or is_table(data)
            target = _read_target(call, data, names) if is_read else None
            labels = self.labels if self.labels is not None or target is None else _labels(data, target, ())
            if (
                self.made is None
                and isinstance(target, Hashable)
                and isinstance(data, pd.DataFrame)
                and labels is None
            ):
                return False
            got = typed_options(registry.verb(call.verb), call, labels, data, names)
        except ImbalanceError:
            return False
        got |= {"target": target, "snippet": call.snippet, "library": call.library}
        got |= {"save": call.save, "overwrite": call.overwrite}
        return self.made is None or all(
            value is LEFT_OUT or _is_same(got.get(name), value) for name, value in options.items()
        )


def _as_sampled(made: VerbCall, result: Any) -> VerbCall:
    """Return a call of a table with the lines that draw its rows, which the verb itself has drawn."""
    call = getattr(result, "_call", None)
    return made if made.came_as or call is None else replace(made, read=call.read, came_as=call.came_as)


def _is_same(got: Any, value: Any) -> bool:
    if isinstance(value, list | tuple):
        return isinstance(got, list | tuple) and list(got) == list(value)
    return isinstance(got, bool) == isinstance(value, bool) and bool(got == value)


def _known(call: Call, target: Any, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the words that stand for the labels, for the test frame, and for weights that are no column."""
    known = {"test": " ".join(call.options.get("test", ()))}
    weights = options.get("sample_weight")
    if isinstance(weights, pd.Series) or is_foreign(weights):
        known["sample_weight"] = " ".join(call.options["sample_weight"])
    if isinstance(target, pd.Series) or is_foreign(target):
        known["y"] = call.target or call.data
    return known


def _next_cell(shell: InteractiveShell, call: Call, known: Mapping[str, str], result: Any) -> None:
    """Put the result's code into the next cell, after the lines that give what it reads the names it has there."""
    code = result.snippet(style=call.snippet, library=call.library)
    words = dict(known) if known.get("y") == call.data else {"df": call.data, **known}
    imports = []
    if call.data not in shell.user_ns and "df" in words:
        *imports, words["df"] = _reading(call.data)
    shell.set_next_input("\n".join([*imports, *_assigned(words), code]))


def _reading(word: str) -> list[str]:
    """Return what to import for what stands for a frame, and the expression that gives it."""
    if word == "demo":
        return ["from imbalance_accessor import make_churn", "", "make_churn()"]
    files = file_of(word) or folder_of(word)
    return [word] if files is None else [*files.imports, "", files.code]


def _naming(word: str, name: str) -> list[str]:
    """Return the lines that make a variable of what stood for a frame or labels."""
    *imports, expression = _reading(word)
    return [*imports, f"{name} = {expression}"]


def _assigned(known: Mapping[str, str]) -> list[str]:
    """Return one line that gives all their names at once, since one may be known by the name of another."""
    others = {name: value for name, value in known.items() if value and value != name}
    return [f"{', '.join(others)} = {', '.join(others.values())}"] if others else []


def _is_assigned(shell: InteractiveShell, line: str) -> bool:
    """Whether the running cell keeps the value, as in ``r = %imbalance ...;``.

    IPython calls a magic in the same way for a bare line and for an assignment, and its own test for a
    closing ``;`` cannot see one inside a magic's line.
    """
    history = shell.history_manager
    cell = history.input_hist_parsed[-1] if history is not None else ""
    before, found, _ = cell.partition(f"get_ipython().run_line_magic({_NAME!r}, {line!r})")
    return bool(found) and before.rstrip().endswith("=")


def _read_data(word: str, shell: InteractiveShell) -> Any:
    """Return what DF stands for: a variable, files, the demo frame, a folder of files or an expression, in this order."""
    if word in shell.user_ns:
        data = shell.user_ns[word]
    elif (files := file_of(word)) is not None:
        data = files.read()
    elif plain_file(word):
        raise OptionError(f"{word!r} is neither CSV nor Parquet. Read it yourself and give the frame's name.")
    elif word == "demo":
        data = make_churn()
    else:
        folder = folder_of(word)
        data = _evaluate(word, shell) if folder is None else folder.read()
    if not (isinstance(data, pd.DataFrame | pd.Series) or is_foreign(data) or is_table(data)):
        raise OptionError(f"{word!r} is of type {type(data).__name__}, not a DataFrame or Series. Name one.")
    return data


def _evaluate(word: str, shell: InteractiveShell) -> Any:
    evaluate: Callable[[str], Any] = shell.ev
    try:
        return evaluate(word)
    except Exception as error:
        named = [
            name
            for name, value in shell.user_ns.items()
            if isinstance(value, pd.DataFrame) or is_foreign(value) or is_table(value)
        ]
        frames = [*(name for name in named if not name.startswith("_")), "demo"]
        alike = nearest_of(word, frames)
        raise OptionError(
            f"{word!r} is no file, no variable and no expression that works here "
            f"({type(error).__name__}: {first_line(error)}).{near(word, [*registry.VERBS, *registry.REFERENCES, *frames])}",
            fix=change(data=alike[0]) if alike else IN_WORDS,
        ) from None


def _read_target(call: Call, data: pd.DataFrame | pd.Series, names: Mapping[str, Any]) -> Any:
    """Return what TARGET stands for: a column by its text, else a Series of the user's, else the word."""
    if call.target is None:
        if is_table(data):
            raise TargetError(
                f"Which column is the target? %imbalance {call.verb} {call.data} TARGET. It has: {listed(column_names(data))}."
            )
        if isinstance(data, pd.DataFrame):
            raise which_target(data, f"%imbalance {call.verb} {call.data} TARGET.")
        if call.verb not in registry.LABEL_VERBS:
            raise TargetError(
                f"{call.verb} needs a DataFrame with features; {call.data!r} is a Series. "
                f"Labels alone go to {' and '.join(registry.LABEL_VERBS)}."
            )
        return None
    column = column_of(call.target, data)
    if column is not None:
        return column
    variable = names.get(call.target)
    return variable if isinstance(variable, pd.Series) or is_foreign(variable) else call.target


def _labels(data: Any, target: Any, options: Collection[str]) -> pd.Series | None:
    """Return the target's labels where they can be had; the verb itself says what is wrong otherwise."""
    if is_table(data):  # counted only where a word may be a label
        known = target in column_names(data) and _NAME_LABELS & {*options}
        return pd.Series(table_of(data).count(target).index) if known else None
    target = made_pandas(target, "y")
    if isinstance(data, pd.Series) or isinstance(target, pd.Series):
        return data if isinstance(data, pd.Series) else target
    column = data[target] if target in data.columns else None
    return column if isinstance(column, pd.Series) else None
