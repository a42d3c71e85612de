"""Holds what a snippet left behind, and what it printed, against the result that it was written by."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb

NUMBER = r"-?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf)|NaN|nan"


def agrees(printed: str, wanted: float, rel: float = 1e-9) -> bool:
    """Whether a number, rounded to as many digits as were printed, reads like that."""
    value = float(printed)
    if np.isnan(value) or np.isinf(value):
        return bool(np.isnan(wanted)) if np.isnan(value) else value == wanted
    figures, _, power = printed.lower().partition("e")
    decimals = len(figures.partition(".")[2]) - int(power or 0)
    return abs(value - wanted) <= 0.5 * 10.0**-decimals + rel * abs(wanted) + 1e-12


def printed_table(text: str, columns: Iterable[str], n_rows: int) -> list[tuple[str, list[str]]]:
    """Read a printed frame: the words before each row's numbers, and the numbers as they were printed."""
    columns, lines = list(columns), text.splitlines()
    (head,) = (place for place, line in enumerate(lines) if line.split() == columns)
    rows = [line.split() for line in lines[head + 1 : head + 1 + n_rows]]
    return [(" ".join(row[: -len(columns)]), row[-len(columns) :]) for row in rows]


def check_table(
    text: str, rows: Mapping[Any, Mapping[str, float]], wanted: pd.DataFrame, *, rel: float = 1e-9
) -> None:
    """Every number of a printed table is the result's."""
    columns = list(dict.fromkeys(name for figures in rows.values() for name in figures))
    read = printed_table(text, columns, len(rows))
    for (key, figures), (said, values) in zip(rows.items(), read, strict=True):
        last = key[-1] if isinstance(key, tuple) else key
        assert said.endswith(last), (said, key)
        for name, value in zip(columns, values, strict=True):
            expected = wanted.loc[key, name] if name in figures else np.nan
            assert agrees(value, float(expected), rel), (key, name, value, expected)


def check_rows(
    rows: Mapping[Any, Mapping[str, float]],
    wanted: pd.DataFrame,
    *,
    rel: float = 1e-9,
    absolute: float = 1e-12,
) -> None:
    """Every figure that the code left is the result's."""
    for key, figures in rows.items():
        assert set(figures) <= set(wanted.columns), set(figures) - set(wanted.columns)
        expected = wanted.loc[key, list(figures)].to_numpy(float)
        got = np.array([float(value) for value in figures.values()])
        assert got == pytest.approx(expected, rel=rel, abs=absolute, nan_ok=True), key


def counted(text: str) -> list[tuple[str, str]]:
    """Read printed counts: what stands before the last number of a line, and the number."""
    found = re.findall(rf"^(.*\S)\s+({NUMBER})$", text, re.MULTILINE)
    return [(label.strip(), number) for label, number in found]


def as_printed(label: Any) -> str:
    return str(label).replace("\n", "\\n")


def check_counts(text: str, expected: Mapping[Any, float]) -> None:
    """One line a class says its rows, or its share."""
    lines = counted(text)
    for label, value in expected.items():
        assert any(said == as_printed(label) and agrees(number, value) for said, number in lines), (
            label,
            value,
        )


# --- verbs


def counts(found: Any, space: dict[str, Any], *, short: bool, **_: Any) -> None:
    table = found.frame
    assert space["rows"].to_dict() == table["rows"].to_dict()
    head = space["printed"].split("precision")[0].split("Name: count")
    check_counts(head[0], table["rows"])
    check_counts(head[1], table["rows"] / table["rows"].sum())
    (ratio,) = re.findall(rf"^({NUMBER})$", head[2], re.MULTILINE)
    assert float(ratio) == pytest.approx(table["rows"].max() / table["rows"].min(), rel=1e-15)
    assert agrees(ratio, float(table["majority_ratio"].max()))
    if short:
        return
    report = space["printed"].split("precision")[1]
    share, largest = table["rows"] / table["rows"].sum(), table["rows"].idxmax()
    for label in table.index:
        always = [share[label], 1.0, 2 * share[label] / (1 + share[label])] if label == largest else [0.0] * 3
        (values,) = re.findall(
            rf"^\s*{re.escape(str(label))}\s+(\S+)\s+(\S+)\s+(\S+)\s+(\d+)$", report, re.MULTILINE
        )
        assert all(map(agrees, values, [*always, table.loc[label, "rows"]])), (label, values)
    (accuracy,) = re.findall(r"^\s+accuracy\s+(\S+)\s+\d+$", report, re.MULTILINE)
    assert agrees(accuracy, share.max())


def weights(found: Any, space: dict[str, Any], **_: Any) -> None:
    assert space["class_weight"] == dict(found)
    (line,) = (line for line in space["printed"].splitlines() if line.startswith("{"))
    assert ast.literal_eval(line) == dict(found)


