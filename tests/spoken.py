"""How a sentence sounds: its words, its numbers, and how easily it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explained import NUMBER, plain, sentences

#: A call or a formula in code is pointed at, not read out; so are names in quotes (`plain` makes each of them ``Q``).
CODE = re.compile(r"`[^`]+`|[\w.]*\w\([^()]*\)|\b\w+=[^\s,;]+")
#: A class that is named by a number, and the rows that others are counted by.
CLASS = re.compile(r"\b[Cc]lass -?[\d.]+|\b\w+=-?[\d.]+|per 1,000 rows")
_NAMES = re.compile(r"Q(?: \([^()]*\))?(?:(?:,| and|, and) (?:Q(?: \([^()]*\))?|\d+ more))+")
_WORD = re.compile(r"[^\s]*[^\W_][^\s]*")
#: The most words of a sentence, by audience; of an explanation; and the numbers of a sentence that is spoken.
MOST, IN_ALL, NUMBERS = {"colleague": 25, "interview": 22}, 90, 2
#: Letters that are said as a word.
_SAID = {"SMOTE": 1, "ROC": 1, "SMOTENC": 3, "SMOTEN": 2, "SMOTEENN": 3, "ADASYN": 3}


def words(sentence: str) -> list[str]:
    """The words of a sentence: what has a letter or a digit; a call is one, and so is a list of names."""
    said = _NAMES.sub("Q", CODE.sub("Q", plain(sentence)))
    return _WORD.findall(said)


def syllables(word: str) -> int:
    """Count a word's syllables by its groups of vowels; a number, a name or a symbol is one, capitals are spelled out."""
    bare = re.sub(r"[^A-Za-z]", "", word)
    if not bare or bare == "Q" or re.search(r"\d|_", word):
        return 1
    if bare.isupper() and len(bare) > 1:
        return _SAID.get(bare, len(bare))
    low = bare.lower()
    groups = len(re.findall(r"[aeiouy]+", low))
    silent = re.search(r"[^aeiouyl]e$|[^aeioudtl]ed$|[aeiou]led$|(?:[^aeiouscxz]|[^s]h)es$", low)
    le = re.search(r"[aeiou]le$", low)
    apart = re.search(r"[^cgst]i(?:a|o)|eate|eing", low)
    return max(groups - bool(silent or le) + bool(apart), 1)


def numbers(sentence: str) -> list[str]:
    """The numbers of a sentence, without classes that are named by one, and without formulas."""
    return [hit[0] for hit in NUMBER.finditer(CLASS.sub("Q", plain(sentence)))]


def flesch(text: str) -> float:
    """The Flesch reading ease of a text: 206.835 − 1.015 · words/sentence − 84.6 · syllables/word."""
    said = sentences(text)
    every = [word for sentence in said for word in words(sentence)]
    return 206.835 - 1.015 * len(every) / len(said) - 84.6 * sum(map(syllables, every)) / len(every)


def awkward(parts: Sequence[str], audience: str) -> list[str]:
    """What nobody would say of an explanation: sentences too long, too many words or numbers, text that is hard to read."""
    found = [f"{len(words(each))} words: {each}" for each in parts if len(words(each)) > MOST[audience]]
    in_all, ease = sum(len(words(each)) for each in parts), flesch(" ".join(parts))
    found += [f"{in_all} words in all"] if in_all > IN_ALL else []
    found += [f"Flesch {ease:.0f}"] if ease <= 50 else []
    if audience == "interview":
        found += [f"numbers {numbers(each)}: {each}" for each in parts if len(numbers(each)) > NUMBERS]
        found += [] if re.search(r"\b(?:I|my|My)\b", " ".join(parts)) else ["nobody speaks"]
    return found
