"""Comparing, correcting and carrying text: accents off, near misses, spreadsheet formulas."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

T = TypeVar("T")

# Letters that Unicode does not take apart, in the names met in French Guiana and around it.
_SINGLE_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i"}


class _FoldTable(dict):
    """For each code point its folded text, worked out at the first meeting."""

    def __missing__(self, codepoint: int) -> str:
        text, folded = None, chr(codepoint)
        # A ligature may hold an accent, and a capital may fold into one: repeat until nothing changes.
        while text != folded:
            text, folded = folded, "".join(map(self._fold_letter, unicodedata.normalize("NFKD", folded)))
        self[codepoint] = folded
        return folded

    @staticmethod
    def _fold_letter(letter: str) -> str:
        # Accents (M) and invisible characters (Cf: soft hyphen, zero width space, BOM) leave no trace.
        category = unicodedata.category(letter)
        if category.startswith("M") or category == "Cf":
            return ""
        if not letter.isalnum():
            return " "
        letter = letter.casefold()
        return _SINGLE_LETTERS.get(letter, letter)


_FOLD_TABLE = _FoldTable()


def typed(text: str) -> str:
    """What a person typed: without blanks at its ends, nor null characters, which no keyboard sends and no
    column of PostgreSQL holds; nobody means them, so that nothing is worth being refused for one.
    """
    return text.replace("\x00", "").strip()


def fold(text: str) -> str:
    """The text as it is compared: no accent, no capital, no punctuation, single spaces.

    « Rémire-Montjoly », « REMIRE MONTJOLY » and « Remire–Montjoly  » are all ``remire montjoly``.
    Folding twice changes nothing.
    """
    return " ".join(text.translate(_FOLD_TABLE).split())


# A letter or two is never a near miss of anything: too many words are one keystroke away.
_SHORTEST_NEAR_MISS = 3
# Words this short must be written right; a longer one may have about one wrong letter in four.
_SHORTEST_WORD_WITH_MISTAKE = 4
_WORD_LIKENESS = 0.75
_CUT_WORD_LIKENESS = 0.9


class _Choices:
    """The choices of one list, made ready for many questions."""

    def __init__(self, choices: tuple[str, ...]):
        self.originals = list(dict.fromkeys(choices))
        self.folded = [fold(choice) for choice in self.originals]
        self.glued = [folded.replace(" ", "") for folded in self.folded]
        words = [set(folded.split()) for folded in self.folded]
        frequency = Counter(word for choice in words for word in choice)
        # « Lycée » stands in half of the school names and says little, « Melkior » says all.
        self.weights = {word: len(word) / count for word, count in frequency.items()}
        self.vocabulary = list(self.weights)
        self.totals = [sum(self.weights[word] for word in choice) for choice in words]
        self.holders = defaultdict(list)
        for position, choice in enumerate(words):
            for word in choice:
                self.holders[word].append(position)

    def spelled(self, value: str) -> list[str]:
        """The choices that fold to this value and nothing else."""
        return [original for original in self.originals if fold(original) == value]

    def scores(self, value: str, cutoff: float) -> dict[int, float]:
        """Position of each choice that comes near the folded value → likeness, 0 to 100."""
        scores: dict[int, float] = defaultdict(float)
        # The whole, spaces aside: one letter wrong or swapped, words glued or cut.
        for _, likeness, position in process.extract(
            value.replace(" ", ""),
            self.glued,
            scorer=OSA.normalized_similarity,
            score_cutoff=cutoff / 100,
            limit=None,
        ):
            scores[position] = 100 * likeness
        # Word by word: words missing or in another order.
        words = set(value.split())
        likeness_by_choice: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
        for word in words:
            tolerance = _WORD_LIKENESS if len(word) >= _SHORTEST_WORD_WITH_MISTAKE else 1
            matches = process.extract(
                word, self.vocabulary, scorer=OSA.normalized_similarity, score_cutoff=tolerance, limit=None
            )
            # « Lycée pro Michotte »: a word cut short, believed only beside others.
            if len(words) > 1 and len(word) >= _SHORTEST_NEAR_MISS:
                matches += [
                    (longer, _CUT_WORD_LIKENESS, None)
                    for longer in self.vocabulary
                    if longer.startswith(word) and longer != word
                ]
            for match, likeness, _ in matches:
                for position in self.holders[match]:
                    known = likeness_by_choice[position].get(word, (0, 0))
                    likeness_by_choice[position][word] = max(known, (likeness, self.weights[match]))
        for position, matched in likeness_by_choice.items():
            found = sum(likeness * weight for likeness, weight in matched.values())
            # A word that the choice lacks counts in full against it.
            asked = sum(matched[word][1] if word in matched else len(word) for word in words)
            # What was written must be in the choice; what was left out matters less.
            score = 75 * found / asked + 25 * min(1, found / self.totals[position])
            scores[position] = max(scores[position], score)
        return scores


@lru_cache(maxsize=32)
def _prepare(choices: tuple[str, ...]) -> _Choices:
    return _Choices(choices)


def nearest(value: str, choices: Iterable[str], *, limit: int = 3, cutoff: float = 80) -> list[str]:
    """« Did you mean…? »: the choices that the value is a near miss of, best first.

    Forgives accents, swapped or wrong letters, glued, missing and reordered words. ``cutoff`` is the
    likeness asked for, from 0 to 100. The choices come back in their own spelling, at most ``limit`` of
    them, in an order that does not depend on the order of ``choices``. No likeness, no suggestion.
    """
    folded = fold(value)
    prepared = _prepare(tuple(choices))
    if len(folded) < _SHORTEST_NEAR_MISS:
        return prepared.spelled(folded)[:limit]
    scores = [(-round(score, 6), position) for position, score in prepared.scores(folded, cutoff).items()]
    ranked = sorted(
        (score, prepared.folded[position], prepared.originals[position])
        for score, position in scores
        if -score >= cutoff
    )
    return [original for _, _, original in ranked[:limit]]


# A text that begins with apostrophes and then a formula is escaped once more, so that taking one
# apostrophe away gives every text back, also the one that had its own.
_NEEDS_APOSTROPHE = re.compile(r"'*[=+\-@\t\r\n]")
_HAS_APOSTROPHE = re.compile(r"'+[=+\-@\t\r\n]")


def quote_formula(value: T) -> T:
    """For an export: an apostrophe before a text that a spreadsheet would run as a formula.

    Such texts begin with = + - @, a tab or a line break. Numbers, dates and None are no text and stay
    as they are. :func:`unquote_formula` gives the very same text back.
    """
    if isinstance(value, str) and _NEEDS_APOSTROPHE.match(value):
        return "'" + value
    return value


def unquote_formula(value: T) -> T:
    """For an import: take away exactly the apostrophe that :func:`quote_formula` put in front."""
    if isinstance(value, str) and _HAS_APOSTROPHE.match(value):
        return value[1:]
    return value
