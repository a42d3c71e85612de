"""What makes a function a verb: its arguments are checked by name, and every fix is written for the call that was made."""

from __future__ import annotations

import ast
import functools
import inspect
import os
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

import numpy as np
import pandas as pd

from imbalance_accessor.data.frames import Arguments, in_pandas
from imbalance_accessor.data.lazy.door import check_names_columns, table_or_sample, with_table
from imbalance_accessor.data.lazy.tables import is_table
from imbalance_accessor.data.lines import dropped_lazily
from imbalance_accessor.data.target import which_target
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Code,
    Fix,
    ImbalanceError,
    OptionError,
    TargetError,
    change,
    nearest_of,
    one_line,
)
from imbalance_accessor.findings import Findings
from imbalance_accessor.process_state import own_filters
from imbalance_accessor.rendering.help import verbs_with
from imbalance_accessor.rendering.shown_notes import settle
from imbalance_accessor.rendering.snippets.reading import on_lines, read_first
from imbalance_accessor.rendering.snippets.writer import (
    Group,
    Node,
    Snippet,
    Writer,
    laid_out,
    on_one_line,
)

_Given = ParamSpec("_Given")
_Returned = TypeVar("_Returned")


#: What other libraries, or habits, call a parameter of ours.
_ALSO_CALLED = {
    **dict.fromkeys(("n_splits", "n_folds", "folds", "kfold"), "cv"),
    **dict.fromkeys(("seed", "rng", "random_seed"), "random_state"),
    **dict.fromkeys(("estimator", "clf", "classifier"), "model"),
    **dict.fromkeys(("y", "label", "labels", "y_true"), "target"),
    **dict.fromkeys(("positive", "positive_class"), "pos_label"),
    **dict.fromkeys(("weights", "weight", "sample_weights", "row_weights", "case_weights"), "sample_weight"),
    **dict.fromkeys(("prior", "priors", "pi", "base_rate"), "prevalence"),
    **dict.fromkeys(("thresholds", "cutoff", "cut_off"), "threshold"),
    "sampling_strategy": "ratio",
    "sampler": "strategy",
    "strategy": "kind",
    "samplers": "strategies",
    "scoring": "metric",
    **dict.fromkeys(("y_pred", "prediction", "predictions", "predicted", "flag", "flags"), "pred"),
    **dict.fromkeys(("y_score", "y_prob", "y_proba", "proba", "probability", "probabilities"), "scores"),
    "verbose": "progress",
}


def as_verb(function: Callable[_Given, _Returned]) -> Callable[_Given, _Returned]:
    """Let a verb, or a method of a result, refuse arguments it does not have, and write its fixes as whole calls.

    Parameters
    ----------
    function : callable
        Its first argument is the data, or the result whose method it is.

    Returns
    -------
    callable
        With the same signature.
    """
    parameters = inspect.signature(function).parameters

    @functools.wraps(function)
    def called(*args: _Given.args, **given: _Given.kwargs) -> _Returned:
        read = with_table(in_pandas([*parameters], args, given))
        call = read_call(function.__name__, parameters, read.args, read.given)
        call = replace(call, **_said(read))
        try:
            _Arguments(function, call, parameters, read.args, read.given).check()
            with own_filters():
                if (taken := table_or_sample(function.__name__, parameters, read)) is not read:
                    call = replace(call, **_said(taken))
                result = function(*taken.args, **taken.given)
        except ImbalanceError as error:
            error.fix = call.taken(error.fix)
            error.within(call.written)
            raise
        except KeyboardInterrupt as stopped:  # where it stood in our code says nothing
            raise stopped.with_traceback(None) from None
        if isinstance(result, Snippet):
            return cast(_Returned, read_first(result, call.first.read))
        write_fixes(result, call)
        settle(result, args[0] if args else given.get(next(iter(parameters))))
        return result

    return called


def _said(read: Arguments) -> dict[str, Any]:
    return {"read": read.lines, "came_as": read.came_as, "of_sample": read.of_sample}


