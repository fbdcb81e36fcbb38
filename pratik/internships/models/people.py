"""The two people who look after an intern: one of the host, one of the school."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.partners.models import CompanyProfile
from pratik.schools.models import SchoolProfile

from ..querysets import HostTutorQuerySet, ReferentTeacherQuerySet


class Supervisor(BusinessModel):
    """Somebody who looks after interns, with or without an account."""

    derived_fields: tuple[str, ...] = ("search_text", "sort_name")

    first_name = models.CharField(_("prénom"), max_length=100)
    last_name = models.CharField(_("nom de famille"), max_length=100)
    email = models.EmailField(_("adresse e-mail"))
    phone = PhoneNumberField(_("téléphone"), blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("compte"),
    )
    is_active = models.BooleanField(
        _("actif"), default=True, help_text=_("Décochez quand la personne n’encadre plus de stagiaires.")
    )
    search_text = models.CharField(max_length=400, editable=False, default="")
    sort_name = models.CharField(max_length=220, editable=False, default="", db_index=True)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.first_name} {self.last_name}".strip()

    def derive(self):
        self.first_name = " ".join(self.first_name.split())
        self.last_name = " ".join(self.last_name.split())
        self.email = self.email.strip().lower()
        self.sort_name = f"{fold(self.last_name)} {fold(self.first_name)}"[:220]
        self.search_text = f"{self.sort_name} {self.email}"[:400]


class HostTutor(Supervisor):
    """The person of the host who looks after an intern: the « tuteur » or « maître de stage »."""

    natural_key_fields = ("company", "email")

    company = models.ForeignKey(
        CompanyProfile,
        on_delete=models.PROTECT,
        related_name="host_tutors",
        verbose_name=_("organisme d’accueil"),
    )
    job_title = models.CharField(_("fonction"), max_length=150)
    entered_by = models.ForeignKey(
        SchoolProfile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("saisi par l’établissement"),
        help_text=_("Pour un organisme d’accueil qui n’a pas de compte."),
    )

    objects = HostTutorQuerySet.as_manager()
    history = history(excluded_fields=Supervisor.derived_fields)

    class Meta:
        verbose_name = _("tuteur de stage")
        verbose_name_plural = _("tuteurs de stage")
        ordering = ["sort_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                name="host_tutor_once_a_company",
                violation_error_message=_("Un tuteur de cet organisme d’accueil a déjà cette adresse."),
            )
        ]

    def reserved_fields(self, actor):
        """Which school entered a tutor is not for the host to change. Whoever has interns stays with their
        host: its agreements name them.
        """
        reserved = () if actor.may_edit_everything else ("entered_by",)
        return (*reserved, "company") if self.has_interns else reserved

    @property
    def has_interns(self):
        """Whether placements name them, those that are over too."""
        return self.pk is not None and self.placements.exists()

    def clean(self):
        """Nobody moves a tutor of interns to another host, an import neither."""
        before = HostTutor.objects.filter(pk=self.pk).values_list("company", flat=True).first()
        if before not in (None, self.company_id) and self.has_interns:
            raise ValidationError(
                {
                    "company": gettext(
                        "Des stages nomment ce tuteur chez son organisme d’accueil : il n’en change pas."
                        " Saisissez la personne chez l’autre organisme."
                    )
                },
                code="tutor_has_interns",
            )


class ReferentTeacher(Supervisor):
    """The teacher of the school who follows an intern: the « enseignant référent »."""

    natural_key_fields = ("school", "email")

    school = models.ForeignKey(
        SchoolProfile,
        on_delete=models.PROTECT,
        related_name="referent_teachers",
        verbose_name=_("établissement"),
    )
    subject = models.CharField(_("discipline"), max_length=150, blank=True)

    objects = ReferentTeacherQuerySet.as_manager()
    history = history(excluded_fields=Supervisor.derived_fields)

    class Meta:
        verbose_name = _("enseignant référent")
        verbose_name_plural = _("enseignants référents")
        ordering = ["sort_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "email"],
                name="referent_teacher_once_a_school",
                violation_error_message=_("Un enseignant de cet établissement a déjà cette adresse."),
            )
        ]
