"""Contract of the store: tables of addresses and histories of senders (ports/store_route.py), on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.adapters.sql import route
from smartmail.domain.route import MONTHS, SenderCountry

MONTH = 2026 * 12 + 10


async def test_a_table_comes_back_whole_and_the_newest_holds(bench: Bench):
    store = bench.store
    assert await store.geo_versions() == {}
    assert await store.geo_table("country") is None
    pieces = [bytes([number]) * 70_000 for number in range(12)]
    first = await store.put_geo_table("country", pieces)
    assert await store.geo_versions() == {"country": first}
    assert await store.geo_table("country") == b"".join(pieces)
    second = await store.put_geo_table("country", [b"new"])
    assert second > first
    assert await store.geo_table("country") == b"new"
    await store.put_geo_table("asn", [b"other"])
    assert await store.geo_table("country") == b"new"


async def test_a_table_taken_back_is_gone_and_its_version_is_never_used_again(bench: Bench):
    first = await bench.store.put_geo_table("asn", [b"x"])
    await bench.store.put_geo_table("asn", [])
    assert await bench.store.geo_versions() == {}
    assert await bench.store.geo_table("asn") is None
    assert await bench.store.put_geo_table("asn", [b"x"]) > first


async def test_a_senders_countries_belong_to_one_account(bench: Bench):
    store, account = bench.store, bench.account.id
    lee = await bench.new_account("lee@acme.test")
    before = (await store.account(account)).modseq
    await store.note_sender_country(account, b"\xff1", "KR", MONTH)
    await store.note_sender_country(account, b"\xff1", "KR", MONTH + 2)
    await store.note_sender_country(account, b"\xff1", "NG", MONTH + 1)
    await store.note_sender_country(account, b"\xff2", "JP", MONTH)
    assert await store.sender_countries(account, b"\xff1") == [
        SenderCountry("KR", MONTH, MONTH + 2),
        SenderCountry("NG", MONTH + 1, MONTH + 1),
    ]
    assert await store.sender_countries(lee.id, b"\xff1") == []
    # No change of mail: clients have nothing to look at.
    assert (await store.account(account)).modseq == before


async def test_after_a_year_of_silence_a_country_is_new(bench: Bench):
    store, account = bench.store, bench.account.id
    await store.note_sender_country(account, b"\xff1", "KR", MONTH)
    await store.note_sender_country(account, b"\xff1", "KR", MONTH + MONTHS)
    assert await store.sender_countries(account, b"\xff1") == [SenderCountry("KR", MONTH + MONTHS, MONTH + MONTHS)]


async def test_an_earlier_month_never_takes_a_later_one_back(bench: Bench):
    store, account = bench.store, bench.account.id
    await store.note_sender_country(account, b"\xff1", "KR", MONTH + 3)
    await store.note_sender_country(account, b"\xff1", "KR", MONTH)
    assert await store.sender_countries(account, b"\xff1") == [SenderCountry("KR", MONTH + 3, MONTH + 3)]


async def test_the_history_of_an_account_is_bounded(bench: Bench, monkeypatch):
    monkeypatch.setattr(route, "MAX_SENDERS", 20)
    monkeypatch.setattr(route, "_SPARE", 2)
    store, account = bench.store, bench.account.id
    for number in range(30):
        await store.note_sender_country(account, bytes([200, number]), "KR", MONTH + number // 10)
    await store.note_sender_country(account, b"\x00tidies up", "KR", MONTH + 3)
    kept = [number for number in range(30) if await store.sender_countries(account, bytes([200, number]))]
    # Thirty-one lines were there; the twenty that stay, less the spare ones, are the newest.
    assert kept == list(range(13, 30))


async def test_tidying_forgets_what_is_older_than_a_year(bench: Bench):
    store, account = bench.store, bench.account.id
    await store.note_sender_country(account, b"\xffold", "KR", MONTH)
    await store.note_sender_country(account, b"\xffnew", "KR", MONTH + 1)
    await store.note_sender_country(account, b"\x00tidies up", "KR", MONTH + MONTHS)
    assert await store.sender_countries(account, b"\xffold") == []
    assert await store.sender_countries(account, b"\xffnew") != []
