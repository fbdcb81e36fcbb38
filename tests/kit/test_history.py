"""A history tells whoever reads it what the page of the row tells them, and no more."""

import pytest
from django.db import models
from django.urls import reverse

from backoffice.base.history import HistoryMixin
from pratik.core.enums import OperationKind
from pratik.core.fields import TextListField
from pratik.core.operations import operation
from pratik.core.writes import update_rows
from pratik.internships.models import Application
from tests.kit.world import PAGES, undone, url

pytestmark = [pytest.mark.django_db, pytest.mark.sooner]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Texts that are days, or a code that says what the row is.
BOUND = {"days", "weekdays", "uai", "code"}


def marked(row, actor):
    """Gives every text of a row a word that stands nowhere else: {column: word}, and the operation."""
    words, names = {}, []
    for number, field in enumerate(type(row).history.model.tracked_fields):
        word = f"zq{LETTERS[number // 26]}{LETTERS[number % 26]}zq"
        is_text = type(field) in (models.CharField, models.TextField) and not field.choices
        if field.name in BOUND:
            continue
        if is_text and (field.max_length or 99) >= len(word):
            setattr(row, field.name, word)
        elif isinstance(field, TextListField):
            setattr(row, field.name, [word])
        elif (type(row), field.name) == (Application, "answers"):
            row.answers = [["Pourquoi nous ?", word]]
        else:
            continue
        words[field.name] = word
        names.append(field.name)
    done = None
    if names:
        with operation(kind=OperationKind.EDIT, actor=actor, subject=type(row)) as running:
            update_rows([row], names)
        done = running.written
    return words, done


def test_no_text_that_the_page_hides_stands_in_the_history(client, world):
    wrong = []
    for model, page in PAGES.items():
        if isinstance(page, HistoryMixin) and world.may(model, "view"):
            for row in filter(world.sees, world.rows(model)):
                with undone():
                    wrong += told_too_much(client, world, row)
    assert not wrong


def told_too_much(client, world, row):
    """The hidden columns of a row that its history, or the page of what changed it, tells."""
    model = type(row)
    # A row of its own, since the words are taken back in the database alone.
    words, done = marked(model._base_manager.get(pk=row.pk), world.account)
    if done is None:
        return []
    hidden = words
    for page in (url(model, "change", row.pk), url(model, "changelist")):
        if hidden:
            shown = client.get(page).content.decode()
            hidden = {name: word for name, word in hidden.items() if word not in shown}
    told = []
    for address in (
        url(model, "history", row.pk),
        reverse("admin:core_operation_change", args=[done.pk]) + f"?model={model._meta.label_lower}",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        told += [(address, name) for name, word in hidden.items() if word in text]
    return told