def overview(found: Any, space: dict[str, Any], *, short: bool, **_: Any) -> None:
    counts(found.counts, space, short=short)
    if not short:
        weights(found.weights, space)
        assert found.frame["weight"].to_dict() == space["class_weight"]


def split(found: Any, space: dict[str, Any], **_: Any) -> None:
    for name in ("X_train", "X_test"):
        pd.testing.assert_frame_equal(space[name], getattr(found, name))
    for name in ("y_train", "y_test"):
        pd.testing.assert_series_equal(space[name], getattr(found, name), check_dtype=False)
    train, test = space["printed"].split("Name: count")[:2]
    check_counts(train, found.frame["train_rows"])
    check_counts(test, found.frame["test_rows"])


def plain(X: pd.DataFrame) -> pd.DataFrame:
    """Without the index, and with missing cells of one kind."""
    same = X.reset_index(drop=True)
    for name in same.columns:
        column = same[name]
        types = pd.api.types
        is_number = types.is_integer_dtype(column) or types.is_float_dtype(column)
        same[name] = (
            column.astype("Float64").astype(float) if is_number else column.astype(object).fillna("(none)")
        )
    return same


def smote(found: Any, space: dict[str, Any], **_: Any) -> None:
    pd.testing.assert_frame_equal(
        plain(space["X_train"]), plain(found.X_train), check_dtype=False, rtol=1e-12
    )
    assert list(space["y_train"]) == list(found.y_train)
    pd.testing.assert_frame_equal(plain(space["X_test"]), plain(found.X_test))
    assert list(space["y_test"]) == list(found.y_test)
    check_counts(space["printed"], found.frame["after"])


def leaks(found: Any, space: dict[str, Any], *, short: bool, kind: str, **_: Any) -> None:
    said, table, parts = space["printed"], found.frame, found.parts
    n_test, twins = len(parts.test), int(table.loc["IMB104", "rows"])
    assert f"{twins} of {n_test} test rows have a twin in train ({twins / n_test:.1%})" in said
    open_label = int(table.loc["IMB105", "rows"])
    assert open_label == (0 if kind in ("mixed", "missing", "unlabelled") else 2)  # there the twins are none
    assert f"rows with a twin of another label: {open_label}\n" in said
    if short:
        return
    check_alone(found, space)
    shown = found.demonstration.frame["roc_auc"]
    assert space["wrong"].mean() == pytest.approx(shown["before the split"], rel=1e-9)
    assert space["right"].mean() == pytest.approx(shown["after the split"], rel=1e-9)
    assert f"ROC-AUC: {shown['before the split']:.3f} resampled before the split" in said
    assert f"ROC-AUC: {shown['after the split']:.3f} resampled inside the training folds" in said


def check_alone(found: Any, space: dict[str, Any]) -> None:
    """Each column's figures are the program's; it holds all features, and dates and ids that it can order."""
    figures = found.columns[["roc_auc", "average_precision"]].astype(float)
    assert set(found.parts.features.columns.used) <= set(space["found"].index) <= set(figures.index)
    given = space["found"].astype(float)
    np.testing.assert_allclose(given, figures.loc[given.index], rtol=1e-11, err_msg=str(given.index))


def fit_eval(found: Any, space: dict[str, Any], *, short: bool, strategy: str, **_: Any) -> None:
    rows, told = space["rows"], found.frame.drop(index="dummy")
    assert set(rows) == set(told.index)
    assert len(told) == (1 if strategy == "none" else 2)
    wanted = (
        {"average_precision_cv", "average_precision"}
        if short
        else {"average_precision", "roc_auc", "f1", "recall", "mcc"}
    )
    assert all(wanted <= set(figures) for figures in rows.values())
    check_rows(rows, told)
    check_table(space["printed"], rows, told)


def said_thresholds(printed: str) -> list[dict[str, float]]:
    """Read what short code prints of each threshold: names, each with its figure."""
    lines = [line.partition("  #")[0].split() for line in printed.splitlines()]
    words = [word for line in lines for word in line]
    said: list[dict[str, float]] = []
    for name, figure in zip(words[::2], words[1::2], strict=True):
        said += [{}] * (name == "threshold")
        said[-1] = said[-1] | {name: float(figure)}
    return said


