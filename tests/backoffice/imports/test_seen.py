"""Which row of a file spoke of a record first: as a dictionary would tell, in less room."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from backoffice.base.imports.seen import FIRST_SLOTS, FirstRows

KEYS = st.one_of(st.integers(), st.text(max_size=3), st.tuples(st.integers(0, 9), st.text(max_size=1)))


@given(st.lists(KEYS, max_size=200))
def test_it_tells_what_a_dictionary_would(keys):
    seen, known = FirstRows(), {}
    for number, key in enumerate(keys, start=2):
        assert seen.first(key, number) == known.setdefault(hash(key) or 1, number)


def test_it_grows_with_the_rows_and_forgets_none():
    seen = FirstRows()
    keys = [f"9730000X {number}" for number in range(5 * FIRST_SLOTS)]
    assert [seen.first(key, number) for number, key in enumerate(keys)] == list(range(len(keys)))
    assert [seen.first(key, 0) for key in keys] == list(range(len(keys)))


def test_keys_that_fall_on_one_slot_stay_apart():
    seen = FirstRows()
    keys = [place * FIRST_SLOTS for place in range(1, 50)]
    assert [seen.first(key, key + 1) for key in keys] == [key + 1 for key in keys]
    assert [seen.first(key, 7) for key in keys] == [key + 1 for key in keys]


def test_a_row_takes_a_few_bytes():
    seen, rows = FirstRows(), 20_000
    for number in range(rows):
        seen.first((number, "x"), number)
    assert sys.getsizeof(seen._hashes) + sys.getsizeof(seen._rows) < 50 * rows
