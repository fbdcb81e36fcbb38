"""Papers of the demonstration: drawn here, each marked SPÉCIMEN, in the states that a reviewer meets."""

import io
from datetime import datetime, time, timedelta

from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from pratik.accounts.enums import AccountType
from pratik.accounts.models import User
from pratik.accounts.services import system_actor
from pratik.core.calendar import CAYENNE, today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns
from pratik.verification.enums import DocumentType, RejectionReason
from pratik.verification.models import VerificationDocument
from pratik.verification.services import (
    approve_documents,
    expire_documents,
    reject_documents,
    submit_document,
)

from .people import known, new

# (address before the @, type, first name, last name)
PEOPLE = (
    ("proprietaire.attente", AccountType.LANDLORD, "Solange", "Ringuet"),
    ("proprietaire.refus", AccountType.LANDLORD, "Denis", "Plénet"),
    ("conducteur.attente", AccountType.DRIVER, "Wilfried", "Jean-Louis"),
)
WIDTH, HEIGHT = 1240, 1754
INK, PAPER, MARK = "#1f2933", "#fdfcf7", "#c0392b"
TONES = {
    DocumentType.ID_CARD: "#1f5f8b",
    DocumentType.PASSPORT: "#6d1f2f",
    DocumentType.DRIVER_LICENSE: "#8b4a6b",
    DocumentType.VEHICLE_REGISTRATION: "#5b6b1f",
    DocumentType.INSURANCE: "#1f7a4d",
}


