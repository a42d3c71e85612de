"""The sentences of `Split`: how rows were divided, what each side holds, and why."""

from __future__ import annotations

from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.rendering.cells import percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import of_class, quoted
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.shared.population import rows_said
from imbalance_accessor.verbs.split.fields import SplitData


def explain(split: SplitData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    parts = split.parts
    if audience == "interview":
        return _interview(parts)
    how, why = _how_and_why(parts)
    return [
        f"The rows are divided once, {how}: {_sizes(parts)}.",
        *rows_said(parts.features),
        _shares(parts),
        why,
        _known(parts),
        "All that learns from rows (imputing, scaling, resampling, a threshold) sees the training set only.",
    ]


def _sizes(parts: Parts) -> str:
    return f"{len(parts.train):,} to train on and {len(parts.test):,} to test on"


def title(split: SplitData) -> str:
    """Say how many rows each side has, and how many of the test rows are of the class that is spoken of."""
    parts, target = split.parts, split.parts.features.target
    _, _, test = _rare(parts)
    return (
        f"{len(parts.train):,} rows to train on, {len(parts.test):,} to test on; "
        f"{test:,} of the test rows {'is' if test == 1 else 'are'} {of_class(target.classes[target.focus])}"
    )


def _how_and_why(parts: Parts) -> tuple[str, str]:
    """Say by which rule rows were divided, in a clause, and why by that, in a sentence."""
    split_by = parts.split_by
    if split_by.own_test:
        return "with a test set of its own", "That frame has class shares of its own, whatever training has."
    if split_by.time is not None:
        return (
            f"in the order of {quoted(split_by.time)}",
            "A model is used on later rows, and a random split would let it learn from the days it is tested on.",
        )
    if split_by.groups is not None:
        return (
            f"by whole groups of {quoted(split_by.groups)}",
            "Rows of one group are alike: with some of them in training, the others would be too easy to score.",
        )
    return "stratified", "Each class keeps its share on both sides; by chance alone a rare class may not."


def _rare(parts: Parts) -> tuple[str, int, int]:
    """Return the class that is spoken of, and its rows on both sides."""
    target = parts.features.target
    code = target.focus
    train, test = (part.rows(len(target.classes))[code] for part in (parts.train, parts.test))
    return quoted(target.classes[code]), int(train), int(test)


def _shares(parts: Parts) -> str:
    label, train, test = _rare(parts)
    shares = percent(train / len(parts.train)), percent(test / len(parts.test))
    are = "row is" if train == 1 else "rows are"
    return f"In training {train:,} {are} of class {label} ({shares[0]}), in test {test:,} ({shares[1]})."


def _known(parts: Parts) -> str:
    label, _, test = _rare(parts)
    if not test:
        return f"No test row is of class {label}, so its recall cannot be measured."
    low, high = wilson(0.8 * test, test)
    rows = f"{test:,} row{'' if test == 1 else 's'}"
    return f"On {rows} a recall of 0.8 may be anything from {low:.2f} to {high:.2f} (95 % interval)."


def _interview(parts: Parts) -> list[str]:
    label, _, test = _rare(parts)
    price = f"The price: no test row is of class {label}, so I would hold out more"
    if test:
        low = wilson(0.8 * test, test)[0]
        price = f"The price is a small test set: a recall of 0.8 for class {label} may really be {low:.2f}"
    return [
        f"I split the rows once, {_how_and_why(parts)[0]}: {_sizes(parts)}.",
        "Scaling, resampling and the threshold then learn from the training rows only.",
        f"{price}.",
    ]
