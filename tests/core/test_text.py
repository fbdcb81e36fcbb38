import datetime
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratik.core.text import fold, nearest, quote_formula, unquote_formula

SCHOOLS = [
    "Lycée polyvalent Melkior-Garré",
    "Lycée polyvalent Lama-Prévot",
    "Lycée polyvalent Lumina Sophie",
    "Lycée professionnel Jean-Marie Michotte",
    "Lycée Félix Éboué",
    "Lycée Léon-Gontran Damas",
    "Collège Auguste Dédé",
    "Collège Eugénie Tell-Éboué",
]
COMMUNES = [
    "Apatou",
    "Awala-Yalimapo",
    "Camopi",
    "Cayenne",
    "Grand-Santi",
    "Iracoubo",
    "Kourou",
    "Macouria",
    "Mana",
    "Maripasoula",
    "Matoury",
    "Montsinéry-Tonnegrande",
    "Ouanary",
    "Papaïchton",
    "Régina",
    "Rémire-Montjoly",
    "Roura",
    "Saint-Élie",
    "Saint-Georges",
    "Saint-Laurent-du-Maroni",
    "Saül",
    "Sinnamary",
]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Rémire-Montjoly", "remire montjoly"),
        ("REMIRE  MONTJOLY\t", "remire montjoly"),
        ("Re\u0301mire–Montjoly", "remire montjoly"),
        ("L’Œuvre d'Ælia", "l oeuvre d aelia"),
        ("Saint-Élie (973)", "saint elie 973"),
        ("1ʳᵉ année, 2º groupe", "1re annee 2o groupe"),
        ("Ça\u00a0va\u202f?", "ca va"),
        ("Caye\u00adnne\u200b\ufeff", "cayenne"),
        ("Straße", "strasse"),
        ("snake_case", "snake case"),
        ("+ - !", ""),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folded_text_has_single_spaces_and_no_capital(text):
    folded = fold(text)
    assert folded == " ".join(folded.split()) == folded.casefold()


@pytest.mark.parametrize(
    ("typed", "choices", "first"),
    [
        ("Lycee Melkior Gare", SCHOOLS, "Lycée polyvalent Melkior-Garré"),  # a word missing, another wrong
        ("LYCEE PRO MICHOTTE", SCHOOLS, "Lycée professionnel Jean-Marie Michotte"),  # a word cut short
        ("Damas Leon Gontran", SCHOOLS, "Lycée Léon-Gontran Damas"),  # another order
        ("college Tell Eboue", SCHOOLS, "Collège Eugénie Tell-Éboué"),
        ("cayene", COMMUNES, "Cayenne"),
        ("Cayenen", COMMUNES, "Cayenne"),  # swapped letters
        ("Macouira", COMMUNES, "Macouria"),
        ("st laurent du maroni", COMMUNES, "Saint-Laurent-du-Maroni"),
        ("Grandsanti", COMMUNES, "Grand-Santi"),  # words glued
        ("Awala", COMMUNES, "Awala-Yalimapo"),
        ("Montjoly", COMMUNES, "Rémire-Montjoly"),
        ("saul", COMMUNES, "Saül"),
    ],
)
def test_nearest_finds_the_near_miss_in_its_own_spelling(typed, choices, first):
    assert nearest(typed, choices)[0] == first


@pytest.mark.parametrize(
    "typed", ["", "la", "?", "xyz", "sana", "Paris", "Paramaribo", "lycée", "le lycee du coin"]
)
def test_nearest_suggests_nothing_for_what_is_near_nothing(typed):
    assert nearest(typed, [*SCHOOLS, *COMMUNES]) == []


def test_one_or_two_letters_match_only_themselves():
    assert nearest("m2", ["M1", "M2", "L2"]) == ["M2"]
    assert nearest("m3", ["M1", "M2", "L2"]) == []


def test_nearest_puts_the_best_first_and_obeys_the_limit():
    choices = ["Cayenne centre", "Cayenne", "Cayenna"]
    assert nearest("cayenne", choices)[0] == "Cayenne"
    assert len(nearest("cayenne", choices)) == 3
    assert len(nearest("cayenne", choices, limit=2)) == 2


def test_a_higher_cutoff_asks_for_more_likeness():
    assert nearest("cayene", COMMUNES, cutoff=80) == ["Cayenne"]
    assert nearest("cayene", COMMUNES, cutoff=95) == []


@given(
    st.randoms(use_true_random=False),
    st.sampled_from(["cayene", "saint", "Lycee Eboue", "Lycee Melkior Gare"]),
)
def test_the_order_of_the_choices_does_not_matter(shuffler: random.Random, typed):
    choices = [*SCHOOLS, *COMMUNES, "CAYENNE", "Saint Georges"]
    expected = nearest(typed, choices)
    shuffler.shuffle(choices)
    assert nearest(typed, choices) == expected


@pytest.mark.parametrize("start", list("=+-@\t\r\n"))
def test_what_a_spreadsheet_would_run_is_quoted(start):
    assert quote_formula(f"{start}1+1") == f"'{start}1+1"
    assert unquote_formula(f"'{start}1+1") == f"{start}1+1"


def test_a_text_with_an_apostrophe_of_its_own_comes_back():
    assert quote_formula("'=1+1") == "''=1+1"
    assert unquote_formula(quote_formula("'=1+1")) == "'=1+1"
    assert quote_formula("'t Hooft") == unquote_formula("'t Hooft") == "'t Hooft"


@pytest.mark.parametrize("value", [-5, -5.5, None, True, datetime.date(2026, 9, 1)])
def test_what_is_no_text_stays_as_it_is(value):
    assert quote_formula(value) is value
    assert unquote_formula(value) is value


formula_like = st.text(alphabet="'=+-@\t\r\n1a ")


@given(st.one_of(st.text(), formula_like))
def test_export_then_import_gives_the_same_text(text):
    quoted = quote_formula(text)
    assert unquote_formula(quoted) == text
    assert not quoted.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
