"""BIMI: an indicator is found only for what DMARC proves under a policy that is enforced."""

import pytest
from tests.unit.proto_mailauth.zones import Table

from smartmail.proto.mailauth import bimi, dmarc

SHOWN = "v=BIMI1; l=https://a.test/logo.svg; a=https://a.test/vmc.pem"


async def found(
    record: str | list[str] | None, *, policy: str = "p=reject", author: str = "a.test", at: str = "a.test"
):
    names = Table({"_dmarc.a.test": {"TXT": [f"v=DMARC1; {policy}"]}})
    if record is not None:
        names.zone[f"default._bimi.{at}"] = {"TXT": record}
    verdict = await dmarc.judge(author, author, [], names.ask)
    return await bimi.look_up(verdict, names.ask), names


@pytest.mark.parametrize(
    ("record", "result"),
    [
        (SHOWN, "pass"),
        ("v=BIMI1; l=; a=;", "declined"),
        ("v=BIMI1;l=http://a.test/logo.svg", "fail"),
        ("v=BIMI1;l=javascript:alert(1)", "fail"),
        ("v=BIMI1;l=https://a.test/x y", "fail"),
        ("v=BIMI1; nonsense", "fail"),
        ([SHOWN, SHOWN], "fail"),
        ("v=spf1 -all", "none"),
        (None, "none"),
        ("away", "temperror"),
    ],
)
async def test_records(record, result) -> None:
    verdict, _names = await found(record)
    assert verdict.result == result
    assert (verdict.location == "https://a.test/logo.svg") == (result == "pass")


async def test_the_organisation_s_indicator_serves_below_it() -> None:
    verdict, _names = await found(SHOWN, author="news.a.test")
    assert (verdict.result, verdict.domain, verdict.authority) == ("pass", "a.test", "https://a.test/vmc.pem")


@pytest.mark.parametrize("policy", ["p=none", "p=quarantine; t=y"])
async def test_without_enforcement_nobody_is_asked(policy) -> None:
    verdict, names = await found(SHOWN, policy=policy)
    assert verdict.result == "skipped"
    assert not [name for name, _kind in names.asked if "_bimi" in name]
