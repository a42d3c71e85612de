"""A small result to show, and the labels that try to break out of where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("agg")

from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, Share
from imbalance_accessor.rendering.plots.bars import class_bars
from imbalance_accessor.rendering.plots.forests import forest_panels
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.rendering.result import Result

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    r"$\alpha$ and $x",
    "two\nlines",
    "\x1b[31mred\x1b[0m",
    "日本語のラベル" * 5,
    "x" * 500,
    " blank ",
    "",
    "{{ 7 * 7 }}{% raw %}",
)


@dataclass(frozen=True, repr=False, eq=False)
class Shown(Result):
    """The smallest result that keeps the protocol."""

    card: Card
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    @property
    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({"rows": [1900, 100]})

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> str:
        return "y = df['churn']\ny.value_counts()  # <script>alert(1)</script>"

    def _card(self) -> Card:
        return self.card

    def _pictures(self) -> Mapping[str, Picture]:
        return self.pictures

    def _explain(self, audience: str) -> tuple[str, ...]:
        return f"For a {audience}: `recall` < 1.", "Beware of <script>alert(1)</script>.", "And that is all."


def bars(ax):
    class_bars(ax, ["no", "yes"], np.array([1900, 100]), title="5.0 % churn", highlight=1)


def strategies(axes):
    ends = (np.array([0.3, 0.4]), np.array([0.2, 0.3]), np.array([0.5, 0.6]))
    forest_panels(axes, ["none", "smote"], {"recall": ends, "f1": ends}, title="alike", best="none")


@pytest.fixture
def result() -> Shown:
    table = pd.DataFrame(
        {"rows": [1900, 100], "share": [Share(0.95), Share(0.05)], "recall": [None, Interval(0.5, 0.3, 0.7)]},
        index=pd.Index(["no", "yes"], name="churn"),
    )
    finding = Finding("IMB401", "warning", "The test set has 20 positives.", "Collect more.")
    card = Card(
        "5.0 % churn: moderate imbalance",
        (("rows", "2,000"), ("ratio", "1 : 19")),
        table,
        "yes",
        ("random_state 0",),
        Findings([finding]),
        ('df.imb.smote("churn")',),
    )
    return Shown(card, {"classes": bars, "strategies": Panels(2, strategies)})


@pytest.fixture
def hostile() -> Shown:
    columns = {label: [Share(0.2), Interval(0.2, 0.1, 0.3), 7, label, *[None] * 6] for label in HOSTILE}
    findings = Findings(Finding(label, "note", label, label) for label in HOSTILE)
    card = Card(
        " and ".join(HOSTILE),
        tuple((label, label) for label in HOSTILE),
        pd.DataFrame(columns, index=pd.Index(HOSTILE, name=HOSTILE[0])),
        HOSTILE[0],
        HOSTILE,
        findings,
        HOSTILE,
    )
    counts = np.arange(len(HOSTILE)) + 1

    def draw(ax):
        class_bars(ax, HOSTILE, counts, title=" ".join(HOSTILE))

    return Shown(card, {"classes": draw}, findings)


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    from matplotlib import pyplot

    yield
    pyplot.close("all")
