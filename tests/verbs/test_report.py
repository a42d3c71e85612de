"""A report: what five verbs say alone, from one fit, on one page."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from explained import sentences, strays
from pandas.testing import assert_frame_equal
from sklearn.linear_model import LogisticRegression
from spoken import awkward

import imbalance_accessor as imb
from imbalance_accessor.errors import ImbalanceError, OptionError, TargetError
from imbalance_accessor.evaluation import plan as planning
from imbalance_accessor.evaluation import progress
from imbalance_accessor.rendering.cells import number
from imbalance_accessor.verbs import leaks as leaks_module
from imbalance_accessor.verbs import overview as overview_module
from imbalance_accessor.verbs.report import text

QUICK: dict[str, Any] = {"strategies": ["class_weight", "smote"], "cv": 3, "progress": False}
FIGURES = ("value", "value_low", "value_high")


def frame() -> pd.DataFrame:
    df = imb.make_churn(400, 0.15)
    return df.assign(who=np.arange(400) // 4, weight=np.arange(400) % 3 + 1.0)


def three() -> pd.DataFrame:
    df = imb.make_churn(400, 0.3)
    return df.assign(churn=df["contract"].where(df["churn"] == "yes", "stays")).drop(columns="contract")


SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "cost": {"cost": {"fp": 1, "fn": 8}},
    "nothing held out": {"test_size": 0},
    "criterion": {"criterion": "mcc", "metric": "roc_auc"},
    "groups": {"groups": "who"},
    "prevalence": {"prevalence": 0.03},
    "weights": {"sample_weight": "weight"},
    "margins": {"model": "svm"},
    "a limit": {"min_precision": 0.4},
    "a capacity": {"top_k": 40},
    "a limit that none keeps": {"min_recall": 0.9, "min_precision": 0.9, "confidence": 0.9},
    "costs and a limit": {"cost": {"fp": 1, "fn": 8}, "max_flag_rate": 0.2},
    "other rows": {"time": "signup_date", "ignore": ("IMB202",)},
}
_MADE: dict[str, Any] = {}


def made(name: str) -> Any:
    if name not in _MADE:
        _MADE[name] = frame().imb.report("churn", **QUICK, **SETTINGS[name])
    return _MADE[name]


def taken(options: dict[str, Any], verb: str) -> dict[str, Any]:
    from imbalance_accessor.rendering.help import parameters_of

    return {name: value for name, value in options.items() if name in parameters_of(verb)}


def taken_by_threshold(options: dict[str, Any]) -> dict[str, Any]:
    known = ("cost", "min_precision", "min_recall", "max_flag_rate", "top_k", "confidence", "ignore")
    return {name: value for name, value in options.items() if name in known}


@pytest.mark.quick(3)
@pytest.mark.parametrize("name", SETTINGS)
def test_its_numbers_are_those_of_the_verbs_one_by_one(name):
    report, options = made(name), {**QUICK, **SETTINGS[name]}
    asked = {verb: taken(options, verb) for verb in ("overview", "leaks", "fit_eval")}
    alone = frame().imb.fit_eval("churn", **asked["fit_eval"])
    pairs = [
        (report.overview, frame().imb.overview("churn", **asked["overview"])),
        (report.leaks, frame().imb.leaks("churn", **asked["leaks"])),
        (report.evaluation, alone),
        (report.threshold, alone.best_threshold(**taken_by_threshold(options))),
        (report.reliability, alone.reliability(ignore=options.get("ignore", ()))),
    ]
    for got, wanted in pairs:
        assert_frame_equal(got.frame, wanted.frame)
        assert str(got._card().title) == str(wanted._card().title)
        if got is report.overview and {"groups", "time"} & {
            *options
        }:  # it knows the column that others ask for
            assert {*got.findings.codes} <= {*wanted.findings.codes}
        else:
            assert got.findings.codes == wanted.findings.codes
    assert_frame_equal(report.threshold.report, pairs[3][1].report)
    assert report.evaluation.best == alone.best


def test_every_finding_is_told_once_the_gravest_first():
    report = made("plain")
    every = [each for part in report.sections.values() for each in part.findings]
    assert {*report.findings} == {*every} and len(report.findings) == len({*every}) < len(every)
    order = ["error", "warning", "note"]
    assert sorted(report.findings, key=lambda each: order.index(each.severity)) == list(report.findings)
    assert "IMB202" in report.findings.codes and "IMB202" not in made("other rows").findings.codes


class Counted(LogisticRegression):
    """Counts its fits."""

    fits: ClassVar[list[int]] = []

    def fit(self, X, y, sample_weight=None):
        self.fits.append(len(y))
        return super().fit(X, y, sample_weight)


def test_one_fit_serves_all():
    df, options = frame(), {**QUICK, "model": Counted(max_iter=2000), "n_jobs": 1}
    Counted.fits.clear()
    df.imb.fit_eval("churn", **options)
    alone = sorted(Counted.fits)
    assert len(alone) == 3 * (3 + 1)  # three strategies, three folds and the whole
    Counted.fits.clear()
    df.imb.report("churn", **options)
    assert sorted(Counted.fits) == alone


def test_rows_are_read_and_divided_once(monkeypatch):
    divided = []
    monkeypatch.setattr(
        planning, "divide", lambda *a, _divide=planning.divide, **k: (divided.append(1), _divide(*a, **k))[1]
    )
    for module in (leaks_module, overview_module):
        monkeypatch.setattr(module, "read_features", lambda *_, **__: pytest.fail("read again"))
    monkeypatch.setattr(leaks_module, "divide", lambda *_, **__: pytest.fail("divided again"))
    report = frame().imb.report("churn", strategies=["none"], cv=2, progress=False)
    assert divided == [1]
    assert report.leaks.parts is report.evaluation.plan.parts
    assert report.overview.features is report.leaks.parts.features


def test_its_frame_is_an_answer_a_row():
    report = made("plain")
    found, evaluation, t, r = report.frame, report.evaluation, report.threshold, report.reliability
    churn = frame()["churn"]
    assert tuple(found.columns) == FIGURES and found.index.name == "answer"
    assert found.loc["prevalence", "value"] == (churn == "yes").mean()
    assert found.loc["leaks", "value"] == report.leaks.frame["found"].sum()
    best = evaluation.frame.loc[evaluation.best]
    ends = [f"average_precision{end}" for end in ("", "_low", "_high")]
    assert found.loc["average_precision", list(FIGURES)].tolist() == best[ends].tolist()
    assert found.loc["average_precision_cv", "value"] == best["average_precision_cv"]
    assert found.loc["threshold", list(FIGURES)].tolist() == [
        t.value,
        t.threshold_ci.low,
        t.threshold_ci.high,
    ]
    chosen = t.report.loc["chosen"]
    for name in ("f1", "precision", "recall", "flag_rate"):
        got = found.loc[f"{name}_at_threshold", list(FIGURES)].tolist()
        assert got == chosen[[name, f"{name}_low", f"{name}_high"]].tolist(), name
    for end, calibrator in {"": "none", "_calibrated": r.best[evaluation.best]}.items():
        row = r.frame.loc[(evaluation.best, calibrator)]
        names = [f"mean_probability{each}" for each in ("", "_low", "_high")]
        assert found.loc[f"mean_probability{end}", list(FIGURES)].tolist() == row[names].tolist()
        assert found.loc[f"ece{end}", "value"] == row["ece"]
    shares = r.frame.iloc[0][["prevalence", "prevalence_low", "prevalence_high"]].tolist()
    assert found.loc["observed", list(FIGURES)].tolist() == shares


def test_the_cost_of_a_row_is_an_answer():
    report = made("cost")
    chosen = report.threshold.report.loc["chosen"]
    assert report.frame.loc["cost_per_row_at_threshold", "value"] == chosen["cost_per_row"]
    assert f"the cost of a row is {chosen['cost_per_row']:.3f}" in report.explain()


def test_a_limit_is_kept_and_said():
    report = frame().imb.report("churn", **{**QUICK, "strategies": ["none"]}, min_precision=0.4)
    chosen, told = report.threshold.report.loc["chosen"], report.explain()
    tried = report.threshold.frame.set_index("threshold").sort_index()  # out of fold
    assert tried.loc[report.threshold.value :, "precision"].iloc[0] >= 0.4 > tried["precision"].iloc[0]
    assert (
        f"recall is {chosen['recall']:.3f} with precision {chosen['precision']:.3f} on the test set" in told
    )


@pytest.mark.slow
def test_what_limits_leave_is_said():
    report = made("a capacity")
    assert report.threshold.asked.top_k == 40
    assert re.search(r"precision is \S+ with recall \S+ and \S+ % of the rows flagged on", report.explain())
    report = made("costs and a limit")
    assert re.search(r"the cost of a row is \S+ with \S+ % of the rows flagged on", report.explain())
    report = made("a limit that none keeps")
    assert "No threshold keeps a precision of at least 0.9 and a recall of at least 0.9" in report.explain()
    assert "no threshold keeps the limits that I set" in report.explain(audience="interview")
    assert not report.threshold.feasible and "raw scores" not in report.explain()


def test_the_threshold_at_a_prevalence_is_for_scores_that_are_brought_there():
    report = made("prevalence")
    best, name = report.evaluation.best, next(iter(report.reliability.best.values()))
    said = f"correct them with {name!r}, but apply the threshold to those of .evaluation.model()."
    assert said in " ".join(report.explain().split())
    # why it must be said: of corrected probabilities it flags nobody, or almost
    df = frame()
    before = (report.evaluation.model(best).predict_proba(df)[:, 1] >= float(report.threshold)).sum()
    after = (report.reliability.model(name).predict_proba(df)[:, 1] >= float(report.threshold)).sum()
    assert after < before / 4
    fits = next(each for each in map(made, SETTINGS) if "The probabilities fit" in each.explain())
    assert "raw scores" not in fits.explain()


def test_several_classes_have_no_threshold_and_are_told_how_to_get_one():
    report = three().imb.report("churn", **QUICK)
    assert report.threshold is None and [*report.sections] == ["overview", "leaks", "fit_eval", "reliability"]
    alone = three().imb.reliability("churn", top_class=True, cv=3, progress=False)
    if report.evaluation.best == "none":
        assert_frame_equal(report.reliability.frame, alone.frame)
    said = re.search(r"Several classes have no threshold: .* pos_label=('[^']+')\.", report.explain())
    assert said and f"pos_label={said[1]}" in report._repr_html_().replace("&#39;", "'")
    one = three().imb.report("churn", **QUICK, pos_label=said[1].strip("'"))
    assert one.threshold is not None
    margins = three().imb.report("churn", **QUICK, model="svm")
    assert margins.reliability is None and "The scores only rank" in margins.explain()


def said_of(report: Any) -> list[str]:
    return [*text.answers_by_verb(report).values()]


def pool(report: Any, options: dict[str, Any]) -> list[Any]:
    """What its sentences may speak of, from the results' own frames, and what was asked."""
    evaluation, counts = report.evaluation, report.overview.counts
    every = [evaluation.frame, report.leaks.frame, counts.frame, report.frame]
    every += [] if report.threshold is None else [report.threshold.report]
    figures = [value for table in every for value in table.to_numpy(float).ravel() if np.isfinite(value)]
    checks = [len(report.leaks.checks), int(report.leaks.frame["found"].notna().sum())]
    return [
        *figures,
        *checks,
        checks[0] - checks[1],
        len(counts.target.codes),
        len(evaluation.evaluated),
        int(evaluation.scored.reported_codes.sum()),
        float((frame()["churn"] == "yes").mean()),
        *(options[each] for each in ("min_precision", "max_flag_rate") if each in options),
        *([options["cost"]["fn"] / options["cost"]["fp"]] if "cost" in options else []),
    ]


