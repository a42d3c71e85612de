"""Every result there is, on a plain frame, on frames that try to break out of where they are shown, on several classes."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot

from imbalance_accessor import registry, rendering
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.findings import Findings
from imbalance_accessor.rendering.result import Result

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
LONG = "y" * 90
#: The one handler that a card may have: the copy button's, the same in all cards.
COPY = (
    "getSelection().selectAllChildren(this.parentNode.nextElementSibling);"
    "this.textContent=document.execCommand('copy')?'Copied':'Selected'"
)

#: The one script that a card may have: the slider's, the same in all cards.
SLIDER = Path(rendering.__file__).with_name("slider.js").read_text(encoding="utf-8").rstrip()


def without_slider(html: str) -> str:
    """Return a card without the slider's script; one that differs by a character stays."""
    return html.replace(f"<script>\n{SLIDER}</script>", "")


def hostile() -> pd.DataFrame:
    """Labels, column names, cells and row labels that try to break out of where they are shown."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({SCRIPT: rng.normal(size=200), 'say "x" \\ y': rng.normal(size=200) * 1000})
    frame[IMAGE] = rng.normal(size=200)
    frame["{{ 7 * 7 }}"] = rng.choice([SCRIPT, IMAGE], 200)
    frame[LONG] = np.where(np.arange(200) % 10 == 0, SCRIPT, f"{IMAGE}\nof two lines {'long ' * 20}")
    return frame.set_axis(row_labels(200), axis=0)


def row_labels(n: int) -> pd.Index:
    return pd.Index([f"{(SCRIPT, IMAGE)[i % 2]} {i}" for i in range(n)], name=f"{SCRIPT}{IMAGE}")


def named() -> tuple[pd.DataFrame, pd.Series]:
    """Features with a column of groups, and labels beside them: every name is markup."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({SCRIPT: rng.normal(size=200), f"{IMAGE} 1": rng.normal(size=200)}, row_labels(200))
    frame[GROUPS] = [f"{(SCRIPT, IMAGE)[i % 2]} {i // 4}" for i in range(200)]
    labels = pd.Series(np.where(rng.random(200) < 0.2, SCRIPT, IMAGE), frame.index, name=IMAGE)
    return frame, labels


def several() -> pd.DataFrame:
    return make_churn(400, 0.3).assign(churn=lambda df: df["contract"].where(df["churn"] == "yes", "stays"))


def foreign() -> pd.DataFrame:
    """Names, labels and cells of many scripts, two of which an ASCII word would make alike; numbers that stand for none."""
    df = make_churn(400, 0.1)[["age", "contract", "monthly_charges", "churn"]]
    df["a→b"], df["a->b"] = df["age"], -df["age"].where(np.arange(400) % 9 > 0)
    levels = dict(zip(sorted(df["contract"].unique()), ("naïve 日本", "€ – 😀", "λ \\n π"), strict=True))
    df["contract"] = df["contract"].map(levels)
    df["日本語のとても長い列の名前、一つの端末の行には決して収まらない"] = df["monthly_charges"]
    return df.rename(columns={"age": "größe"}).assign(
        churn=df["churn"].map({"no": "→ нет", "yes": "да’ naïve"})
    )


def fresh(name: str) -> tuple[pd.DataFrame, object]:
    """Return a frame and its target, made anew."""
    made_anew = {
        "churn": lambda: (make_churn(400, 0.1), "churn"),
        "hostile": lambda: (hostile(), LONG),
        "foreign": lambda: (foreign(), "churn"),
        "several": lambda: (several(), "churn"),
        "named": named,
    }
    return made_anew[name]()


