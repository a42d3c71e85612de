"""The promises that every result keeps, whatever verb it came from."""

from __future__ import annotations

import ast
import copy
import dataclasses
import itertools
import pickle
import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("agg")

from every_result import CASES, FRAMES, NO_PICTURE, answers, fresh, made, without_slider
from explained import plain, sentences
from joblib.externals.loky.cloudpickle_wrapper import dumps as cloudpickled
from matplotlib import pyplot
from matplotlib.axes import Axes

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.errors import ImbalanceError, OptionError
from imbalance_accessor.findings import CATALOG, Finding, Findings
from imbalance_accessor.rendering.result import Result


@pytest.fixture(params=CASES)
def result(request) -> Result:
    return made(request.param)


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    yield
    pyplot.close("all")


def is_weights(result) -> bool:
    return isinstance(result, dict)


def kinds_of(result) -> list[str]:
    with pytest.raises(OptionError) as caught:
        result.plot("no such kind")
    return re.findall(r"'([^']+)'", str(caught.value).split("Known: ")[1])


@pytest.mark.slow
def test_every_result_class_is_public():
    public = {name: getattr(imb, name) for name in imb.__all__}
    results = {each for each in public.values() if isinstance(each, type) and issubclass(each, Result)}
    assert {type(made(case)) for case in CASES} == results


def test_it_is_a_result(result):
    assert isinstance(result, Result)
    assert isinstance(result.findings, Findings)
    for finding in result.findings:
        assert isinstance(finding, Finding)
        assert finding.code in CATALOG
        assert finding.message.endswith(".")
        assert finding.cure.endswith((".", "?")) or finding.cure == ""


def test_the_text_fits_a_terminal(result):
    shown = repr(result)
    if is_weights(result):
        assert shown == repr(dict(result))
        return
    code = {line for finding in result.findings for line in finding.fix.below().splitlines()}
    assert max(len(line) for line in shown.splitlines() if line not in code) <= 80
    assert shown == repr(result)
    assert "\x1b" not in shown


@pytest.mark.quick(1)
def test_the_card_is_html_that_runs_nothing(result):
    shown = result.sections if isinstance(result, imb.Report) else [type(result).__name__.lower()]
    pictures = len([name for name in shown if name not in NO_PICTURE])
    html = without_slider(result._repr_html_())
    assert "<script" not in html
    assert "</script" not in html
    words = re.sub(r"<svg.*</svg>", "", html)  # a picture may count to 49
    assert "49" not in re.findall(r">\s*(\d+)\s*<", words)  # a template in a label stays text
    assert "<table" in html
    assert html.count(' src="data:image/') == pictures
    assert html == without_slider(result._repr_html_())


def test_the_frame_is_the_numbers(result):
    frame = result.frame
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) >= 2
    assert frame.columns.is_unique
    assert frame.index.is_unique
    assert all(dtype.kind in "iuf" for dtype in frame.dtypes), frame.dtypes
    pd.testing.assert_frame_equal(result.frame, frame)
    lows = [name for name in frame.columns if name.endswith("_low")]
    for low in lows:
        both = frame[[low, low.removesuffix("_low") + "_high"]].dropna().to_numpy()
        assert (both[:, 0] <= both[:, 1]).all()


@pytest.mark.quick(2)
def test_every_picture_is_axes_and_leaves_the_settings_alone(result):
    before = dict(mpl.rcParams)
    assert not pyplot.get_fignums()
    for place, kind in enumerate(kinds_of(result)):
        drawn = result.plot(kind) if place else result.plot()
        panels = np.atleast_1d(drawn).ravel()
        assert all(isinstance(ax, Axes) for ax in panels)
        assert pyplot.get_fignums() == [panels[0].figure.number]
        pyplot.close("all")
        _, ax = pyplot.subplots()
        if isinstance(drawn, Axes):
            assert result.plot(kind, ax=ax) is ax
        else:
            with pytest.raises(OptionError, match="draws several panels and takes no ax"):
                result.plot(kind, ax=ax)
        pyplot.close("all")
    assert dict(mpl.rcParams) == before


def test_an_unknown_kind_lists_the_known_ones(result):
    kinds = kinds_of(result)
    assert kinds
    with pytest.raises(OptionError, match=rf"kind='{kinds[0]}_' is not known\. Did you mean '{kinds[0]}'"):
        result.plot(f"{kinds[0]}_")


@pytest.mark.parametrize("style", ["full", "short"])
def test_the_snippet_is_code_without_this_package(result, style):
    code = result.snippet(style=style)
    assert isinstance(code, str)
    tree = ast.parse(code)
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert "imbalance_accessor" not in code
    assert ".imb." not in code
    assert "df" in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert aliases <= used, f"imported and not used: {names}"