def specimen(document_type, holder, lines, *, pages=1):
    """The bytes of a PDF that looks like such a paper at first sight, and says on itself what it is."""
    sheets = [_sheet(document_type, holder, lines, number, pages) for number in range(1, pages + 1)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    return out.getvalue()


def photograph(document_type, holder, lines):
    """The same as a photograph that was taken askew."""
    sheet = _sheet(document_type, holder, lines, 1, 1).rotate(90, expand=True)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()


def _sheet(document_type, holder, lines, number, pages):
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    tone = TONES.get(document_type, "#3d4852")
    draw.rectangle((0, 0, WIDTH, 150), fill=tone)
    draw.text((70, 45), str(DocumentType(document_type).label).upper(), fill="white", font=font(52))
    is_card = document_type in TONES
    if is_card:
        draw.rounded_rectangle((70, 230, WIDTH - 70, 900), 30, outline=tone, width=5)
        draw.rectangle((110, 290, 400, 660), fill="#d9dde1")
        draw.ellipse((195, 350, 315, 480), fill="#aab2ba")
        draw.pieslice((150, 490, 360, 780), 180, 360, fill="#aab2ba")
        draw.rectangle((110, 661, 400, 800), fill=PAPER)
    left, top = (450, 290) if is_card else (70, 260)
    for label, value in (("Titulaire", holder), *lines):
        draw.text((left, top), label, fill="#6b7680", font=font(26))
        draw.text((left, top + 34), value, fill=INK, font=font(38))
        top += 108
    if not is_card:
        for row in range(14):
            draw.rectangle(
                (70, top + 40 + row * 46, WIDTH - 70 - (row % 4) * 130, top + 56 + row * 46), fill="#dfe3e6"
            )
    mark = Image.new("L", (WIDTH, 420))
    marking = ImageDraw.Draw(mark)
    marking.text((150, 60), "SPÉCIMEN", fill=110, font=font(190))
    marking.text((170, 290), "document fictif, sans aucune valeur", fill=140, font=font(52))
    turned = mark.rotate(24, expand=True)
    sheet.paste(Image.new("RGB", turned.size, MARK), ((WIDTH - turned.width) // 2, 800), turned)
    draw.text(
        (70, HEIGHT - 80), f"PRATIK, démonstration. Page {number} sur {pages}", fill="#6b7680", font=font(26)
    )
    return sheet


def font(size):
    """A letter of this height in pixels, with accents."""
    # The console's own, since the library's default has no accents.
    return ImageFont.truetype(finders.find("unfold/fonts/inter/Inter-Medium.woff2"), size)


class Sender:
    """Sends papers of one account as if some days ago."""

    def __init__(self, owner):
        self.owner = owner
        self.day = today()

    def __call__(self, document_type, *, ago=0, content=None, name="", lines=(), pages=1, **fields):
        holder = self.owner.get_full_name()
        for label, field in (("Délivré le", "issued_on"), ("Valable jusqu’au", "expires_on")):
            if field in fields:
                lines = (*lines, (label, f"{fields[field]:%d/%m/%Y}"))
        content = content or specimen(document_type, holder, lines, pages=pages)
        name = name or f"{document_type.replace('_', '-')}.pdf"
        row = submit_document(
            actor=self.owner,
            owner=self.owner,
            document_type=document_type,
            upload=SimpleUploadedFile(name, content),
            name=name,
            **fields,
        )
        if ago:
            sent = datetime.combine(self.day - timedelta(days=ago), time(9, 30), CAYENNE)
            set_columns(VerificationDocument, [row.pk], submitted_at=min(sent, timezone.now()))
        return row


def load(password, domain):
    """Papers of landlords and drivers: two whole files, and others that wait, were refused or are over."""
    actor = system_actor()
    reviewer = User.objects.get_by_natural_key(f"verification@{domain}")
    people = known(("proprietaire", "conducteur"), domain) | new(PEOPLE, password, domain)
    with operation(
        kind=OperationKind.SETUP,
        actor=actor,
        subject=VerificationDocument,
        reason="Pièces fictives de la démonstration",
    ):
        registration = specimen(
            DocumentType.VEHICLE_REGISTRATION,
            people["conducteur"].get_full_name(),
            (("Immatriculation", "SP-000-EC"),),
        )
        _complete(people, reviewer, registration)
        _waiting(people, registration)
        _decided(people["proprietaire.refus"], reviewer)


def _days(number):
    return today() + timedelta(days=number)


def _complete(people, reviewer, registration):
    """The landlord's and the driver's own: all accepted, an identity card that ends soon."""
    landlord, driver = Sender(people["proprietaire"]), Sender(people["conducteur"])
    rows = [
        landlord(DocumentType.ID_CARD, ago=40, reference="SPEC000001", expires_on=_days(20), pages=2),
        landlord(DocumentType.PROPERTY_PROOF, ago=40, lines=(("Bien", "Studio, Kourou"),)),
        landlord(DocumentType.ADDRESS_PROOF, ago=40, issued_on=_days(-60)),
        driver(DocumentType.DRIVER_LICENSE, ago=35, reference="SPEC000002", expires_on=_days(900), pages=2),
        driver(DocumentType.VEHICLE_REGISTRATION, ago=35, content=registration),
        driver(DocumentType.INSURANCE, ago=35, expires_on=_days(200)),
    ]
    approve_documents(actor=reviewer, pks=[row.pk for row in rows])


def _waiting(people, registration):
    """Waiting for one to eight days; one is the very file that another account sent."""
    landlord, driver = Sender(people["proprietaire.attente"]), Sender(people["conducteur.attente"])
    holder = people["proprietaire.attente"].get_full_name()
    passport = photograph(DocumentType.PASSPORT, holder, (("Numéro", "SPEC000003"),))
    landlord(
        DocumentType.PASSPORT,
        ago=8,
        content=passport,
        name="IMG_2041.jpg",
        reference="SPEC000003",
        expires_on=_days(1500),
    )
    landlord(DocumentType.PROPERTY_PROOF, ago=4, lines=(("Bien", "Maison, Mana"),), pages=3)
    landlord(DocumentType.ADDRESS_PROOF, ago=1, issued_on=_days(-20))
    driver(DocumentType.DRIVER_LICENSE, ago=3, reference="SPEC000004", expires_on=_days(700), pages=2)
    driver(DocumentType.VEHICLE_REGISTRATION, content=registration, name="carte-grise.pdf")


def _decided(owner, reviewer):
    """Refused, with the reason that its owner reads, and ended."""
    send = Sender(owner)
    refused = send(DocumentType.ADDRESS_PROOF, ago=12, issued_on=_days(-30))
    reject_documents(
        actor=reviewer,
        pks=[refused.pk],
        why=RejectionReason.UNREADABLE,
        reason="La moitié basse de la page est dans l’ombre.",
    )
    ended = send(DocumentType.ID_CARD, ago=20, reference="SPEC000005", expires_on=_days(0))
    approve_documents(actor=reviewer, pks=[ended.pk])
    set_columns(VerificationDocument, [ended.pk], expires_on=_days(-2))
    expire_documents()
