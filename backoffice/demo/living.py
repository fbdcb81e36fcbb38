"""Lodgings, trips and requests of the demonstration, in each state; the photos are drawn here."""

import io
import math
from datetime import time, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from pratik.accounts.enums import AccountType, LodgingKind
from pratik.core.calendar import today
from pratik.core.services import save_row
from pratik.living import services
from pratik.living.models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest
from pratik.reference.models import Commune

from .people import known, new

WIDTH, HEIGHT = 1600, 1200
CAYENNE, KOUROU, REMIRE, SAINT_LAURENT, MATOURY = "97302", "97304", "97309", "97311", "97307"
# (address before the @, type, first name, last name)
STUDENTS = (
    ("etudiant.kourou", AccountType.STUDENT, "Jessy", "Robinson"),
    ("etudiant.mana", AccountType.STUDENT, "Inaya", "Sabajo"),
)
# (wall, floor, cover of the bed, of its pillow) and (sky, leaves, wall, roof) of each drawing
ROOMS = (
    ("#f3e6cf", "#b98a5e", "#1a6389", "#f6f3ea"),
    ("#e3ede4", "#a87b50", "#a83f1d", "#fbf8f2"),
    ("#e6e3ef", "#b08d6c", "#14573f", "#f6f3ea"),
    ("#f6ecd9", "#8f6a48", "#6a4585", "#ffffff"),
)
HOUSES = (
    ("#a9dcef", "#1c5e45", "#f3e4c4", "#a83f1d"),
    ("#f6d9a8", "#174e3a", "#dfe9e2", "#7a5a12"),
    ("#c9e4f2", "#2c6b52", "#f7efe2", "#1a6389"),
)


# Drawings


def room(number):
    """A bedroom with a bed, a window and a desk, as the bytes of a JPEG."""
    wall, floor, cover, pillow = ROOMS[number % len(ROOMS)]
    sheet = Image.new("RGB", (WIDTH, HEIGHT), wall)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 820, WIDTH, HEIGHT), fill=floor)
    for line in range(860, HEIGHT, 60):
        draw.line((0, line, WIDTH, line), fill=_shade(floor, 0.92), width=4)
    left = 180 + 90 * (number % 3)
    draw.rectangle((left, 150, left + 420, 560), fill="#bfe3ef", outline="#fdfcf7", width=24)
    draw.ellipse((left + 60, 380, left + 300, 620), fill="#2c6b52")
    draw.ellipse((left + 220, 420, left + 400, 620), fill="#174e3a")
    draw.rectangle((left - 12, 560, left + 432, 592), fill="#fdfcf7")
    draw.rectangle((0, 592, WIDTH, 820), fill=wall)
    draw.line((left + 210, 160, left + 210, 550), fill="#fdfcf7", width=16)
    draw.rectangle((820, 560, 1500, 700), fill=_shade(floor, 0.75))
    draw.rounded_rectangle((800, 690, 1540, 960), 36, fill=cover)
    draw.rounded_rectangle((840, 640, 1100, 760), 40, fill=pillow)
    draw.rectangle((820, 950, 860, 1030), fill=_shade(floor, 0.6))
    draw.rectangle((1480, 950, 1520, 1030), fill=_shade(floor, 0.6))
    draw.rectangle((150, 800, 620, 830), fill=_shade(floor, 0.7))
    for leg in (170, 580):
        draw.rectangle((leg, 830, leg + 22, 1040), fill=_shade(floor, 0.7))
    draw.rectangle((300, 690, 460, 800), fill="#3d4852")
    draw.rectangle((312, 702, 448, 788), fill="#84c8e8")
    draw.ellipse((1180, 130, 1320, 270), fill="#f0b04f")
    return _jpeg(sheet)


def house(number):
    """A house among trees, as the bytes of a JPEG."""
    sky, leaves, wall, roof = HOUSES[number % len(HOUSES)]
    sheet = Image.new("RGB", (WIDTH, HEIGHT), sky)
    draw = ImageDraw.Draw(sheet)
    draw.ellipse((1220, 90, 1420, 290), fill="#f7cf7d")
    for place in range(-100, WIDTH, 190):
        height = 480 + int(120 * math.sin(place + number))
        draw.ellipse((place, height, place + 420, height + 620), fill=_shade(leaves, 0.8 + place % 4 / 12))
    draw.rectangle((0, 920, WIDTH, HEIGHT), fill="#9db96a")
    draw.polygon(((300, 520), (800, 270), (1300, 520)), fill=roof)
    draw.rectangle((380, 520, 1220, 940), fill=wall)
    draw.rectangle((720, 660, 880, 940), fill=_shade(roof, 0.8))
    for left in (470, 990):
        draw.rectangle((left, 610, left + 150, 770), fill="#84c8e8", outline="#fdfcf7", width=14)
    draw.polygon(((620, 1200), (720, 940), (880, 940), (980, 1200)), fill="#d9b487")
    return _jpeg(sheet)


