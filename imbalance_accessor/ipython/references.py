"""``%imbalance cheatsheet WORD`` and ``%imbalance pitfalls WORD``: pages that need no frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from imbalance_accessor import registry
from imbalance_accessor.errors import Fix, ImbalanceError, OptionError
from imbalance_accessor.ipython.lines import as_word, check_output
from imbalance_accessor.ipython.parser import Call, opens, output_name, split_words, unquoted


class PageLine:
    """One line that asks for a page: run, and mended.

    Parameters
    ----------
    words : list of str
        The line, as it is typed: a page's name, a word (or several) to look up, ``-o`` and a name.
    shell : InteractiveShell
        The shell that ``-o`` writes to.
    """

    def __init__(self, words: list[str], shell: InteractiveShell) -> None:
        self.name, *self.words = words
        self.shell = shell

    def run(self) -> Any:
        """Return the page, stored as asked."""
        output, names = self._output(), self.shell.user_ns
        if output is not None:
            check_output(Call(self.name, "", None, {}, output), (), names)
        topic = self._topic()
        result = registry.load_public(self.name)(*([topic] if topic else []))
        if output is not None:
            names[output] = result
        return result

    def mend(self, error: ImbalanceError) -> None:
        """Write an error's fix as a line."""
        error.within(lambda _, options: self._line(options))

    def _line(self, options: Mapping[str, Any]) -> str:
        topic = str(options.get("topic", self._topic()))
        output = ["-o", options["-o"]] if "-o" in options else []
        return " ".join(["%imbalance", self.name, *([as_word(topic)] if topic else []), *output])

    @property
    def _end(self) -> int:
        return next((place for place, word in enumerate(self.words) if opens(word)), len(self.words))

    def _topic(self) -> str:
        return " ".join(map(unquoted, self.words[: self._end]))

    def _output(self) -> str | None:
        given = self.words[self._end :]
        if given and given[0] != "-o":
            raise OptionError(
                f"{given[0]!r} is no option of {self.name}, which takes a word and -o.",
                fix=Fix(options={"topic": self._topic()}),
            )
        return output_name(given[1:]) if given else None


def page_line(line: str, shell: InteractiveShell) -> PageLine | None:
    """Return the line that asks for a page, or None where it begins with another word."""
    words = split_words(line)
    return PageLine(words, shell) if words and words[0] in registry.REFERENCES else None
