"""The result of `split`: four parts in scikit-learn's order, its card, its plot and its snippet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from imbalance_accessor.findings import Findings
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Share, percent
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, Result, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.shared.snippet_data import write_parts
from imbalance_accessor.verbs.split import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Split(Result):
    """Train and test sets; unpacks in scikit-learn's order ``X_train, X_test, y_train, y_test``.

    Attributes
    ----------
    parts : Parts
        The rows, and the rule that divided them.
    findings : Findings
        What the reader must know.
    """

    parts: Parts
    findings: Findings

    def __iter__(self) -> Iterator[pd.DataFrame | pd.Series]:
        return iter((self.X_train, self.X_test, self.y_train, self.y_test))

    def __len__(self) -> int:
        return 4

    @property
    def X_train(self) -> pd.DataFrame:  # noqa: N802
        """Every column but the target, shape (n_train, n_columns), with the original index labels."""
        return self.parts.train.X

    @property
    def X_test(self) -> pd.DataFrame:  # noqa: N802
        """The same for the test set."""
        return self.parts.test.X

    @property
    def y_train(self) -> pd.Series:
        """The labels of the training set, as they came."""
        return self.parts.train.y

    @property
    def y_test(self) -> pd.Series:
        """The labels of the test set."""
        return self.parts.test.y

    @property
    def frame(self) -> pd.DataFrame:
        """Rows and shares of each class in both sets, indexed by class."""
        target = self.parts.features.target
        k = len(target.classes)
        train, test = self.parts.train.rows(k), self.parts.test.rows(k)
        columns = {
            "train_rows": train,
            "test_rows": test,
            "train_share": train / train.sum(),
            "test_share": test / test.sum(),
        }
        return pd.DataFrame(columns, index=pd.Index(target.classes, name=target.name, tupleize_cols=False))

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the same split in plain scikit-learn; see `Result.snippet`."""
        check_library(library)
        check_style(style)
        writer = Writer()
        write_parts(writer, self.parts, list(self.parts.features.X.columns), plain=False)
        writer.add('print(y_train.value_counts(), y_test.value_counts(), sep="\\n")')
        return writer.text()

    def _card(self) -> Card:
        target, train, test = self.parts.features.target, self.parts.train, self.parts.test
        table = self.frame
        table[["train_share", "test_share"]] = table[["train_share", "test_share"]].map(Share).astype(object)
        rare, rare_rows = target.classes[target.focus], int(test.rows(len(target.classes))[target.focus])
        return Card(
            title=f"{len(train):,} rows to train on, {len(test):,} to test on; "
            f"{rare_rows:,} of the test rows {'is' if rare_rows == 1 else 'are'} {rare!r}",
            figures=(
                ("train", f"{len(train):,} rows"),
                ("test", f"{len(test):,} rows ({percent(self.parts.test_share)})"),
            ),
            table=table.rename(columns=lambda name: name.replace("_", " ")),
            notes=(self.parts.split_by.text,),
            findings=self.findings,
            next=("X_train, X_test, y_train, y_test = df.imb.split(...)",),
        )

    def _pictures(self) -> Mapping[str, Picture]:
        def draw(ax: Axes) -> None:
            from imbalance_accessor.rendering.plots.bars import split_bars

            frame = self.frame
            rows = frame[["train_rows", "test_rows"]].to_numpy().T
            split_bars(ax, list(frame.index), *rows, title=self._card().title)

        return {"classes": draw}

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self.parts, audience)