@pytest.mark.quick(3)
@pytest.mark.parametrize("name", SETTINGS)
def test_its_sentences_are_short_and_their_numbers_its_own(name):
    report, known = made(name), pool(made(name), SETTINGS[name])
    assert len(said_of(report)) == 5
    for sentence in said_of(report):
        assert len(sentences(sentence)) == 1, sentence
        assert strays(sentence, known) == [], sentence
    for audience in ("colleague", "interview"):
        parts = report._explain(audience)
        assert awkward(parts, audience) == []
        assert strays(" ".join(parts), known) == []


@pytest.mark.quick(3)
@pytest.mark.parametrize("name", SETTINGS)
def test_what_it_says_of_checks_and_of_the_default_threshold_is_the_sections(name):
    report = made(name)
    found = report.leaks.frame["found"]
    open_ = f", and {found.isna().sum()} could not tell" if found.isna().any() else ""
    assert f"None of {found.notna().sum()} checks found a leak{open_}." in said_of(report) or found.any()
    t = report.threshold
    if t is None or t.asked.objective.constraints or not t.found.helps or "default" not in t.report.index:
        return
    figure, sign = ("cost_per_row", -1) if t.asked.costs else (t.asked.objective.criterion, 1)
    mine, other = (sign * t.report.loc[each, figure] for each in ("chosen", "default"))
    assert said_of(report)[3].endswith(" at 0.5, which is better.") == (other > mine), (mine, other)


