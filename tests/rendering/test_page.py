"""A result as a file: one page that asks no network, written whole or not at all, and never over another unasked."""

from __future__ import annotations

import os
import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest
from every_result import CASES, MARKUP, made

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.rendering.page import Section, as_sections
from imbalance_accessor.rendering.result import Result

COUNTS = imb.make_churn(100, 0.1).imb.counts("churn")


class Page(HTMLParser):
    """The elements of a page with their attributes, the text of its title, and what a browser would ask for."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.title, self._in_title = "", False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._in_title = tag == "title"

    def handle_endtag(self, tag):
        self._in_title = False

    def handle_data(self, data):
        self.title += data if self._in_title else ""

    def values(self, attribute: str) -> list[str]:
        return [found[attribute] or "" for _, found in self.elements if attribute in found]


@pytest.mark.quick(6)
@pytest.mark.parametrize("case", dict.fromkeys([*CASES, *MARKUP]))
def test_every_result_is_one_file_that_asks_for_nothing(case, tmp_path):
    result = made(case)
    file = result.save(tmp_path / "page.html")
    assert [*tmp_path.iterdir()] == [file]
    html = file.read_text(encoding="utf-8")
    page = Page(html)
    assert html.startswith('<!doctype html>\n<html lang="en">') and html.lower().count("<!doctype") == 1
    assert ("meta", {"charset": "utf-8"}) in page.elements
    assert "width=device-width, initial-scale=1" in page.values("content")
    assert "prefers-color-scheme: dark" in html
    assert page.title == result._page_title
    asked = [*page.values("src"), *page.values("href"), *page.values("action"), *page.values("data")]
    assert all(each.startswith(("data:", "#")) for each in asked), asked
    assert not re.search(r"@import|url\((?!['\"]?(#|data:))", html)
    assert len(html.encode()) < (1_500_000 if case.startswith("report") else 150_000)


def test_what_is_written_is_the_card(tmp_path):
    html = COUNTS.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert COUNTS._repr_html_() in html
    assert isinstance(COUNTS.save(str(tmp_path / "other.HTM")), Path)


def test_a_page_says_notes_that_a_card_of_the_session_only_names(tmp_path):
    df = imb.make_churn(200, 0.1)
    df.imb.overview("churn")._repr_html_()
    later = df.imb.leaks("churn")
    assert "shown before: IMB202" in later._repr_html_()
    assert "shown before" not in later.save(tmp_path / "page.html").read_text(encoding="utf-8")


BAD = {
    "no path": (3, r"path=3 must be the name of a file, such as"),
    "no name": ("", r"path='' must be the name of a file"),
    "bytes": (b"page.html", r"must be the name of a file"),
    "another ending": ("page.pdf", r"path='page\.pdf' must end in \.html\. Use 'page\.html'\."),
    "no ending": ("page", r"must end in \.html\. Use 'page\.html'\."),
    "a number in place of an ending": ("churn_0.2", r"Use 'churn_0\.2\.html'\."),
    "a folder": (".", r"path='\.' is a folder\. Name a file in it, such as '\./report\.html'\."),
    "no such folder": ("there/page.html", r"lies in 'there', a folder that is not there\. Make it first\."),
    "a file for a folder": ("full.html/page.html", r"lies in 'full\.html', a folder that is not there"),
    "an unknown user": ("~nobody-here/page.html", r"lies in '~nobody-here', a folder that is not there"),
    "a file": ("full.html", r"path='full\.html' is there already\. Replace it with overwrite=True, or take"),
    "a link to nothing": ("broken.html", r"is there already"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("full.html").write_text("kept", encoding="utf-8")
    Path("broken.html").symlink_to("nowhere.html")
    return tmp_path


@pytest.mark.parametrize("what", BAD)
def test_a_bad_path_is_refused_before_any_work(what, folder, monkeypatch):
    path, said = BAD[what]
    monkeypatch.setattr(Result, "_html", lambda *_: pytest.fail("it was rendered"))
    before = sorted(folder.iterdir())
    with pytest.raises(OptionError, match=said) as caught:
        COUNTS.save(path)
    assert str(caught.value).startswith("path=")
    assert sorted(folder.iterdir()) == before and Path("full.html").read_text(encoding="utf-8") == "kept"


def test_a_folder_that_takes_no_file_is_named(folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(
        OptionError, match=r"^path='new\.html' lies in '\.', a folder that cannot be written to"
    ):
        COUNTS.save("new.html")


def test_a_name_that_the_file_system_refuses_is_one_sentence(folder):
    with pytest.raises(
        OptionError, match=r"could not be written: File name too long\. Take another place\.$"
    ):
        COUNTS.save(f"{'y' * 300}.html")
    assert {each.name for each in folder.iterdir()} == {"full.html", "broken.html"}


def test_a_file_is_replaced_when_that_is_asked_for(folder):
    Path("full.html").chmod(0o640)
    assert COUNTS.save("full.html", overwrite=True) == Path("full.html")
    assert "imb-card" in Path("full.html").read_text(encoding="utf-8")
    assert stat.S_IMODE(Path("full.html").stat().st_mode) == 0o640
    assert (
        COUNTS.save("broken.html", overwrite=True).resolve() == folder / "nowhere.html"
    )  # the link stays one
    with pytest.raises(OptionError, match=r"overwrite='yes' must be True or False"):
        COUNTS.save("full.html", overwrite="yes")


def test_nothing_is_lost_when_writing_fails(folder, monkeypatch):
    def full(self, target):
        assert Path("full.html").read_text(encoding="utf-8") == "kept"  # until all is written
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OptionError, match="could not be written: No space left on device"):
        COUNTS.save("full.html", overwrite=True)
    assert Path("full.html").read_text(encoding="utf-8") == "kept"
    assert {each.name for each in folder.iterdir()} == {"full.html", "broken.html"}


def test_the_users_folder_is_understood(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    assert COUNTS.save("~/mine.html") == folder / "mine.html"


def test_the_links_of_two_pages_in_one_notebook_do_not_meet():
    one, two = (
        as_sections("t", said, [Section("a", "A?", said, ""), Section("b", "B?", "", "<p>card</p>")])
        for said in "xy"
    )
    for html in (one, two):
        page = Page(html)
        assert [each.removeprefix("#") for each in page.values("href")] == page.values("id")
        assert len(set(page.values("id"))) == 2
    assert not set(Page(one).values("id")) & set(Page(two).values("id"))
    assert one == as_sections("t", "x", [Section("a", "A?", "x", ""), Section("b", "B?", "", "<p>card</p>")])


def test_what_cards_share_stands_once_on_a_page_of_several():
    card = COUNTS._repr_html_()
    (styles,) = re.findall("<style>.*?</style>", card, flags=re.DOTALL)
    html = as_sections("t", "h", [Section(name, "?", "", card) for name in "ab"])
    assert html.count(styles) == 1
    assert html.count('class="imb-card') == 2


def test_titles_and_answers_are_text():
    html = as_sections("<b>t</b>", "<script>h</script>", [Section("a", "<i>", "<u>", "")])
    assert not re.search("<(b|script|i|u)>", html)


def test_what_a_method_needs_is_asked_for():
    found = imb.make_churn(60, 0.2).imb.counts("churn")
    with pytest.raises(imb.OptionError, match=r"save needs its path\. Give it first: save\(PATH\)\."):
        found.save()
