"""The loops of the jobs role: each job runs by itself, once in the cluster, again and again.

NAME        jobs
PURPOSE     Call service.operations.upkeep when it is time. Must not know what the work is.
STATES      waiting for its time or for the stop; asking for the lease; working.
LIMITS      One run of a job at a time in the cluster, held by a named lease that is longer than the pause between runs.
FAILURE     An error is logged and the job runs again at its next time; a node that dies loses its leases by time.
            Stopping waits for the step at hand.
SECURITY    Hears nothing from outside; the work acts as the system, never as an account.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smartmail.base import log
from smartmail.domain.errors import ClockOff
from smartmail.service.catalogue import Services


@dataclass(frozen=True, slots=True)
class JobConfig:
    """Who we are in leases, and the pauses between runs in seconds."""

    worker: str
    heartbeat_s: float = 15.0
    expire_s: float = 60.0
    reclaim_s: float = 600.0
    orphans_s: float = 24 * 3600.0
    vault_s: float = 3600.0
    trash_s: float = 3600.0
    quotas_s: float = 1.0
    quotas_watch_s: float = 60.0
    policy_s: float = 1.0
    laggards_s: float = 5.0
    lost_nodes_s: float = 5.0
    defence_s: float = 3600.0
    trim_s: float = 24 * 3600.0
    sts_s: float = 3600.0
    tls_reports_s: float = 3600.0
    dmarc_reports_s: float = 3600.0
    logins_s: float = 24 * 3600.0
    audit_s: float = 1.0
    lessons_s: float = 0.25
    lessons_old_s: float = 24 * 3600.0
    anchors_s: float = 600.0
    reviews_s: float = 3600.0
    figures_s: float = 900.0
    siem_s: float = 5.0
    audit_check_s: float = 24 * 3600.0
    books_s: float = 600.0
    stories_s: float = 1.0
    trace_merge_s: float = 60.0
    trace_old_s: float = 3600.0
    certificates_s: float = 300.0
    alarms_s: float = 6 * 3600.0
    alarm_looks_s: float = 60.0
    trends_s: float = 15.0
    trends_fold_s: float = 60.0
    digests_s: float = 60.0
    quarantine_s: float = 3600.0
    reports_s: float = 5.0
    planned_s: float = 20.0
    admin_s: float = 1.0
    volumes_s: float = 5.0
    backup_s: float = 300.0
    big_files_s: float = 15.0
    first_s: float = 5.0
    """Before the first run of leased jobs: a start shall not begin with upkeep."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its name in leases and logs, the pause between runs, and its work. `everywhere` needs no lease; `any_clock`:
    a node does it also while its own clock is off. `due`: it runs when something of that kind is due; one look tells it
    for all kinds (`_look`).
    """

    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]
    everywhere: bool = False
    any_clock: bool = False
    due: str | None = None


def _holding(services: Services, config: JobConfig) -> tuple[Job, ...]:
    """What is held, kept for a while or cleared away."""
    upkeep = services.upkeep
    return (
        Job("heartbeat", config.heartbeat_s, upkeep.heartbeat, everywhere=True),
        # The leader may be the node that is lost; of two that find something one takes it.
        Job("lost-nodes", config.lost_nodes_s, services.queue.take_over, everywhere=True),
        Job("expire", config.expire_s, upkeep.expire),
        Job("reclaim", config.reclaim_s, upkeep.reclaim),
        Job("orphans", config.orphans_s, upkeep.collect_orphans),
        Job("vault", config.vault_s, services.vault.purge),
        Job("trash", config.trash_s, services.emptying.empty),
        Job("defence", config.defence_s, services.defence.upkeep),
        Job("proposals", config.digests_s, services.proposals.turn),
        Job("role-assignments-cleanup", config.logins_s, services.roles.forget),
        Job("approvals", config.vault_s, services.addressing.approvals.expire),
        Job("digests", config.digests_s, services.digests.send_due),
        Job("quarantine", config.quarantine_s, services.quarantine.purge),
        Job("phishing-reports", config.reports_s, services.cases.take_moved),
        Job("purges", config.digests_s, services.purges.resume),
        Job("sender-lists", config.quarantine_s, services.sender_lists.drop_old),
        Job("trim", config.trim_s, upkeep.trim_changes),
    )


def _watching(services: Services, config: JobConfig) -> tuple[Job, ...]:
    """What is looked at, applied and written down behind the doors."""
    return (
        Job("sts", config.sts_s, services.transport.policies.refresh),
        Job("tls-reports", config.tls_reports_s, services.tls_reports.send),
        Job("tls-reports-cleanup", config.logins_s, services.transport.received.forget),
        Job("dmarc-reports", config.dmarc_reports_s, services.dmarc_reports.send),
        Job("audit-retention", config.logins_s, services.audit.forget_old),
        # Looks at the epoch of the policy; any number of nodes may write the same.
        # Finds nothing due nearly always; of two that find something one applies it.
        Job(
            "policy-changes", config.policy_s, services.policy_changes.apply_due, everywhere=True, due="policy-changes"
        ),
        Job("policy-rollout-alarms", config.laggards_s, services.policy_acks.ring),
        Job("quotas-watch", config.quotas_watch_s, services.quotas.watch),
        Job("quotas", config.quotas_s, services.quotas.apply, everywhere=True),
        # Nodes may chain at once: the slower one starts over. A lease would be a write every second.
        Job("audit", config.audit_s, services.audit.chain, everywhere=True),
        # The same: whoever learned second starts over.
        Job("spam-training", config.lessons_s, services.learning.learn, everywhere=True),
        Job("spam-training-cleanup", config.lessons_old_s, services.learning.forget_old),
        Job("books", config.books_s, services.books.settle),
        # What is told twice is written once.
        Job("trace-events", config.stories_s, services.trace.follower.turn, everywhere=True),
        Job("trace-merge", config.trace_merge_s, services.books.merge),
        Job("trace-retention", config.trace_old_s, services.books.forget),
    )


def _acting(services: Services, config: JobConfig) -> tuple[Job, ...]:
    """What is due for people, accounts and whoever runs the node."""
    return (
        Job("certificates", config.certificates_s, services.acme.renew),
        Job("certificate-alarms", config.alarms_s, services.certificate_alarms.ring),
        Job("key-rotation", config.alarms_s, services.key_rotation.turn),
        Job("travel-passes", config.defence_s, services.access.passes.remind),
        Job("break-glass", config.defence_s, services.access.glass.book.turn),
        Job("oauth", config.logins_s, services.oauth.forget),
        Job("planned-changes", config.planned_s, services.organization.planned.apply_due),
        Job("absences", config.planned_s, services.organization.absences.turn),
        Job("leavers", config.planned_s, services.account_life.leavers.turn),
        # Looks at everybody: once a day.
        Job("dormancy", config.logins_s, services.account_life.dormancy.turn),
        Job("address-ends", config.digests_s, services.organization.people.end_addresses),
        # Also where the only node is the one whose clock is off: that is worth an alarm.
        Job("alarms", config.alarm_looks_s, services.alarms.service.look, any_clock=True),
        Job("trends", config.trends_s, services.trends.measures.measure),
        Job("trends-rollup", config.trends_fold_s, services.trends.measures.fold),
        Job("anchors", config.anchors_s, services.anchors.take),
        Job("reviews", config.reviews_s, services.reviews.turn),
        Job("figures", config.figures_s, services.figures.telling.turn),
        Job("siem", config.siem_s, services.forwarding.forward),
        Job("audit-check", config.audit_check_s, services.alarms.service.check_chains),
    )


def _keeping(services: Services, config: JobConfig) -> tuple[Job, ...]:
    """What keeps data: backups, volumes, keys, long work."""
    return (
        Job("backup", config.backup_s, services.backups.turn),
        Job("database-care", config.backup_s, services.database_care.turn),
        Job("rehearsal", config.backup_s, services.backups.rehearsal_turn),
        # Each leases its own rows.
        Job("tasks", config.admin_s, services.admin_api.jobs.turn, everywhere=True, due="admin-jobs"),
        Job("volume-work", config.admin_s, services.volumes.mover.turn, everywhere=True, due="volume-works"),
        # Every node does its own part of a new master key.
        Job("master-key-rotation", config.admin_s, services.keys.rotation.turn, everywhere=True, due="master-key"),
        Job("re-encryption", config.admin_s, services.keys.resealing.turn, everywhere=True, due="reseal"),
        Job("account-key-rotation", config.admin_s, services.keys.rekeying.turn, everywhere=True, due="rekey"),
        Job("retire-old-keys", config.reclaim_s, services.keys.retiring.turn),
        Job("webhooks", config.admin_s, services.admin_api.sender.turn, everywhere=True, due="webhooks"),
        Job("volumes", config.volumes_s, services.volumes.watch.turn),
        Job("big-files-verdicts", config.big_files_s, services.big_files.upkeep.judge),
        Job("big-files", config.quotas_watch_s, services.big_files.upkeep.turn),
    )


def _serving(services: Services, config: JobConfig) -> tuple[Job, ...]:
    """What people asked for and comes by itself."""
    return (
        # Each leases its own rows.
        Job("mailbox-files", config.admin_s, services.parcels.work.turn, everywhere=True, due="parcels"),
        # Looks at an index; of two that find something due one wakes it.
        Job("reminders", config.admin_s, services.reminders.waking.wake, everywhere=True, due="reminders"),
        # Leases its own rows.
        Job("recurring", config.admin_s, services.recurring.turning.turn, everywhere=True, due="recurring"),
        # Looks at an index; of two that find something ended one takes it away.
        Job("share-ends", config.admin_s, services.share_ends.turn, everywhere=True, due="share-ends"),
        # Leases its own rows.
        Job("share-notifications", config.admin_s, services.share_letters.turn, everywhere=True, due="share-letters"),
        Job("follow-ups", config.siem_s, services.reminders.waking.settle),
        Job("reminders-cleanup", config.vault_s, services.reminders.waking.forget),
        Job("mail-fetch", config.admin_s, services.pulls.work.turn, everywhere=True, due="pulls"),
        Job("mailbox-files-cleanup", config.quotas_watch_s, services.parcels.work.forget),
        Job("idempotency-cleanup", config.vault_s, services.admin_api.answers.forget),
    )


_ALL = (_holding, _watching, _acting, _keeping, _serving)


class Jobs:
    """All jobs of a process."""

    def __init__(self, services: Services, config: JobConfig) -> None:
        self._upkeep = services.upkeep
        self._config = config
        self._jobs = tuple(job for some in _ALL for job in some(services, config))
        self._due = {job.due: asyncio.Event() for job in self._jobs if job.due}

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until the stop; return once the steps at hand have ended."""
        await asyncio.gather(self._look_on(stopping), *(self._loop(job, stopping) for job in self._jobs))

    async def _look_on(self, stopping: asyncio.Event) -> None:
        """Wake the jobs of what is due, and all of them at the stop."""
        look = Job("due-work", self._config.admin_s, self._look, everywhere=True)
        await self._loop(look, stopping)
        for event in self._due.values():
            event.set()

    async def _look(self) -> None:
        for kind in await self._upkeep.due_tasks():
            self._due[kind].set()

    async def _loop(self, job: Job, stopping: asyncio.Event) -> None:
        if job.due:
            await self._loop_when_due(job, self._due[job.due], stopping)
            return
        pause = 0.0 if job.everywhere else min(self._config.first_s, job.every_s)
        while not await _stopped(stopping, pause):
            await self._turn(job)
            pause = job.every_s

    async def _loop_when_due(self, job: Job, due: asyncio.Event, stopping: asyncio.Event) -> None:
        while True:
            await due.wait()
            if stopping.is_set():
                return
            await self._turn(job)
            # What was seen to be due meanwhile is done, or seen again by the next look.
            due.clear()

    async def _turn(self, job: Job) -> None:
        try:
            if job.everywhere:
                await job.work()
            elif await self._lead(job):
                await self._while_leading(job)
        except ClockOff:
            # Told by whoever watches the clock; another node does it.
            return
        except Exception as error:
            log.event("job.failed", job=job.name, error=type(error).__name__, detail=getattr(error, "detail", ""))

    async def _lead(self, job: Job, *, goes_on: bool = False) -> bool:
        # Longer than the pause: whoever does the job goes on doing it, and nobody does it too often.
        lease_ms = int(job.every_s * 1500)
        return await self._upkeep.lead(job.name, self._config.worker, lease_ms, any_clock=job.any_clock or goes_on)

    async def _while_leading(self, job: Job) -> None:
        renewing = asyncio.create_task(self._renew(job))
        try:
            await job.work()
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, job: Job) -> None:
        """Keep the lease of work that takes long."""
        while True:
            await asyncio.sleep(job.every_s / 2)
            await self._lead(job, goes_on=True)


async def _stopped(stopping: asyncio.Event, pause: float) -> bool:
    """Wait for the stop, at most `pause` seconds; say whether it has come."""
    if pause <= 0:
        await asyncio.sleep(0)
        return stopping.is_set()
    try:
        await asyncio.wait_for(stopping.wait(), pause)
    except TimeoutError:
        return False
    return True
