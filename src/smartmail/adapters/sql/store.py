"""The store: all groups (ports.store_*) over one driver."""

import os
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from smartmail.adapters.sql.absences import SqlAbsences
from smartmail.adapters.sql.access import SqlAccess
from smartmail.adapters.sql.account_life import SqlAccountLife
from smartmail.adapters.sql.addressing import SqlAddressing
from smartmail.adapters.sql.admin_jobs import SqlAdminJobs
from smartmail.adapters.sql.alarms import SqlAlarms
from smartmail.adapters.sql.appearance import SqlAppearance
from smartmail.adapters.sql.approvals import SqlApprovals
from smartmail.adapters.sql.audit import SqlAudit
from smartmail.adapters.sql.authentication import SqlAuthentication
from smartmail.adapters.sql.backup import SqlBackups
from smartmail.adapters.sql.big_files import SqlBigFiles
from smartmail.adapters.sql.brands import SqlBrands
from smartmail.adapters.sql.break_glass import SqlBreakGlass
from smartmail.adapters.sql.bulletins import SqlBulletins
from smartmail.adapters.sql.cases import SqlCases
from smartmail.adapters.sql.cluster import SqlCluster
from smartmail.adapters.sql.config import SqlConfig
from smartmail.adapters.sql.consents import SqlConsents
from smartmail.adapters.sql.contacts import SqlContacts
from smartmail.adapters.sql.correspondence import SqlCorrespondence
from smartmail.adapters.sql.correspondents import SqlCorrespondents
from smartmail.adapters.sql.database_care import SqlDatabaseCare
from smartmail.adapters.sql.defence import SqlDefence
from smartmail.adapters.sql.directory import SqlDirectory
from smartmail.adapters.sql.directory_import import SqlDirectoryImport
from smartmail.adapters.sql.domain_looks import SqlDomainLooks
from smartmail.adapters.sql.factors import SqlFactors
from smartmail.adapters.sql.figures import SqlFigures
from smartmail.adapters.sql.filters import SqlFilters
from smartmail.adapters.sql.identity_certificates import SqlIdentityCertificates
from smartmail.adapters.sql.independence import SqlIndependence
from smartmail.adapters.sql.invitations import SqlInvitations
from smartmail.adapters.sql.keys import SqlKeys
from smartmail.adapters.sql.leaks import SqlLeaks
from smartmail.adapters.sql.lessons import SqlLessons
from smartmail.adapters.sql.list_remindings import SqlListRemindings
from smartmail.adapters.sql.metadata import SqlMetadata
from smartmail.adapters.sql.oauth import SqlOauth
from smartmail.adapters.sql.organization import SqlOrganization
from smartmail.adapters.sql.parcels import SqlParcels
from smartmail.adapters.sql.people import SqlPeople
from smartmail.adapters.sql.photographs import SqlPhotographs
from smartmail.adapters.sql.policy import SqlPolicy
from smartmail.adapters.sql.policy_changes import SqlPolicyChanges
from smartmail.adapters.sql.proposals import SqlProposals
from smartmail.adapters.sql.pulls import SqlPulls
from smartmail.adapters.sql.push import SqlPush
from smartmail.adapters.sql.quarantine import SqlQuarantine
from smartmail.adapters.sql.queue import SqlQueue
from smartmail.adapters.sql.queue_control import SqlQueueControl
from smartmail.adapters.sql.reads import SqlReads
from smartmail.adapters.sql.records import SqlRecords
from smartmail.adapters.sql.recurring import SqlRecurring
from smartmail.adapters.sql.rekeying import SqlRekeying
from smartmail.adapters.sql.reminders import SqlReminders
from smartmail.adapters.sql.roles import SqlRoles
from smartmail.adapters.sql.route import SqlRoute
from smartmail.adapters.sql.search import SqlSearch
from smartmail.adapters.sql.secure_mail import SqlSecureMail
from smartmail.adapters.sql.session import Database, DeliverCall
from smartmail.adapters.sql.share_letters import SqlShareLetters
from smartmail.adapters.sql.share_requests import SqlShareRequests
from smartmail.adapters.sql.sharing import SqlSharing
from smartmail.adapters.sql.sqlite import SqliteDatabase
from smartmail.adapters.sql.tasks import SqlTasks
from smartmail.adapters.sql.team_templates import SqlTeamTemplates
from smartmail.adapters.sql.trace import SqlTrace
from smartmail.adapters.sql.transport import SqlTransport
from smartmail.adapters.sql.trends import SqlTrends
from smartmail.adapters.sql.tx import run_body, run_expected
from smartmail.adapters.sql.vault import SqlVault
from smartmail.adapters.sql.volumes import SqlVolumes
from smartmail.adapters.sql.webhooks import SqlWebhooks
from smartmail.adapters.sql.work import ClockFault, Now
from smartmail.domain.errors import MailError, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.domain.message import Added, Delivery
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.acting import acting_on
from smartmail.ports.expectation import expectation_of
from smartmail.ports.store_tx import Body

