"""Short programs of several models made one: what they have alike is written once, other variables get names of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from imbalance_accessor.evaluation.strategy_scores import FittedScores, StrategyScores
from imbalance_accessor.rendering.snippets.templates import replaced_names
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program


def read_models(
    writer: Writer, scores: Mapping[str, StrategyScores], *, folded: bool, by_name: bool = False
) -> ShortProgram | None:
    """Read what the program of all strategies of all models is made of; None where these are not of one program.

    Parameters
    ----------
    writer : Writer
        Which imports what the expressions need.
    scores : mapping of str to StrategyScores
        By the names under which they are shown.
    folded : bool
        Whether the program reads the folds.
    by_name : bool
        Whether the program hands each strategy its own class weights, by name.
    """
    joined: ShortProgram | None = None
    fits = list[str | None]()  # how weighted rows are fitted, which one function says
    for each in {id(each.plan): each for each in scores.values() if isinstance(each, FittedScores)}.values():
        own = {
            name: of for name, of in scores.items() if isinstance(of, FittedScores) and of.plan is each.plan
        }
        program = short_program(
            writer, each.plan, each.scored, [of.name for of in own.values()], folded=folded
        )
        shown = {of.name: name for name, of in own.items()}
        fits = [*fits, writer.definitions.get("fit")]
        joined = None if program is None or len(set(fits)) > 1 else _joined(joined, _renamed(program, shown))
        if joined is None:
            return None
    if joined is None or len(fits) == 1:
        return joined
    # class weights that one model alone is handed take the longer program, and so do odds, which have strategies' names
    is_long = joined.brought is not None if by_name else bool(joined.weights)
    return None if is_long else joined


def _renamed(program: ShortProgram, shown: Mapping[str, str]) -> ShortProgram:
    """Name strategies as they are shown."""
    pipes, weights = (
        {shown[name]: code for name, code in of.items()} for of in (program.pipes, program.weights)
    )
    return replace(program, pipes=pipes, weights=weights)


def _joined(first: ShortProgram | None, other: ShortProgram) -> ShortProgram | None:
    """Return the program of both; None where they begin otherwise."""
    if first is None:
        return other
    data = _data(first.data, other.data)
    if data is None or _begin(first) != _begin(other):
        return None
    if first.method == "decision_function":  # the other may give probabilities
        first = replace(first, method=other.method, column=other.column, sign=other.sign, counts=other.counts)
    definitions, names = dict(first.definitions), dict[str, str]()
    for variable, code in other.definitions.items():
        own = replaced_names(code, names)
        names[variable] = _variable(definitions, variable, own)
        definitions[names[variable]] = own
    pipes = {name: replaced_names(code, names) for name, code in other.pipes.items()}
    return replace(
        first,
        data=data,
        definitions=definitions,
        pipes={**first.pipes, **pipes},
        weights={**first.weights, **other.weights},
        resamples=first.resamples or other.resamples,
        wide=first.wide or other.wide,
    )


def _begin(program: ShortProgram) -> ShortProgram:
    """Return what one program has alike for all its models."""
    alike = replace(program, data="", definitions={}, pipes={}, weights={}, resamples=False, wide="")
    return replace(alike, method="", column="", sign="", counts=replace(alike.counts, is_probability=True))


def _data(first: str, other: str) -> str | None:
    """Return the lines of both, with the outcome as numbers where one model asks for those; None where they differ."""
    (y, *rest), (other_y, *other_rest) = first.split("\n"), other.split("\n")
    for plain, coded in ((y, other_y), (other_y, y)):
        if rest == other_rest and coded in (plain, f"y = ({plain.removeprefix('y = ')}).astype(int)"):
            return "\n".join([coded, *rest])
    return None


def _variable(definitions: Mapping[str, str], name: str, code: str) -> str:
    """Return the variable that holds this code, or a new one that is like its own."""
    known = next((each for each, other in definitions.items() if other == code), None)
    taken = sum(each.rpartition("_")[0] == name or each == name for each in definitions)
    return known or (name if not taken else f"{name}_{taken + 1}")
