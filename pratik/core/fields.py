from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_ITEMS = 50
MAX_ITEM_LENGTH = 200


def validate_text_list(value):
    """A list of short texts, each said once."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ValidationError(_("Donnez une liste de textes."), code="not_a_list")
    if len(value) > MAX_ITEMS:
        raise ValidationError(
            _("Au plus %(limit)s éléments."), code="too_many_items", params={"limit": MAX_ITEMS}
        )
    for item in value:
        if len(item) > MAX_ITEM_LENGTH:
            raise ValidationError(
                _("« %(item)s… » est trop long : au plus %(limit)s caractères par élément."),
                code="item_too_long",
                params={"item": item[:40], "limit": MAX_ITEM_LENGTH},
            )


class TextListField(models.JSONField):
    """An ordered list of short texts (skills, programmes); an empty one is a value like any other."""

    default_validators = [validate_text_list]
    empty_values = [None]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