def test_a_wrong_number_would_be_noticed():
    assert strays("F1 is 0.4321 on the test set.", pool(made("plain"), {}))


def test_a_leak_comes_first_in_words():
    df = frame().assign(refund=lambda df: (df["churn"] == "yes") * 10.0)
    report = df.imb.report("churn", strategies=["none"], cv=2, progress=False)
    assert re.search(r"Look for leaks first: 1 of \d+ checks found something, such as ", report.explain())
    assert report.frame.loc["leaks", "value"] == 1
    interview = report._explain("interview")
    assert interview[0] == (
        "I found a sign of a leak, a column that gives the answer away, and would settle that first."
    )
    assert "none" not in " ".join(interview) and awkward(interview, "interview") == []


def test_noise_is_called_noise():
    rng = np.random.default_rng(3)
    df = pd.DataFrame({"a": rng.normal(size=300), "y": np.arange(300) % 10 == 0})
    report = df.imb.report("y", strategies=["none"], cv=3, progress=False)
    assert not report.threshold.found.helps
    assert re.search(
        "No threshold (helps: the scores rank no better than chance|does better than flagging )",
        report.explain(),
    )
    interview = report._explain("interview")
    assert "it ranks no better than chance: I would look for better features first" in interview[-1]
    assert awkward(interview, "interview") == []


