"""Contract of the store: appearances of companies, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.appearance import AppearanceRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId

WHOLE = AppearanceRow(OrganizationId(1), "", 200, b"sealed", 10)


def record(action: str) -> AuditRecord:
    return AuditRecord(1, "system", action, "organization:1")


async def test_a_look_is_kept_replaced_and_forgotten(bench: Bench):
    store = bench.store
    assert await store.appearances(OrganizationId(1)) == []
    of_domain = replace(WHOLE, domain="a.example", hue=-1)
    other = replace(WHOLE, organization_id=OrganizationId(2))
    for row in (of_domain, WHOLE, other):
        await store.put_appearance(row, record("appearance.put"))
    assert await store.appearances(OrganizationId(1)) == [WHOLE, of_domain]
    newer = replace(WHOLE, hue=30, sealed=b"other", changed_at=11)
    await store.put_appearance(newer, record("appearance.put"))
    assert await store.appearances(OrganizationId(1)) == [newer, of_domain]
    assert await store.drop_appearance(OrganizationId(1), "", record("appearance.drop"))
    assert not await store.drop_appearance(OrganizationId(1), "", record("appearance.drop"))
    assert await store.appearances(OrganizationId(1)) == [of_domain]
    assert await store.appearances(OrganizationId(2)) == [other]
    actions = [row.record.action for row in await store.unchained_records("audit", 0, 100)]
    assert [one for one in actions if one.startswith("appearance.")] == ["appearance.put"] * 4 + ["appearance.drop"]
