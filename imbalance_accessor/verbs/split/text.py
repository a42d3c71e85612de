"""The sentences of `Split`: how rows were divided, what each side holds, and why."""

from __future__ import annotations

from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.rendering.cells import percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, of_class, quoted
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.split.fields import SplitData


def explain(split: SplitData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    parts = split.parts
    if audience == "interview":
        return _interview(parts)
    how, why = _how_and_why(parts)
    return [
        f"The rows are divided once, {how}: {len(parts.train):,} to train on and {len(parts.test):,} to test on.",
        _shares(parts),
        why,
        _known(parts),
        "Whatever learns from rows (imputing, scaling, resampling, choosing a threshold) sees the training set only; the test "
        "set is judged once and stays as it came.",
    ]


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
        return (
            "by you, since the test set is a frame of your own",
            "A score on it speaks of its own shares of the classes, whatever those of the training set are.",
        )
    if split_by.time is not None:
        return (
            f"in the order of {quoted(split_by.time)}, train before and test after",
            "A model is used on rows that come after those it learned from, and a random split would let it learn from "
            "the days it is tested on.",
        )
    if split_by.groups is not None:
        return (
            f"by whole groups of {quoted(split_by.groups)}, as evenly stratified as they allow",
            "Rows of one group resemble each other, and a model that has seen a group in training would look better on it "
            "than it will on new groups.",
        )
    return (
        "stratified, so that each class keeps its share on both sides",
        "Without stratifying, a rare class may fall unevenly by chance, and precision and average precision depend on its "
        "share.",
    )


def _rare(parts: Parts) -> tuple[str, int, int]:
    """Return the class that is spoken of, and its rows on both sides."""
    target = parts.features.target
    code = target.focus
    train, test = (part.rows(len(target.classes))[code] for part in (parts.train, parts.test))
    return quoted(target.classes[code]), int(train), int(test)


def _shares(parts: Parts) -> str:
    label, train, test = _rare(parts)
    kind = f"of class {label}"
    shares = percent(train / len(parts.train)), percent(test / len(parts.test))
    are = "row is" if train == 1 else "rows are"
    return (
        f"In the training set {train:,} {are} {kind} ({shares[0]}), in the test set {test:,} ({shares[1]})."
    )


def _known(parts: Parts) -> str:
    label, _, test = _rare(parts)
    if not test:
        return f"No test row is of class {label}, so that its recall cannot be measured on it."
    low, high = wilson(0.8 * test, test)
    return (
        f"A recall of 0.8 on {test:,} test row{'' if test == 1 else 's'} of class {label} is known only to lie between {low:.2f} "
        f"and {high:.2f} (95 % Wilson interval)."
    )


def _interview(parts: Parts) -> list[str]:
    label, train, test = _rare(parts)
    n_train, n_test = len(parts.train), len(parts.test)
    held = (
        f"and I judge by average precision, whose no-skill level there is the share of class {label}, {digits(test / n_test)}"
        if test
        else f"and I look for more rows, since no test row is {label}"
    )
    if parts.split_by.own_test:
        first = (
            f"My test set is a frame of its own: I train on {n_train:,} rows with {train:,} of class {label}, and test on "
            f"{n_test:,} with {test:,}."
        )
    else:
        first = (
            f"Before anything else I divide the rows once, {_how_and_why(parts)[0]}: {n_train:,} to train on with {train:,} of "
            f"class {label}, and {n_test:,} to test on with {test:,}."
        )
    return [
        first,
        f"Imputing, scaling, resampling and the choice of a threshold learn from the training set alone, {held}.",
    ]