def test_every_snippet_is_as_a_linter_and_a_formatter_want_it(tmp_path):
    pytest.importorskip("ruff")
    for case in CASES:
        for style in ("full", "short"):
            file = tmp_path / f"{case.replace(' ', '_')}_{style}.py"
            file.write_text(f"{made(case).snippet(style=style)}\n", encoding="utf-8")
    names_from_outside = "--ignore=F821"  # df
    for order in (["check", names_from_outside], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *order, "--isolated", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_default_style_is_the_full_one(result):
    assert result.snippet(style="full") == result.snippet(style="full")


def test_an_unknown_style_or_audience_lists_the_known_ones(result):
    with pytest.raises(OptionError, match=r"style='brief' is not known\. Known: 'short', 'full'\."):
        result.snippet(style="brief")
    with pytest.raises(
        OptionError, match=r"audience='boss' is not known\. Known: 'colleague', 'interview'\."
    ):
        result.explain(audience="boss")


def test_an_unknown_library_is_one_sentence(result):
    for library in ("nonsense", None, ["sklearn"]):
        with pytest.raises(
            OptionError, match=rf"^library={re.escape(repr(library))} is not known.*'sklearn'"
        ):
            result.snippet(style="full", library=library)
    if isinstance(result, imb.ClassWeights):
        return
    with pytest.raises(OptionError, match=r"Known: 'sklearn'; weights\(\.\.\.\)\.snippet\(library=\.\.\.\)"):
        result.snippet(style="short", library="pytorch")


@pytest.mark.parametrize("audience", ["colleague", "interview"])
def test_it_says_itself_in_words(result, audience):
    said = result.explain(audience=audience)
    assert isinstance(said, str)
    assert len(said) > 60
    assert re.search(r"\d", said)
    assert said.rstrip().endswith(".")
    assert not re.search(r"\bnan\b", said)


def test_it_speaks_in_sentences(result):
    for audience, allowed in (("colleague", range(3, 7)), ("interview", range(2, 4))):
        said = result._explain(audience)
        assert len(said) in allowed, said
        for sentence in said:
            assert sentence.endswith("."), sentence
            assert "\n" not in sentence
            assert len(sentences(sentence)) == 1, sentence
        assert plain(result.explain(audience=audience)) == plain(" ".join(said))


def test_the_default_audience_is_a_colleague(result):
    assert result.explain() == result.explain(audience="colleague")


def test_it_is_frozen_but_for_the_weights(result):
    if is_weights(result):
        return
    assert dataclasses.is_dataclass(result)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.findings = Findings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.anything = 1


@pytest.mark.quick(3)
def test_a_copy_of_a_copy_shows_the_same(result):
    other = copy.deepcopy(pickle.loads(pickle.dumps(result)))
    assert type(other) is type(result)
    if is_weights(result):
        assert other == result
    assert answers(other) == answers(result)


def test_a_shallow_copy_holds_the_same(result):
    other, held = copy.copy(result), result.__getstate__()
    assert type(other) is type(result) and other.__getstate__().keys() == held.keys()
    assert all(kept is held[name] for name, kept in other.__getstate__().items())


_THERE = """
import pickle, sys
sys.path[:0] = sys.argv[2:]
from every_result import answers
from pathlib import Path
for case, kept, wanted in pickle.loads(Path(sys.argv[1]).read_bytes()):
    result = pickle.loads(kept)
    found = answers(result)
    for name in wanted.keys() | found.keys():
        if wanted.get(name) != found.get(name):
            print(case, name, repr(wanted.get(name))[:300], repr(found.get(name))[:300], sep="\\n  ")
"""


@pytest.mark.slow
def test_every_result_answers_the_same_in_another_process(tmp_path):
    """Kept by whatever keeps objects: pickle of the oldest and the newest kind, and what sends them to workers."""
    keeps = itertools.cycle([lambda r: pickle.dumps(r, 2), lambda r: pickle.dumps(r, 5), cloudpickled])
    names = itertools.cycle(["hostile", "several", "churn", "hostile"])
    some = [case.replace("churn", next(names)) for case in CASES[::3]]
    kept = [(case, next(keeps)(made(case)), answers(made(case))) for case in some]
    file = tmp_path / "results.pickle"
    file.write_bytes(pickle.dumps(kept))
    places = [str(Path(__file__).parent), str(Path(imb.__file__).parents[1])]
    done = subprocess.run(
        [sys.executable, "-c", _THERE, str(file), *places], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


@pytest.mark.quick(1)
def test_tables_and_pictures_that_were_looked_at_are_not_pickled(result):
    assert result._repr_html_() and len(result.frame)
    assert not [name for name in result.__getstate__() if name == "_picture" or name.startswith("_own_")]


def test_every_figure_names_its_seed_where_chance_ruled():
    for verb in ("split", "smote", "fit_eval", "best_threshold"):
        assert "random_state=0" in repr(made(f"{verb} churn"))


def test_the_positive_class_is_named():
    for verb in ("overview", "counts", "weights", "split", "fit_eval", "best_threshold"):
        shown = made(f"{verb} churn")
        assert "'yes'" in (shown.explain() if verb == "weights" else repr(shown))


def test_a_result_without_a_model_says_so():
    for verb in registry.VERBS:
        found = made(f"{verb} churn")
        if hasattr(found, "model"):
            with pytest.raises(ImbalanceError):
                found.model("no such strategy")


def test_no_frame_was_changed():
    made("fit_eval churn")
    for name, (frame, _) in FRAMES.items():
        pd.testing.assert_frame_equal(frame, fresh(name)[0])