T = TypeVar("T")


class SqlStore(
    SqlReads,
    SqlQueue,
    SqlQueueControl,
    SqlQuarantine,
    SqlCases,
    SqlDirectory,
    SqlOrganization,
    SqlPeople,
    SqlAccountLife,
    SqlAbsences,
    SqlConfig,
    SqlPolicy,
    SqlAccess,
    SqlPolicyChanges,
    SqlSharing,
    SqlPush,
    SqlMetadata,
    SqlSearch,
    SqlFilters,
    SqlFactors,
    SqlIdentityCertificates,
    SqlConsents,
    SqlContacts,
    SqlCorrespondents,
    SqlLessons,
    SqlVault,
    SqlAudit,
    SqlRecords,
    SqlTransport,
    SqlOauth,
    SqlAuthentication,
    SqlDomainLooks,
    SqlAddressing,
    SqlDefence,
    SqlRoles,
    SqlBreakGlass,
    SqlIndependence,
    SqlProposals,
    SqlDirectoryImport,
    SqlRoute,
    SqlTrace,
    SqlAdminJobs,
    SqlAlarms,
    SqlFigures,
    SqlTrends,
    SqlAppearance,
    SqlPhotographs,
    SqlBackups,
    SqlBigFiles,
    SqlParcels,
    SqlPulls,
    SqlInvitations,
    SqlTeamTemplates,
    SqlShareRequests,
    SqlShareLetters,
    SqlBrands,
    SqlListRemindings,
    SqlWebhooks,
    SqlVolumes,
    SqlKeys,
    SqlRekeying,
    SqlCluster,
    SqlDatabaseCare,
):
    """All groups on a `Database`: those whose methods are the store's own are bases, those that are objects attributes."""

    def __init__(self, database: Database, now: Now) -> None:
        self._db = database
        self._now = now
        self.approving = SqlApprovals(database)
        self.bulletins = SqlBulletins(database)
        self.correspondence = SqlCorrespondence(database)
        self.leaks = SqlLeaks(database)
        self.recurring = SqlRecurring(database)
        self.reminders = SqlReminders(database)
        self.secure_mail = SqlSecureMail(database)
        # The last: it takes what the groups declare.
        self.tasks = SqlTasks(database, self)

    async def write(self, account_id: AccountId, body: Body[T]) -> T:
        expected, acting = expectation_of(account_id), acting_on(account_id)
        if expected is None:
            return await self._db.change(account_id, lambda session: run_body(session, acting, body, self._now()))
        try:
            result, state = await self._db.change(
                account_id, lambda session: run_expected(session, acting, body, self._now(), expected)
            )
        except StateMismatch:
            expected.missed = True
            raise
        expected.carry(state)
        return result

    async def deliver_many(
        self, deliveries: Sequence[Delivery], fallback: NewQueueEntry | None
    ) -> list[Added | MailError | None]:
        if not deliveries:
            return []
        return await self._db.deliver(DeliverCall(deliveries, fallback))

    async def close(self) -> None:
        await self._db.close()


def wall_clock() -> int:
    """Return milliseconds of Unix time."""
    return time.time_ns() // 1_000_000


def end_process(_error: BaseException) -> None:
    """End at once: what a failed sync left behind is only known after recovery."""
    os._exit(70)


async def open_sqlite(
    path: str, *, now: Now = wall_clock, on_fatal: Callable[[BaseException], None] = end_process
) -> SqlStore:
    """Open or make a database file. Raises Unavailable: file not writable, affected library, other schema."""
    return SqlStore(SqliteDatabase(path, now, on_fatal), now)


async def open_postgres(
    address: str, *, now: Now = wall_clock, connections: int = 8, clock_fault: ClockFault = lambda: ""
) -> SqlStore:
    """Connect to a PostgreSQL database, making the schema when it is empty. Raises Unavailable.

    `clock_fault` says why no leases may be taken by this node's clock, "" where they may.
    """
    from smartmail.adapters.sql.postgres import PostgresDatabase

    return SqlStore(await PostgresDatabase.connect(address, now, connections, clock_fault), now)
