"""The Sender Rewriting Scheme (formats/srs.py)."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats import srs


def mac(octets: bytes, key: bytes = b"key") -> bytes:
    return hmac.digest(key, octets, hashlib.sha256)


def way_back(address: str, day: int, key: bytes = b"key") -> str | None:
    return srs.back(address.rpartition("@")[0], day, lambda octets: mac(octets, key))


ATOMS = st.from_regex(r"[a-z0-9+.=-]{1,20}", fullmatch=True).filter(lambda text: not srs.is_rewritten(text))
HOSTS = st.from_regex(r"[a-z0-9]{1,8}\.example", fullmatch=True)


@given(ATOMS, HOSTS, st.integers(0, 100_000), st.integers(0, srs.LIFE_DAYS))
def test_the_way_back_leads_to_the_sender(local, host, day, later):
    made = srs.forward(f"{local}@{host}", "a.example", day, mac)
    assert made is not None and made.endswith("@a.example") and made.startswith("SRS0=")
    assert way_back(made, day + later) == f"{local}@{host}"
    assert way_back(made.upper(), day + later).lower() == f"{local}@{host}"


@given(ATOMS, HOSTS, HOSTS, st.integers(0, 100_000))
def test_a_second_forwarder_leads_back_to_the_first(local, host, first, day):
    once = srs.forward(f"{local}@{host}", first, day, lambda octets: mac(octets, b"other"))
    twice = srs.forward(once, "a.example", day, mac)
    if twice is None:
        return
    assert way_back(twice, day) == once
    third = srs.forward(twice, "c.example", day, lambda octets: mac(octets, b"third"))
    assert third is not None and len(third) <= len(twice) + len("c.example"), "it does not grow"
    assert way_back(third, day, b"third") == once


@given(st.text(max_size=80), st.integers(0, 100_000))
def test_what_we_did_not_make_leads_nowhere_and_raises_nothing(local, day):
    assert srs.back(local, day, mac) is None
    assert srs.back(f"SRS0={local}", day, mac) is None
    assert srs.back(f"SRS1={local}", day, mac) is None
    assert srs.back(f"SRS0=abcdefgh=aa=x.example={local}", day, mac) is None


def test_it_ends_after_its_days():
    made = srs.forward("kim@c.example", "a.example", 500, mac)
    assert way_back(made, 500 + srs.LIFE_DAYS) == "kim@c.example"
    assert way_back(made, 500 + srs.LIFE_DAYS + 1) is None
    assert way_back(made, 499) is None


def test_another_key_or_sender_is_refused():
    made = srs.forward("kim@c.example", "a.example", 500, mac)
    assert way_back(made, 500, b"other") is None
    assert way_back(made.replace("=kim", "=lee"), 500) is None
    assert way_back(made.replace("c.example", "d.example"), 500) is None


@pytest.mark.parametrize("address", ["", "kim", "@c.example", "k" * 60 + "@c.example"])
def test_what_cannot_be_rewritten_is_not(address):
    assert srs.forward(address, "a.example", 1, mac) is None