GROUPS = f"{SCRIPT} by {IMAGE}"
FRAMES = {name: fresh(name) for name in ("churn", "hostile", "several", "named", "foreign")}
LABELS = sorted(FRAMES["several"][0]["churn"].unique())
OPTIONS = {
    "smote": {"impute": True},
    "fit_eval": {"strategies": ["smote"], "cv": 2, "progress": False},
    "best_threshold": {"cv": 2, "progress": False},
    "reliability": {"cv": 2, "strategies": ["class_weight"], "progress": False},
    "leaks": {"demonstrate": True, "model": "naive_bayes", "cv": 2, "progress": False},
    "report": {"strategies": ["smote"], "cv": 2, "progress": False},
    "reliability several": {"cv": 2, "pos_label": LABELS[0], "progress": False},
    "best_threshold several": {
        "cv": 2,
        "progress": False,
        "cost": pd.DataFrame(1.0 - np.eye(len(LABELS)), LABELS, LABELS),
    },
}
EVERY = (*registry.VERBS, "trace", "learning_curve")
CASES = [f"{verb} {name}" for verb in EVERY for name in ("churn", "hostile", "several")]
CASES.remove("learning_curve several")  # which is of one class against the rest
#: Verbs whose card has bars in its table or the same numbers, and no picture.
NO_PICTURE = ("overview", "counts", "score")
#: Results of frames whose every name is markup.
MARKUP = [f"{verb} {name}" for verb in EVERY for name in ("hostile", "named")]
_made: dict[str, Result] = {}


def answers(result: Result) -> dict[str, str]:
    """Return what a result answers to whoever looks at it: each attribute, and each method that asks for nothing."""
    found = {"repr": repr(result), "html": result._repr_html_()}
    for name in dir(result):
        if name.startswith("_") or (isinstance(result, dict) and hasattr(dict, name)) or name in _NO_LOOK:
            continue
        try:
            got = getattr(result, name)
            asks = name in _METHODS
            for way, options in _WAYS.get(name, {"": {}}).items():
                found[f"{name} {way}"] = _written(got(**options) if asks else got)
        except ImbalanceError as error:
            found[name] = f"{error}\n{error.fix.below()}"
        except AssertionError:  # of a row that was not asked for
            found[name] = "nothing"
    pyplot.close("all")
    return found


#: What makes files, or takes an argument; the methods that are called, and the options of some.
_NO_LOOK = {"apply", "save", "best_threshold", "reliability", "trace", "learning_curve"}
_METHODS = {"explain", "model", "plot", "snippet"}
_WAYS = {
    "explain": {each: {"audience": each} for each in ("colleague", "interview")},
    "snippet": {each: {"style": each} for each in ("short", "full")},
}


def _written(got: object) -> str:
    """Write an answer so that two may be compared; objects without text of their own by their type."""
    if isinstance(got, pd.DataFrame | pd.Series):
        return f"{got.index.names} {getattr(got, 'dtypes', None)} {got.to_csv(float_format='%.15g')}"
    if isinstance(got, Findings):
        return "\n".join(f"{each} {each.fix}" for each in got)
    if isinstance(got, str | int | float | bool | tuple | frozenset | type(None)):
        return repr(got)
    if isinstance(got, np.ndarray):
        return repr(got.tolist())
    return f"{type(got).__module__}.{type(got).__qualname__}"


def made(case: str) -> Result:
    if case not in _made:
        _made[case] = _make(*case.split())
    return _made[case]


def predicted(frame: pd.DataFrame, target: object) -> pd.Series:
    """Return labels as a poor model would predict them, on the frame's index."""
    labels = target if isinstance(target, pd.Series) else frame[target]
    right = np.random.default_rng(0).random(len(labels)) < 0.7
    shifted = pd.Series(np.roll(labels.to_numpy(), 1), labels.index)
    return labels.where(right, shifted)


def _make(verb: str, name: str) -> Result:
    if verb == "learning_curve":
        return made(f"fit_eval {name}").learning_curve(progress=False)
    if verb == "trace":
        found = made(f"fit_eval {name}")
        row = found.scored.parts.train.y.index[0] if found.is_binary else None
        return found.trace("smote", row=row)
    function, (frame, target) = registry.verb(verb), FRAMES[name]
    options = OPTIONS.get(f"{verb} {name}", OPTIONS.get(verb, {}))
    if verb == "score":
        options = {"pred": predicted(frame, target)}
    if name == "named" and "groups" in inspect.signature(function).parameters:
        options = options | {"groups": GROUPS}
    return function(frame, target, **options)
