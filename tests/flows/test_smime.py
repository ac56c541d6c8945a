"""What a signature was worth when the message came is kept with it, whatever becomes of the certificate later."""

import asyncio
import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from tests.flows.house import open_house
from tests.unit.formats import smime_house as signing

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor, Origin

TODAY = datetime.now(UTC)


@pytest.mark.parametrize("spoilt", [False, True])
async def test_the_state_at_delivery_stays(tmp_path, spoilt) -> None:
    ca = signing.authority()
    signer = signing.person(ca, start=TODAY - timedelta(days=9), end=TODAY + timedelta(days=9))
    octets = signing.message(signer)
    if spoilt:
        octets = octets.replace("초안".encode(), "원본".encode())
    async with open_house(tmp_path, domains=("a.test",)) as house:
        lee = await house.person("lee@a.test")
        trust = house.services.smime.trust
        admin = Actor(AccountId(0), lee.organization_id, "", is_admin=True, origin=Origin("cli"))
        row = await trust.add_root(admin, lee.organization_id, ca.pem)

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", house.ports["smtp"], timeout=60) as client:
                client.sendmail("kim@b.test", ["lee@a.test"], octets)

        await asyncio.to_thread(send)
        await trust.remove_root(admin, lee.organization_id, row.fingerprint)
        actor = Actor(lee.id, lee.organization_id, lee.login, is_admin=False, origin=Origin("web"))
        [message] = await house.services.reading.every_row(actor, lee.id)
        state = (await house.services.smime.states(actor, lee.id, [MessageId(message.id)]))[message.id]
        assert state.at_delivery == ("signed/failed" if spoilt else "signed/verified")
        assert state.status == "signed/failed"
        assert "untrusted" in state.faults
        found = await house.services.smime.verified(actor, lee.id, at_delivery=True)
        assert found == (frozenset() if spoilt else frozenset([message.id]))
