"""Logos: what may be shown, and what a stranger would like to have shown."""

import gzip

import pytest
from tests.unit.formats.mark_house import LOGO

from smartmail.formats.svg_tiny import MAX_OCTETS, SvgError, check, unpacked


def with_(octets: bytes) -> bytes:
    return LOGO.replace(b"<rect", octets + b"<rect")


def test_a_logo_passes_plain_and_packed():
    check(LOGO)
    assert unpacked(gzip.compress(LOGO)) == unpacked(LOGO) == LOGO
    check(with_(b'<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><use href="#a"/>'))
    check(with_(b'<path d="M0 0" fill="url(#a)"/>'))


@pytest.mark.parametrize(
    "octets",
    [
        with_(b"<script>alert(1)</script>"),
        with_(b'<image href="https://x.example/p.png"/>'),
        with_(b'<a href="https://x.example/"><path d="M0 0"/></a>'),
        with_(b"<foreignObject/>"),
        with_(b"<style>@import url(https://x.example/)</style>"),
        with_(b'<path d="M0 0" onclick="alert(1)"/>'),
        with_(b'<path d="M0 0" ONLOAD="alert(1)"/>'),
        with_(b'<use href="https://x.example/i.svg#a"/>'),
        with_(b'<use xmlns:q="http://www.w3.org/1999/xlink" q:href="data:image/svg+xml,x"/>'),
        with_(b'<path d="M0 0" fill="url(https://x.example/)"/>'),
        with_(b'<path d="M0 0" style="fill:u\\72l(https://x.example/)"/>'),
        with_(b'<path d="M0 0" fill="u\\72l(https://x.example/)"/>'),
        with_(b'<animate attributeName="x"/>'),
        with_(b'<x:html xmlns:x="http://www.w3.org/1999/xhtml"/>'),
        with_(b"<svg/>"),
        with_(b"<g>" * 100 + b"</g>" * 100),
        LOGO.replace(b"tiny-ps", b"tiny"),
        LOGO.replace(b" viewBox", b' x="1" viewBox'),
        LOGO.replace(b"<title>Brand</title>", b""),
        LOGO.replace(b"?><svg", b'?><!DOCTYPE svg [<!ENTITY a "b">]><svg'),
        LOGO.replace(b"?><svg", b'?><?xml-stylesheet href="https://x.example/"?><svg'),
        LOGO[:-3],
        b"",
        b"\xff" * 50,
        with_(b"<!--" + b"x" * MAX_OCTETS + b"-->"),
    ],
)
def test_nothing_else_does(octets):
    with pytest.raises(SvgError):
        check(octets)


def test_a_bomb_is_not_unpacked():
    with pytest.raises(SvgError, match="larger"):
        unpacked(gzip.compress(b"x" * (MAX_OCTETS + 1)))
    with pytest.raises(SvgError, match="gzip"):
        unpacked(b"\x1f\x8bnot gzip at all")
