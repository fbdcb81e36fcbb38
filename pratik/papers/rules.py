"""May it? Pure functions: the day is passed in, the answer explains itself."""

from django.utils.translation import gettext as _

from pratik.core.calendar import day_label

from .fields import missing_mentions


def activation_refusal(template, *, today):
    """A template is put in force from its day on, and when it says all that the law wants."""
    if template.valid_from > today:
        return _("Ce modèle ne vaut qu’à partir du %(day)s.") % {"day": day_label(template.valid_from)}
    if wrong := template.faults():
        return _("Le texte ne se lit pas : %(fault)s") % {"fault": wrong[0]}
    if missing := missing_mentions(template.kind, template.body):
        listed = ", ".join(f"{mention.title} ({mention.article})" for mention in missing)
        return _("Il manque des mentions obligatoires : %(mentions)s.") % {"mentions": listed}
    return None
