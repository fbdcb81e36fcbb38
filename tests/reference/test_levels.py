import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pratik.reference.levels import (
    Diploma,
    LevelNotUnderstood,
    ReadLevel,
    every_level,
    level_label,
    read_level,
)

# (what is written, the label, the level)
WRITTEN = [
    ("L3 AES", "Licence 3", 6),
    ("Licence 3", "Licence 3", 6),
    ("L3", "Licence 3", 6),
    ("l 3 droit", "Licence 3", 6),
    ("Licence droit 2", "Licence 2", 6),
    ("L3 sciences pour l'ingénieur", "Licence 3", 6),
    ("Licence 2 (bac+2)", "Licence 2", 6),
    ("Licence pro", "Licence pro", 6),
    ("LICENCE PROFESSIONNELLE", "Licence pro", 6),
    ("LP", "Licence pro", 6),
    ("L3 pro", "Licence pro 3", 6),
    ("M1", "Master 1", 7),
    ("Master 2 MEEF", "Master 2", 7),
    ("M1 MEEF 1er degré", "Master 1", 7),
    ("Master MEEF 2nd degré", "Master", 7),
    ("M2 pro", "Master 2", 7),
    ("BTS 2ème année", "BTS 2e année", 5),
    ("BTS2", "BTS 2e année", 5),
    ("2 BTS", "BTS 2e année", 5),
    ("2e BTS", "BTS 2e année", 5),
    ("BTS 2A", "BTS 2e année", 5),
    ("BTS MCO 2e annee", "BTS 2e année", 5),
    ("BTS MCO 2", "BTS 2e année", 5),
    ("BTS NDRC1", "BTS 1re année", 5),
    ("2° année de BTS", "BTS 2e année", 5),
    ("seconde année de BTS", "BTS 2e année", 5),
    ("BTS 2e année 2025-2026", "BTS 2e année", 5),
    ("BTS option 2", "BTS", 5),
    ("BTS en 2 ans", "BTS", 5),
    ("BTS 1re année (bac +2)", "BTS 1re année", 5),
    ("Niveau 5 BTS", "BTS", 5),
    ("BTS niveau III", "BTS", 5),
    ("BTS - Services - Tourisme - en apprentissage", "BTS", 5),
    ("MANAGEMENT EN HOTELLERIE-RESTAURATION BTS 1ERE ANNEE COMMUNE", "BTS 1re année", 5),
    ("BTSA 1", "BTSA 1re année", 5),
    ("BTS - Agricole - Gestion et protection de la nature", "BTSA", 5),
    ("1re Bac pro", "1re bac pro", 4),
    ("1ère bac pro", "1re bac pro", 4),
    ("1ʳᵉ bac pro", "1re bac pro", 4),
    ("Première Bac Professionnel", "1re bac pro", 4),
    ("1ere pro  maintenance equipements indust.", "1re bac pro", 4),
    ("1erpro acc.soins-s.pers. opt.a domicile", "1re bac pro", 4),
    ("2e année bac pro", "1re bac pro", 4),
    ("1re BP", "1re bac pro", 4),
    ("Tle bac pro", "Tle bac pro", 4),
    ("Terminale BAC PRO", "Tle bac pro", 4),
    ("Term. Bac Pro MELEC", "Tle bac pro", 4),
    ("T BAC PRO", "Tle bac pro", 4),
    ("TMELEC", "Tle bac pro", 4),
    ("TBP cuisine", "Tle bac pro", 4),
    ("2nde bac pro", "2de bac pro", 4),
    ("2de professionnelle", "2de bac pro", 4),
    ("Seconde bac pro", "2de bac pro", 4),
    ("1re année bac pro", "2de bac pro", 4),
    ("2ndpro accompagnement soins et services à la personne 2nde commune", "2de bac pro", 4),
    ("METIERS DE L'ALIMENTATION 2NDE COMMUNE (BAC PRO)", "2de bac pro", 4),
    ("2BPHP-GP", "2de bac pro", 4),
    ("2BP MPMI", "2de bac pro", 4),
    ("2BPMGAT1", "2de bac pro", 4),
    ("2 BP", "2de bac pro", 4),
    ("2 PRO 1", "2de bac pro", 4),
    ("2PROAEP2", "2de bac pro", 4),
    ("2P MRC2", "2de bac pro", 4),
    ("2 GATL1", "2de bac pro", 4),
    ("2ND MRC", "2de bac pro", 4),
    ("MOREABCP", "Bac pro", 4),
    ("Bac pro 3 ans", "Bac pro", 4),
    ("bac melec", "Bac pro", 4),
    ("BAC PRO AG terminale", "Tle bac pro agricole", 4),
    ("1eproa cgea", "1re bac pro agricole", 4),
    ("2nde pro agricole productions", "2de bac pro agricole", 4),
    ("PRODUCTIONS (SEC PRO AG)", "2de bac pro agricole", 4),
    ("2nde", "2de générale et technologique", 4),
    ("2DE 10", "2de générale et technologique", 4),
    ("2nde B2", "2de générale et technologique", 4),
    ("2A", "2de générale et technologique", 4),
    ("2GT01", "2de générale et technologique", 4),
    ("2 GT3", "2de générale et technologique", 4),
    ("Seconde générale et technologique", "2de générale et technologique", 4),
    ("2 STHR", "2de bac technologique", 4),
    ("1re STMG", "1re technologique", 4),
    ("TSTMG2", "Tle technologique", 4),
    ("Terminale technologique", "Tle technologique", 4),
    ("Terminale générale", "Tle générale", 4),
    ("Tle S", "Tle générale", 4),
    ("1G3", "1re générale", 4),
    ("Bac", "Niveau 4", 4),
    ("CAP", "CAP", 3),
    ("CAP 1", "CAP 1re année", 3),
    ("1re année CAP", "CAP 1re année", 3),
    ("1CAP", "CAP 1re année", 3),
    ("1 CAP en 1 an", "CAP 1re année", 3),
    ("1cap2 équipier polyvalent du commerce", "CAP 1re année", 3),
    ("CAP2", "CAP 2e année", 3),
    ("2CAP cuisine", "CAP 2e année", 3),
    ("Tle CAP", "CAP 2e année", 3),
    ("CAP niveau V", "CAP", 3),
    ("CAP première transformation du bois", "CAP", 3),
    ("CAPa 2e année", "CAPA 2e année", 3),
    ("1CAP2A métiers de l'agriculture", "CAPA 1re année", 3),
    ("CAPA (CAP agricole)", "CAPA", 3),
    ("BEP", "BEP", 3),
    ("MC", "Mention complémentaire niveau 3", 3),
    ("Mention complémentaire", "Mention complémentaire niveau 3", 3),
    ("MC 4", "Mention complémentaire niveau 4", 4),
    ("ZINGUERIE (MC NIVEAU III)", "Mention complémentaire niveau 3", 3),
    ("CS 4", "Certificat de spécialisation niveau 4", 4),
    ("BP 1re année", "Brevet professionnel 1re année", 4),
    ("BP 2", "Brevet professionnel 2e année", 4),
    ("2e BP", "Brevet professionnel 2e année", 4),
    ("BUT 2", "BUT 2", 6),
    ("BUT3 TC", "BUT 3", 6),
    ("DUT 1", "DUT 1", 5),
    ("Ingénieur 4e année", "Ingénieur 4e année", 7),
    ("école d’ingénieurs 3A", "Ingénieur 3e année", 7),
    ("Doctorat", "Doctorat", 8),
    ("Titre professionnel niveau 5", "Titre professionnel niveau 5", 5),
    ("niveau 4", "Niveau 4", 4),
    ("Niveau IV", "Niveau 4", 4),
    ("Bac+2", "Niveau 5", 5),
    ("Bac +4", "Niveau 6", 6),
    ("Bac +5", "Niveau 7", 7),
    ("3ème", "3e", 2),
    ("Troisième", "3e", 2),
    ("3e prépa-métiers", "3e", 2),
    ("3PM 4", "3e", 2),
    ("3e SEGPA", "3e", 2),
    ("6e A", "6e", 2),
]


