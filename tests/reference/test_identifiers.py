import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from pratik.reference.identifiers import (
    format_phone,
    read_phone,
    read_postcode,
    read_siren,
    read_siret,
    read_uai,
    validate_phone,
    validate_postcode,
    validate_siren,
    validate_siret,
    validate_uai,
)

SIRET = "73282932000074"
UAIS = [
    "9730001N",
    "9730003R",
    "9730010Y",
    "9730013B",
    "9730094P",
    "9730108E",
    "9730196A",
    "9730423X",
    "9730513V",
]


def refusal(read, *args):
    with pytest.raises(ValidationError) as refused:
        read(*args)
    return refused.value.code, refused.value.messages[0]


class TestSiret:
    @pytest.mark.parametrize(
        "written",
        [
            SIRET,
            "732 829 320 00074",
            "732.829.320.00074",
            " 732\u00a0829\u202f320\u00a000074\n",
            "\u200b73282932000074",
            "73282932000074.0",
            "'73282932000074",
            73282932000074,
            73282932000074.0,
        ],
    )
    def test_every_way_of_writing_gives_one_spelling(self, written):
        assert read_siret(written) == SIRET

    @pytest.mark.parametrize("siret", ["35600000000048", "35600000049837"])
    def test_la_poste_passes_by_luhn_or_by_the_sum_of_its_digits(self, siret):
        assert read_siret(siret) == siret

    def test_la_poste_may_be_wrong_too(self):
        assert refusal(read_siret, "35600000049838")[0] == "wrong_check_digit"

    def test_a_number_may_have_lost_its_first_zeros(self):
        assert read_siret(5410220700013) == "05410220700013"
        # In a text nothing was taken away: a digit is missing.
        assert refusal(read_siret, "5410220700013")[0] == "wrong_length"

    def test_a_siren_in_the_siret_column_is_not_filled_up_with_zeros(self):
        assert refusal(read_siret, 732829320)[0] == "wrong_length"

    @pytest.mark.parametrize("cut", ["1,23457E+13", "1.23457E+13", "7.3282932e13", "1,23457 E+13"])
    def test_a_number_that_excel_cut_says_what_to_do(self, cut):
        code, message = refusal(read_siret, cut)
        assert code == "spreadsheet_number"
        assert cut in message
        assert "Excel" in message
        assert "format Texte" in message

    def test_a_wrong_length_is_counted(self):
        assert refusal(read_siret, "7328293200007") == (
            "wrong_length",
            "SIRET «\u00a07328293200007\u00a0»\u00a0: 13 chiffres trouvés au lieu de 14.",
        )
        assert "1 chiffre trouvé au lieu" in refusal(read_siret, "7")[1]

    def test_the_stranger_among_the_digits_is_named(self):
        code, message = refusal(read_siret, "7328293200007O")
        assert code == "invalid_characters"
        assert "«\u00a0O\u00a0»" in message

    def test_digits_of_other_scripts_are_no_digits(self):
        assert refusal(read_siret, "٧٣٢٨٢٩٣٢٠٠٠٠٧٤")[0] == "invalid_characters"

    def test_a_wrong_check_digit_tells_which_half_to_check(self):
        code, message = refusal(read_siret, "73282932000075")
        assert code == "wrong_check_digit"
        assert "5 derniers chiffres (00075)" in message
        code, message = refusal(read_siret, "73282932100074")
        assert code == "wrong_check_digit"
        assert "9 premiers chiffres (732829321)" in message

    @pytest.mark.parametrize("empty", ["", "  ", None])
    def test_nothing_is_said_to_be_nothing(self, empty):
        assert refusal(read_siret, empty)[0] == "blank"

    def test_zeros_are_nobody(self):
        assert refusal(read_siret, "0" * 14)[0] == "wrong_check_digit"

    @given(st.integers(min_value=0, max_value=13), st.integers(min_value=1, max_value=9))
    def test_one_wrong_digit_is_always_noticed(self, position, shift):
        digit = str((int(SIRET[position]) + shift) % 10)
        assert refusal(read_siret, SIRET[:position] + digit + SIRET[position + 1 :])[0] == "wrong_check_digit"


def test_siren():
    assert read_siren("732 829 320") == read_siren(732829320) == "732829320"
    assert read_siren("356000000") == "356000000"
    assert refusal(read_siren, "732829321")[0] == "wrong_check_digit"
    assert refusal(read_siren, "000000000")[0] == "wrong_check_digit"
    assert refusal(read_siren, SIRET)[0] == "wrong_length"