def placed(report: Any, shift: float) -> Any:
    """Return the report with its model's own threshold so far above the one that was chosen."""
    t, rows = report.threshold, dict(report.threshold.found.rows)
    rows["default"] = replace(rows["default"], threshold=t.value + shift)
    return replace(report, threshold=replace(t, found=replace(t.found, rows=rows)))


def test_the_trade_off_is_that_of_the_side_of_the_default():
    lower, higher = (placed(made("plain"), shift)._explain("interview") for shift in (0.1, -0.1))
    assert lower[-1].endswith(": a lower threshold finds more, with more false alarms.")
    assert re.search(r": above [\d.]+ I raise fewer false alarms, but miss more\.$", higher[-1])
    assert awkward(higher, "interview") == []


#: What a candidate says of options that were given: the share, what the threshold is for, the rows.
ASKED = {
    "cost": (-1, ", since a miss costs 8 times a false alarm."),
    "prevalence": (0, "In this sample 15.0 % are churn='yes', but 3.0 % where I would use the model, so I"),
    "a limit": (-1, "a precision of at least 0.4"),
    "a capacity": (-1, " my limits"),
    "costs and a limit": (-1, "a flag rate of at most 20.0 %"),
    "groups": (0, " on whole groups they had not learned from."),
    "other rows": (0, " on later rows they had not learned from."),
}


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", ASKED)
def test_a_candidate_says_what_was_asked(name):
    place, said = ASKED[name]
    assert said in made(name)._explain("interview")[place]
    assert said not in " ".join(made("plain")._explain("interview"))


