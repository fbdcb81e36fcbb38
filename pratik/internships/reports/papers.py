"""What is written on the papers of a placement, in French whoever asks, and what their codes certify."""

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from pratik.accounts.enums import Role
from pratik.core.calendar import day_label
from pratik.law.enums import LegalCode
from pratik.law.rules import WeekSchedule, euros, hours_text, minutes_of
from pratik.papers.enums import PaperKind
from pratik.papers.fields import fields_of
from pratik.papers.reports import Certified

from ..enums import InternshipKind, PaperState, PlacementState, Relation
from ..models import PlacementPaper

# What a code certifies of the values of a paper.
CERTIFIED_FIELDS = frozenset(
    {
        "paper_date",
        "host_name",
        "school_name",
        "start_on",
        "end_on",
        "effective_start_on",
        "effective_end_on",
        "effective_hours",
    }
)
WEEKDAYS = 7
HOUR = 60
# Article L3163-2 of the code du travail begins the night of young people at 22 h, L3122-2 that of adults at
# 21 h at the earliest; both end it at 5 or 6 h. What is within neither is no night.
NIGHT_FROM, NIGHT_UNTIL = 21 * HOUR, 6 * HOUR


def values_of(placement, presence, breaks, *, number, day):
    """The values of the fields of an agreement: {name: text, list or table}; makes no query.

    `placement` comes with the names of all who are in it (`with_names`); `presence` and `breaks` are its
    days.
    """
    with override("fr"):
        return {
            "paper_date": _day(day),
            "paper_number": number,
            "school_year": placement.school_year_label,
            **_school(placement),
            **_host(placement),
            **_student(placement),
            **_people(placement),
            **_stay(placement, presence, breaks),
            **_terms(placement),
        }


def _day(day):
    return date_format(day, "j F Y") if day else ""


def long_day(day):
    """A day as papers write it: « 12 janvier 2026 »."""
    with override("fr"):
        return _day(day)


def _phone(number):
    return number.as_national if number else ""


def _place(organisation):
    """An address on one line; the commune loaded."""
    town = organisation.commune.name if organisation.commune_id else ""
    return ", ".join(
        part for part in (organisation.address, f"{organisation.postcode} {town}".strip()) if part
    )


def _school(placement):
    school = placement.school
    return {
        "school_name": school.name,
        "school_uai": school.uai,
        "school_address": _place(school),
        "school_phone": _phone(school.phone),
        "school_email": school.email,
        "school_representative": placement.school_representative,
        "school_representative_role": placement.school_representative_role,
    }


def _host(placement):
    host = placement.company
    siret = host.siret
    return {
        "host_name": host.name,
        "host_siret": f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}",
        "host_activity": host.activity.label if host.activity_id else "",
        "host_address": _place(host),
        "host_phone": _phone(host.phone),
        "host_email": host.email,
        "host_representative": placement.host_representative,
        "host_representative_role": placement.host_representative_role,
    }


def _student(placement):
    student, user = placement.student, placement.student.user
    relation = placement.representative_relation
    return {
        "student_name": user.get_full_name(),
        "student_born_on": _day(student.born_on),
        "student_address": placement.student_address,
        "student_phone": _phone(user.phone),
        "student_email": user.email,
        "student_class": placement.class_group,
        "legal_representative": placement.representative,
        "legal_representative_relation": Relation(relation).label.lower() if relation else "",
        "legal_representative_phone": _phone(placement.representative_phone),
        "legal_representative_email": placement.representative_email,
        "program_name": placement.enrolment.program_name,
        "program_level": student.level_label,
        "program_hours": placement.program_hours,
    }


def _people(placement):
    tutor, teacher = placement.tutor, placement.teacher
    return {
        "tutor_name": str(tutor) if tutor else "",
        "tutor_role": tutor.job_title if tutor else "",
        "tutor_phone": _phone(tutor.phone) if tutor else "",
        "tutor_email": tutor.email if tutor else "",
        "teacher_name": str(teacher) if teacher else "",
        "teacher_subject": teacher.subject if teacher else "",
        "teacher_phone": _phone(teacher.phone) if teacher else "",
        "teacher_email": teacher.email if teacher else "",
    }