class TestUai:
    @pytest.mark.parametrize("uai", UAIS)
    def test_real_schools(self, uai):
        assert read_uai(uai) == uai

    @pytest.mark.parametrize("written", ["9730001n", " 973 0001 N ", "973-0001-n", "9730001N\u00a0"])
    def test_every_way_of_writing_gives_one_spelling(self, written):
        assert read_uai(written) == "9730001N"

    @pytest.mark.parametrize("letter", "ABCDEFGHIJKLMOPQRSTUVWXYZ")
    def test_a_wrong_letter_tells_the_right_one(self, letter):
        code, message = refusal(read_uai, f"9730001{letter}")
        assert code == "wrong_letter"
        assert "«\u00a0N\u00a0»" in message

    @pytest.mark.parametrize("written", ["9730001", 9730001])
    def test_a_missing_letter_is_told(self, written):
        code, message = refusal(read_uai, written)
        assert code == "missing_letter"
        assert "«\u00a0N\u00a0»" in message

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("973001N", "wrong_length"),
            ("97300O1N", "invalid_characters"),
            ("Lycée", "wrong_length"),
            ("", "blank"),
        ],
    )
    def test_what_is_no_uai(self, written, code):
        assert refusal(read_uai, written)[0] == code


class TestPostcode:
    @pytest.mark.parametrize(
        ("written", "postcode"),
        [("97300", "97300"), (" 97 300", "97300"), (97300, "97300"), (97300.0, "97300"), (1000, "01000")],
    )
    def test_read(self, written, postcode):
        assert read_postcode(written) == postcode

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("1000", "wrong_length"),
            (100, "wrong_length"),
            ("97300 CEDEX", "invalid_characters"),
            ("", "blank"),
        ],
    )
    def test_refused(self, written, code):
        assert refusal(read_postcode, written)[0] == code


class TestPhone:
    @pytest.mark.parametrize(
        "written",
        [
            "05 94 29 65 80",
            "0594296580",
            "0594.29.65.80",
            "(0594) 29-65-80",
            "0594\u00a029\u00a065\u00a080",
            "+594 594 29 65 80",
            "+594 (0)594 29 65 80",
            "00594594296580",
            594296580,
            594296580.0,
            594594296580,
        ],
    )
    def test_every_way_of_writing_gives_one_spelling(self, written):
        assert read_phone(written) == "+594594296580"

    @pytest.mark.parametrize(
        ("written", "e164"),
        [
            ("+594 694 20 30 40", "+594694203040"),
            ("06 12 34 56 78", "+33612345678"),
            ("0033 6 12 34 56 78", "+33612345678"),
            (33612345678, "+33612345678"),
            ("0696 20 30 40", "+596696203040"),
            ("0690 30 30 40", "+590690303040"),
            ("0262 20 20 20", "+262262202020"),
            ("+597 421234", "+597421234"),
        ],
    )
    def test_the_rest_of_france_and_the_neighbours(self, written, e164):
        assert read_phone(written) == e164

    def test_another_region_reads_its_own_numbers_only(self):
        assert read_phone("421234", "SR") == "+597421234"
        assert refusal(read_phone, "0594 29 65 80", "SR")[0] == "invalid_phone"

    @pytest.mark.parametrize(
        "written",
        [
            "15",
            "0700000000",
            "0594 CAYENNE",
            "0594 29 65 80 / 0694 20 30 40",
            "0594296580 poste 12",
            "+",
            "-5",
            -5,
        ],
    )
    def test_what_is_no_number_is_refused_with_an_example(self, written):
        code, message = refusal(read_phone, written)
        assert code == "invalid_phone"
        assert str(written) in message
        assert "0594 29 65 80" in message

    def test_a_number_that_excel_cut(self):
        assert refusal(read_phone, "5,94594E+11")[0] == "spreadsheet_number"

    @pytest.mark.parametrize(
        ("e164", "shown"),
        [
            ("+594594296580", "0594 29 65 80"),
            ("+33612345678", "06 12 34 56 78"),
            ("+597421234", "+597 421-234"),
            ("voir secrétariat", "voir secrétariat"),
            ("", ""),
        ],
    )
    def test_shown(self, e164, shown):
        assert format_phone(e164) == shown

    @given(st.integers(min_value=594_200_000, max_value=594_399_999))
    def test_what_is_shown_is_read_back(self, national):
        try:
            e164 = read_phone(national)
        except ValidationError:
            return
        assert read_phone(format_phone(e164)) == e164


VALIDATORS = [
    (validate_siren, "732829320", "732 829 320", "732829321"),
    (validate_siret, SIRET, "732 829 320 00074", "73282932000075"),
    (validate_uai, "9730001N", "9730001n", "9730001M"),
    (validate_postcode, "97300", "97 300", "973"),
    (validate_phone, "+594594296580", "0594 29 65 80", "15"),
]


@pytest.mark.parametrize(("validate", "stored", "typed", "wrong"), VALIDATORS)
def test_a_model_field_takes_the_stored_spelling_only(validate, stored, typed, wrong):
    validate(stored)
    code, message = refusal(validate, typed)
    assert code == "not_normalised"
    assert stored in message
    assert refusal(validate, wrong)[0] != "not_normalised"
