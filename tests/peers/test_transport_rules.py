"""What we demand, against Postfix: partner rules, dated exceptions; and what the sender reads."""

import json

import pytest
from tests.peers.transport_world import ADMIN, Cell, open_world

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.transport import PartnerRule, TlsException

pytestmark = pytest.mark.peer

DAY = 86_400_000
BY_RULE = ("delivered", "2.0.0", "TLSv1.3", "partner")
NO_PROOF = ("bounced", "5.7.5", "", "")
IN_CLEAR = ("delivered", "2.0.0", "", "none")
OPEN = ("delivered", "2.0.0", "TLSv1.3", "none")


def selfsigned(kinds, _authority):
    return [kinds["selfsigned"].certificate.tlsa(3)]


PARTNERS = {
    Cell("p-good", "good"): BY_RULE,
    Cell("p-name", "wrong"): NO_PROOF,
    Cell("p-expired", "expired"): NO_PROOF,
    Cell("p-selfsigned", "selfsigned"): NO_PROOF,
    Cell("p-clear", "clear"): ("bounced", "5.7.4", "", ""),
    Cell("p-wait", "wrong"): ("deferred", "4.7.5", "", ""),
    Cell("p-modern", "modern"): BY_RULE,
    Cell("p-only12", "only12"): ("delivered", "2.0.0", "TLSv1.2", "partner"),
    Cell("p-too-old", "only12"): NO_PROOF,
    Cell("p-named", "wrong"): BY_RULE,
    Cell("p-misnamed", "good"): NO_PROOF,
    # DANE proves a host better than any authority: a rule for the partner is content with it.
    Cell("p-dane", "selfsigned", selfsigned): ("delivered", "2.0.0", "TLSv1.3", "dane"),
    # A rule of ours asks for more than the domain does; a message that waives the domain's policies does not waive ours.
    Cell("p-testing", "wrong", sts="testing"): NO_PROOF,
    Cell("below.p-parent", "wrong"): NO_PROOF,
    Cell("free", "wrong"): OPEN,
}


async def test_partner_rules(dns_lab, tmp_path):
    cells = {cell.name: outcome for cell, outcome in PARTNERS.items()}
    async with open_world(dns_lab, tmp_path, list(PARTNERS)) as world:
        rules = world.house.services.transport.rules
        for name in ("p-good", "p-name", "p-expired", "p-selfsigned", "p-clear", "p-dane", "p-testing", "p-only12"):
            await rules.set_partner(ADMIN, PartnerRule(f"{name}.test"))
        await rules.set_partner(ADMIN, PartnerRule("p-wait.test", defer=True))
        await rules.set_partner(ADMIN, PartnerRule(".P-Parent.test"))
        for name in ("p-modern", "p-too-old"):
            await rules.set_partner(ADMIN, PartnerRule(f"{name}.test", "1.3"))
        await rules.set_partner(ADMIN, PartnerRule("p-named.test", names=("elsewhere.test",)))
        await rules.set_partner(ADMIN, PartnerRule("p-misnamed.test", names=("*.elsewhere.test",)))
        assert await world.outcomes(cells, "TLS-Required: No\r\n") == cells, world.hosts.log()
        # The sender reads why (RFC 3464), and the act is in the audit.
        text = await world.report()
        assert "Status: 5.7." in text and "secure transport is demanded by a rule for this partner" in text
        await rules.drop_partner(ADMIN, "p-clear.test")
        assert (await world.outcomes(["p-clear"]))["p-clear"] == IN_CLEAR
        with pytest.raises(NotFound):
            await rules.drop_partner(ADMIN, "p-clear.test")
        with pytest.raises(Invalid):
            await rules.set_partner(ADMIN, PartnerRule("p-clear.test", "1.0"))


async def test_exceptions_have_an_end(dns_lab, tmp_path):
    cells = [Cell("x-old", "old"), Cell("x-older", "old", sts="enforce"), Cell("x-ended", "old")]
    async with open_world(dns_lab, tmp_path, cells) as world:
        rules, now, port = world.house.services.transport.rules, world.house.clock.now(), world.hosts.port
        before = await world.outcomes(["x-old", "x-older"])
        assert before == {"x-old": IN_CLEAR, "x-older": ("deferred", "4.7.5", "", "")}
        await rules.set_exception(ADMIN, TlsException("MX.x-old.test", port, now + DAY))
        await rules.set_exception(ADMIN, TlsException("mx.x-older.test", port, now + DAY))
        # An exception lowers the version, not what has to be proven; one that has ended does nothing.
        past = {"host": "mx.x-ended.test", "port": port, "until": now - 1}
        await world.house.store.put_setting("transport", f"exception:mx.x-ended.test:{port}", json.dumps(past))
        rules._kept = None
        assert await world.outcomes([cell.name for cell in cells]) == {
            "x-old": ("delivered", "2.0.0", "TLSv1.1", "none"),
            "x-older": ("delivered", "2.0.0", "TLSv1.1", "sts"),
            "x-ended": IN_CLEAR,
        }
        assert [one.host for one in await rules.exceptions()] == ["mx.x-ended.test", "mx.x-old.test", "mx.x-older.test"]
        for until in (now, now + 400 * DAY):
            with pytest.raises(Invalid):
                await rules.set_exception(ADMIN, TlsException("mx.x-old.test", port, until))
        # By address too, and taken back.
        await rules.drop_exception(ADMIN, "mx.x-old.test", port)
        await rules.set_exception(ADMIN, TlsException(world.hosts.kinds["old"].address, port, now + DAY))
        assert (await world.outcomes(["x-ended"]))["x-ended"][2] == "TLSv1.1"
