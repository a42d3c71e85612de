"""What a `Leaks` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from imbalance_accessor.findings import Findings
from imbalance_accessor.leakage.evidence import Answer
from imbalance_accessor.rendering.result import Result, cached_frame
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.leaks.demonstration import Demonstration


@dataclass(frozen=True, repr=False, eq=False)
class LeaksData(Result):
    """The fields of a `Leaks`, which documents them, and what follows from them."""

    parts: Parts
    checks: tuple[Answer, ...]
    aucs: pd.DataFrame
    demonstration: Demonstration | None
    findings: Findings

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row a check, by the code of its finding.

        ``found`` is 1 or 0, nan where it cannot be told; ``rows`` are the rows concerned; ``share`` is their share of
        the rows looked at, for IMB106 and IMB107 the ROC-AUC of the column, for IMB109 the largest share of the class
        in a tenth of the rows; ``columns`` is how many columns are concerned.
        """
        told = {"found": 1.0, "clear": 0.0, "cannot tell": np.nan}
        table = {
            "found": [told[check.status] for check in self.checks],
            "rows": [check.rows for check in self.checks],
            "share": [check.share for check in self.checks],
            "columns": [len(check.columns) for check in self.checks],
        }
        index = pd.Index([check.code for check in self.checks], name="code")
        return pd.DataFrame(table, index=index).astype({"rows": float, "share": float})

    @cached_frame
    def columns(self) -> pd.Series:
        """Each feature's ROC-AUC alone, the highest first; with several classes that of the class it ranks best.

        Direction does not count: 0.5 is no signal, 1 is the answer. Categories rank by the share of the class among
        the other half's rows, missing cells by being missing; at most 50,000 rows are looked at.
        """
        return self.aucs.max(axis=1).sort_values(ascending=False, kind="stable").rename("roc_auc")

    @property
    def found(self) -> list[Answer]:
        """The checks that found something, muted ones left out."""
        return [check for check in self.checks if check.code in self.findings.codes]
