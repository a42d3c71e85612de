"""The sentences of a row's way through a neural network: input, hidden layers, output."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.inspection.contributions import ClassesAnswer
from imbalance_accessor.inspection.network import Layer
from imbalance_accessor.rendering.cells import number
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.sentences import digits, joined, of_class, quoted
from imbalance_accessor.verbs.trace.fields import TraceData

#: Units, and classes, that are named in a sentence.
_MOST_UNITS, _MOST_CLASSES = 2, 4
_FUNCTIONS = {"relu": "ReLU", "logistic": "sigmoid", "identity": "linear"}


def function(layer: Layer) -> str:
    """Name a layer's activation function."""
    return _FUNCTIONS.get(layer.activation, layer.activation)


def architecture(layers: tuple[Layer, ...]) -> str:
    """Write the layers from the input to the output: ``5 inputs ▸ 100 ReLU ▸ 1 sigmoid``."""
    first, *others = layers
    return " ▸ ".join(
        [f"{len(first.units):,} inputs", *(f"{len(each.units):,} {function(each)}" for each in others)]
    )


def layer_by_layer(layers: tuple[Layer, ...]) -> list[str]:
    """Say what the output is, what the hidden layers hold, and what the network sees."""
    first, *hidden, last = layers
    return [output(last), *_hidden(hidden), _input(first)]


def _input(layer: Layer) -> str:
    cells = joined(
        f"{name(layer.units[place], 40)} {number(float(layer.values[place]))}" for place in _largest(layer)
    )
    most = (
        f"; the largest {'are' if len(_largest(layer)) > 1 else 'is'} {cells}" if cells else ", all of them 0"
    )
    return f"The network sees {len(layer.units):,} cells{most}."


def _hidden(layers: list[Layer]) -> list[str]:
    if not layers:
        return []
    units = joined(_active(layer) for layer in layers)
    of = "The hidden layer has" if len(layers) == 1 else f"Its {len(layers)} hidden layers have"
    return [f"{of} {units}{_named(layers[-1])}."]


def _active(layer: Layer) -> str:
    """Say how many units a layer has; of ReLU, how many are not 0."""
    if layer.activation != "relu":
        return f"{len(layer.units):,} {function(layer)} units"
    return f"{layer.active:,} of {len(layer.units):,} ReLU units active"


def _named(layer: Layer) -> str:
    found = [
        f"unit {layer.units[place]} with {number(float(layer.values[place]))}" for place in _largest(layer)
    ]
    if not found:
        return ""
    last = "" if layer.name == "hidden 1" else " of the last"
    return f"; the largest{last} {'are' if len(found) > 1 else 'is'} {joined(found)}"


def _largest(layer: Layer) -> list[int]:
    return layer.largest(_MOST_UNITS)


def output(layer: Layer) -> str:
    """Say what the output is before and after its function."""
    if layer.activation == "softmax":
        shown = np.argsort(-layer.values, kind="stable")[:_MOST_CLASSES]
        logits = joined(f"{digits(layer.before[place])} for {_label(layer, place)}" for place in shown)
        return f"The output is {logits}; softmax makes {joined(digits(layer.values[place]) for place in shown)} of it."
    logit = float(layer.before[0])
    return f"The network's output is log odds of {digits(logit)}; the sigmoid makes {sigmoid(layer)} of them."


def sigmoid(layer: Layer) -> str:
    """Write the sigmoid of the output with its numbers."""
    return f"1 / (1 + exp({digits(-float(layer.before[0]))})) = {digits(float(layer.values[0]))}"


def _label(layer: Layer, place: int) -> str:
    return quoted(layer.units[place])


def in_person(layers: tuple[Layer, ...]) -> str:
    """Say the same in one sentence, as a candidate would."""
    _, *hidden, last = layers
    through = f"{len(hidden)} hidden layer{'' if len(hidden) == 1 else 's'}" if hidden else "no hidden layer"
    units = f" of {function(hidden[0])} units" if hidden else ""
    if last.activation == "softmax":
        return f"It goes through {through}{units}, and softmax turns the {len(last.units)} outputs into probabilities."
    return (
        f"It goes through {through}{units} to log odds of {digits(float(last.before[0]))}, and the sigmoid makes "
        f"{digits(float(last.values[0]))} of them."
    )


# --- several classes


def classes_title(t: TraceData, answer: ClassesAnswer) -> str:
    """Say which of several classes a row goes to."""
    return f"{_given(t, answer)}: {_decided(t, answer)}"


def explain_classes(t: TraceData, answer: ClassesAnswer) -> list[str]:
    """Say what a network makes of a row of several classes, for a colleague."""
    decided = _decided(t, answer)
    moved = [_moved(t, answer)] if not np.array_equal(answer.fitted, answer.probabilities) else []
    return [
        f"{_given(t, answer)}.",
        f"{decided[0].upper()}{decided[1:]}.",
        *layer_by_layer(answer.layers),
        *moved,
    ]


def explain_classes_in_person(t: TraceData, answer: ClassesAnswer) -> list[str]:
    """Say the same as a candidate would."""
    label, p = _likeliest(t, answer)
    return [
        f"My model gives row {quoted(answer.row)} a probability of {digits(p)} of class {quoted(label)}, its likeliest.",
        in_person(answer.layers),
        "I take the likeliest class, but where mistakes cost differently I would take the cheapest one.",
    ]


def _given(t: TraceData, answer: ClassesAnswer) -> str:
    label, p = _likeliest(t, answer)
    whose = f"row {quoted(answer.row)}, which is {of_class(answer.label)},"
    return f"{t.called!r} gives {whose} a probability of {digits(p)} of class {quoted(label)}"


def _decided(t: TraceData, answer: ClassesAnswer) -> str:
    label, _ = _likeliest(t, answer)
    return f"it goes to that class, the likeliest of {len(t.labels)}, {'rightly' if label == answer.label else 'wrongly'}"


def _likeliest(t: TraceData, answer: ClassesAnswer) -> tuple[object, float]:
    place = int(answer.probabilities.argmax())
    return t.labels[place], float(answer.probabilities[place])


def _moved(t: TraceData, answer: ClassesAnswer) -> str:
    """Say what the prevalence made of the likeliest class's probability."""
    place = int(answer.probabilities.argmax())
    before, after = digits(float(answer.fitted[place])), digits(float(answer.probabilities[place]))
    return f"Brought to the prevalence, the probability of class {quoted(t.labels[place])} of {before} becomes {after}."
