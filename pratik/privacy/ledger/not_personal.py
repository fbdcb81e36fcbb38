"""Columns that look personal and are not, each with why."""

_BUSINESS = "contact details of an organisation, which it gives to be reached by; no person's"
_DERIVED = "made from the row's other columns, and made again when they are emptied"
_VOCABULARY = "a name of a public nomenclature"
_UNUSED = "the console writes no such rows: rights come from a table in code, the log from operations"

NOT_PERSONAL = {
    **dict.fromkeys(
        (
            f"{model}.{column}"
            for model in (
                "partners.companyprofile",
                "partners.recruiterprofile",
                "partners.partnerprofile",
                "schools.schoolprofile",
                "schools.trainingcenterprofile",
            )
            for column in ("name", "address", "phone", "email", "logo")
        ),
        _BUSINESS,
    ),
    **dict.fromkeys(
        (f"joining.organisationdraft.{column}" for column in ("name", "address", "phone")), _BUSINESS
    ),
    **dict.fromkeys(
        (
            f"{model}.sort_name"
            for model in (
                "partners.companyprofile",
                "partners.recruiterprofile",
                "partners.partnerprofile",
                "schools.schoolprofile",
                "schools.trainingcenterprofile",
                "schools.programmanager",
            )
        ),
        _DERIVED,
    ),
    **dict.fromkeys(
        (f"living.{column}" for column in ("housingoffer.search_text", "carpooloffer.search_text")), _DERIVED
    ),
    **dict.fromkeys((f"living.housingphoto.image_{width}" for width in (320, 640, 1280)), _DERIVED),
    "accounts.user.name_text": _DERIVED,
    "living.housingphoto.image": "a room, not a person; removed with old lodgings and their owner's account",
    **dict.fromkeys(
        (
            f"{model}.search_text"
            for model in (
                "accounts.user",
                "partners.companyprofile",
                "partners.recruiterprofile",
                "partners.partnerprofile",
                "schools.schoolprofile",
                "schools.trainingcenterprofile",
                "schools.programmanager",
                "calendars.internshipcalendar",
                "joining.organisationdraft",
                "joining.invitation",
            )
        ),
        _DERIVED,
    ),
    **dict.fromkeys(
        (
            f"reference.{model}.search_text"
            for model in ("commune", "activity", "activitysection", "publicholiday", "schoolholiday")
        ),
        _VOCABULARY,
    ),
    **dict.fromkeys(
        (
            "partners.companyprofile.description",
            "partners.recruiterprofile.description",
            "partners.recruiterprofile.specialities",
            "partners.partnerprofile.description",
            "partners.partnerprofile.mission",
            "schools.schoolprofile.description",
            "schools.trainingcenterprofile.description",
            "schools.trainingcenterprofile.specialities",
            "calendars.internshipcalendar.description",
            "calendars.internshipcalendar.skills_sought",
            "internships.internshipoffer.description",
            "internships.internshipoffer.skills",
            "internships.internshipoffer.questions",
        ),
        "what an organisation tells the public about itself",
    ),
    "schools.programmanager.programs": "names of programmes",
    "schools.studentenrolment.program_name": "the name of a programme",
    **dict.fromkeys(
        (
            "schools.studentenrolment.search_text",
            "internships.internshipoffer.search_text",
            "internships.hosttutor.search_text",
            "internships.hosttutor.sort_name",
            "internships.referentteacher.search_text",
            "internships.referentteacher.sort_name",
            "internships.placement.search_text",
        ),
        _DERIVED,
    ),
    **dict.fromkeys(
        (f"internships.placement.{column}" for column in ("enrolment", "tutor", "teacher")),
        "points at a person's row, which is itself emptied",
    ),
    **dict.fromkeys(
        (
            f"internships.placement.{column}"
            for column in (
                "schedule",
                "activities",
                "skills",
                "benefits",
                "leave_rules",
                "validation_rules",
                "internal_rules",
            )
        ),
        "what a host offers and how its week runs, whoever comes",
    ),
    **dict.fromkeys(
        (
            "internships.placementpaper.body",
            "papers.papertemplate.name",
            "papers.papertemplate.body",
            "papers.papertemplate.search_text",
        ),
        "the words of a template, the same for everybody",
    ),
    **dict.fromkeys(
        (
            f"recommendations.internrecommendation.{column}"
            for column in ("search_text", "skills_key", "domains_key")
        ),
        _DERIVED,
    ),
    "calendars.internshipcalendar.program_manager": "points at a contact, whose own row is emptied",
    "core.operation.counts": "how many rows were written",
    "core.fileremoval.name": "a random name, of a file that is about to go",
    "privacy.retentionrun.results": "how many rows were treated",
    "law.legalparameter.search_text": "the name of a number of the law and the text that sets it",
    "reference.commune.name": _VOCABULARY,
    "reference.commune.sort_name": _VOCABULARY,
    "reference.publicholiday.name": _VOCABULARY,
    "reference.schoolholiday.name": _VOCABULARY,
    "reference.activity.label": _VOCABULARY,
    "reference.activitysection.label": _VOCABULARY,
    "calendars.internshipcalendar.program_name": "the name of a programme",
    "notifications.notice.mail_state": "whether an e-mail left",
    "notifications.notice.mail_attempts": "how often an e-mail was tried",
    "notifications.notice.mail_after": "when an e-mail is tried again",
    "notifications.notice.mail_run": "the number of a run of the sending",
    "notifications.notice.mail_id": "the name of an e-mail",
    "contenttypes.contenttype.app_label": "the name of a part of the software",
    "auth.group.name": _UNUSED,
    "auth.permission.name": "the name of a right",
    "admin.logentry.user": _UNUSED,
    "admin.logentry.object_id": _UNUSED,
    "admin.logentry.change_message": _UNUSED,
    "accounts.user_groups.user": _UNUSED,
    "accounts.user_user_permissions.user": _UNUSED,
    "account.emailconfirmation.email_address": "confirmations are signed links, kept in no row",
    "django_q.task.name": "the name of a task",
    "django_q.schedule.name": "the name of a task",
    "django_q.schedule.args": "keys of rows, for a task",
    "django_q.schedule.kwargs": "keys of rows, for a task",
    "django_q.ormq.payload": "keys of rows, for a task that is about to run",
}
