"""What an operation of the admin API is, and what its handler gets and gives.

STRATEGIES  An operation is data: method, path, types of query, body and answer, permission. The server decodes with these
            types (msgspec), the document is made of them, so that neither can say what the other does not.
SECURITY    `Call.may` asks the authority for the operation's own permission; a handler must ask before it reads anything
            that belongs to somebody. `touched` shows to the server that it did: an answer without is an error of ours.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from smartmail.domain.authority import Permission
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services

ROOT: Final = "/admin/v1"
MAX_PAGE: Final = 500
USUAL_PAGE: Final = 100
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

DANGEROUS: Final[frozenset[Permission]] = frozenset(
    {"policy.change", "access.change", "leak.change", "leak.unmask", "account.secrets", "role.change", "certificate.change", "signing.change",
     "hold.change", "export.run", "audit.export", "case.change", "investigation.run", "destruction.run", "siem.change",
     "webhook.change", "message.read", "backup.restore", "key.change", "message.open"}
)  # fmt: skip
"""Permissions whose changing acts ask a session for a proof that is only minutes old: policy and access,
keys and secrets, roles, purges, exports, and where copies of records go to.
"""
_NUMBER: Final = re.compile(r"[0-8]?[0-9]{1,18}", re.ASCII)


def number_of(text: str) -> int | None:
    """Return an id that is written as text, None where it is none: ids have 63 bits."""
    return int(text) if _NUMBER.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class PageWish:
    """What part of a list is wanted: after which key ("" from the beginning), how many at most."""

    after: str = ""
    limit: int = USUAL_PAGE

    @property
    def after_number(self) -> int:
        """Return the key as a number, 0 for the beginning. Raises Invalid."""
        if not self.after:
            return 0
        number = number_of(self.after)
        if number is None:
            raise Invalid("`after` is not one that a page has told", reason="request.form")
        return number


@dataclass(slots=True)
class Call:
    """One call: who, on what, with what."""

    actor: Actor
    services: Services
    operation: "Operation"
    request: Request
    answer: Answer
    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    page: PageWish = field(default_factory=PageWish)
    reason: str = ""
    language: str = "en"
    limits: AdminLimits = field(default_factory=AdminLimits)
    site: str = ""
    """Where the webmail is, as people see it (https://…)."""
    touched: bool = False

    async def may(self, scope: Scope, permission: Permission | None = None) -> OrganizationId | None:
        """Return the organisation of a scope in which the actor may do this. Raises Forbidden, NotFound."""
        needed = permission or self.operation.permission
        assert needed is not None
        home = await self.services.authority.require(self.actor, needed, scope)
        self.touched = True
        return home

    @property
    def home(self) -> OrganizationId:
        """Return the actor's own organization. Raises Invalid: the command line has named none."""
        if not self.actor.organization_id:
            raise Invalid(
                "say of which organization (--organization NAME); ./smartmail organization add NAME makes one",
                reason="company.which",
            )
        return self.actor.organization_id

    async def may_here(self, permission: Permission | None = None) -> OrganizationId:
        """The same for the actor's own organisation, which is returned."""
        await self.may(Scope("organization", str(self.home)), permission)
        return self.home

    async def holds(self) -> OrganizationId | None:
        """Ask for the permission anywhere, before a thing is looked for by its id: who has it nowhere is told nothing else.

        Return the one organisation that it reaches, None for all. Raises Forbidden.
        """
        needed = self.operation.permission
        assert needed is not None
        home = await self.services.authority.organization(self.actor, needed)
        self.touched = True
        return home

    def open_to_all(self) -> None:
        """Say that whoever is signed in may have this."""
        self.touched = True

    async def file(self, octets: bytes, name: str, kind: str = "") -> None:
        """Answer a file of this name, of the type that the operation names where none is given."""
        disposition = ("content-disposition", f'attachment; filename="{name}"')
        await self.answer.whole(200, octets, kind or self.operation.stream, [disposition])

    def number(self, name: str = "id") -> int:
        """Return a number of the path. Raises NotFound: what is no number names nothing."""
        number = number_of(self.path[name])
        if number is None:
            raise NotFound
        return number

    async def account(self, permission: Permission | None = None) -> AccountId:
        """Return the account of the path, on which the actor may do this. Raises Forbidden, NotFound."""
        account_id = AccountId(self.number())
        await self.may(Scope("account", str(account_id)), permission)
        if not self.operation.changes:
            # KA-40: who looks at a person's data is on record before they are told; changes have records of their own.
            await self.services.witness.saw(self.actor, account_id, "profile")
        return account_id


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answer` None: 204. `paged`: the list takes `after` and `limit`. `stream`: the handler
    answers by itself. `permission` None: for whoever is signed in; `public`: for everybody;
    `owing`: also for a session that still owes a proof. `body_octets`: how much it takes, where that is more than usual.
    `fresh`: wants a proof that is minutes old, whatever its permission. `first`: raises unless the caller may do it, asked
    before the body is read; whatever takes much has it.
    `commands`: what it is called on the command line (app.cli.operations): noun and verb, then fields of query or
    body that are arguments rather than options (`ban add network`), or are fixed (`webhook pause state=paused`), or are
    options of a command with fixed ones (`--note`). `columns`: what of each thing a table on the command line shows, where that is not everything.
    """

    method: Method
    path: str
    summary: str
    handler: Handler
    permission: Permission | None = None
    answer: Any = None
    body: Any = None
    query: Any = None
    status: int = 200
    paged: bool = False
    public: bool = False
    owing: bool = False
    stream: str = ""
    body_octets: int = 0
    fresh: bool = False
    first: Callable[[Call], Awaitable[Any]] | None = None
    commands: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return its name in the document: `get_accounts_id`."""
        words = [word.strip("{}").replace("-", "_") for word in self.path.split("/") if word]
        return "_".join((self.method.lower(), *words))

    @property
    def tag(self) -> str:
        """Return the resource that it belongs to."""
        return self.path.split("/")[1]

    @property
    def places(self) -> tuple[str, ...]:
        """Return the names in braces in its path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"

    @property
    def is_dangerous(self) -> bool:
        """Whether who does it proves themselves anew before (step-up)."""
        return self.changes and (self.fresh or self.permission in DANGEROUS)

    @property
    def whole(self) -> bool:
        """Whether it answers one thing that has an ETag."""
        return self.method == "GET" and not self.paged and not self.stream and self.answer is not None
