"""Every hue gives colours that can be read, in both themes."""

import re

from smartmail.formats.colour import LEAST, WHITE, Oklch, contrast, dark_tokens, light_tokens, shown, stylesheet

LIGHT_GROUNDS, DARK_GROUNDS = ((1, 0), (0.958, 0.011), (0.928, 0.016)), ((0.172, 0.014), (0.218, 0.014), (0.285, 0.026))
DARK_TEXT, LIGHT_TEXT = Oklch(0.225, 0.022, 264), Oklch(0.945, 0.006, 264)


def test_contrast_is_that_of_wcag():
    assert round(contrast(WHITE, Oklch(0, 0, 0)), 2) == 21
    red = Oklch(0.62796, 0.25768, 29.234)  # #ff0000
    assert round(contrast(red, WHITE), 1) == 4.0
    assert contrast(red, WHITE) == contrast(WHITE, red)


def test_every_hue_can_be_read_in_both_themes():
    for hue in range(360):
        for tokens, grounds, text in (
            (light_tokens(hue), LIGHT_GROUNDS, DARK_TEXT), (dark_tokens(hue), DARK_GROUNDS, LIGHT_TEXT),
        ):  # fmt: skip
            accent, soft, on = tokens["--accent"], tokens["--accent-soft"], tokens["--on-accent"]
            for ground in (*(Oklch(*one, hue) for one in grounds), soft):
                assert contrast(accent, ground) >= LEAST, (hue, ground)
            assert contrast(on, accent) >= LEAST, hue
            assert contrast(on, tokens["--accent-strong"]) >= LEAST, hue
            assert contrast(text, soft) >= LEAST, hue


def test_what_a_screen_cannot_show_loses_chroma():
    for hue in range(0, 360, 15):
        assert all(-0.001 <= one <= 1.001 for one in shown(0.52, 0.3, hue).linear)
    assert shown(0.52, 0.02, 200).chroma == 0.02


def test_the_stylesheet_names_tokens_only():
    text = stylesheet(140)
    assert set(re.findall(r"--[a-z-]+", text)) == {
        "--brand-hue",
        "--accent",
        "--accent-strong",
        "--accent-soft",
        "--on-accent",
    }
    assert re.sub(r"oklch\([0-9. ]+\)", "", text).count("(") == 1 + 1  # prefers-color-scheme, :not
