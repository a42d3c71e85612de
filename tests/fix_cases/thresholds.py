"""Thresholds: what they are chosen for, limits and costs, and scores that come in a column."""

from fix_cases import Case

#: 400 rows with a fair score, true probabilities of it, and an amount, 60 of them positive.
SCORED = """
import numpy as np, pandas as pd, imbalance_accessor
rng = np.random.default_rng(0)
y = np.repeat([0, 1], [340, 60])
s = rng.normal(size=400) + 1.5 * y - 1.5
df = pd.DataFrame({"s": s, "p": 1 / (1 + np.exp(-s)), "amount": 1.0 + np.arange(400) % 7, "y": y})
"""


def with_line(*lines: str) -> str:
    """Return the frame of scores, with more lines."""
    return SCORED + "\n".join(lines) + "\n"


def asked(options: str) -> str:
    """Return the call on the column of probabilities."""
    return f'df.imb.best_threshold("y", scores="p", {options})'


def option(what: str, options: str, fix: str = "", error: str = "OptionError") -> Case:
    """Return a case of options that are changed."""
    return Case(f"{error}: {what}", asked(options), fix and asked(fix).replace(", )", ")"), SCORED)


OPTIONS = [
    option("several classes are a matter of words", 'criterion="roc_auc"'),
    option("fbeta without beta", 'criterion="fbeta"', 'criterion="fbeta", beta=2'),
    option("beta with f1", 'criterion="f1", beta=2', 'criterion="fbeta", beta=2'),
    option("beta with mcc", 'criterion="mcc", beta=2', 'criterion="mcc"'),
    option("two betas", 'criterion="f2", beta=3', 'criterion="f2"'),
    option("beta of zero", "beta=0", "beta=2"),
    option("precision alone", 'criterion="precision"', 'criterion="precision", min_recall=0.8'),
    option("recall alone", 'criterion="recall"', 'criterion="recall", min_precision=0.5'),
    option("a criterion misspelt", 'criterion="balanced_acuracy"', 'criterion="balanced_accuracy"'),
    option("cost without amounts", 'criterion="cost"'),
    option("percent", "min_recall=80", "min_recall=0.8"),
    option("a limit of nothing", "min_precision=0, min_recall=0.5", "min_recall=0.5"),
    option("a share above 1", "min_precision=1.2"),
    option("two bounds of flags", "top_k=20, max_flag_rate=0.1", "top_k=20"),
    option("more than all rows", "top_k=500, min_recall=0.5", "min_recall=0.5"),
    option("fewer than one row", "top_k=0"),
    option("rows as text", 'top_k="20"', "top_k=20"),
    option("half a row", "top_k=2.5"),
    option(
        "recall against flags",
        "min_recall=0.8, max_flag_rate=0.05",
        "max_flag_rate=0.05",
    ),
    option("confidence in percent", "min_recall=0.5, confidence=95", "min_recall=0.5, confidence=0.95"),
    option("confidence in nothing", "confidence=0.9", ""),
]
CASES = [*OPTIONS]
