"""Letters to begin with that a department or a group shares (팀 템플릿).

Whoever lies in the place, or below it in the tree, sees its templates; whoever lies in it may add to them. One is changed
and thrown away by who made it, and by who may change the place's policy.
SECURITY  A template of another place answers like an absent one. Words are made safe before they are kept: what a
          colleague wrote is put into one's own letter. Sealed under the company's key.
LIMITS    MOST in one place; MAX_TEXT characters of each form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.team_templates import TeamTemplate
from smartmail.formats.html import sanitise
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_team_templates import TeamTemplateStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService


class _Store(AccountStore, GroupStore, OrganizationStore, TeamTemplateStore, Protocol): ...


MOST: Final = 200
MAX_TEXT: Final = 100_000
MAX_NAME: Final = 200
_SHARED: Final = frozenset({"department", "group"})


class TemplateText(msgspec.Struct, frozen=True, array_like=True):
    """What a template is. `html` "" where it was written as plain text."""

    name: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class HeldTemplate:
    """A template, opened. `place_name` in words; `may_change`: the reader may change it or throw it away."""

    row: TeamTemplate
    text: TemplateText
    place_name: str
    may_change: bool


class TeamTemplateService:
    """Shows and changes them."""

    def __init__(
        self, store: _Store, keyring: Keyring, policy: PolicyService, authority: Authority, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._policy = policy
        self._authority = authority
        self._clock = clock

    async def places(self, actor: Actor) -> Mapping[Scope, str]:
        """Return the places that the actor may share with, in words, by name."""
        account = await self._store.account(actor.account_id)
        departments = {one.code: one.name for one in await self._store.departments(account.organization_id)}
        groups = {str(one.id): one.name for one in await self._store.groups(account.organization_id)}
        named = {}
        for scope in await self._policy.scopes_of(account):
            if scope.level == "group" and scope.subject in groups:
                named[scope] = groups[scope.subject]
            elif scope.level == "department":
                code = scope.subject.partition(":")[2]
                named[scope] = departments.get(code, code)
        return dict(sorted(named.items(), key=lambda one: (one[1], one[0].level, one[0].subject)))

    async def list_all(self, actor: Actor) -> list[HeldTemplate]:
        """Return the templates that the actor sees, by id."""
        named = await self.places(actor)
        rows = await self._store.team_templates(actor.organization_id, list(named))
        ruled = {one: await self._authority.may(actor, "policy.change", one) for one in {row.place for row in rows}}
        keys = await self._keyring.organization(actor.organization_id)
        found = []
        for row in rows:
            opened = msgspec.msgpack.decode(keys.open(Kind.TEAM_TEMPLATE, row.sealed, row.id), type=TemplateText)
            may = row.author_id == actor.account_id or ruled[row.place]
            found.append(HeldTemplate(row, opened, named[row.place], may))
        return found

    async def make(self, actor: Actor, place: Scope, text: TemplateText) -> TeamTemplate:
        """Share a template with a place. Raises NotFound (not the actor's place), Invalid, OverQuota."""
        await self._require(actor, place)
        return await self._put(actor, self._clock.new_id(), place, actor.account_id, text, "team-template.make")

    async def change(self, actor: Actor, template_id: int, text: TemplateText) -> None:
        """Put other words in. Raises NotFound, Forbidden, Invalid."""
        row = await self._own(actor, template_id)
        await self._put(actor, row.id, row.place, row.author_id, text, "team-template.change")

    async def drop(self, actor: Actor, template_id: int) -> None:
        """Throw one away. Raises NotFound, Forbidden."""
        row = await self._own(actor, template_id)
        if not await self._store.drop_team_template(row.id, self._record(actor, "team-template.drop", row.id)):
            raise NotFound

    async def _put(
        self, actor: Actor, number: int, place: Scope, author: AccountId, text: TemplateText, act: str
    ) -> TeamTemplate:
        keys = await self._keyring.organization(actor.organization_id)
        sealed = keys.seal(Kind.TEAM_TEMPLATE, msgspec.msgpack.encode(_checked(text)), number)
        home, now = actor.organization_id, self._clock.now()
        row = TeamTemplate(number, home, place, author, sealed, now)
        await self._store.put_team_template(row, MOST, self._record(actor, act, number))
        return row

    async def _own(self, actor: Actor, template_id: int) -> TeamTemplate:
        row = await self._store.team_template(template_id)
        if row is None or row.organization_id != actor.organization_id:
            raise NotFound
        await self._require(actor, row.place)
        if row.author_id != actor.account_id and not await self._authority.may(actor, "policy.change", row.place):
            raise Forbidden("only who made a template changes it", reason="template.maker")
        return row

    async def _require(self, actor: Actor, place: Scope) -> None:
        account = await self._store.account(actor.account_id)
        if place.level not in _SHARED or place not in await self._policy.scopes_of(account):
            raise NotFound

    def _record(self, actor: Actor, action: str, number: int) -> AuditRecord:
        about = f"team-template:{number:x}"
        return AuditRecord(self._clock.now(), actor.named, action, about, actor.origin.address, door=actor.origin.door)


def _checked(text: TemplateText) -> TemplateText:
    """Return the words as they are kept. Raises Invalid."""
    name = text.name.strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"a template has a name of {MAX_NAME} characters at most", reason="name.length", most=MAX_NAME)
    if max(map(len, (text.subject, text.text, text.html))) > MAX_TEXT:
        raise Invalid(f"at most {MAX_TEXT} characters", reason="text.long", most=MAX_TEXT)
    return TemplateText(name, text.subject.strip(), text.text, sanitise(text.html) if text.html else "")
