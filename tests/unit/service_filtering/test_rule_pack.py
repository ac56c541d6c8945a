"""Rules that came by file at work on mail: words, links, senders, weights, and who goes before whom."""

import base64
import time

import msgspec
import pytest
from tests.unit.service_filtering.test_rules import Bench

from smartmail.app import catalogues
from smartmail.app.wiring.protection import compose_rules
from smartmail.domain.errors import NotFound
from smartmail.domain.inspection import Reason
from smartmail.formats.rule_pack import PackRule, RulePack
from smartmail.service.kernel.inspection.wording import reason_text

PACK = RulePack(
    id="t", made_at=1,
    weights={"date-missing": 5.0},
    rules=(
        PackRule(name="parcel", title="택배 사칭", weight=3.0, words=("배송 조회",), also=("주소", "재배송")),
        PackRule(name="bad-host", title="나쁜 곳", weight=2.0, hosts=("bad.example",)),
        PackRule(name="bad-sender", title="나쁜 사람", weight=1.5, senders=("spam.example",)),
    ),
)  # fmt: skip


def bench(pack: RulePack = PACK, **settings) -> Bench:
    made = Bench(pack="p1", **settings)
    made.memory.settings["rule-pack", "p1"] = base64.b64encode(msgspec.json.encode(pack)).decode()
    return made


def mail(text: str, sender: str = "a@b.example", subject: str = "hi") -> bytes:
    head = f"From: {sender}\r\nTo: kim@innotab.com\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return (head + text + "\r\n").encode()


async def reasons(made: Bench, octets: bytes) -> dict[str, Reason]:
    found = await made.judge(octets)
    return {one.rule: one for one in found.reasons}


async def test_words_are_found_whatever_blanks_and_marks_stand_between():
    found = await reasons(bench(), mail("[배 송. 조회] 재-배송 을 눌러"))
    assert (found["pack.parcel"].weight, found["pack.parcel"].facts[0]) == (3.0, "택배 사칭")
    assert "pack.parcel" not in await reasons(bench(), mail("배송 조회만 있습니다"))
    assert "pack.parcel" not in await reasons(bench(), mail("재배송 주소"))


async def test_hosts_and_senders_count_with_what_lies_below_them():
    found = await reasons(bench(), mail("https://login.BAD.example/x", "x@mail.spam.example"))
    assert (found["pack.bad-host"].facts, found["pack.bad-sender"].weight) == (("나쁜 곳", "login.bad.example"), 1.5)
    other = await reasons(bench(), mail("https://notbad.example/ https://bad.example.org/", "x@notspam.example"))
    assert not {"pack.bad-host", "pack.bad-sender"} & set(other)


async def test_a_weight_of_ones_own_goes_before_the_packs_and_that_before_the_tables():
    assert (await reasons(Bench(), mail("x")))["date-missing"].weight == 0.8
    assert (await reasons(bench(), mail("x")))["date-missing"].weight == 5.0
    own = await reasons(bench(weights={"date-missing": 1.0, "pack.bad-host": None}), mail("https://bad.example/"))
    assert own["date-missing"].weight == 1.0
    assert "pack.bad-host" not in own


async def test_a_rule_of_a_pack_is_weighed_like_one_of_the_table():
    made = bench()
    scanning = compose_rules(made.memory, None, None, made.clock).scanning
    await scanning.weigh("pack.bad-host", 0.5, "cli")
    made.clock.time += 10_000
    assert (await reasons(made, mail("https://bad.example/")))["pack.bad-host"].weight == 0.5
    with pytest.raises(NotFound):
        await scanning.weigh("pack.nothing-such", 1.0, "cli")


async def test_a_pack_that_is_gone_or_broken_counts_as_none():
    for kept in (None, "%%%", base64.b64encode(b"{}").decode()):
        made = bench()
        made.memory.settings.pop(("rule-pack", "p1"))
        if kept is not None:
            made.memory.settings["rule-pack", "p1"] = kept
        assert (await reasons(made, mail("배송 조회 재배송")))["date-missing"].weight == 0.8


async def test_the_largest_pack_takes_no_long_look():
    rules = tuple(
        PackRule(name=f"r{n}", title="x", weight=1.0, words=(f"가나다라마{n}", f"바사아자차{n}")) for n in range(1_000)
    )
    made, octets = bench(RulePack(id="t", made_at=1, rules=rules)), mail("가나다라마바사아자차 " * 5_000)
    await made.judge(octets)
    begun = time.process_time()
    await made.judge(octets)
    assert time.process_time() - begun < 1.5


def test_what_was_met_is_told_in_words_in_every_language():
    catalogues.load()
    for language in ("ko", "en", "ja", "zh-Hans", "zh-Hant"):
        text = reason_text(language, Reason("pack.parcel", 3.0, ("택배 사칭", "배송조회")))
        assert "택배 사칭" in text
        assert "배송조회" in text
