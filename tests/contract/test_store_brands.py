"""Contract of the store: logos of other domains, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.brands import BrandLogo

LOGO = BrandLogo("b.example", b"s" * 32, 5000, b"p" * 32, b"<svg/>", "verified", "Brand", "Authority", b"r" * 32)


async def test_a_logo_is_kept_replaced_and_found_by_domain_and_picture(bench: Bench):
    store = bench.store
    assert await store.brand_logo("b.example", LOGO.source) is None
    await store.put_brand_logo(LOGO)
    assert await store.brand_logo("b.example", LOGO.source) == LOGO
    assert await store.brand_pictures(LOGO.picture) == [LOGO]
    assert await store.brand_pictures(b"x" * 32) == []
    assert await store.brand_pictures(b"") == []
    newer = replace(LOGO, picture=b"", svg=b"", expires_at=9000, reason="not proved", looked_at=7, standing="unknown")
    await store.put_brand_logo(newer)
    other = replace(LOGO, domain="c.example", source=b"t" * 32)
    await store.put_brand_logo(other)
    assert await store.brand_logos(["b.example", "c.example", "d.example"]) == [newer, other]
    assert await store.brand_logos([]) == []


async def test_what_has_expired_is_forgotten(bench: Bench):
    store = bench.store
    await store.put_brand_logo(LOGO)
    await store.put_brand_logo(replace(LOGO, source=b"t" * 32, expires_at=7000))
    assert await store.drop_brand_logos(7000) == 1
    assert [row.expires_at for row in await store.brand_logos(["b.example"])] == [7000]


async def test_which_company_has_had_mail_of_whom_is_noted_and_forgotten(bench: Bench):
    store = bench.store
    assert not await store.brand_seen(1, b"m" * 16)
    await store.note_brand_seen(1, b"m" * 16, 1000, 0)
    await store.note_brand_seen(2, b"n" * 16, 1000, 0)
    assert [await store.brand_seen(*one) for one in ((1, b"m" * 16), (2, b"m" * 16), (2, b"n" * 16))] == [
        True,
        False,
        True,
    ]
    await store.note_brand_seen(1, b"m" * 16, 3000, 2000)
    assert [await store.brand_seen(*one) for one in ((1, b"m" * 16), (2, b"n" * 16))] == [True, False]
