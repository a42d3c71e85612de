"""The sentences of `Resampled`: how rows were made, that only the training set was touched, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imbalance_accessor.errors import counted
from imbalance_accessor.modeling.samplers import copies
from imbalance_accessor.options import is_whole
from imbalance_accessor.rendering.labels import drawn_apart
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, joined, most_important, named, quoted
from imbalance_accessor.verbs.shared.population import rows_said
from imbalance_accessor.verbs.smote.fields import ResampledData

#: What a sampler does besides placing rows on segments.
_BESIDES = {
    "SMOTE": "",
    "SMOTENC": "Its categories are the most frequent ones among the neighbours.",
    "BorderlineSMOTE": "Only rows near another class are grown.",
    "ADASYN": "More are made where another class surrounds a row.",
    "SMOTETomek": "Then pairs of nearest neighbours of different classes lose a row or both.",
    "SMOTEENN": "Then rows that their neighbours contradict are dropped.",
}


def explain(made: ResampledData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(made)
    if made.sampler is None:
        return [
            f"The rows were split first, and the training set was left as it is: {_in_short(made)}.",
            "It was as even as the ratio already.",
            f"{_test_rows(made)}.",
        ]
    rows = rows_said(made.parts.features)
    return most_important(
        [
            f"The rows were split first; then {_kind(made)} changed the training set only: {_in_short(made)}.",
            *rows,
            *(_odds(made) if rows else []),
            _how(made),
            f"{_test_rows(made)}: else {_before(made)}.",
            *([] if rows else _odds(made)),
            *_besides(made),
        ]
    )


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
    found = [(named(label), before, after) for label, before, after in rows]
    changed = [
        f"{label} went from {before:,} to {after:,} rows" for label, before, after in found if before != after
    ]
    return changed, [f"{label} kept its {before:,}" for label, before, after in found if before == after]


def _in_short(made: ResampledData) -> str:
    """Return what became of the class that changed, or of one of them."""
    changed, kept = _moved(made)
    if not changed:
        return joined(kept, most=3)
    target = made.parts.features.target
    rare = named(target.classes[target.focus])
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
    """Say how rows were made or dropped."""
    kind = _kind(made)
    if kind == "SMOTEN":
        whose = _neighbours(made).removeprefix("one of ")
        return f"A new row takes the most frequent categories among {whose} of the same class as a real row."
    if kind == "RandomUnderSampler":
        return "Rows of the larger class are dropped at random; no value is new."
    if kind == "RandomOverSampler":
        if getattr(made.sampler, "shrinkage", None) is not None:
            return "Rows of the smaller class are drawn again at random, each moved by Gaussian noise."
        return "Rows of the smaller class are copied at random; no value is new."
    if kind not in _BESIDES:
        return "It made or dropped rows by its own rule."
    return f"A new row is x + λ · (x_nn − x), with x_nn {_neighbours(made)} of the same class."


def _besides(made: ResampledData) -> Iterator[str]:
    """Say what a sampler does besides placing rows on segments, and in which units."""
    if _kind(made) not in _BESIDES:
        return
    to_any = getattr(made.sampler, "kind", "") == "borderline-2"
    yield from filter(None, [_BESIDES[_kind(made)]])
    if to_any:
        yield "Some lie towards a neighbour of any class."
    if made.units.scales:
        yield "Neighbours were searched in standardised units."


#: Letters of both classes' rows over a panel.
_FITS = 22


def before_and_after(made: ResampledData) -> tuple[str, str]:
    """Return the rows of the training set before and after, of two classes each one's, as a picture says it."""
    frame, classes = made.frame, made.parts.features.target.classes
    before, after = f"{frame['before'].sum():,} rows", f"{frame['after'].sum():,} rows"
    names = drawn_apart(classes, 9)
    if len(classes) == 2:
        of = " " if all(name[:1].isalpha() for name in names) else " of "  # 24 of 1
        before, after = (
            ", ".join(f"{count:,}{of}{name}" for count, name in zip(frame[when], names, strict=True))
            for when in ("before", "after")
        )
        if max(len(before), len(after)) > _FITS:
            before, after = (
                " and ".join(f"{count:,}" for count in frame[when]) for when in ("before", "after")
            )
    told = [f"{frame[what].sum():,} {what}" for what in ("made", "dropped") if frame[what].any()]
    changed = f" ({', '.join(told)})" if told else ""
    return f"before: {before}", f"after: {after}{changed}"


def _test_rows(made: ResampledData) -> str:
    n = len(made.X_test)
    return f"The {n:,} test row{'' if n == 1 else 's'} {'was' if n == 1 else 'were'} not resampled"


def _before(made: ResampledData) -> str:
    """Say what would be wrong with rows that were resampled before the split."""
    if _kind(made) == "RandomUnderSampler":
        return "the test set would not have the classes' real shares"
    return f"{'' if copies(made.sampler) else 'near-'}copies of test rows would be in the training set"


def _factor(made: ResampledData) -> tuple[str, str, float] | None:
    """Return the positive or rarest class, the one it is held against, and by what its odds in the training set changed.

    Rows that were drawn from a table had their odds changed by that already.
    """
    frame, features = made.frame, made.parts.features
    target = features.target
    code = target.focus
    other = target.rarest if code == target.largest else target.largest
    before, after = frame["before"].to_numpy() / features.weighting.shares, frame["after"].to_numpy()
    before = before * features.shares
    if made.sampler is None or not (after[[code, other]] > 0).all():
        return None
    factor = float(after[code] / after[other] / (before[code] / before[other]))
    label, against = (quoted(target.classes[each]) for each in (code, other))
    return None if digits(factor) == "1" else (label, against, factor)


def _odds(made: ResampledData) -> list[str]:
    """Say what resampling did to the odds of the class, which probabilities follow."""
    changed = _factor(made)
    if changed is None:
        return []
    label, other, factor = changed
    high = "high" if factor > 1 else "low"
    against = "" if made.parts.features.target.is_binary else f" against {other}"
    return [
        f"The odds of class {label}{against} are now {digits(factor)} times the real ones, so its probabilities "
        f"come out too {high}."
    ]


def _interview(made: ResampledData) -> list[str]:
    if made.sampler is None:
        return [
            f"I split first and left the training rows as they are: {_in_short(made)}.",
            "More resampling would find more rare rows, but also raise more false alarms.",
        ]
    changed = _factor(made)
    price = "raises more false alarms" if _kind(made) != "RandomUnderSampler" else "throws away real rows"
    return [
        f"I split first and used {_kind(made)} on the training rows only: {_in_short(made)}.",
        *([] if changed is None else [_corrected(*changed)]),
        f"It finds more rare rows but {price}, so I compare it with {_instead(made)}.",
    ]


def _instead(made: ResampledData) -> str:
    """Return what needs no resampling: several classes have no one threshold."""
    return "a moved threshold" if made.parts.features.target.is_binary else "class weights"


def _corrected(label: str, _: str, factor: float) -> str:
    times = f"at {digits(factor)} times its real odds"
    return f"The model then sees class {label} {times}, so I would correct its probabilities."
