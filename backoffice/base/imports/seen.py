"""Which row of a file spoke of a record first, remembered for 500,000 rows in some 13 MB."""

from array import array

FIRST_SLOTS = 1_024
ROW = "I"


class FirstRows:
    """The row in which each key came first.

    A table of hashes of which at most half is taken, in plain arrays: a dictionary would hold two objects for
    each row besides its own table, five times as much. Only the hash of a key is kept: of 500,000 rows, that
    two are taken for one is a chance in 10⁸.
    """

    def __init__(self):
        self._make(FIRST_SLOTS)

    def _make(self, slots):
        self._hashes = array("q", bytes(8 * slots))
        self._rows = array(ROW, bytes(array(ROW).itemsize * slots))
        self._taken = 0

    def first(self, key, number):
        """The number of the row in which this key came first, which is this one where it is new."""
        return self._first(hash(key) or 1, number)

    def _first(self, mark, number):
        hashes, slot = self._hashes, mark & (len(self._hashes) - 1)
        while hashes[slot]:
            if hashes[slot] == mark:
                return self._rows[slot]
            slot = (slot + 1) & (len(hashes) - 1)
        hashes[slot], self._rows[slot] = mark, number
        self._taken += 1
        if 2 * self._taken > len(hashes):
            self._grow()
        return number

    def _grow(self):
        hashes, rows = self._hashes, self._rows
        self._make(2 * len(hashes))
        for mark, number in zip(hashes, rows, strict=True):
            if mark:
                self._first(mark, number)
