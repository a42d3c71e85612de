"""What a `Split` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from imbalance_accessor.findings import Findings
from imbalance_accessor.rendering.result import Result
from imbalance_accessor.splitting.split import Parts


@dataclass(frozen=True, repr=False, eq=False)
class SplitData(Result):
    """The fields of a `Split`, which documents them, and what follows from them."""

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