def _shade(color, factor):
    """A colour, darker or lighter by a factor."""
    parts = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return tuple(min(255, int(part * factor)) for part in parts)


def _jpeg(sheet):
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=82)
    return out.getvalue()


# Rows


def load(password, domain):
    """Listings of the landlord and the driver who are verified, and drafts of those who are not."""
    names = (
        "proprietaire",
        "proprietaire.attente",
        "conducteur",
        "conducteur.attente",
        "etudiante",
        "edition",
    )
    people = known(names, domain) | new(STUDENTS, password, domain)
    communes = {row.insee_code: row for row in Commune.objects.all()}
    _requests(people, _lodgings(people, communes), _trips(people, communes))


def _days(number):
    return today() + timedelta(days=number)


def _lodging(landlord, commune, pictures, **fields):
    values = {
        "kind": LodgingKind.STUDIO,
        "charges": Decimal(0),
        "deposit": fields["rent"],
        "available_from": _days(5),
        "available_until": _days(300),
    }
    offer = save_row(actor=landlord, row=HousingOffer(landlord=landlord, commune=commune, **values | fields))
    for number, (picture, alt) in enumerate(pictures, start=1):
        upload = SimpleUploadedFile(f"photo-{number}.jpg", picture)
        services.add_photo(actor=landlord, offer=offer, upload=upload, name=upload.name, alt=alt)
    return offer


def _lodgings(people, communes):
    landlord, other, editor = people["proprietaire"], people["proprietaire.attente"], people["edition"]
    online = [
        _lodging(
            landlord,
            communes[KOUROU],
            [
                (room(0), "La chambre, avec un lit, un bureau et une fenêtre"),
                (house(0), "La maison, de la rue"),
            ],
            title="Studio calme près du centre spatial",
            neighbourhood="Près de la place de l’Europe",
            address="4 allée des Fougères, 97310 Kourou",
            rent=Decimal(480),
            charges=Decimal(40),
            surface=24,
            description="Studio indépendant au rez-de-chaussée, climatisé, avec un coin cuisine.\n\n"
            "Le bus passe au bout de la rue. Idéal pour un stage de quelques mois.",
        ),
        _lodging(
            landlord,
            communes[CAYENNE],
            [
                (house(1), "La maison et son jardin"),
                (room(1), "Une des chambres, avec son bureau"),
                (room(2), "L’autre chambre"),
            ],
            title="Maison partagée à deux pas du marché",
            kind=LodgingKind.HOUSE,
            neighbourhood="Près du marché",
            address="18 rue du Port, 97300 Cayenne",
            rent=Decimal(350),
            charges=Decimal(60),
            surface=95,
            places=3,
            is_accessible=True,
            description="Trois chambres pour stagiaires, cuisine et salon communs, un hamac sous le carbet.",
        ),
        _lodging(
            landlord,
            communes[REMIRE],
            [(room(3), "La chambre, avec un grand lit")],
            title="Chambre chez l’habitant, quartier tranquille",
            kind=LodgingKind.ROOM,
            neighbourhood="Route de Montjoly",
            address="7 impasse des Balourous, 97354 Rémire-Montjoly",
            rent=Decimal(300),
            surface=14,
            description="Repas du soir possible. Vélo à disposition.",
        ),
        _lodging(
            landlord,
            communes[SAINT_LAURENT],
            [],
            title="Appartement au bord du Maroni",
            kind=LodgingKind.FLAT,
            neighbourhood="Près de l’hôpital",
            address="31 avenue du Fleuve, 97320 Saint-Laurent-du-Maroni",
            rent=Decimal(560),
            charges=Decimal("45.50"),
            surface=48,
            places=2,
            is_furnished=False,
            description="Deux chambres, grande terrasse.",
        ),
    ]
    suspended = _lodging(
        landlord,
        communes[MATOURY],
        [(house(2), "La maison")],
        title="Studio en fond de jardin",
        address="12 chemin de la Chaumière, 97351 Matoury",
        rent=Decimal(900),
        surface=18,
    )
    waiting = _lodging(
        other,
        communes[CAYENNE],
        [(room(1), "La chambre")],
        title="Chambre lumineuse pour stagiaire",
        kind=LodgingKind.ROOM,
        address="2 rue des Remparts, 97300 Cayenne",
        rent=Decimal(320),
        surface=12,
    )
    refused = _lodging(
        landlord,
        communes[KOUROU],
        [],
        title="Petit studio",
        address="9 rue du Levant, 97310 Kourou",
        rent=Decimal(400),
        surface=16,
    )
    published = [*online, suspended]
    services.submit_offers(actor=landlord, model=HousingOffer, pks=[row.pk for row in (*published, refused)])
    services.publish_offers(actor=editor, model=HousingOffer, pks=[row.pk for row in published])
    services.suspend_offers(
        actor=editor,
        model=HousingOffer,
        pks=[suspended.pk],
        reason="Le loyer ne correspond pas à celui de la visite.",
    )
    services.refuse_offers(
        actor=editor,
        model=HousingOffer,
        pks=[refused.pk],
        reason="Ajoutez au moins une photo et décrivez le logement.",
    )
    services.submit_offers(actor=other, model=HousingOffer, pks=[waiting.pk])
    return online