@pytest.mark.parametrize(("text", "label", "level"), WRITTEN)
def test_what_people_write(text, label, level):
    read = read_level(text)
    assert (level_label(read), read.level) == (label, level)


def test_the_parts_of_a_reading():
    assert read_level("1re Bac pro") == ReadLevel(level=4, diploma=Diploma.BAC_PRO, year_in_cycle=2)
    assert read_level("BTS") == ReadLevel(level=5, diploma=Diploma.BTS, year_in_cycle=None)
    assert read_level("Bac+2") == ReadLevel(level=5, diploma=Diploma.OTHER)
    assert read_level("3e") == ReadLevel(level=2, diploma=Diploma.COLLEGE, year_in_cycle=4)


@pytest.mark.parametrize(
    "value",
    [
        "CAP",
        "CAPA",
        "BAC PRO",
        "BAC PRO AG",
        "BTS",
        "BTSA",
        "BAC TECHNO",
        "BAC GENERAL",
        "LICENCE PRO",
        "2NDE GT",
    ],
)
def test_a_code_of_the_nomenclature_reads_as_itself(value):
    assert read_level(value if value != "2NDE GT" else "2nde GT").diploma == value


def refusal(text):
    with pytest.raises(LevelNotUnderstood) as refused:
        read_level(text)
    return refused.value


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        ("L3 M1", ["Licence 3", "Master 1"]),
        ("BTS niveau 3", ["BTS", "Niveau 3"]),
        ("BTS / LP", ["BTS", "Licence pro"]),
        ("BTS bac+5", ["BTS"]),
        ("BTS 1 et 2", ["BTS 1re année", "BTS 2e année"]),
        ("CAP 1re et 2e année", ["CAP 1re année", "CAP 2e année"]),
        ("M1/2", ["Master 1", "Master 2"]),
        ("Bac+2/3", ["Niveau 5", "Niveau 6"]),
        ("niveau 4 ou 5", ["Niveau 4", "Niveau 5"]),
        ("niveau V", ["Niveau 3", "Niveau 5"]),
    ],
)
def test_two_things_at_once_are_refused_and_both_offered(text, suggestions):
    error = refusal(text)
    assert error.suggestions == suggestions
    assert "contradictoire" in str(error)
    assert f"«\u00a0{text}\u00a0»" in str(error)


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        ("1re", ["1re générale", "1re technologique", "1re bac pro"]),
        ("Terminale", ["Tle générale", "Tle technologique", "Tle bac pro"]),
        ("seconde cuisine", ["2de générale et technologique", "2de bac pro"]),
        ("2e année", []),
    ],
)
def test_a_class_without_its_diploma_is_refused(text, suggestions):
    error = refusal(text)
    assert error.suggestions == suggestions
    assert "ajoutez le diplôme" in str(error)


