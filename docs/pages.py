"""The pages that come from the code: one a verb with its card and its docstring, codes of findings, references, the tour."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import re
import shutil
from pathlib import Path
from typing import Any

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.rendering.help import ANSWERS

HERE = Path(__file__).parent
MADE = HERE / "generated"

#: What a verb must be told on the demo frame, beside the target.
TOLD = {"smote": {"impute": True, "scale": True}, "score": {"scores": "support_calls", "threshold": 3}}

VERB = """# `{verb}`

{answer}

```text
df.imb.{verb}({call})
imb.{verb}(df, {call})
%imbalance {verb} df churn{options}
```

Shown by `df = imb.make_churn()`:

{card}

## What it takes

```{{eval-rst}}
.. autofunction:: imbalance_accessor.{verb}
```

## What it returns

{results}

What every result has beside that is on [its own page](results.md).
"""

CLASS = """```{{eval-rst}}
.. autoclass:: imbalance_accessor.{name}
   :members:
   :no-index-entry:
```"""

VERBS = """# The verbs

Each is a method of `df.imb`, a plain function of `imb`, and a verb of `%imbalance`, with the same options.

| verb | answers |
|---|---|
{rows}

```{{toctree}}
:hidden:
{pages}
```
"""

TRACE = """# `trace`

What becomes of the rows, stage by stage, or how one row's probability came about. It is a method of what
[`fit_eval`](fit_eval.md) returns.

```text
e = df.imb.fit_eval("churn")
e.trace("smote")
e.trace("smote", row=df.index[7])
```

{card}

{results}
"""

CURVE = """# `learning_curve`

Would more positives help? Average precision of the plain model by the positives that it learned from. It is a method of
what [`fit_eval`](fit_eval.md) returns.

```text
e = df.imb.fit_eval("churn")
e.learning_curve()
e.plot("learning_curve")
```

{card}

{results}
"""

RESULTS = """# What every result has

```{eval-rst}
.. autoclass:: imbalance_accessor.rendering.result.Result
   :members:

.. autoclass:: imbalance_accessor.Finding
   :members:

.. autoclass:: imbalance_accessor.Findings
   :members:
```
"""


def write() -> None:
    """Write all pages; what was there of an earlier build goes."""
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    written = {verb: verb_page(verb) for verb in registry.VERBS}
    written |= {"trace": trace_page(), "learning_curve": curve_page()}
    written |= {"verbs": verbs_page(), "results": RESULTS, "codes": codes_page()}
    references = {"domains": imb.cheatsheet(), "pitfalls": imb.pitfalls()}
    references |= {each: imb.cheatsheet(each) for each in ("techniques", "models", "metrics")}
    written |= {name: f"# {page.title}\n\n{card(page)}\n" for name, page in references.items()}
    for name, text in written.items():
        (MADE / f"{name}.md").write_text(text, encoding="utf-8")
    shutil.copy(HERE.parent / "demo.ipynb", MADE / "tour.ipynb")


def verb_page(verb: str) -> str:
    """Return a verb's page: what it answers, its calls, its card on the demo frame, its docstring, its result."""
    told = TOLD.get(verb, {})
    return VERB.format(
        verb=verb,
        answer=ANSWERS[verb],
        call=", ".join(['"churn"', *(f"{name}={value!r}" for name, value in told.items())]),
        options="".join(f" --{name}{'' if value is True else f' {value}'}" for name, value in told.items()),
        card=card(shown(verb)),
        results="\n\n".join(CLASS.format(name=name) for name in results_of(verb)),
    )


def shown(verb: str) -> Any:
    """Return a verb's result on the demo frame; bars of progress are not for a log."""
    with contextlib.redirect_stderr(io.StringIO()):
        return (
            evaluation()
            if verb == "fit_eval"
            else registry.verb(verb)(imb.make_churn(), "churn", **TOLD.get(verb, {}))
        )


def verbs_page() -> str:
    """Return the table of all verbs, which is also where the site's contents find them."""
    answers = {each: ANSWERS[each] for each in registry.VERBS} | {"trace": "What becomes of the rows?"}
    answers["learning_curve"] = "Would more positives help?"
    rows = "\n".join(f"| [`{verb}`]({verb}.md) | {answer} |" for verb, answer in answers.items())
    return VERBS.format(rows=rows, pages="\n".join([*answers, "results"]))


def trace_page() -> str:
    """Return the page of `Evaluation.trace`."""
    return TRACE.format(card=card(shown("fit_eval").trace("smote")), results=CLASS.format(name="Trace"))


def curve_page() -> str:
    """Return the page of `Evaluation.learning_curve`."""
    found = shown("fit_eval").learning_curve(progress=False)
    return CURVE.format(card=card(found), results=CLASS.format(name="LearningCurve"))


@functools.cache
def evaluation() -> Any:
    """Return the demo frame's evaluation."""
    return imb.make_churn().imb.fit_eval("churn")


def results_of(verb: str) -> list[str]:
    """Return the public classes that a verb may return."""
    returns = str(inspect.signature(registry.verb(verb)).return_annotation)
    return [name for name in re.findall(r"\w+", returns) if name in imb.__all__]


def card(shown: Any) -> str:
    """Return a card as a page takes it in: whatever it holds, it ends no fence."""
    return f"`````{{raw}} html\n{shown._repr_html_()}\n`````"


def codes_page() -> str:
    """Return the table of all codes that findings have."""
    rows = "\n".join(f"| {code} | {finds} |" for code, finds in CATALOG.items())
    head = '# Codes of findings\n\nEach finding has a code, a sentence and a cure. `ignore=("IMB202",)` mutes one.'
    return f"{head}\n\n| code | finds |\n|---|---|\n{rows}\n"
