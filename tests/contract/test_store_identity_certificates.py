"""Contract of the store: certificates that people log in with, on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.identity_certificates import AuthorityRow, CertificateRule, RevocationListRow
from smartmail.domain.ids import AccountId, OrganizationId

NOW = 1_700_000_000_000
ONE, TWO = OrganizationId(1), OrganizationId(2)


def record(action: str) -> AuditRecord:
    return AuditRecord(NOW, "cli", f"certificates.{action}", "organization:1")


async def actions(bench: Bench) -> list[str]:
    rows = await bench.store.unchained_records("audit", 0, 1000)
    return [row.record.action for row in rows if row.record.action.startswith("certificates.")]


def authority(domain: str = "", fingerprint: str = "aa", organization_id: OrganizationId = ONE) -> AuthorityRow:
    return AuthorityRow(organization_id, domain, fingerprint, "npki", b"der", NOW)


def listed(since: int, *, scope: str = "", issuer: bytes = b"i" * 32, der: bytes = b"list") -> RevocationListRow:
    return RevocationListRow(ONE, issuer, scope, since, since + 100, NOW, "file", der)


async def test_authorities_are_kept_by_organisation_and_domain(bench: Bench):
    store = bench.store
    rows = [authority(), authority("a.example"), authority(fingerprint="bb")]
    for row in rows:
        assert await store.add_certificate_authority(row, record("add"))
    assert not await store.add_certificate_authority(authority(), record("add"))
    assert await store.add_certificate_authority(authority(organization_id=TWO), record("add"))
    assert await store.certificate_authorities(ONE) == [
        authority(),
        authority(fingerprint="bb"),
        authority("a.example"),
    ]
    assert not await store.drop_certificate_authority(ONE, "b.example", "aa", record("drop"))
    assert await store.drop_certificate_authority(ONE, "", "aa", record("drop"))
    assert not await store.drop_certificate_authority(ONE, "", "aa", record("drop"))
    assert [row.domain for row in await store.certificate_authorities(ONE)] == ["", "a.example"]
    assert await store.certificate_authorities(TWO) == [authority(organization_id=TWO)]
    assert await actions(bench) == ["certificates.add"] * 4 + ["certificates.drop"]


async def test_rules_and_hosts_replace_each_other(bench: Bench):
    store = bench.store
    first = CertificateRule(ONE, "", "npki", policies=("1.2.3", "1.2.4.*"))
    second = CertificateRule(ONE, "", "npki", enabled=False, identity=True, rebind=True)
    other = CertificateRule(ONE, "a.example", "gpki")
    for rule in (first, other):
        await store.put_certificate_rule(rule, record("rule"))
    assert await store.certificate_rules(ONE) == [first, other]
    await store.put_certificate_rule(second, record("rule"))
    assert await store.certificate_rules(ONE) == [second, other]
    assert await store.certificate_rules(TWO) == []
    for host in ("ocsp.b.test", "ocsp.a.test", "ocsp.a.test"):
        await store.put_certificate_source(ONE, host, record("source"), allowed=True)
    assert await store.certificate_sources(ONE) == ["ocsp.a.test", "ocsp.b.test"]
    await store.put_certificate_source(ONE, "ocsp.a.test", record("source"), allowed=False)
    assert await store.certificate_sources(ONE) == ["ocsp.b.test"]
    assert await store.certificate_sources(TWO) == []


async def test_a_list_gives_way_to_a_newer_one_alone(bench: Bench):
    store = bench.store
    assert await store.put_revocation_list(listed(100), record("list"))
    assert await store.put_revocation_list(listed(100, scope="http://x/"))
    assert await store.put_revocation_list(listed(200, der=b"newer"))
    assert not await store.put_revocation_list(listed(150), record("list"))
    assert await store.put_revocation_list(listed(5, issuer=b"j" * 32))
    assert await store.revocation_lists(ONE, b"i" * 32) == [listed(200, der=b"newer"), listed(100, scope="http://x/")]
    facts = await store.revocation_lists(ONE)
    assert [(row.issuer[:1], row.scope, row.since, row.der) for row in facts] == [
        (b"i", "", 200, b""), (b"i", "http://x/", 100, b""), (b"j", "", 5, b""),
    ]  # fmt: skip
    assert await store.revocation_lists(TWO) == []
    assert await actions(bench) == ["certificates.list"]


async def test_the_last_good_answer_is_remembered(bench: Bench):
    store = bench.store
    assert await store.certificate_standing(ONE, b"f" * 32) is None
    await store.put_certificate_standing(ONE, b"f" * 32, 100, 200)
    await store.put_certificate_standing(ONE, b"f" * 32, 50, 300)
    assert await store.certificate_standing(ONE, b"f" * 32) == (100, 200)
    await store.put_certificate_standing(ONE, b"f" * 32, 150, 160)
    assert await store.certificate_standing(ONE, b"f" * 32) == (150, 160)
    assert await store.certificate_standing(TWO, b"f" * 32) is None


async def test_questions_are_counted_by_account_and_minute(bench: Bench):
    store, account = bench.store, AccountId(7)
    assert [await store.count_certificate_question(account, 1) for _ in range(3)] == [1, 2, 3]
    assert await store.count_certificate_question(AccountId(8), 1) == 1
    assert await store.count_certificate_question(account, 2) == 1