def _trip(driver, origin, destination, **fields):
    row = CarpoolOffer(driver=driver, origin=origin, destination=destination, **fields)
    return save_row(actor=driver, row=row)


def _trips(people, communes):
    driver, other, editor = people["conducteur"], people["conducteur.attente"], people["edition"]
    weekly = _trip(
        driver,
        communes[CAYENNE],
        communes[KOUROU],
        meeting_point="Rond-point des Maringouins",
        destination_point="Entrée du centre spatial",
        weekdays="12345",
        starts_on=today(),
        ends_on=_days(200),
        departs_at=time(6, 30),
        returns_at=time(17),
        seats=3,
        distance_km=62,
        cost_share=Decimal("4.50"),
        description="Départ à l’heure, climatisation, pas de grand détour.",
    )
    instant = _trip(
        driver,
        communes[MATOURY],
        communes[CAYENNE],
        meeting_point="Parking de la mairie",
        destination_point="Gare routière",
        weekdays="135",
        starts_on=today(),
        departs_at=time(7, 15),
        seats=1,
        distance_km=12,
        cost_share=Decimal(0),
        is_instant=True,
    )
    dated = _trip(
        driver,
        communes[CAYENNE],
        communes[SAINT_LAURENT],
        meeting_point="Rond-point des Maringouins",
        destination_point="Gare routière",
        days=" ".join(_days(7 * week + 3).isoformat() for week in range(1, 5)),
        departs_at=time(5, 45),
        seats=2,
        distance_km=253,
        cost_share=Decimal(15),
        description="Je rends visite à ma famille, retour le lendemain.",
    )
    waiting = _trip(
        other,
        communes[REMIRE],
        communes[CAYENNE],
        meeting_point="Rond-point Adélaïde-Tablon",
        destination_point="Place des Palmistes",
        weekdays="24",
        starts_on=today(),
        departs_at=time(7),
        seats=2,
        distance_km=10,
        cost_share=Decimal(1),
    )
    online = [weekly, instant, dated]
    services.submit_offers(actor=driver, model=CarpoolOffer, pks=[row.pk for row in online])
    services.publish_offers(actor=editor, model=CarpoolOffer, pks=[row.pk for row in online])
    services.submit_offers(actor=other, model=CarpoolOffer, pks=[waiting.pk])
    return online


def _requests(people, lodgings, trips):
    """The only place of a studio is given, another student waits for it; the others wait for an answer."""
    student, first, second = people["etudiante"], people["etudiant.kourou"], people["etudiant.mana"]
    studio, shared, *_others = lodgings
    stay = {"from_on": _days(20), "until_on": _days(80)}
    given = services.ask_for_lodging(
        actor=student, offer=studio, message="Je fais mon stage de BTS à Kourou.", **stay
    )
    services.accept_requests(actor=people["proprietaire"], model=HousingRequest, pks=[given.pk])
    services.ask_for_lodging(actor=first, offer=studio, wait=True, **stay)
    services.ask_for_lodging(actor=second, offer=shared, message="Je ne fume pas et je rentre tôt.", **stay)
    services.ask_for_lodging(actor=first, offer=shared, **stay)
    weekly, instant, dated = trips
    ride = {"from_on": _days(3), "until_on": _days(60)}
    services.ask_for_seat(actor=student, offer=weekly, message="Je descends au premier arrêt.", **ride)
    taken = services.ask_for_seat(actor=first, offer=weekly, **ride)
    services.accept_requests(actor=people["conducteur"], model=CarpoolRequest, pks=[taken.pk])
    services.ask_for_seat(actor=second, offer=instant, **ride)
    asked = services.ask_for_seat(actor=student, offer=dated, days=dated.single_days[:1])
    services.decline_requests(
        actor=people["conducteur"],
        model=CarpoolRequest,
        pks=[asked.pk],
        reason="Je prends déjà un passager avec beaucoup de bagages ce jour-là.",
    )
