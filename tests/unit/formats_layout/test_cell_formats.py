"""Numbers as Excel shows them."""

import pytest

from smartmail.formats.layout.cell_formats import BUILT_IN, shown


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (1234567, "General", "1234567"),
        (0.1 + 0.2, "General", "0.3"),
        (-3, "General", "-3"),
        (1e20, "General", "1e+20"),
        (1234567.891, "#,##0", "1,234,568"),
        (1234.5, "#,##0.00", "1,234.50"),
        (402.5, "#,##0", "403"),
        (1.005, "0.00", "1.01"),
        (0.145, "0%", "15%"),
        (1e300, "0.0", f"{1e300:.1f}"),
        (0.5, "0%", "50%"),
        (0.1234, "0.0#%", "12.34%"),
        (5, "000", "005"),
        (1240000000, '#,##0"원"', "1,240,000,000원"),
        (-1200, '"₩"#,##0;[Red]-"₩"#,##0', "-₩1,200"),
        (-1200, "#,##0_);(#,##0)", "(1,200)"),
        (0, '0;-0;"없음"', "없음"),
        (1234567, "#,##0,", "1,235"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (46400, "yyyy-mm-dd", "2027-01-13"),
        (46400, "yyyy년 m월 d일 aaaa", "2027년 1월 13일 수요일"),
        (46400, 'yyyy"년 "m"월"', "2027년 1월"),
        (46400.75, "yyyy/mm/dd hh:mm", "2027/01/13 18:00"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (0.75, "오전/오후 h:mm", "오후 6:00"),
        (0.0035, "mm:ss", "05:02"),
        (1.5, "[h]:mm", "36:00"),
        (-1, "yyyy-mm-dd", "-1"),
        (3.14159, "[$₩-412]#,##0.00", "₩3.14"),
        (7, "@", "7"),
        (1, "", "1"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value, form, expected):
    assert shown(value, form) == expected


def test_dates_of_old_macs_begin_in_1904():
    assert shown(0, "yyyy-mm-dd", since_1904=True) == "1904-01-01"


def test_every_built_in_format_shows_every_number():
    for form in BUILT_IN.values():
        for value in (0, 1, -1, 46400.5, 1e15, -1e-9, 2_958_465.9):
            assert isinstance(shown(value, form), str)


@pytest.mark.parametrize(
    "form", ['"', "\\", "[", "0" * 300, "#,##0.0.0.0", "y" * 300, ";;;;", "_", "*", "%%%%%%%%%%%%%%%"]
)
def test_formats_that_are_none_raise_nothing(form):
    assert isinstance(shown(12.5, form), str)
