"""The light markup: what is read, and what is refused, by line and in a sentence."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pratik.papers.markup import LONGEST, PaperRefused, Placeholder, faults, named_fields, read


def blocks_of(body, blank=()):
    return read(body, lambda name: name in blank)


def told(body):
    return [str(fault) for fault in faults(body)]


def words(block):
    """The text of a block, fields in braces."""
    return [
        [
            "".join(f"<{part.name}>" if isinstance(part, Placeholder) else part.text for part in cell)
            for cell in row
        ]
        for row in block.rows
    ]


def test_every_block_is_read():
    body = (
        "# Titre\n## Sous-titre\nUn paragraphe\nsur deux lignes.\n\n- un\n- deux\n\n"
        "| a | b |\n| c | d |\n---\n[signatures]\n- Stagiaire | {{ student_name }}\n- Tuteur"
    )
    found = [(block.kind, words(block)) for block in blocks_of(body)]
    assert found == [
        ("heading", [["Titre"]]),
        ("heading", [["Sous-titre"]]),
        ("paragraph", [["Un paragraphe sur deux lignes."]]),
        ("list", [["un"], ["deux"]]),
        ("table", [["a", "b"], ["c", "d"]]),
        ("page_break", []),
        ("signatures", [["Stagiaire", "<student_name>"], ["Tuteur"]]),
    ]


def test_a_row_of_dashes_makes_the_first_row_a_heading():
    (table,) = blocks_of("| Jour | Heures |\n|---|---:|\n| Lundi | 7 |")
    assert table.has_header
    assert words(table) == [["Jour", "Heures"], ["Lundi", "7"]]


def test_bold_and_italic():
    (paragraph,) = blocks_of("un **deux** *trois* ***{{ x }}*** 2 * 3")
    looks = [(getattr(part, "text", "x"), part.bold, part.italic) for part in paragraph.rows[0][0]]
    assert looks == [
        ("un ", False, False),
        ("deux", True, False),
        (" ", False, False),
        ("trois", False, True),
        (" ", False, False),
        ("x", True, True),
        (" 2 * 3", False, False),
    ]


def test_a_backslash_leaves_a_sign_as_it_is():
    (paragraph,) = blocks_of(r"\# 1 \*étoile\* \{{ x }\} \| \\")
    assert words(paragraph) == [["# 1 *étoile* {{ x }} | \\"]]


@pytest.mark.parametrize(
    ("blank", "expected"),
    [((), "avec 4,50"), (("stipend",), "sans")],
)
def test_a_condition_chooses_between_two_texts(blank, expected):
    body = "{% if stipend %}avec 4,50{% else %}sans{% endif %}"
    (paragraph,) = blocks_of(body, blank)
    assert words(paragraph) == [[expected]]


def test_a_condition_may_stand_on_lines_of_its_own():
    body = "| a | b |\n{% if x %}\n| c | d |\n{% endif %}\n| e | f |"
    assert [words(block) for block in blocks_of(body, {"x"})] == [[["a", "b"], ["e", "f"]]]
    assert [words(block) for block in blocks_of(body)] == [[["a", "b"], ["c", "d"], ["e", "f"]]]


def test_a_condition_may_be_turned_round():
    assert blocks_of("a\n\n{% if not x %}b{% endif %}", {"x"})[1:]
    assert not blocks_of("a\n\n{% if not x %}b{% endif %}")[1:]


def test_fields_are_named_in_text_and_in_conditions():
    assert named_fields("{{ a }}\n{% if b %}{{ a }}{% endif %}\n{% if not c %}x{% endif %}") == [
        (1, "a"),
        (2, "b"),
        (2, "a"),
        (3, "c"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "Le modèle est vide."),
        (" \n\t\n", "Le modèle est vide."),
        ("a" * (LONGEST + 1), f"Le modèle dépasse {LONGEST} caractères."),
        ("a\n{% if x %}b", "Ligne 2 : cette condition n’est pas fermée : ajoutez « {% endif %} » à sa fin."),
        ("a\n\n{% endif %}", "Ligne 3 : « {% endif %} » ne ferme aucune condition."),
        ("{% else %}a", "Ligne 1 : « {% else %} » ne ferme aucune condition."),
        (
            "a{% if x %}\n{% if y %}b{% endif %}",
            "Ligne 2 : une condition est ouverte dans une autre : fermez d’abord celle de la ligne 1.",
        ),
        ("{% for x in y %}a", "Ligne 1 : « {% for x in y %} » n’est pas connu : écrivez {% if champ %},"),
        (
            "{% if x == 1 %}a{% endif %}",
            "Ligne 1 : « {% if x == 1 %} » n’est pas connu : écrivez {% if champ %},",
        ),
        ("{{ }}", "Ligne 1 : « {{ }} » n’est pas un champ : écrivez son nom entre « {{ » et « }} »."),
        ("{{ x.y }}", "Ligne 1 : « {{ x.y }} » n’est pas un champ : écrivez son nom entre « {{ » et « }} »."),
        ("a\n{{ x", "Ligne 2 : des accolades ne sont pas fermées ou pas ouvertes : un champ s’écrit"),
        ("x }}", "Ligne 1 : des accolades ne sont pas fermées ou pas ouvertes : un champ s’écrit"),
        ("un **deux", "Ligne 1 : il manque « ** » pour fermer le gras"),
        ("un *deux", "Ligne 1 : il manque « * » pour fermer l’italique"),
        ('#read("/etc/passwd")', "Ligne 1 : un titre s’écrit « # Titre » ou « ## Titre », avec une espace"),
        ("### x", "Ligne 1 : un titre s’écrit « # Titre » ou « ## Titre », avec une espace"),
        ("| a | b |\n| c |", "Ligne 2 : une ligne de tableau a de 2 à 8 cases, entre des « | »."),
        ("| a | b |\n| c | d | e |", "Ligne 2 : cette ligne a 3 cases et la première du tableau en a 2."),
        ("| a | b", "Ligne 1 : une ligne de tableau commence et finit par « | »."),
        ("a\n[signatures]", "Ligne 2 : dites qui signe : une ligne « - Rôle | Nom » par personne sous"),
        ("[signatures]\n- | Nom", "Ligne 2 : écrivez « - Rôle | Nom » pour chaque personne qui signe."),
        ("{% if x %}**{% endif %}gras**", "Ligne 1 : il manque « ** » pour fermer le gras"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(body, expected):
    sentences = [sentence.replace("\u00a0", " ") for sentence in told(body)]
    assert any(sentence.startswith(expected) for sentence in sentences), sentences
    with pytest.raises(PaperRefused):
        blocks_of(body)


def test_all_faults_are_told_at_once():
    assert [fault.line for fault in faults("{% if x %}\n\n**a\n\n| b |")] == [1, 3, 5]


def test_hidden_marks_and_control_characters_are_taken_out():
    """A document says what it shows: nothing turns its letters round or hides in it."""
    (paragraph,) = blocks_of("a\x00b\u202ec\u200bd\ufeffe\x1bf\r\ng")
    assert words(paragraph) == [["abcdef g"]]


@pytest.mark.parametrize("sign", ["{%", "{{", "*", "| ", "\\", "#", "{%}", "{{ a }}", "- a\n"])
def test_nonsense_is_answered_quickly(sign):
    body = sign * (LONGEST // len(sign))
    before = time.process_time()
    faults(body)
    assert time.process_time() - before < 5


SIGNS = st.text(alphabet="#-|*{}% \n\\[]ab_ifendl", max_size=200)


@given(SIGNS)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(body):
    wrong = faults(body)
    if wrong:
        assert all(str(fault) for fault in wrong)
    else:
        # What some conditions leave is read, or refused in a sentence too.
        for blank in (set(), {name for _line, name in named_fields(body)}):
            blocks_of(body, blank)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("# x\n\n" * 1_001, 2_001),
        ("- a\n" * 1_001, 1),
        ("| a | b |\n" * 1_001, 1),
        ("*a* **b** " * 3_000, 1),
        ("a\n\n---\n" * 41, 123),
    ],
    ids=["headings", "items", "rows", "looks", "pages"],
)
def test_what_would_take_minutes_to_draw_is_refused(body, line):
    assert [fault.line for fault in faults(body)] == [line]


def test_what_is_long_and_reasonable_is_taken():
    assert faults("# Titre\n\nUn paragraphe.\n\n" * 400 + "a\n\n---\n" * 40) == []
