"""The admin API over real services: two companies, and clients that sign in, come with a key, or with nothing."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.house.bus import LocalBus
from tests.house.clock import MovedClock as SetClock
from tests.house.opening import NO_APP, opened, settle
from tests.jmap_server.jmap_house import Browser, FakeWeb, House, Reply

from smartmail.domain.account import Account
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.admin.matching import Matcher
from smartmail.edge.httpd.admin.table import OPERATIONS
from smartmail.edge.httpd.app import WebConfig, make_app
from smartmail.service.flow.directory import NewPerson

ADMIN = "admin.test"
ROOT = "/admin/v1"
UNRECORDED = frozenset({
    # Say what would be, and change nothing.
    "POST /access-rules/dry-run", "POST /accounts/{id}/simulate-login", "POST /domains/{name}/rename",
    "POST /imports/dry-run", "POST /policy-changes/{id}/dry-run", "POST /purges/dry-run", "POST /queue/dry-run",
    "POST /rule-pack/check", "POST /updates/check",
    # Look now, as a job does by itself.
    "POST /alarms/measure", "POST /volumes/probe",
    # One's own sign-in and sign-out are in the journal of log-ins.
    "DELETE /session", "POST /session/proof",
})  # fmt: skip
"""All other requests that change something leave a record of the act."""
_MATCHER = Matcher(OPERATIONS)


def _act(method: str, url: str) -> str | None:
    """Return the operation of a request that changes something."""
    found = _MATCHER.find(ROOT + url.removeprefix(ROOT).partition("?")[0])
    operation = None if found is None else found[0].get(method)
    return None if operation is None or not operation.changes else f"{method} {operation.path.removeprefix(ROOT)}"


@dataclass
class Client(Browser):
    """One administrator's page, or a program with a key."""

    host: str = ADMIN
    key: str = ""
    records: Callable[[], Awaitable[int]] | None = None
    """How many acts are on record: each request that changes something adds one, or is in UNRECORDED."""

    async def ask(self, method: str, url: str, body: Any = b"", headers: dict[str, str] | None = None) -> Reply:
        fields = dict(headers or {})
        if self.key:
            fields.setdefault("authorization", f"Bearer {self.key}")
        before = -1 if self.records is None else await self.records()
        reply = await super().ask(method, url if url.startswith("/admin") else ROOT + url, body, fields)
        # What is answered again for its key, and what changes nothing, is no act.
        if self.records is not None and 200 <= reply.status < 300 and "idempotency-key" not in fields and body != {}:
            act = _act(method, url)
            assert act is None or act in UNRECORDED or await self.records() > before, f"{act} leaves no record"
        return reply

    async def get(self, url: str, **headers: str) -> Any:
        reply = await self.ask("GET", url, headers={name.replace("_", "-"): value for name, value in headers.items()})
        assert reply.status == 200, (reply.status, reply.body)
        return reply.json

    async def do(self, method: str, url: str, body: Any = b"", status: int = 200, **headers: str) -> Any:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = await self.ask(method, url, body, fields)
        assert reply.status == status, (reply.status, reply.body)
        return reply.json if reply.body else None


@dataclass
class AdminHouse(House):
    """Two companies: `test` with a.example, `other` with b.example."""

    clock: Any = None

    async def client(self, login: str) -> Client:
        """Return a page of an administrator who has signed in."""
        account = self.accounts[login]
        token = await self.services.auth.open_session(self.actor(account))
        marked = self.services.admin_api.keys.session_token(token)
        return Client(self.app, cookie=f"__Host-smartmail-admin={marked}", records=self.records)

    async def records(self) -> int:
        """Return how many acts are on record."""
        [row] = await self.store._db.rows("select count(*) from audit")
        return int(row[0])

    def admin(self, account: Account) -> Actor:
        return Actor(
            account.id, account.organization_id, account.login, account.is_admin, Origin("admin", "127.0.0.1"),
            account.auth_epoch, by="session",
        )  # fmt: skip


@contextlib.asynccontextmanager
async def open_admin_house(
    directory: Path, limits: AdminLimits | None = None,
    companies: tuple[tuple[str, str], ...] = (("test", "a.example"), ("other", "b.example")),
) -> AsyncIterator[AdminHouse]:  # fmt: skip
    directory.mkdir(exist_ok=True)
    bus, web, clock = LocalBus(), FakeWeb(), SetClock()
    async with opened(directory, clock=clock, bus=bus, http=web) as base:
        services = base.services
        config = WebConfig(
            "mail.test", ADMIN, "files.test", 10443, webmail=NO_APP, admin=NO_APP,
            admin_limits=limits or AdminLimits(burst=100_000, poll_s=0.05),
        )  # fmt: skip
        house = AdminHouse(services, base.store, bus, base.volume, make_app(services, config), web, clock=clock)
        for company, domain in companies:
            home = await services.provisioning.organization(company)
            await services.directory.add_domain(domain, home)
            for name, is_admin in ((f"admin@{domain}", True), (f"kim@{domain}", False), (f"lee@{domain}", False)):
                person = NewPerson(name, name.split("@")[0], is_admin=is_admin)
                house.accounts[name] = await services.provisioning.person(person, None)
        yield house
        await settle(services)
