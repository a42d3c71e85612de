from __future__ import annotations

import copy
import dataclasses
import io
import re
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from PIL import Image

from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.rendering.plots.canvas import png
from imbalance_accessor.rendering.result import Explanation, Result, check_audience, check_style


def _colors(png: bytes) -> list[tuple[int, int, int]]:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return [color for _, color in sorted(image.getcolors(100_000), reverse=True)]


@pytest.mark.slow
def test_importing_the_protocol_costs_no_drawing():
    code = "import sys, imbalance_accessor.rendering.result; print([m for m in %r if m in sys.modules])"
    names = ("matplotlib", "jinja2", "IPython", "sklearn", "imblearn")
    done = subprocess.run([sys.executable, "-c", code % (names,)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_text_face_draws_nothing(result):
    repr(result)
    assert "_picture" not in vars(result)


def test_plot_gives_the_default_kind_and_draws_where_it_is_told(result):
    drawn = result.plot()
    assert isinstance(drawn, Axes)
    assert pyplot.get_fignums() == [drawn.figure.number]
    _, own = pyplot.subplots()
    height = own.figure.get_figheight()
    assert result.plot("classes", ax=own) is own
    assert own.figure.get_figheight() == height
    assert len(pyplot.get_fignums()) == 2


def test_plot_of_several_panels(result):
    axes = result.plot("strategies")
    assert axes.shape == (2,)
    assert all(isinstance(ax, Axes) for ax in axes)
    with pytest.raises(OptionError, match=r"kind='strategies' draws several panels and takes no ax\."):
        result.plot("strategies", ax=axes[0])


def test_an_unknown_kind_lists_the_kinds(result):
    with pytest.raises(
        OptionError, match=r"kind='clases' is not known\. Did you mean 'classes'.*'strategies'"
    ):
        result.plot("clases")
    assert not pyplot.get_fignums()


def test_nothing_to_draw(result):
    bare = dataclasses.replace(result, pictures={})
    with pytest.raises(OptionError, match=r"Shown has no picture\."):
        bare.plot()
    assert "<img" not in bare._repr_html_()
    assert ".plot" not in bare._repr_html_()


@pytest.mark.parametrize("kind", ["classes", "strategies"])
def test_no_global_setting_changes(result, kind):
    before = dict(mpl.rcParams)
    result.plot(kind)
    result._repr_html_()
    assert dict(mpl.rcParams) == before


def test_the_card_leaves_no_figure_open_and_draws_once(result):
    drawn = []
    counted = dataclasses.replace(result, pictures={"one": drawn.append})
    assert counted._repr_html_() == counted._repr_html_()
    assert len(drawn) == 1
    assert not pyplot.get_fignums()


def test_the_cards_picture_ignores_the_users_style(result):
    plain = copy.copy(result)._picture
    with pyplot.style.context("dark_background"), mpl.rc_context({"font.size": 30, "axes.grid": True}):
        assert copy.copy(result)._picture == plain
    # a picture that is an image has a panel, light and opaque, so that it reads on a dark page
    assert min(_colors(png(result.pictures["classes"]))[0]) > 240


@pytest.mark.slow
def test_a_picture_is_small_and_sharp_where_it_is_an_image(result, hostile):
    for each in (result, hostile):
        assert 0 < len(each._picture.shapes) < 20_000
        image = png(each.pictures["classes"])
        assert Image.open(io.BytesIO(image)).width >= 900
        assert len(image) < 80_000


@pytest.mark.parametrize(("title", "times"), [("Costs $5 where it\nis used", 0), ("Another title", 1)])
def test_a_title_that_the_card_says_is_not_drawn_again(result, title, times):
    card = dataclasses.replace(result.card, title="Costs $5 where it is used by all")
    picture = {"one": lambda ax: ax.set_title(title.replace("$", r"\$"), loc="left")}
    shapes = dataclasses.replace(result, card=card, pictures=picture)._picture.shapes
    assert shapes.count(title.split("\n")[0]) == times


def test_a_failing_picture_leaves_the_card(result):
    def broken(ax):
        raise ZeroDivisionError("<b>no</b>")

    html = dataclasses.replace(result, pictures={"broken": broken})._repr_html_()
    assert "could not be drawn (ZeroDivisionError: &lt;b&gt;no&lt;/b&gt;)" in html
    assert "1,900" in html
    assert not pyplot.get_fignums()


def test_a_snippet_that_cannot_be_written_says_so(result, monkeypatch):
    def refuse(self, **options):
        raise ModelError("An object of your own has no code.")

    monkeypatch.setattr(type(result), "snippet", refuse)
    assert "An object of your own has no code." in result._repr_html_()


def test_explanations_show_themselves(result):
    said = result.explain(audience="interview")
    assert isinstance(said, Explanation)
    assert isinstance(said, str)
    shown = said._repr_markdown_()
    assert shown.startswith("For a interview: `recall` < 1. Beware")
    assert result.explain().startswith("**For a colleague: `recall` < 1.** Beware")
    assert repr(result.explain()).startswith("For a colleague: recall < 1. Beware")
    # what follows "<" decides whether a browser reads a tag
    assert not re.search(r"<[A-Za-z/!?]", shown)
    assert shown.replace("\u2060", "") == said
    assert repr(Explanation("one\n\n- two")).splitlines() == ["one", "", "- two"]
    assert repr(Explanation("\x1b[31m" + "word " * 50)).isascii()
    assert max(map(len, repr(Explanation("- " + "word " * 50)).splitlines())) <= 80


@pytest.mark.parametrize(("check", "known"), [(check_style, "full"), (check_audience, "interview")])
def test_options_are_checked(check, known):
    assert check(known) == known
    with pytest.raises(OptionError, match=known):
        check("brief")
    with pytest.raises(OptionError):
        check(None)


def test_an_unknown_audience_is_refused(result):
    with pytest.raises(OptionError, match="audience='boss' is not known"):
        result.explain(audience="boss")


def test_the_protocol_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Result()


def test_a_result_survives_a_copy(result):
    html = result._repr_html_()
    assert copy.deepcopy(result)._repr_html_() == html


@pytest.mark.slow
def test_hostile_labels_draw_without_a_warning(hostile, recwarn):
    hostile._repr_html_()
    assert not recwarn.list


def test_panels_of_a_grid(result):
    from imbalance_accessor.rendering.plots.panels import Panels

    shapes = []
    grid = Panels((2, 3), lambda axes: shapes.append(np.shape(axes)))
    assert dataclasses.replace(result, pictures={"grid": grid}).plot().shape == (2, 3)
    assert shapes == [(2, 3)]


def test_a_failing_picture_leaves_no_figure_open(result):
    def broken(ax):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dataclasses.replace(result, pictures={"broken": broken}).plot()
    assert not pyplot.get_fignums()
