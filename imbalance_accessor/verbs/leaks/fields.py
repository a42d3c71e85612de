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
    alone: pd.DataFrame
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
    def columns(self) -> pd.DataFrame:
        """How well each column ranks alone, out of fold, the best first; dates and ids too, though no model here uses them.

        ``roc_auc`` and ``average_precision`` are the best over the ways to bin the column, and ``seen`` is the way with the
        best ROC-AUC: in order, in ranges, by level, zero or not, missing or not. With several classes they are those of
        the class that it ranks best, ``label``. nan is not measured: all rows are in one cell. At most 50,000 rows.
        """
        return self.alone.sort_values("roc_auc", ascending=False, kind="stable")

    @property
    def best_alone(self) -> pd.DataFrame:
        """The columns that were measured, the best first, without ids: their values say nothing of new rows."""
        ids = self.parts.features.columns.of_kind("id", "repeated id")
        return self.columns.drop(index=[name for name in ids if name in self.columns.index]).dropna(
            subset="roc_auc"
        )

    @property
    def found(self) -> list[Answer]:
        """The checks that found something, muted ones left out."""
        return [check for check in self.checks if check.code in self.findings.codes]