@pytest.mark.parametrize(
    "text", ["CS", "Certificat de Spécialisation - Organisateur de réception", "titre pro"]
)
def test_a_diploma_of_several_levels_must_have_one(text):
    error = refusal(text)
    assert "ajoutez son niveau" in str(error)
    assert [read_level(suggestion).level for suggestion in error.suggestions] == [3, 4, 5]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("BTS 5", "BTS 1re année"),
        ("L4", "Licence 1"),
        ("bac pro 2", "2de bac pro"),
        ("2e bac pro", "2de bac pro"),
        ("2nde CAP", "CAP 1re année"),
        ("niveau 4 2", "Niveau 4"),
    ],
)
def test_a_year_that_the_diploma_does_not_have_is_refused(text, first):
    error = refusal(text)
    assert error.suggestions[0] == first
    assert "année" in str(error)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("BTZ 2", "BTS 2e année"),
        ("bst 2", "BTS 2e année"),
        ("Licnce 3", "Licence 3"),
        ("Terminalle bac pro", "Tle bac pro"),
        ("Mastre 1", "Master 1"),
    ],
)
def test_a_slip_is_refused_with_what_was_probably_meant(text, first):
    error = refusal(text)
    assert error.suggestions[0] == first
    assert "non reconnu" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "bac 2",
        "2T",
        "l",
        "xyz 2",
        "UPE2A1",
        "MOTEB",
        "3e informatique",
        "TP menuisier",
        "bac+1",
        "2SANISOC",
        "x" * 300,
    ],
)
def test_what_is_near_nothing_is_refused_without_a_suggestion(text):
    assert refusal(text).suggestions == []


@pytest.mark.parametrize("text", ["", "  ", "\u00a0"])
def test_nothing_is_said_to_be_nothing(text):
    assert str(refusal(text)) == "Le niveau est vide."


def test_the_message_of_a_long_text_is_short():
    assert len(str(refusal("niveau " * 100))) < 200


@pytest.mark.parametrize("read", every_level(), ids=level_label)
def test_every_label_is_read_back_to_the_same_level(read):
    assert read_level(level_label(read)) == read


@given(
    st.sampled_from(every_level()),
    st.sampled_from([str, str.upper, str.lower, lambda text: f"  {text.replace(' ', '  ')}. "]),
)
def test_a_label_is_read_back_however_it_is_typed(read, rewrite):
    assert read_level(rewrite(level_label(read))) == read


def test_every_diploma_and_every_level_read_is_among_them():
    levels = set(every_level())
    assert {read.diploma for read in levels} == set(Diploma)
    assert {read_level(text) for text, _label, _level in WRITTEN} <= levels
    assert len({level_label(read) for read in levels}) == len(levels)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_labels_that_can_be_read(text):
    try:
        read = read_level(text)
    except LevelNotUnderstood as error:
        assert len(error.suggestions) <= 3
        for suggestion in error.suggestions:
            assert level_label(read_level(suggestion)) == suggestion
    else:
        assert read_level(level_label(read)) == read


pieces = st.sampled_from(
    [
        *["BTS", "CAP", "L3", "M1", "bac", "pro", "STMG", "générale", "MC", "CS", "titre", "BP", "MRC", "2A"],
        *["1", "2", "3", "+2", "niveau", "5", "IV", "année", "1re", "2e", "2nde", "terminale", "/", "et"],
    ]
)


@given(st.lists(pieces, max_size=5).map(" ".join))
def test_any_mix_of_level_words_is_read_or_refused_with_labels_that_can_be_read(text):
    try:
        read = read_level(text)
    except LevelNotUnderstood as error:
        for suggestion in error.suggestions:
            assert level_label(read_level(suggestion)) == suggestion
    else:
        assert read_level(level_label(read)) == read


def test_a_refusal_speaks_the_language_of_the_moment(monkeypatch):
    # The refusal is remembered, its sentence is not.
    first = refusal("abc")
    monkeypatch.setattr("pratik.reference.levels._", lambda message: f"[{translation.get_language()}]")
    with translation.override("en"):
        assert str(refusal("abc")).startswith("[en]")
    assert str(first).startswith("Niveau")


def test_every_diploma_has_a_french_name():
    assert Diploma.BAC_PRO.label == "baccalauréat professionnel"
    assert len({str(label) for label in Diploma.labels}) == len(Diploma)