def check_said_thresholds(found: Any, printed: str) -> None:
    """Every figure of every threshold that short code prints is that of the report."""
    said = said_thresholds(printed)
    assert said[0]["threshold"] == pytest.approx(found.value, rel=1e-9, nan_ok=True)
    if not found.feasible or not len(found.strategy_scores.scored.parts.test):
        assert said == [{"threshold": said[0]["threshold"]}] or np.isnan(found.value)
        return
    shown = [name for name in ("chosen", "default") if name in found.report.index]
    for name, figures in zip(shown, said, strict=True):
        wanted = {
            "threshold",
            "flagged",
            "precision",
            "recall",
            "F1" if found.asked.costs is None else "cost",
        }
        criterion = found.asked.objective.criterion
        assert set(figures) == wanted | (
            {criterion} if criterion not in ("f1", "cost", "flag_rate", *wanted) else set()
        )
        for figure, value in figures.items():
            own = found.report.loc[name, {"flagged": "flag_rate"}.get(figure, figure.lower())]
            assert value == pytest.approx(own, rel=1e-9, abs=1e-12), (name, figure)


def best_threshold(found: Any, space: dict[str, Any], *, short: bool, kind: str, **_: Any) -> None:
    if kind == "several":
        lines = [line.split() for line in space["printed"].splitlines()]
        assert [name for name, *_ in lines] == list(found.frame.index)
        for name, *costs in lines:
            expected = found.frame.loc[name, ["cost_per_row", "cost_per_row_cv"]]
            assert [float(each) for each in costs] == pytest.approx(expected.tolist(), rel=1e-9), name
        return
    assert space["threshold"] == found.value
    if short:
        check_said_thresholds(found, space["printed"])
        return
    threshold = re.match(rf"(?:threshold )?({NUMBER})$", space["printed"].splitlines()[0])
    # another process may print another last digit
    assert threshold is not None and float(threshold[1]) == pytest.approx(found.value, rel=1e-9)
    report, rows = found.report, space["rows"]
    assert set(rows) == {*report.index} - {"claimed"} | {"chosen_cv"}
    figures = [name for name in report.columns if f"{name}_cv" in report.columns]
    own = report.loc["chosen", [f"{name}_cv" for name in figures]].set_axis(figures)
    wanted = pd.concat([report, own.to_frame("chosen_cv").T])
    assert {"precision", "recall", "f1", "mcc", "flag_rate"} <= set(rows["chosen"])
    check_rows(rows, wanted)
    check_table(space["printed"], rows, wanted)


def by_strategy(found: Any, rows: Mapping[Any, Mapping[str, float]]) -> dict[Any, Mapping[str, float]]:
    """Read the rows of short code: of one strategy it names the calibrators alone, and no prior where that is none."""
    (*names,) = found.scores_by_strategy
    keyed = {key if isinstance(key, tuple) else (names[0], key): row for key, row in rows.items()}
    told = found.frame[found.frame["brier"].notna()]
    missing = {key for key in told.index if key not in keyed}
    assert set(keyed) | missing == set(told.index)
    assert all(key[1] == "prior" and found.report.odds_shift[key[0]] == 1 for key in missing)
    return keyed


def reliability(found: Any, space: dict[str, Any], *, short: bool, **_: Any) -> None:
    told = found.frame[found.frame["brier"].notna()]
    rows = by_strategy(found, space["rows"]) if short else space["rows"]
    assert short or set(rows) == set(told.index)
    assert all({"mean_probability", "brier", "average_precision"} <= set(each) for each in rows.values())
    check_rows(rows, told, rel=1e-7, absolute=1e-7)
    check_table(space["printed"], rows, told, rel=1e-6)


def formatted(code: str) -> None:
    """Ruff formats it no other way."""
    _ruff(code, "format", "--isolated", "--line-length", "88", "--diff", "-")


def linted(code: str) -> None:
    """Ruff formats it no other way, and finds nothing to say; names that a reader has are known."""
    formatted(code)
    known = 'builtins=["df","test","model","y","sample_weight","pred","scores","split"]'
    _ruff(code, "check", "--isolated", "--line-length", "88", "--select", "E,F,I", "--config", known, "-")


def _ruff(code: str, *words: str) -> None:
    if not (ruff := _found_ruff()):
        pytest.skip("ruff is not installed")
    done = subprocess.run([ruff, *words], input=f"{code}\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@functools.cache
def _found_ruff() -> str:
    """Return where the program stands; `python -m ruff` would start Python each time to find it."""
    found = importlib.util.find_spec("ruff")
    return importlib.import_module("ruff.__main__").find_ruff_bin() if found else ""


def churn_with_more(n: int = 600) -> pd.DataFrame:
    """The demo with a group, a score that is given, and a weight of each row."""
    df, rng = imb.make_churn(n, 0.1), np.random.default_rng(0)
    score = (df["monthly_charges"].fillna(60) / 200 + 0.3 * rng.random(n)).round(2)
    return df.assign(who=np.arange(n) // 4, p=score, weight=rng.integers(1, 4, n))
