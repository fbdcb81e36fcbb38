"""Looking for words in folded columns, in a form that an index answers on a table of any size."""

from django.db.models import Q, QuerySet

from .text import fold

# Fewer letters are no trigram, and stand inside of nearly every text: such a word begins a word.
SHORTEST_PART = 3
# As many related rows as are named one by one; a word that more of them have is found on every page anyway.
NAMED_AT_MOST = 1_000
# Related tables are asked about each word apart, so that what somebody pastes into a box costs no more than
# what people type into it: the words after these are not looked for.
WORDS_AT_MOST = 10


def words_of(text):
    """The folded words of a text that are looked for, each once."""
    return list(dict.fromkeys(fold(text).split()))[:WORDS_AT_MOST]


def holds(column, word):
    """The condition that a folded column has this folded word: any part of a word; where the word is of one
    letter or two, the beginning of one.
    """
    if len(word) < SHORTEST_PART:
        return Q(**{f"{column}__startswith": word}) | Q(**{f"{column}__contains": f" {word}"})
    return Q(**{f"{column}__contains": word})


def with_words(rows, words, columns, *, known=None):
    """The rows that have each of these words in one of the folded columns, their own or those of rows that
    they point at. `known` keeps, between several such questions, which related rows hold a word.
    """
    known = {} if known is None else known
    for word in words_of(words):
        anywhere = Q()
        for column in columns:
            anywhere |= _holds_along(rows.model, column, word, known)
        rows = rows.filter(anywhere)
    return rows


def _holds_along(model, column, word, known):
    """As `holds`; a column of a related row is asked first, in its own table: no index answers « this text or
    that of another table ».
    """
    step, _, rest = column.partition("__")
    if not rest or not (field := model._meta.get_field(step)).concrete:
        return holds(column, word)
    related = QuerySet(field.related_model).filter(holds(rest, word)).order_by().values("pk")
    key = (field.related_model, rest, word)
    if key not in known:
        known[key] = [row["pk"] for row in related[: NAMED_AT_MOST + 1]]
    few = len(known[key]) <= NAMED_AT_MOST
    return Q(**{f"{step}__in": known[key] if few else related})