def _stay(placement, presence, breaks):
    week = placement.week
    return {
        "internship_kind": str(InternshipKind(placement.kind).label),
        "post": placement.post,
        "work_address": placement.workplace or _place(placement.company),
        "remote_share": f"{placement.remote_share} %" if placement.remote_share else "",
        "start_on": _day(placement.start_on),
        "end_on": _day(placement.end_on),
        "breaks": [_span(*span) for span in breaks],
        "hours": hours_text(presence.minutes),
        "days": _days(presence.minutes // (7 * HOUR)),
        "weekly_hours": hours_text(week.minutes_per_week),
        "schedule": schedule_table(week),
        "unusual_hours": unusual_hours(week),
    }


def _span(first, last):
    if first == last:
        return _("le %(day)s") % {"day": _day(first)}
    return _("du %(first)s au %(last)s") % {"first": _day(first), "last": _day(last)}


def _days(number):
    return ngettext("%(number)s jour", "%(number)s jours", number) % {"number": number_format(number)}


def schedule_table(week: WeekSchedule):
    """The week as a table, a row for each day with presence; empty where there is none."""
    rows = [
        [name.capitalize(), spans, hours_text(week.minutes_on(day))]
        for day, (name, spans) in zip(week.worked_days, week.lines(), strict=True)
    ]
    return [[_("Jour"), _("Horaires"), _("Durée")], *rows] if rows else []


def unusual_hours(week: WeekSchedule):
    """Whether anybody is present at night, on a Sunday or on a public holiday, in words; else nothing."""
    found = []
    if week.earliest is not None and (week.earliest < NIGHT_UNTIL or week.latest > NIGHT_FROM):
        found.append(_("présence de nuit"))
    if week.minutes_on(WEEKDAYS - 1):
        found.append(_("présence le dimanche"))
    if week.works_holidays:
        found.append(_("présence les jours fériés"))
    return ", ".join(found)


def _terms(placement):
    return {
        "activities": _lines(placement.activities),
        "skills": list(placement.skills),
        "supervision": placement.supervision,
        "stipend_hourly": euros(placement.stipend_hourly) if placement.stipend_hourly else "",
        "stipend_total": euros(placement.stipend_total) if placement.stipend_total else "",
        "stipend_terms": placement.stipend_payment,
        "benefits": _lines(placement.benefits),
        "social_protection": placement.social_protection,
        "liability_insurance": ", ".join(filter(None, (placement.student_insurer, placement.student_policy))),
        "absence_rules": placement.leave_rules,
        "interruption_validation": placement.validation_rules,
        "internal_rules": placement.internal_rules,
    }


def _lines(text):
    """A text that people wrote line by line, as a list."""
    return [line for line in (part.strip(" -•\t") for part in text.splitlines()) if line]


def certificate_values(placement, presence, parameters, *, agreement, absence_hours, stipend_paid):
    """What a certificate says besides: the effective duration and the stipend paid (article D124-9)."""
    effective = presence.minutes - minutes_of(absence_hours)
    legal_days = effective // parameters.minutes(LegalCode.HOURS_PER_DAY)
    with override("fr"):
        return {
            "agreement_number": agreement.number if agreement else "",
            "effective_start_on": _day(placement.start_on),
            "effective_end_on": _day(placement.last_day),
            "effective_hours": hours_text(effective),
            "effective_days": _days(legal_days),
            "effective_months": _months(legal_days, int(parameters[LegalCode.DAYS_PER_MONTH])),
            "absences": hours_text(minutes_of(absence_hours)) if absence_hours else "",
            "stipend_paid": euros(stipend_paid) if stipend_paid else "",
        }


def _months(days, days_per_month):
    """Days of presence as months and days, twenty-two of them being a month (article D124-6)."""
    months, rest = divmod(days, days_per_month)
    if not months:
        return _days(rest)
    # « Mois » is the same for one and for many.
    told = _("%(months)d mois") % {"months": months}
    return _("%(months)s et %(days)s") % {"months": told, "days": _days(rest)} if rest else told


def changes_between(before, after):
    """What an amendment changes: [label of the field, before, after], in the order of the fields."""
    with override("fr"):
        return [
            [str(field.label), _flat(before.get(field.name)), _flat(after.get(field.name))]
            for field in fields_of(PaperKind.AGREEMENT)
            if field.name not in ("paper_date", "paper_number")
            and before.get(field.name) != after.get(field.name)
        ]


def changes_table(changes):
    """What an amendment changes, as the table that is drawn."""
    with override("fr"):
        return [[_("Objet"), _("Avant"), _("Après")], *changes]


def _flat(value):
    if isinstance(value, list):
        rows = value[1:] if value and isinstance(value[0], list) else value
        return " ; ".join(" ".join(row) if isinstance(row, list) else row for row in rows)
    return value or ""


def _short_name(user):
    """A first name and an initial: « Maëlys A. »."""
    return " ".join(filter(None, (user.first_name, f"{user.last_name[:1]}." if user.last_name else "")))


def certified(code):
    """What the code of a paper certifies to whoever holds it, or None for a code of something else.

    No more than is printed on it: who, where, when; of the intern the first name and an initial. Of an intern
    whose account is erased, nothing but that there was such a paper, and what became of it.
    """
    paper = PlacementPaper.objects.filter(code=code).with_names().first()
    if paper is None:
        return None
    if paper.is_emptied:
        return Certified(
            paper.title,
            ((_("Numéro"), paper.number),),
            _("Ce document a été établi ; ce qu’il disait n’est plus conservé."),
        )
    user = paper.placement.student.user
    if user.is_erased:
        lines = [
            (_("Numéro"), paper.number),
            (
                _("Contenu"),
                _(
                    "Le compte du stagiaire est effacé : seuls l’organisme d’accueil et l’établissement"
                    " voient encore ce que dit ce document."
                ),
            ),
        ]
        return Certified(paper.title, tuple(lines), *_standing(paper))
    lines = [
        (_("Numéro"), paper.number),
        (_("Établi le"), paper.values.get("paper_date", "")),
        (_("Stagiaire"), _short_name(user)),
        (_("Organisme d’accueil"), paper.values.get("host_name", "")),
        (_("Établissement"), paper.values.get("school_name", "")),
        (
            _("Dates"),
            _("du %(first)s au %(last)s")
            % {
                "first": paper.values.get("effective_start_on") or paper.values.get("start_on", ""),
                "last": paper.values.get("effective_end_on") or paper.values.get("end_on", ""),
            },
        ),
    ]
    if paper.kind == PaperKind.CERTIFICATE:
        lines.append((_("Durée effective"), paper.values.get("effective_hours", "")))
    if signature := _signature(paper):
        lines.append((_("Signature"), signature))
    return Certified(paper.title, tuple(lines), *_standing(paper))


def _signature(paper):
    """Whether all parties signed an agreement or an amendment, in words; blank for what is not signed."""
    if paper.kind == PaperKind.CERTIFICATE:
        return ""
    signed_on = _signed_on(paper)
    if signed_on is None:
        return _("il n’est pas noté que toutes les parties ont signé")
    return _("par toutes les parties, le %(day)s") % {"day": day_label(signed_on)}


def _signed_on(paper):
    """The day on which all parties signed: of an agreement as the school noted it, of an amendment as its
    signed copy was filed.
    """
    return paper.placement.signed_on if paper.kind == PaperKind.AGREEMENT else paper.signed_on


def _standing(paper):
    """What is to be said of a paper to whoever reads it: (why it counts no more, what to know if it does)."""
    placement = paper.placement
    if paper.is_void:
        return _("Ce document a été annulé : il ne vaut plus rien."), ""
    is_certificate = paper.kind == PaperKind.CERTIFICATE
    if placement.state == PlacementState.CANCELLED and not is_certificate:
        return _("Ce stage a été annulé."), ""
    said = [] if is_certificate else _since_it_was_made(paper)
    by = paper.agreed_by if paper.kind == PaperKind.AMENDMENT else placement.host_agreed_by
    if by is not None and by.role != Role.COMPANY:
        said.append(
            _(
                "L’accord de l’organisme d’accueil a été noté par l’établissement ; l’organisme ne l’a pas"
                " confirmé ici."
            )
        )
    return "", " ".join(said)


def _waiting_text(paper):
    """How far an amendment is that changes nothing yet."""
    if paper.state == PaperState.AGREED:
        return _(
            "Avenant accepté par l’organisme d’accueil, pas encore signé par toutes les parties : il ne"
            " change rien au stage."
        )
    return _(
        "Avenant proposé, que l’organisme d’accueil n’a pas encore accepté : il ne change rien au stage."
    )


def _since_it_was_made(paper):
    """What an agreement or an amendment lacks, and what came after it, in sentences."""
    placement, said = paper.placement, []
    if paper.is_waiting:
        said.append(_waiting_text(paper))
    elif _signed_on(paper) is None:
        said.append(_("Pas encore signé par toutes les parties : il n’engage personne."))
    # By their numbers, which are given under a lock: a clock that is set back puts nothing out of order.
    later = PlacementPaper.objects.filter(
        placement=placement, kind=PaperKind.AMENDMENT, state=PaperState.SIGNED, pk__gt=paper.pk
    )
    for amendment in later.order_by("pk"):
        said.append(
            _("Modifié par l’avenant %(number)s, signé le %(day)s.")
            % {"number": amendment.number, "day": day_label(amendment.signed_on or amendment.made_on)}
        )
    if placement.state == PlacementState.INTERRUPTED:
        said.append(_("Stage interrompu le %(day)s.") % {"day": day_label(placement.ended_on)})
    return said
