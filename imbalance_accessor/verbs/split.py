"""`split`: a stratified, seeded train and test part, once, before anything else happens to the rows."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from imbalance_accessor.data.features import ABOUT_FEATURES, read_task
from imbalance_accessor.data.synthetic_rows import refuse_made
from imbalance_accessor.data.target import Label
from imbalance_accessor.findings import Findings, check_ignore, collect
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Share, percent
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, Result, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.splitting.split import Parts, divide
from imbalance_accessor.verbs import split_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Split(Result):
    """Train and test parts; unpacks in scikit-learn's order ``X_train, X_test, y_train, y_test``.

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
        """The same for the test part."""
        return self.parts.test.X

    @property
    def y_train(self) -> pd.Series:
        """The labels of the train part, as they came."""
        return self.parts.train.y

    @property
    def y_test(self) -> pd.Series:
        """The labels of the test part."""
        return self.parts.test.y

    @property
    def frame(self) -> pd.DataFrame:
        """Rows and shares of each class in both parts, indexed by class."""
        target = self.parts.task.target
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
        write_parts(writer, self.parts, list(self.parts.task.X.columns), plain=False)
        writer.add('print(y_train.value_counts(), y_test.value_counts(), sep="\\n")')
        return writer.text()

    def _card(self) -> Card:
        target, train, test = self.parts.task.target, self.parts.train, self.parts.test
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
            notes=(self.parts.rule.text,),
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
        return split_words.explain(self.parts, audience)


def write_parts(
    writer: Writer, parts: Parts, names: list[Hashable], *, plain: bool, picked: bool = False
) -> None:
    """Write the lines from ``df`` to the four parts; picked: whether ``df`` may hold columns besides."""
    from imbalance_accessor.present import recipe

    recipe.write_labels(writer, parts.task.target, in_frame=parts.task.in_frame, with_features=True)
    recipe.write_features(writer, parts.task, names, plain=plain, picked=picked)
    recipe.write_split(writer, parts)
    if plain and parts.rule.own_test:
        recipe.write_plain(writer, parts.task, "X_test", parts.test.X)


def split(
    data: pd.DataFrame,
    target: Hashable | pd.Series,
    *,
    test_size: float = 0.2,
    random_state: int | None = 0,
    test: pd.DataFrame | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    pos_label: Label | None = None,
    ignore: Collection[str] = (),
) -> Split:
    """Divide a frame into a train and a test part, stratified and seeded.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows with features and labels; not changed.
    target : hashable or pandas.Series
        The target column's name, or a Series on the frame's index.
    test_size : float, default 0.2
        Share of rows in the test part.
    random_state : int or None, default 0
        Seed of the shuffle, handed on to scikit-learn verbatim.
    test : pandas.DataFrame, optional
        A test part of your own; then nothing is split off.
    groups : hashable, optional
        A column; rows of one group stay on one side.
    time : hashable, optional
        A column; train before, test after. The cut falls between distinct values.
    pos_label : label, optional
        The class to name in the output; by default the rarest of two.
    ignore : collection of str, default ()
        Codes of findings to mute.

    Returns
    -------
    Split
        Unpacks as ``X_train, X_test, y_train, y_test``; every column but the target, original index labels.

    Raises
    ------
    TargetError, FeatureError, OptionError, SplitError
        One sentence each, before any work.

    Notes
    -----
    Row for row equal to ``train_test_split(X, y, test_size=..., stratify=y, random_state=...)``.

    Examples
    --------
    >>> import imbalance_accessor as imb
    >>> df = imb.make_churn()
    >>> X_train, X_test, y_train, y_test = df.imb.split("churn")
    >>> len(X_train), len(X_test)
    (1600, 400)
    """
    muted = check_ignore(ignore)
    refuse_made(data, test)
    task = read_task(data, target, pos_label=pos_label, groups=groups, time=time)
    parts = divide(task, test_size=test_size, random_state=random_state, test=test)
    return Split(parts, collect(parts.findings, (*muted, *ABOUT_FEATURES)))
