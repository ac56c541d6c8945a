"""Pictures that are compared with kept ones, block by block.

A block is the mean of 6 x 6 pixels: what a browser smooths otherwise along an edge hardly moves a mean, while another colour,
size or radius moves many.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

if TYPE_CHECKING:
    import pathlib

BLOCK = 6
SEEN = 16
"""Of 255: how far the mean of a block must move to be seen."""
MOST_BLOCKS = 8
"""So many blocks may differ: another smoothing moves up to three, the smallest change that one sees thirty."""


def opened(png: bytes) -> Image.Image:
    """A picture without transparency."""
    return Image.open(io.BytesIO(png)).convert("RGB")


def differing(one: Image.Image, other: Image.Image) -> Image.Image:
    """White where a block differs so far that a person sees it."""
    if one.size != other.size:
        return Image.new("L", one.reduce(BLOCK).size, 255)
    channels = ImageChops.difference(one.reduce(BLOCK), other.reduce(BLOCK)).split()
    most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return most.point(lambda far: 255 if far > SEEN else 0)


def blocks(difference: Image.Image) -> int:
    """How many blocks differ."""
    return difference.histogram()[255]


def keep(picture: Image.Image, path: pathlib.Path) -> None:
    """Keep a reference, as small as it can be without loss."""
    picture.save(path, optimize=True)