@dataclass(frozen=True)
class VerbCall:
    """A call as it was typed.

    Attributes
    ----------
    on : str or VerbCall
        What it was called on: ``df.imb``, ``y.imb``, or the call that made the result.
    name : str
        The verb, or the result's method.
    known : tuple of str
        The parameters it has, in order; the data left out.
    given : mapping of str to object
        The arguments it was given; frames and Series stand as `Code`, by name.
    names : mapping of str to str
        What ``df``, ``y`` and ``test`` are called where the call was made.
    before : tuple of str
        Lines that make them, where they are no variables there.
    read : tuple of str
        Lines that make pandas of frames of other libraries.
    came_as : str
        What the data were where these are not pandas, such as ``"polars DataFrame"``.
    of_sample : mapping of str to object
        Of a table that is read piece by piece: what the call takes instead, once `read` has drawn rows of it.
    """

    on: str | VerbCall
    name: str
    known: tuple[str, ...]
    given: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    came_as: str = ""
    of_sample: Mapping[str, Any] = field(default_factory=dict)

    def taken(self, fix: Fix) -> Fix:
        """Return a fix that this call takes: a verb without ``preprocess=`` leaves it to words."""
        on = self.on.known if isinstance(self.on, VerbCall) else ()
        also = {name: value for name, value in fix.also.items() if name in self.known}
        fix = replace(fix, options={**fix.options, **also}, also={})
        alone = self.first.came_as and not self.first.read
        if fix.lines and alone and not dropped_lazily(fix.lines, self.first.came_as):
            return IN_WORDS  # lines of pandas do not run on a table
        needed = {name for name, value in fix.options.items() if value is not LEFT_OUT}
        return fix if needed <= {*self.known, *self.given, *on} else IN_WORDS

    def written(self, lines: str, options: Mapping[str, Any]) -> str:
        """Return lines and, below them, the call with options changed, as code that runs where only the data exist."""
        writer, first = Writer(), self.first
        if isinstance(first.given.get("sample_weight"), Code):
            lines = _with_weights(lines)
        read = first.read
        if (
            first.came_as
            and (lazily := dropped_lazily(lines, first.came_as))
            and (first.of_sample or not read)
        ):
            lines, read = lazily, ()
        elif first.of_sample:  # only other lines of pandas need its rows
            read, options = (read, {**first.of_sample, **options}) if lines else ((), options)
        writer.add(*on_lines(read), *filter(None, [lines]), laid_out(self._node(writer, options)))
        return "\n".join([*first.before, _renamed(str(writer.text()), first.names)])

    @property
    def first(self) -> VerbCall:
        """The verb that made the first of the results that it was called on."""
        return self.on.first if isinstance(self.on, VerbCall) else self

    def _node(self, writer: Writer, options: Mapping[str, Any]) -> Node:
        mine = options
        if isinstance(self.on, VerbCall):
            mine = {key: value for key, value in options.items() if key in {*self.known, *self.given}}
            others = {key: options[key] for key in options.keys() - mine.keys()}
            on = on_one_line(self.on._node(writer, others))
        else:
            on = self.on
        arguments = {key: value for key, value in {**self.given, **mine}.items() if value is not LEFT_OUT}
        if arguments.get("fitted") is True and "model" in self.given and "model" not in mine:
            arguments["model"] = Code("model")  # code could not write what it has learned
        arguments = {key: arguments.pop(key) for key in ("target",) if key in arguments} | arguments
        parts = tuple(
            (
                "" if key == "target" else f"{key}=",
                str(value) if isinstance(value, Code) else writer.expression(value),
            )
            for key, value in arguments.items()
        )
        return Group(f"{on}.{self.name}(", parts, ")")


def write_fixes(result: Any, call: VerbCall) -> None:
    """Let a result's findings write their fixes for a call, and what is called on it know that call."""
    if isinstance(getattr(result, "findings", None), Findings):
        taken = Findings(replace(each, fix=call.taken(each.fix)) for each in result.findings)
        object.__setattr__(result, "findings", taken.within(call.written))
        object.__setattr__(result, "_call", call)
    if hasattr(result, "_calls_of_parts"):
        for part, own in result._calls_of_parts(call):
            write_fixes(part, own)


