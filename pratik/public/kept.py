"""Pages that the site keeps, since they are the same for every visitor who reads their language.

Copies live in the memory of each process; which of them are still right the database says
(`generations`). See deploy/decisions/0036-the-sites-pages-are-kept.md.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

from pratik.core.calendar import today

from .generations import generation_of

VARIES_BY = ("Accept-Encoding", "Accept-Language", "Cookie")
MEBIBYTE = 1024 * 1024
# What a copy takes besides its body.
OVERHEAD = 2_000
# A longer question is nobody's but one visitor's.
LONGEST_QUESTION = 400
# Heavier answers are read by programs, a few times a day.
HEAVIEST = 8 * MEBIBYTE
# How long a visitor waits for a page that another one has just asked for before making it as well.
PATIENCE = 10
# What a server does not pass on from one answer to another.
OF_ONE_ANSWER = frozenset({"content-length", "date", "set-cookie", "connection"})


@dataclass(frozen=True)
class Page:
    """What a page shows, and what may be asked of it in its address, of which the rest is left aside."""

    models: frozenset
    parameters: frozenset = frozenset()

    def question(self, query):
        """The query of an address as this page understands it: known words, in one order, none empty."""
        asked = {name: query[name] for name in self.parameters if query.get(name)}
        return urlencode(sorted(asked.items()))


def kept(models, parameters=()):
    """Marks a view whose page is the same for all visitors who speak its language, as long as nothing of
    these models is written and the day does not change.

    The view is asked without anything that tells one visitor from another, and with the named `parameters`
    of its address alone.
    """

    def mark(view):
        view.kept = Page(frozenset(models), frozenset(parameters))
        return view

    return mark


@dataclass(frozen=True)
class Copy:
    """A page as it was made."""

    generation: int
    headers: tuple
    packed: bytes
    etag: str
    length: int

    @classmethod
    def of(cls, response, generation, asked):
        """The copy of the answer to what was asked, or None when it is not to be kept."""
        if not may_be_kept(response):
            return None
        if not response.has_header("Cache-Control"):
            # Whoever keeps it asks each time whether it is still right: what is withdrawn is gone at once.
            patch_cache_control(response, public=True, no_cache=True)
        patch_vary_headers(response, VARIES_BY)
        body = response.content
        headers = tuple(
            (name, value) for name, value in response.items() if name.lower() not in OF_ONE_ANSWER
        )
        # Weak: the same page packed and not packed is one page. What shows the same for another question is
        # another page.
        mark = hashlib.sha256(repr(asked).encode() + body)
        etag = f'W/"{mark.hexdigest()[:32]}"'
        return cls(generation, headers, gzip.compress(body, 6, mtime=0), etag, len(body))

    @property
    def weight(self):
        return len(self.packed) + OVERHEAD

    def response(self, *, packed):
        """The page for a visitor whose browser unpacks, or does not."""
        response = HttpResponse(self.packed if packed else gzip.decompress(self.packed))
        for name, value in self.headers:
            response.headers[name] = value
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(self.packed) if packed else self.length)
        response.headers["ETag"] = self.etag
        return response


def may_be_kept(response):
    """Whether an answer is a page for everybody: found, whole, light, and nobody's own."""
    said = response.headers.get("Cache-Control", "")
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "private" not in said
        and "no-store" not in said
        and len(response.content) <= HEAVIEST
    )


class Memory:
    """What was made lately, the most wanted longest, within so many bytes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._held = OrderedDict()
        self._weight = 0

    def get(self, key, generation):
        """What was made under this generation, or None."""
        with self._lock:
            found = self._held.get(key)
            if found is None or found.generation != generation:
                return None
            self._held.move_to_end(key)
            return found

    def put(self, key, made):
        """Keeps what was made, unless something newer is there."""
        with self._lock:
            former = self._held.get(key)
            if former is not None and former.generation > made.generation:
                return
            self._drop(key)
            self._held[key] = made
            self._weight += made.weight
            while self._weight > settings.KEPT_PAGES_MEBIBYTES * MEBIBYTE:
                self._drop(next(iter(self._held)))

    def clear(self):
        with self._lock:
            self._held.clear()
            self._weight = 0

    def _drop(self, key):
        former = self._held.pop(key, None)
        if former is not None:
            self._weight -= former.weight


@dataclass
class _Making:
    """Something that one visitor has asked for and others wait for."""

    is_over: threading.Event = field(default_factory=threading.Event)
    made: object = None


class Makers:
    """Sees to it that what many want at once is made once."""

    def __init__(self):
        self._lock = threading.Lock()
        self._under_way = {}

    @contextmanager
    def turn(self, key):
        """Yields (what another one has just made, or None; a function that hands over what one made).

        Whoever comes while another makes it waits for that; when nothing came of it, each makes their own.
        """
        with self._lock:
            making = self._under_way.get(key)
            is_first = making is None
            if is_first:
                making = self._under_way[key] = _Making()
        if not is_first:
            making.is_over.wait(PATIENCE)
            yield making.made, lambda made: None
            return

        def hand_over(made):
            making.made = made

        try:
            yield None, hand_over
        finally:
            with self._lock:
                del self._under_way[key]
            making.is_over.set()


memory, makers = Memory(), Makers()


@dataclass(frozen=True)
class _Answer:
    generation: int
    value: object
    weight: int = OVERHEAD


def remembered(name, models, make):
    """An answer that many pages need, such as the choices of a filter, made once for each generation of the
    models that it comes from, and once a day.
    """
    models = frozenset(models)
    generation = generation_of(models)
    if generation is None:
        return make()
    key = name, today()
    if found := memory.get(key, generation):
        return found.value
    with makers.turn((key, generation)) as (found, hand_over):
        if found is None:
            found = _Answer(generation, make())
            memory.put(key, found)
            hand_over(found)
    return found.value


def forget():
    """Forgets every copy that this process holds."""
    memory.clear()
