"""The sentences of `Resampled`: how rows were made, that only the training set was touched, and why."""

from __future__ import annotations

from typing import Any

from imbalance_accessor.errors import counted
from imbalance_accessor.modeling.samplers import copies
from imbalance_accessor.options import is_whole
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, joined, lowered, quoted
from imbalance_accessor.verbs.smote.fields import ResampledData

#: What a sampler does besides placing rows on segments.
_BESIDES = {
    "SMOTE": "",
    "SMOTENC": "; its categories are the most frequent ones among the neighbours",
    "BorderlineSMOTE": "; only rows near another class are grown",
    "ADASYN": "; more are made where another class surrounds a row",
    "SMOTETomek": "; then pairs of nearest neighbours of different classes lose a row or both",
    "SMOTEENN": "; then rows that their neighbours contradict are dropped",
}


def explain(made: ResampledData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(made)
    if made.sampler is None:
        return [
            f"The rows were split first, and the training set was left as it is: {_changes(made)}.",
            "The ratio asked for was there already.",
            _test_part(made),
        ]
    return [
        f"The rows were split first; then {_kind(made)} changed the training set alone: {_changes(made)}.",
        f"{_how(made)}.",
        *_units(made),
        _counted(made),
        _test_part(made),
        *_odds(made),
    ]


def title(made: ResampledData) -> str:
    """Say how many rows became how many, and that the test rows were left alone."""
    before = len(made.parts.train)
    change = f"Nothing to do: {before:,} train rows stay"
    if made.sampler is not None:
        change = f"{_kind(made)}: {counted(before, 'train row')} became {len(made.X_train):,}"
    were = "was" if len(made.X_test) == 1 else "were"
    return f"{change}; the {counted(len(made.X_test), 'test row')} {were} not resampled"


def _kind(made: ResampledData) -> str:
    return type(made.sampler).__name__


def _moved(made: ResampledData) -> tuple[list[str], list[str]]:
    """Return each class's rows before and after: of classes that changed, and of those that kept theirs."""
    classes = made.parts.features.target.classes
    rows = zip(classes, made.frame["before"].tolist(), made.frame["after"].tolist(), strict=True)
    found = [(quoted(label), before, after) for label, before, after in rows]
    changed = [
        f"{label} went from {before:,} to {after:,} rows" for label, before, after in found if before != after
    ]
    return changed, [f"{label} kept its {before:,}" for label, before, after in found if before == after]


def _changes(made: ResampledData) -> str:
    changed, kept = _moved(made)
    return joined([*changed, *kept])


def _in_short(made: ResampledData) -> str:
    """Return what became of the class that changed, or of one of them."""
    changed, kept = _moved(made)
    if not changed:
        return joined(kept, most=3)
    target = made.parts.features.target
    rare = quoted(target.classes[target.focus])
    first = next((each for each in changed if each.startswith(f"{rare} went")), changed[0])
    return first if len(changed) == 1 else f"{first}, among others"


def _neighbours(made: ResampledData) -> str:
    """Return how many neighbours a new row is placed among."""
    sampler: Any = getattr(made.sampler, "smote", None) or made.sampler
    given = sampler.get_params(deep=False)
    k = given.get("k_neighbors", given.get("n_neighbors", 5))
    # a search of one's own counts the row itself among its neighbours
    k = int(k) if is_whole(k) else k.n_neighbors - 1
    return "the nearest row" if k == 1 else f"one of the {k} nearest rows"


def _how(made: ResampledData) -> str:
    """Return how rows were made or dropped."""
    kind = _kind(made)
    if kind == "SMOTEN":
        whose = _neighbours(made).removeprefix("one of ")
        return (
            f"A new row takes each category that is most frequent among {whose} of the same class as a real row; nothing lies "
            "between categories, so that there is no x + λ · (x_nn − x)"
        )
    if kind == "RandomUnderSampler":
        return "Rows of a class that is too large are dropped at random; no value is new"
    if kind == "RandomOverSampler":
        if getattr(made.sampler, "shrinkage", None) is not None:
            return "Rows of a class that is too small are drawn again at random, each moved by Gaussian noise"
        return "Rows of a class that is too small are copied at random; no value is new"
    if kind not in _BESIDES:
        return "It made or dropped rows by its own rule"
    to_any = getattr(made.sampler, "kind", "") == "borderline-2"
    end = ", some of them towards a neighbour of any class with λ below 0.5" if to_any else ""
    return (
        f"A new row is x + λ · (x_nn − x), a point on the line from a real row x to x_nn, {_neighbours(made)} of the same "
        f"class, with λ drawn uniformly between 0 and 1{_BESIDES[kind]}{end}"
    )


def _units(made: ResampledData) -> list[str]:
    """Say in which units neighbours were searched."""
    if _kind(made) not in _BESIDES:
        return []
    if made.units.scales:
        return ["Neighbours were searched in standardised units, which the training set alone was asked for."]
    return [
        "Neighbours were searched in the columns' own units, in which a widely spread column counts most."
    ]


def _counted(made: ResampledData) -> str:
    new, lost = int(made.frame["made"].sum()), int(made.frame["dropped"].sum())
    before, after = len(made.parts.train), len(made.X_train)
    what = "copied" if copies(made.sampler) else "made"
    return (
        f"The training set went from {before:,} to {after:,} rows: {_count(new)} {_were(new)} {what}, and {_count(lost)} of the "
        f"real ones {_were(lost)} dropped."
    )


def _count(rows: int) -> str:
    return f"{rows:,}" if rows else "none"


def _were(rows: int) -> str:
    return "were" if rows > 1 else "was"


def _test_part(made: ResampledData) -> str:
    """Say that the test set was left alone, and why."""
    first = f"The {len(made.X_test):,} test rows were not resampled, so that a score on them counts real rows"
    if made.sampler is None:
        return f"{first}, as many of each class as there are."
    return f"{first}; resampled before the split, {_before(made)}, and the score would be fiction."


def _before(made: ResampledData) -> str:
    """Say what would be wrong with rows that were resampled before the split."""
    if _kind(made) == "RandomUnderSampler":
        return "the test set would no longer have the classes' real shares"
    if copies(made.sampler):
        return "copies of test rows would stand in the training set"
    return "near-copies of test rows would stand in the training set"


def _factor(made: ResampledData) -> tuple[str, str, float] | None:
    """Return the positive or rarest class, the one it is held against, and by what its odds in the training set changed."""
    frame, target = made.frame, made.parts.features.target
    code = target.focus
    other = target.rarest if code == target.largest else target.largest
    before, after = frame["before"].to_numpy(), frame["after"].to_numpy()
    if made.sampler is None or not (after[[code, other]] > 0).all():
        return None
    factor = float(after[code] / after[other] / (before[code] / before[other]))
    label, against = (quoted(target.classes[each]) for each in (code, other))
    return None if digits(factor) == "1" else (label, against, factor)


def _odds(made: ResampledData) -> list[str]:
    changed = _factor(made)
    if changed is None:
        return []
    label, other, factor = changed
    high = "high" if factor > 1 else "low"
    return [
        f"In these rows the odds of class {label} against {other} are {digits(factor)} times those of the real train rows, so "
        f"that a model trained on them gives class {label} probabilities that are too {high} until they are corrected; class "
        "weights in the same ratio do the same to the odds."
    ]


def _interview(made: ResampledData) -> list[str]:
    judgement = f"judge by average precision on the {len(made.X_test):,} test rows alone"
    if made.sampler is None:
        return [
            f"Resampling evens out the classes of the training set, and here there was nothing to even out: {_in_short(made)}.",
            f"I split first in any case, and {judgement}, since accuracy rewards always saying the majority.",
        ]
    first = (
        f"I resampled the training set alone with {_kind(made)}, by which {_in_short(made)}: "
        f"{lowered(_how(made).partition(';')[0])}."
    )
    second = f"I split first, since {_before(made)} otherwise, and {judgement}"
    changed = _factor(made)
    if changed is None:
        return [first, f"{second}, since accuracy rewards always saying the majority."]
    label, other, factor = changed
    return [
        first,
        f"{second}; the odds of class {label} against {other} are {digits(factor)} times the real ones in such a training set, "
        "so I correct the probabilities and try class weights and a moved threshold beside it.",
    ]