def _with_weights(lines: str) -> str:
    """Let lines that keep some rows of a frame keep these of the weights beside it.

    Examples
    --------
    >>> print(_with_weights('df = df[df["a"].notna()]'))
    kept = df["a"].notna()
    df, sample_weight = df[kept], sample_weight[kept]
    """
    lines = re.sub(r"^df = df\[(?!\[)(.+)\]$", r"kept = \1\ndf = df[kept]", lines, flags=re.MULTILINE)
    kept = re.compile(r"^(df(?:, y)?) = (df\[kept\](?:, y\[kept\])?)$", re.MULTILINE)
    return kept.sub(r"\1, sample_weight = \2, sample_weight[kept]", lines)


def _renamed(code: str, names: Mapping[str, str]) -> str:
    """Write variables by other names; keywords and attributes that are called alike stay.

    Examples
    --------
    >>> _renamed("df = df.join(test, how='df', test=test)", {"df": "train", "test": "held"})
    "train = train.join(held, how='df', test=held)"
    """
    if not names:
        return code
    lines = [line.encode() for line in code.split("\n")]  # places are counted in bytes
    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name) and node.id in names]
    for node in sorted(found, key=lambda node: node.col_offset, reverse=True):
        line, start = lines[node.lineno - 1], node.col_offset
        lines[node.lineno - 1] = (
            line[:start] + names[node.id].encode() + line[start + len(node.id.encode()) :]
        )
    return b"\n".join(lines).decode()


def read_call(
    name: str,
    parameters: Mapping[str, inspect.Parameter],
    args: tuple[object, ...],
    given: Mapping[str, object],
) -> VerbCall:
    """Return a call of a verb, or of a result's method, as it was typed."""
    first, *known = parameters
    data = args[0] if args else given.get(first)
    on = getattr(data, "_call", None) or f"{'y' if isinstance(data, pd.Series) else 'df'}.imb"
    arguments = {**dict(zip(known, args[1:], strict=False)), **given}
    arguments.pop(first, None)
    return VerbCall(on, name, tuple(known), {key: _named(key, value) for key, value in arguments.items()})


def _named(parameter: str, value: Any) -> Any:
    """Return an argument that code can write, or the name that stands for it: what holds rows."""
    rows = parameter in ("target", "test") and value is not None and not isinstance(value, Hashable)
    if rows or isinstance(value, pd.DataFrame | pd.Series | pd.Index | np.ndarray) or is_table(value):
        return Code({"target": "y", "data": "df"}.get(parameter, parameter))
    return os.fspath(value) if isinstance(value, os.PathLike) else value


