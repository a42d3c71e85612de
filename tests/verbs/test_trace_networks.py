"""A row's way through a neural network: against matrix products by hand and `predict_proba`; and its epochs."""

import contextlib
import io

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier
from traced import QUICK, plain

from imbalance_accessor.errors import ModelError

pytestmark = [
    pytest.mark.filterwarnings("error:::imbalance_accessor"),
    pytest.mark.filterwarnings("ignore:Stochastic Optimizer"),
    pytest.mark.filterwarnings("ignore:lbfgs failed"),
]
FUNCTIONS = {
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "tanh": lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1),
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "identity": lambda z: z,
}


def evaluated(labels=("no", "yes"), *, several=False, **options):
    frame = plain(200, 5, labels)
    if several:
        frame["y"] = np.where(frame["y"] == "yes", "rare", np.where(frame["a"] > 0, "up", "down"))
    options = {"hidden_layer_sizes": (4, 3), "max_iter": 8, "random_state": 0, **options}
    return frame.imb.fit_eval("y", model=MLPClassifier(**options), strategies=[], **QUICK)


def by_hand(pipeline, cells):
    """The values of each layer, the logits last; of the input as the steps before the network leave it."""
    value, network = cells, pipeline.steps[-1][1]
    for _, step in pipeline.steps[:-1]:
        value = step.transform(value)
    found = [np.ravel(value)]
    for weights, intercepts in zip(network.coefs_, network.intercepts_, strict=True):
        before = np.sum(found[-1][:, None] * weights, axis=0) + intercepts
        found.append(FUNCTIONS[network.activation](before))
    return [*found[:-1], before]


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("activation", "labels"),
    [
        ("relu", ("no", "yes")),
        ("tanh", ("zebra", "ant")),
        ("logistic", ("zebra", "ant")),
        ("identity", ("no", "yes")),
    ],
)
def test_layers_are_matrix_products_and_end_in_the_models_probability(activation, labels):
    e = evaluated(labels, activation=activation)
    test, model = e.scored.parts.test, e.model("none")
    positive = list(model.classes_).index(labels[1])
    t = e.trace("none", row=test.y.index[3])
    layers, *others = t.layers, by_hand(model, test.X.iloc[[3]])
    *values, logit = others[0]
    for name, value in zip(["input", "hidden 1", "hidden 2"], values, strict=True):
        assert layers.loc[name, "value"].to_numpy() == pytest.approx(value, rel=1e-12)
    out = layers.loc["output"]
    p = model.predict_proba(test.X.iloc[[3]])[0, positive]
    assert out["unit"] == labels[1]
    assert out["value"] == pytest.approx(p, rel=1e-12)
    assert out["before"] == pytest.approx(logit[0] if positive else -logit[0], rel=1e-12)
    assert t.terms["sum"].iloc[-1] == pytest.approx(out["before"], rel=1e-9)  # the last layer adds up to it
    said = t.explain()
    assert f"1 / (1 + exp({-out['before']:.3g}))".replace("-", "−") in said
    card = t._repr_html_()
    assert {"relu": "ReLU", "logistic": "sigmoid", "identity": "linear"}.get(activation, activation) in card
    out_ = io.StringIO()
    with contextlib.redirect_stdout(out_):
        exec(str(t.snippet(style="full")), {"df": plain(200, 5, labels)})
    assert float(out_.getvalue().split("[")[-1].split("]")[0]) == pytest.approx(p, rel=1e-6)


def test_several_classes_end_in_softmax():
    e = evaluated(several=True)
    train = e.scored.parts.train
    t = e.trace("none", row=train.y.index[5])
    out, classes = t.layers.loc["output"], e.model("none").classes_
    fold = e.scored.folds.ids[5]
    learned = e.scored.folds.ids != fold
    pipeline = clone(e.candidates["none"].estimator)
    pipeline.fit(train.X.iloc[learned][list("abcde")], train.y.iloc[learned])
    cells = train.X.iloc[[5]][list("abcde")]
    logits = by_hand(pipeline, cells)[-1]
    assert out["unit"].tolist() == list(classes) == ["down", "rare", "up"]
    assert out["before"].to_numpy() == pytest.approx(logits, rel=1e-12)
    assert out["value"].to_numpy() == pytest.approx(np.exp(logits) / np.exp(logits).sum(), rel=1e-12)
    assert out["value"].to_numpy() == pytest.approx(pipeline.predict_proba(cells)[0], rel=1e-12)
    likeliest = classes[out["value"].to_numpy().argmax()]
    side = "rightly" if likeliest == train.y.iloc[5] else "wrongly"
    assert f"of class {str(likeliest)!r}: it goes to that class, the likeliest of 3, {side}" in " ".join(
        repr(t).split()
    )
    assert "softmax" in t.explain()
    assert "softmax" in t.explain(audience="interview")
    code = io.StringIO()
    with contextlib.redirect_stdout(code):
        exec(
            str(t.snippet(style="full")),
            {"df": e.scored.parts.features.X.assign(y=e.scored.parts.features.target.labels)},
        )
    last = [float(each) for each in code.getvalue().split("[")[-1].split("]")[0].split()]
    assert last == pytest.approx(out["value"].tolist(), rel=1e-6)
    with pytest.raises(ModelError, match="terms add up to the score of one class"):
        t.terms


def test_what_has_no_layers_says_so():
    e = plain(200, 5).imb.fit_eval("y", strategies=[], **QUICK)
    with pytest.raises(ModelError, match="No row was named"):
        e.trace("none").layers
    with pytest.raises(ModelError, match="LogisticRegression has no layers to show"):
        e.trace("none", row=0).layers
    unseeded = evaluated(random_state=None)
    with pytest.raises(
        ModelError, match=r"^MLPClassifier differs on each refit without a seed.*random_state=0\.$"
    ):
        unseeded.trace("none", row=unseeded.scored.parts.train.y.index[0]).layers


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"solver": "lbfgs"}], ids=str)
def test_an_epoch_is_a_network_that_stopped_there(options):
    e = evaluated(max_iter=23, **options)
    before = e.model("none").predict_proba(e.scored.parts.test.X)
    rounds = e.trace("none").rounds
    assert rounds.index[:20].tolist() == list(range(1, min(len(rounds), 20) + 1))
    train, y = e.scored.parts.train, (e.scored.parts.train.y == "yes").to_numpy()
    for epoch in (1, 7):
        oof, inner = np.empty(len(y)), []
        for fold in (0, 1):
            held = e.scored.folds.ids == fold
            pipeline = clone(e.candidates["none"].estimator)
            pipeline.set_params(**{f"{pipeline.steps[-1][0]}__max_iter": epoch})
            pipeline.fit(train.X[~held][list("abcde")], y[~held])
            oof[held] = pipeline.predict_proba(train.X[held][list("abcde")])[:, 1]
            inner.append(accuracy_score(y[~held], pipeline.predict(train.X[~held][list("abcde")])))
        assert rounds.loc[epoch, "oof_loss"] == pytest.approx(log_loss(y, oof), rel=1e-9)
        assert rounds.loc[epoch, "oof_accuracy"] == pytest.approx(accuracy_score(y, oof >= 0.5))
        assert rounds.loc[epoch, "train_accuracy"] == pytest.approx(np.mean(inner))
    assert rounds["oof_accuracy"].iloc[-1] == pytest.approx(e.frame.loc["none", "accuracy_cv"])
    assert (e.model("none").predict_proba(e.scored.parts.test.X) == before).all()
