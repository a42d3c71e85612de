"""``--save``: what is shown goes into a file as well, and a file that cannot be written is refused before the work."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from magic_shell import Shell

from imbalance_accessor import registry
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.ipython.completion import complete
from imbalance_accessor.ipython.magic import run_line


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Shell(df=make_churn(200, 0.1))


def test_the_file_holds_what_is_shown_and_the_result_is_returned(shell, capsys):
    result = run_line(shell, "counts df churn --save churn.html -o kept")
    assert capsys.readouterr().out == f"Saved as {Path('churn.html')}\n"
    assert shell.user_ns["kept"] is result
    assert result._html() in Path("churn.html").read_text(encoding="utf-8")
    assert run_line(shell, "counts df churn --save 'of df.html';") is None
    assert Path("of df.html").exists()


@pytest.mark.slow
def test_a_report_is_one_line(shell):
    options = "--strategies none --cv 2 --progress false --min-recall 0.5 --save churn.html"
    result = run_line(shell, f"report df churn {options}")
    assert type(result).__name__ == "Report" and result.threshold.asked.objective.criterion == "precision"
    assert Path("churn.html").read_text(encoding="utf-8").count("<section>") == 5


def test_an_older_file_stays_unless_it_may_go(shell):
    Path("churn.html").write_text("kept", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"^--save='churn\.html' is there already\. Replace it with --overwrite, or"
    ):
        run_line(shell, "counts df churn --save churn.html")
    assert Path("churn.html").read_text(encoding="utf-8") == "kept"
    run_line(shell, "counts df churn --save churn.html --overwrite")
    assert Path("churn.html").read_text(encoding="utf-8") != "kept"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--save", r"^--save takes the name of a file"),
        ("--save a.pdf", r"^--save='a\.pdf' must end in \.html\. Use 'a\.html'"),
        ("--save no/a.html", r"^--save='no/a\.html' lies in 'no', a folder that is not there"),
        ("--save .", r"^--save='\.' is a folder"),
        ("--overwrite", r"^--overwrite says that --save may replace a file"),
        ("--save a.html --overwrite now", r"^--overwrite='now' takes no value"),
        ("--svae a.html", r"^--svae is not an option of fit_eval\. Did you mean '--save'"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(shell, monkeypatch, given, said):
    real = registry.verb("fit_eval")
    never = functools.wraps(real)(lambda *_, **__: pytest.fail("it was run"))
    monkeypatch.setattr(registry, "verb", lambda _: never)
    with pytest.raises(UsageError, match=said):
        run_line(shell, f"fit_eval df churn {given}")


def test_tab_offers_it():
    names = {"df": make_churn(50, 0.2)}

    def offered(line):
        return (complete(line, names) or ("", []))[1]

    assert offered("%imbalance report df churn --sa") == ["--sample-weight", "--save"]
    assert "--overwrite" not in offered("%imbalance report df churn --")
    assert offered("%imbalance report df churn --min") == ["--min-precision", "--min-recall"]
    assert offered("%imbalance report df churn --save x.html --over") == ["--overwrite"]
    assert offered("%imbalance report df churn --save ")[0] == "churn.html"
