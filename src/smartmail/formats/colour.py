"""Colours of a company out of one hue, each light or dark enough to be read.

OKLCH after B. Ottosson (2020) as in CSS Color 4 §9; contrast after WCAG 2.2 §1.4.3 (relative luminance of sRGB).
"""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final

LEAST: Final = 4.5
_STEP: Final = 0.005
Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Oklch:
    """A colour: lightness 0–1, chroma, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    @property
    def css(self) -> str:
        """Return it as CSS has it."""
        return f"oklch({self.lightness:.3f} {self.chroma:.3f} {self.hue:g})"

    @property
    def linear(self) -> Rgb:
        """Return linear sRGB; outside of 0–1 where a screen cannot show it."""
        a, b = self.chroma * cos(radians(self.hue)), self.chroma * sin(radians(self.hue))
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        middle = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )

    @property
    def luminance(self) -> float:
        """Return the relative luminance of what a screen shows."""
        red, green, blue = (min(1.0, max(0.0, one)) for one in self.linear)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def shown(lightness: float, chroma: float, hue: float) -> Oklch:
    """Return the colour with as much of its chroma as a screen can show."""
    found = Oklch(lightness, chroma, hue)
    while found.chroma > 0 and not all(-0.0005 <= one <= 1.0005 for one in found.linear):
        found = Oklch(lightness, max(0.0, found.chroma - _STEP), hue)
    return found


def contrast(one: Oklch, other: Oklch) -> float:
    """Return the contrast of two colours, 1 to 21."""
    light, dark = sorted((one.luminance, other.luminance), reverse=True)
    return (light + 0.05) / (dark + 0.05)


WHITE: Final = Oklch(1, 0, 0)


def light_tokens(hue: float) -> dict[str, Oklch]:
    """Return the accent tokens of the light theme."""
    page, soft = Oklch(0.928, 0.016, hue), shown(0.945, 0.032, hue)
    accent = shown(0.475, 0.178, hue)
    # Text on a hover of the ground, text on its own soft ground, and white on the button.
    while min(contrast(accent, page), contrast(accent, soft), contrast(WHITE, accent)) < LEAST:
        accent = shown(accent.lightness - _STEP, 0.178, hue)
    return {
        "--accent": accent, "--accent-strong": shown(accent.lightness - 0.07, 0.17, hue), "--accent-soft": soft,
        "--on-accent": WHITE,
    }  # fmt: skip


def dark_tokens(hue: float) -> dict[str, Oklch]:
    """Return the accent tokens of the dark theme."""
    page, soft = Oklch(0.285, 0.026, hue), shown(0.298, 0.058, hue)
    on = shown(0.185, 0.04, hue)
    accent = shown(0.745, 0.118, hue)
    while min(contrast(accent, page), contrast(accent, soft), contrast(on, accent)) < LEAST:
        accent = shown(accent.lightness + _STEP, 0.118, hue)
    return {
        "--accent": accent, "--accent-strong": shown(min(0.98, accent.lightness + 0.075), 0.095, hue),
        "--accent-soft": soft, "--on-accent": on,
    }  # fmt: skip


def stylesheet(hue: float) -> str:
    """Return CSS that puts the colours of a company in the place of ours: more specific than the tokens themselves."""

    def rule(selector: str, tokens: dict[str, Oklch]) -> str:
        told = {"--brand-hue": f"{hue:g}"} | {name: one.css for name, one in tokens.items()}
        return selector + "{" + ";".join(f"{name}:{value}" for name, value in told.items()) + "}"

    light, dark = light_tokens(hue), dark_tokens(hue)
    return "\n".join(
        (
            rule(":root:root", light), rule(':root:root[data-theme="dark"]', dark),
            "@media(prefers-color-scheme:dark){" + rule(":root:root:not([data-theme])", dark) + "}",
        )
    )  # fmt: skip