@dataclass(frozen=True)
class _Arguments:
    """The arguments of a call, checked before its function is: names it does not have, too many by place, no target."""

    function: Callable[..., Any]
    call: VerbCall
    parameters: Mapping[str, inspect.Parameter]
    args: tuple[Any, ...]
    given: Mapping[str, Any]

    def check(self) -> None:
        by_place = [name for name, each in self.parameters.items() if each.kind is not each.KEYWORD_ONLY]
        first = by_place[0]
        if self.args and first in self.given:
            raise OptionError(
                f"{self.call.name} has its {first} already. Leave {first}= out.",
                fix=change(**{first: LEFT_OUT}),
            )
        for name in self.given:
            if name not in self.parameters:
                self._refuse_name(name)
        check_names_columns({**dict(zip(self.parameters, self.args, strict=False)), **self.given})
        if first == "data" and self._frames() > 1 and (len(self.args) > 2 or "target" in self.given):
            self._refuse_second_frame()
        for name in by_place[1 : len(self.args)]:
            if name in self.given:
                raise OptionError(
                    f"{self.call.name} got {name} twice, by place and as {name}=. Leave one out."
                )
        if len(self.args) > len(by_place):
            self._refuse_place(by_place)
        if "target" not in self.call.given and _is_needed(self.parameters.get("target")):
            self._ask_for_target()
        for name in by_place[1:]:
            if name not in self.call.given and _is_needed(self.parameters[name]):
                raise OptionError(
                    f"{self.call.name} needs its {name}. Give it first: {self.call.name}({name.upper()})."
                )

    def _refuse_name(self, name: str) -> NoReturn:
        meant = self._meant(name)
        hint = (
            f" Did you mean {' or '.join(map(repr, meant))}?" if meant else _elsewhere(name, self.call.name)
        )
        options = ", ".join(known for known in self.call.known if known != "target")
        value = self.call.given[name]
        changed = {name: LEFT_OUT, **({meant[0]: _as_taken(meant[0], value)} if meant else {})}
        raise OptionError(
            f"{self.call.name} has no {one_line(name)[1:-1]}=.{hint} It has: {options or 'no options'}.",
            fix=Fix(options=changed),
        )

    def _meant(self, name: str) -> list[str]:
        """Return the parameters that a name may stand for, the likeliest first; none that is given anyway."""
        free = [known for known in self.call.known if known not in self.call.given]
        also = also_called(name)
        if also in free and (also != "target" or self._is_target(self.given[name])):
            return [also]
        return nearest_of(name, free)

    def _is_target(self, value: Any) -> bool:
        data = self.args[0] if self.args else self.given.get("data")
        return isinstance(value, pd.Series) or (
            isinstance(data, pd.DataFrame) and value in list(data.columns)
        )

    def _frames(self) -> int:
        """Return how many frames stand at the beginning: ``df.imb.counts(df, "y")`` has two."""
        return sum(isinstance(each, pd.DataFrame) for each in self.args[:2])

    def _refuse_second_frame(self) -> NoReturn:
        target = self.args[2] if len(self.args) > 2 else self.given["target"]
        shifted = dict.fromkeys(self.call.known[1 : len(self.args) - 1], LEFT_OUT)
        raise OptionError(
            f"{self.call.name} has its frame already. Name the target first.",
            fix=Fix(options={**shifted, "target": target}),
        )

    def _refuse_place(self, by_place: list[str]) -> NoReturn:
        name, value = self.call.name, self.args[len(by_place)]
        named = [each for each in self.call.known if each not in by_place]
        taken = f"{name} takes {' and '.join(by_place[1:]) or 'nothing'} by place"
        if not named:
            raise OptionError(f"{taken}, and has no options. Leave {one_line(value)} out.")
        meant = next((each for each in named if self._takes(each, value)), None)
        raise OptionError(
            f"{taken}, and the others by name. Name what {one_line(value)} is for, such as {meant or named[0]}=.",
            fix=IN_WORDS if meant is None else Fix(options={**dict.fromkeys(named, LEFT_OUT), meant: value}),
        )

    def _takes(self, option: str, value: Any) -> bool:
        """Whether a result's method, which costs nothing, takes a value as this option."""
        if isinstance(self.call.on, str):
            return False
        try:
            by_place = [each for each in self.parameters.values() if each.kind is not each.KEYWORD_ONLY]
            self.function(*self.args[: len(by_place)], **{option: value})
        except ImbalanceError:
            return False
        return True

    def _ask_for_target(self) -> NoReturn:
        data, name = self.args[0] if self.args else self.given.get("data"), self.call.name
        if not isinstance(data, pd.DataFrame):
            raise TargetError(f"{name} takes a frame, and then its target's name: df.imb.{name}(TARGET).")
        raise which_target(data, f"Name it first: {name}(TARGET).")


def also_called(name: str) -> str | None:
    """Return the parameter that other libraries, or habits, call so."""
    return _ALSO_CALLED.get(name.casefold())


def _is_needed(parameter: inspect.Parameter | None) -> bool:
    return parameter is not None and parameter.default is parameter.empty


def _elsewhere(name: str, here: str) -> str:
    """Say which verbs have an argument that this one has not."""
    if name in {"threshold", "thresholds", "cutoff"}:
        return " best_threshold chooses one, and .at(0.3) of its result has the figures at yours."
    others = [verb for verb in verbs_with(name) if verb != here]
    said = " and ".join(filter(None, [", ".join(others[:-1]), *others[-1:]]))
    return f" {said} {'has' if len(others) == 1 else 'have'} it." if others else ""


def _as_taken(name: str, value: Any) -> Any:
    """Return a value of another library's, or of another verb's, as ours is written."""
    if name == "ratio" and isinstance(value, str) and ":" not in value:  # "auto", "minority": even them out
        return 1.0
    return value[0] if name == "strategy" and isinstance(value, list | tuple) and value else value