@pytest.mark.slow
def test_a_limit_that_the_test_set_breaks_is_said_to_fail():
    report = made("a limit")
    precision = report.threshold.report.loc["chosen", "precision"]
    for share in (precision + 0.01, precision):
        t = report.threshold
        limit = replace(t.asked.objective.constraints[0], bound=share)
        objective = replace(t.asked.objective, constraints=(limit,))
        moved = replace(report, threshold=replace(t, asked=replace(t.asked, objective=objective)))
        broken = share > precision
        assert (
            f"precision {number(precision)}, beyond the limit, on the test" in said_of(moved)[3]
        ) == broken
        last = moved._explain("interview")[-1]
        assert last.endswith(" fails on test.") == broken and awkward([last], "interview") == []


def test_several_classes_have_a_trade_off_too():
    interview = three().imb.report("churn", **QUICK)._explain("interview")
    assert "finding more of a rare class raises false alarms in others" in interview[-1]
    assert awkward(interview, "interview") == []


def test_a_threshold_is_not_for_corrected_probabilities():
    said = said_of(made("prevalence"))
    assert re.search(
        "; correct them with '(prior|sigmoid)', but apply the threshold to those of .evaluation.model\\(\\)\\.$",
        said[-1],
    )
    assert "Flag rows that score" in said[-2]
    assert "raw scores" not in " ".join(said_of(made("plain")))


def test_cures_are_no_options_that_it_lacks():
    (few,) = (each for each in made("plain").findings if each.code == "IMB502")
    assert few.cure == "Nothing to do: it is shown, and never chosen."


REFUSED: dict[str, tuple[dict[str, Any], type[ImbalanceError], str]] = {
    "an outcome": ({"cost": {"fq": 1}}, OptionError, "'fq', which is no outcome"),
    "a cost of nothing": ({"cost": 5}, OptionError, "cost="),
    "a criterion": ({"criterion": "f9"}, OptionError, "criterion='f9' is not known"),
    "a metric": ({"metric": "auk"}, OptionError, "metric='auk' is not known"),
    "a model": ({"model": "forst"}, OptionError, "Did you mean 'forest'"),
    "a share": ({"test_size": 2}, OptionError, "test_size=2"),
    "workers": ({"n_jobs": 0}, OptionError, "n_jobs=0"),
    "a flag": ({"progress": "yes"}, OptionError, "progress='yes'"),
    "a code": ({"ignore": ["IMB999"]}, OptionError, "ignore="),
    "an option": ({"tets_size": 0.3}, OptionError, "report has no tets_size=. Did you mean 'test_size'"),
    "a limit": ({"min_precision": 40}, OptionError, "min_precision=40 must be a share"),
    "a confidence of nothing": ({"confidence": 0.9}, OptionError, "how surely a limit holds"),
    "two rules": ({"groups": "who", "time": "signup_date"}, OptionError, "groups"),
}


@pytest.mark.usefixtures("_nothing_is_fitted")
@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_one_sentence_before_any_fit(what):
    options, error, said = REFUSED[what]
    with pytest.raises(error, match=re.escape(said).replace("\\ ", " ")):
        frame().imb.report("churn", **options)


