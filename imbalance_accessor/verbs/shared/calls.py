"""What makes a function a verb: its arguments are checked by name, and every fix is written for the call that was made."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn, ParamSpec, TypeVar

import pandas as pd

from imbalance_accessor.data.target import likely_targets
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Code,
    Fix,
    ImbalanceError,
    OptionError,
    TargetError,
    change,
    near,
    nearest_of,
    one_line,
)
from imbalance_accessor.findings import Findings
from imbalance_accessor.rendering.snippets.writer import Group, Node, Writer, laid_out, on_one_line

_Given = ParamSpec("_Given")
_Returned = TypeVar("_Returned")


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
        call = _read_call(function.__name__, parameters, args, given)
        try:
            _check_arguments(call, parameters, args)
            result = function(*args, **given)
        except ImbalanceError as error:
            error.fix = call.taken(error.fix)
            error.within(call.written)
            raise
        if hasattr(result, "findings"):
            findings = Findings(replace(each, fix=call.taken(each.fix)) for each in result.findings)
            object.__setattr__(result, "findings", findings.within(call.written))
            object.__setattr__(result, "_call", call)
        return result

    return called


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
    """

    on: str | VerbCall
    name: str
    known: tuple[str, ...]
    given: Mapping[str, Any]

    def taken(self, fix: Fix) -> Fix:
        """Return a fix that this call takes: a verb without ``preprocess=`` leaves it to words."""
        on = self.on.known if isinstance(self.on, VerbCall) else ()
        return fix if {*fix.options} <= {*self.known, *self.given, *on} else IN_WORDS

    def written(self, lines: str, options: Mapping[str, Any]) -> str:
        """Return lines and, below them, the call with options changed, as code that runs where only the data exist."""
        writer = Writer()
        if lines:
            writer.add(lines)
        writer.add(laid_out(self._node(writer, options)))
        return str(writer.text())

    def _node(self, writer: Writer, options: Mapping[str, Any]) -> Node:
        mine = options
        if isinstance(self.on, VerbCall):
            mine = {key: value for key, value in options.items() if key in {*self.known, *self.given}}
            on = on_one_line(
                self.on._node(writer, {key: options[key] for key in options.keys() - mine.keys()})
            )
        else:
            on = self.on
        arguments = {key: value for key, value in {**self.given, **mine}.items() if value is not LEFT_OUT}
        arguments = {key: arguments.pop(key) for key in ("target",) if key in arguments} | arguments
        parts = tuple(
            (
                "" if key == "target" else f"{key}=",
                str(value) if isinstance(value, Code) else writer.expression(value),
            )
            for key, value in arguments.items()
        )
        return Group(f"{on}.{self.name}(", parts, ")")


def _read_call(
    name: str,
    parameters: Mapping[str, inspect.Parameter],
    args: tuple[object, ...],
    given: Mapping[str, object],
) -> VerbCall:
    first, *known = parameters
    data = args[0] if args else given.get(first)
    on = getattr(data, "_call", None) or f"{'y' if isinstance(data, pd.Series) else 'df'}.imb"
    arguments = {**dict(zip(known, args[1:], strict=False)), **given}
    arguments.pop(first, None)
    fitted = arguments.get("fitted") is True
    return VerbCall(
        on, name, tuple(known), {key: _named(key, value, fitted) for key, value in arguments.items()}
    )


def _named(parameter: str, value: Any, fitted: bool) -> Any:
    """Return an argument that code can write, or the name that stands for it: what holds rows, or what they taught."""
    rows = parameter in ("target", "test") and value is not None and not isinstance(value, Hashable)
    if rows or isinstance(value, pd.DataFrame | pd.Series) or (fitted and parameter == "model"):
        return Code("y" if parameter == "target" else parameter)
    return value


def _check_arguments(
    call: VerbCall, parameters: Mapping[str, inspect.Parameter], args: tuple[object, ...]
) -> None:
    """Refuse names that the verb does not have, more than it takes by place, and a target left out."""
    for name, value in call.given.items():
        if name not in parameters:
            _refuse_name(call, name, value)
    by_place = [name for name, each in parameters.items() if each.kind is not each.KEYWORD_ONLY]
    if len(args) > len(by_place):
        named = [name for name in call.known if name not in by_place]
        raise OptionError(
            f"{call.name} takes {' and '.join(by_place[1:]) or 'nothing'} by place, and the others by name. "
            f"Name what {one_line(args[len(by_place)])} is for, such as {named[0]}=."
        )
    if "target" not in call.given and _is_needed(parameters.get("target")):
        _ask_for_target(call, args[0] if args else None)


def _is_needed(parameter: inspect.Parameter | None) -> bool:
    return parameter is not None and parameter.default is parameter.empty


def _refuse_name(call: VerbCall, name: str, value: Any) -> NoReturn:
    nearest = nearest_of(name, call.known)
    options = ", ".join(known for known in call.known if known != "target")
    changed = {name: LEFT_OUT, **({nearest[0]: value} if nearest else {})}
    raise OptionError(
        f"{call.name} has no {name}=.{near(name, call.known)} It has: {options}.", fix=Fix(options=changed)
    )


def _ask_for_target(call: VerbCall, data: object) -> NoReturn:
    likely = likely_targets(data) if isinstance(data, pd.DataFrame) else []
    shown = ", ".join(f"{column!r} ({label!r}: {share:.1%})" for column, label, share in likely)
    hint = f" Likely, with the rarest class and its share: {shown}." if likely else ""
    raise TargetError(
        f"Which column is the target? Name it first: {call.name}(TARGET).{hint}",
        fix=change(target=likely[0][0]) if likely else IN_WORDS,
    )
