"""What the sender demands (REQUIRETLS) and what was once promised (MTA-STS), against Postfix."""

import pytest
from tests.peers.transport_world import ADMIN, POLICY, Cell, open_world

from smartmail.domain.principal import Origin
from smartmail.domain.transport import PartnerRule, StsRow
from smartmail.service.flow.delivery.desk import Hello

pytestmark = pytest.mark.peer

DAY = 86_400_000
OPEN = ("delivered", "2.0.0", "TLSv1.3", "none")


def selfsigned(kinds, _authority):
    return [kinds["selfsigned"].certificate.tlsa(3)]


async def test_requiretls_comes_back_where_it_cannot_be_kept(dns_lab, tmp_path):
    """This Postfix does not know REQUIRETLS: however well it proves itself, it does not get the message."""
    cells = [Cell("r-good", "good"), Cell("r-dane", "selfsigned", selfsigned), Cell("r-unnamed", "good", secure=False)]
    async with open_world(dns_lab, tmp_path, cells) as world:
        services = world.house.services
        actor = await services.auth.login("kim@a.example", "correct horse", Origin("smtp"))
        hello = Hello("client", Origin("smtp"), "submission", "ESMTPSA", "mx.test", "TLSv1.3 x", actor)
        incoming = services.delivery.incoming(hello, max_size=1 << 20)
        await incoming.mail("kim@a.example", require_tls=True)
        for cell in cells:
            await incoming.rcpt(f"x@{cell.domain}")
        await incoming.begin()
        await incoming.chunk(b"From: kim@a.example\r\nSubject: matrix\r\nTLS-Required: No\r\n\r\nbody\r\n")
        await incoming.finish()
        lost = ("bounced", "5.7.30", "", "")
        found = await world.settle(cells, 0)
        assert found == {"r-good": lost, "r-dane": lost, "r-unnamed": lost}
        assert world.hosts.messages() == []
        text = await world.report()
        assert "Status: 5.7.30" in text and "does not offer REQUIRETLS" in text


async def test_a_policy_once_seen_outlives_its_record(dns_lab, tmp_path):
    cells = [
        Cell("kept", "wrong", sts="enforce", record=False), Cell("over", "wrong", sts="enforce", record=False),
        Cell("renewed", "wrong", sts="enforce"), Cell("broken", "wrong", sts="enforce"), Cell("absent", "wrong", sts="enforce"),
    ]  # fmt: skip
    async with open_world(dns_lab, tmp_path, cells) as world:
        store, now = world.house.store, world.house.clock.now()

        async def keep(name: str, mode: str, identity: str, until: int) -> None:
            text = POLICY.format(mode=mode, mx=f"mx.{name}.test")
            await store.put_sts_policy(StsRow(f"{name}.test", identity, text, now, until))

        await keep("kept", "enforce", "0", now + DAY)
        await keep("over", "enforce", "0", now - 1)
        await keep("renewed", "testing", "0", now + DAY)
        # RFC 8461 §5.1: a fetch that fails leaves the policy that is known in force.
        await keep("broken", "enforce", "0", now + DAY)
        world.policies.policies["broken.test"] = "version: STSv7\n"
        del world.policies.policies["absent.test"]
        lost = ("deferred", "4.7.5", "", "")
        expected = {"kept": lost, "over": OPEN, "renewed": lost, "broken": lost, "absent": OPEN}
        assert await world.outcomes(expected) == expected
        assert (await store.sts_policy("renewed.test")).policy_id == "1"
        failed = {line["domain"]: line["result"] for line in world.events("transport.policy_failed")}
        assert failed == {"broken.test": "sts-policy-invalid", "absent.test": "sts-policy-fetch-error"}


async def test_the_next_host_is_tried(dns_lab, tmp_path):
    """RFC 7672 §2.2, RFC 8461 §5: a host that proves nothing is passed over like one that is down."""
    cells = [
        Cell("two-dane", "good"),
        Cell("two-sts", "good", sts="enforce", mx="mx.two-sts.test"),
        Cell("two-rule", "good"),
    ]
    async with open_world(dns_lab, tmp_path, cells) as world:
        kinds, port = world.hosts.kinds, world.hosts.port
        for cell in cells:
            lines = [
                "@ MX 10 bad", "@ MX 20 mx", f"bad A {kinds['wrong'].address}", f"mx A {kinds['good'].address}",
                "mta-sts A 127.0.0.1",
            ]  # fmt: skip
            if cell.name == "two-dane":
                lines.append(f"_{port}._tcp.bad TLSA {kinds['good'].certificate.tlsa(3)}")
                lines.append(f"_{port}._tcp.mx TLSA {kinds['good'].certificate.tlsa(3)}")
            if cell.sts:
                lines.append('_mta-sts TXT "v=STSv1; id=1;"')
            world.lab.zone(cell.domain, "\n".join(lines))
        await world.house.services.transport.rules.set_partner(ADMIN, PartnerRule("two-rule.test"))
        expected = {
            "two-dane": ("delivered", "2.0.0", "TLSv1.3", "dane"),
            "two-sts": ("delivered", "2.0.0", "TLSv1.3", "sts"),
            "two-rule": ("delivered", "2.0.0", "TLSv1.3", "partner"),
        }
        assert await world.outcomes(expected) == expected
        assert await world.results("two-dane.test") == ["", "validation-failure"]
        assert await world.results("two-sts.test") == ["", "validation-failure"]
        assert await world.results("two-rule.test") == ["", "certificate-host-mismatch"]