@pytest.mark.usefixtures("_nothing_is_fitted")
def test_what_cannot_have_a_threshold_is_refused_before_any_fit():
    with pytest.raises(OptionError, match="a threshold needs a binary target"):
        three().imb.report("churn", cost={"fp": 1, "fn": 2})
    with pytest.raises(OptionError, match="a threshold needs a binary target"):
        three().imb.report("churn", top_k=20)
    with pytest.raises(TargetError, match="Did you mean 'churn'") as caught:
        three().imb.report("chrn")
    assert str(caught.value.fix) == 'df.imb.report("churn")'


def test_cures_name_the_call_that_shows_the_card():
    report = imb.make_churn(400, 0.1).imb.report("churn", **QUICK, cost={"fp": 1, "fn": 5})
    fixes = {
        verb: {str(each.fix).splitlines()[-1] for each in part.findings if each.fix}
        for verb, part in report.sections.items()
    }
    called = {
        "overview": r'df\.imb\.overview\("churn".*\)',
        "leaks": r'df\.imb\.leaks\("churn".*\)',
        "fit_eval": r"df\.imb\.fit_eval\(.*\)|\)",
        "best_threshold": r'(df\.imb\.fit_eval\("churn".*)?\)\.best_threshold\(.*cost=.*\)|\)',
        "reliability": r'(df\.imb\.fit_eval\("churn".*)?\)\.reliability\(.*\)|\)',
    }
    for verb, lines in fixes.items():
        assert lines
        assert all(re.fullmatch(called[verb], line) for line in lines), (verb, lines)
    assert all("report" in str(each.fix) for each in report.findings if each.fix)


def test_the_page_has_contents_that_lead_to_each_section():
    report = made("plain")
    html = report._repr_html_()
    linked = re.findall(r'<a href="#([\w-]+)">', html)
    assert [each.rpartition("-")[2] for each in linked] == [*report.sections]
    assert re.findall(r'<h3 class="imb-asked" id="([\w-]+)"', html) == linked
    assert len({*linked}) == 5 and len(re.findall(r"\bid=", html)) >= 5
    assert html.count('class="imb-card ') == 5
    assert len(html.encode()) < 1_500_000


def test_what_one_section_notes_the_next_ones_name():
    report = made("plain")
    notes = [each.code for each in report.overview.findings]
    summaries = re.findall(r"<summary>(\d notes?[^<]*)</summary>", report._html())
    assert summaries[:2] == [f"{len(notes)} notes", f"{len(notes)} notes shown before: {', '.join(notes)}"]
    assert sum("shown before" in each for each in summaries) == 4


def test_its_code_is_that_of_the_comparison_and_its_pictures_are_those_of_all():
    report = made("plain")
    for style in ("short", "full"):
        assert report.snippet(style=style) == report.evaluation.snippet(style=style)
    kinds = [kind for part in report.sections.values() for kind in part._pictures()]
    assert [*report._pictures()] == [*dict.fromkeys(kinds)]


def test_one_bar_shows_the_whole():
    with progress.bar(4, shown=False) as whole:
        within = progress.Within(whole)
        with progress.bar(9, shown=within) as bar:
            assert bar is whole and whole.total == 13
        within.done("leaks")
    assert whole.desc.startswith("leaks")


def test_the_bar_counts_every_fit_and_step(capfd, monkeypatch):
    monkeypatch.setattr(progress, "_Bar", partial(progress._Bar, mininterval=0))  # quick steps are drawn too
    frame().imb.report("churn", strategies=["none"], cv=2, progress=True)
    shown = capfd.readouterr().err
    assert re.search(r"reliability: 100%.*\b7/7\b", shown)
    frame().imb.report("churn", strategies=["none"], cv=2, progress=False)
    assert capfd.readouterr().err == ""
