"""A result as a page of its own: one HTML file that needs no network, written whole or not at all."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from imbalance_accessor.errors import IN_WORDS, Fix, OptionError, change, one_line
from imbalance_accessor.options import check_flag
from imbalance_accessor.rendering.html import template
from imbalance_accessor.rendering.labels import sentence
from imbalance_accessor.rendering.snippets.writer import quoted_code

#: What HTML begins with that holds a script, for frames; in the middle of a page it has no place.
_DOCTYPE = "<!doctype html>"
#: How the name of a page ends.
ENDINGS = (".html", ".htm")


def check_page_path(path: Any, *, overwrite: Any) -> Path:
    """Return the file that a page is written to, or say in one sentence why it cannot be.

    Parameters
    ----------
    path : str or path
        ``~`` is the user's folder.
    overwrite : bool
        Whether a file that is there already may be replaced.

    Raises
    ------
    OptionError
        No path, a folder, no HTML file by its name, a folder that is not there or takes no file, a file that is there.
    """
    check_flag("overwrite", overwrite)
    name = _file_name(path)
    file, shown = _at_home(name), one_line(name)
    folder = one_line(str(file.parent))
    if os.path.isdir(file):  # noqa: PTH112 - a name that is too long is none, and no error
        inside = _free(f"{name.rstrip(os.sep)}/report.html")
        _refuse(f"{shown} is a folder. Name a file in it, such as {one_line(inside)}.", change(path=inside))
    if file.suffix.casefold() not in ENDINGS:
        meant = _free(_as_html(name))
        _refuse(f"{shown} must end in .html. Use {one_line(meant)}.", change(path=meant))
    if not file.parent.is_dir():
        _refuse(f"{shown} lies in {folder}, a folder that is not there. Make it first.", _made(file))
    if not os.access(file.parent, os.W_OK):
        _refuse(f"{shown} lies in {folder}, a folder that cannot be written to. Take another.")
    if os.path.lexists(file) and not overwrite:
        said = f"{shown} is there already. Replace it with overwrite=True, or take another name."
        _refuse(said, change(overwrite=True))
    return file


def _at_home(name: str) -> Path:
    """Return a path, ``~`` read as the user's folder."""
    try:
        return Path(name).expanduser()
    except RuntimeError:  # of a user that is not known here
        return Path(name)


def _file_name(path: Any) -> str:
    """Return a path as text, or say that it is none."""
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise OptionError(
            f'path={one_line(path)} must be the name of a file, such as "report.html".',
            fix=change(path=_free("report.html")),
        )
    return name


def _refuse(said: str, fix: Fix = IN_WORDS) -> NoReturn:
    raise OptionError(f"path={said}", fix=fix)


def _as_html(name: str) -> str:
    """Return the name with the ending of a page: in place of that of another kind of document.

    Examples
    --------
    >>> _as_html("churn"), _as_html("churn.pdf"), _as_html("churn_0.2"), _as_html("out/.html")
    ('churn.html', 'churn.html', 'churn_0.2.html', 'out/report.html')
    """
    name = name.rstrip(f"/{os.sep}")
    stem, dot, ending = name.rpartition(".")
    if dot and f".{ending}".casefold() in ENDINGS:  # a name of an ending alone
        return f"{stem}report.{ending}"
    is_ending = bool(dot and stem) and ending.isalpha()
    return f"{stem if is_ending else name}.html"


def _free(name: str) -> str:
    """Return a name that no file has yet."""
    stem = name.removesuffix(ENDINGS[0])
    numbered = (f"{stem}_{number}{ENDINGS[0]}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if not os.path.lexists(_at_home(each)))


def _made(file: Path) -> Fix:
    """Return the fix that makes the folder of a file; none where a file stands in its place."""
    if any(parent.exists() and not parent.is_dir() for parent in file.parents):
        return IN_WORDS
    return Fix(f"import os\n\nos.makedirs({quoted_code(str(file.parent))})")


@dataclass(frozen=True)
class Section:
    """One section of a page.

    Attributes
    ----------
    name : str
        Of letters, which links end with.
    heading, answer : str
        Plain text: what is asked, and the answer in a sentence.
    card : str
        HTML that a result made; nothing where there is none.
    """

    name: str
    heading: str
    answer: str
    card: str


def as_sections(title: str, headline: str, sections: Sequence[Section]) -> str:
    """Return cards below one another as HTML, below a headline and links to each.

    The styles that all cards begin with are there once, and what is said in front of a page with a script. Links have names
    that other pages in one notebook do not have.

    Parameters
    ----------
    title, headline : str
        Plain text.
    sections : sequence of Section
    """
    from markupsafe import Markup

    cards = "".join(each.card for each in sections)
    doctype = _DOCTYPE if _DOCTYPE in cards else ""
    styles = next(iter(re.findall("<style>.*?</style>", cards, flags=re.DOTALL)), "")
    return template("sections.html.j2").render(
        title=sentence(title),
        headline=sentence(headline),
        sections=[
            {
                **vars(each),
                "answer": sentence(each.answer),
                "card": Markup(each.card.replace(styles, "").replace(_DOCTYPE, "")),
            }
            for each in sections
        ],
        doctype=Markup(doctype),
        styles=Markup(styles),
        of_page=hashlib.blake2b((headline + cards).encode(errors="replace"), digest_size=5).hexdigest(),
    )


def as_page(title: str, body: str) -> str:
    """Return HTML as a document of its own.

    Parameters
    ----------
    title : str
        Plain text.
    body : str
        HTML that a result made, every text in it escaped.
    """
    from markupsafe import Markup

    return template("page.html.j2").render(title=title, body=Markup(body.replace(_DOCTYPE, "")))


def write_page(file: Path, page: str) -> None:
    """Write a page in one step: whoever reads the file meets the old page or the new one, never a part.

    Raises
    ------
    OptionError
        When the file system takes it not.
    """
    target = file.resolve()
    beside = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        try:
            beside.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise OptionError(
            f"path={one_line(str(file))} could not be written: {said}. Take another place."
        ) from None
