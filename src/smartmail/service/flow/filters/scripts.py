"""Scripts of an account: kept sealed, checked before they are kept, one of them active (RFC 5804, RFC 9661).

Used by ManageSieve and JMAP alike, and by the webmail over JMAP. Must not know wire text.
LIMITS    Number, size and name of scripts (domain.filters); a script is compiled before it is kept.
FAILURE   A script that does not compile is refused and nothing changes. A change that is answered is in force in all processes.
SECURITY  Names and contents are sealed under the account's key; names are found by keyed hash.
"""

import unicodedata
from dataclasses import dataclass

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, OverQuota, PolicyRejected, TooLarge
from smartmail.domain.filters import (
    MAX_ALL_OCTETS,
    MAX_SCRIPT_NAME_OCTETS,
    MAX_SCRIPT_OCTETS,
    MAX_SCRIPTS,
    FilterState,
    ScriptId,
    ScriptRow,
)
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, Purpose
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import MailTx
from smartmail.proto import sieve
from smartmail.service.flow.filters.activity import FilterActivity
from smartmail.service.flow.filters.foreseeing import FilterForesight
from smartmail.service.flow.filters.sealing import CONTENT_SLOT, NAME_SLOT, PROBLEM_SLOT, VACATION_SLOT, decode_problem
from smartmail.service.flow.filters.store import Store
from smartmail.service.flow.filters.trying import FilterTrials
from smartmail.service.flow.filters.vacation import Vacation, decode_vacation, encode_vacation
from smartmail.service.kernel import rights
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints


class ScriptRefused(Invalid):
    """The script does not compile; `problems` says where and why, first one first.

    `public` is the first of them in the language of who wanted to keep it.
    """

    def __init__(self, problems: tuple[sieve.Problem, ...], language: str) -> None:
        super().__init__(problems[0].sentence(language))
        self.problems = problems


class ScriptInUse(Forbidden):
    """The active script cannot be deleted (RFC 5804 §2.10)."""


class TooManyScripts(OverQuota):
    """The account has as many scripts as it may have (RFC 5804 §1.3, QUOTA/MAXSCRIPTS)."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, its name opened. `size` in octets, `updated_at` in milliseconds; `version` names this content."""

    id: ScriptId
    name: str
    size: int
    is_active: bool
    updated_at: int
    version: int


@dataclass(frozen=True, slots=True)
class RunProblem:
    """What went wrong in a run, and when in milliseconds. The mail was kept."""

    problem: sieve.Problem
    at: int


class FilterService:
    """Reads and changes the filters of an account."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        hints: Hints,
        clock: Clock,
        activity: FilterActivity,
        policy: PolicyService,
        trials: FilterTrials,
        foresight: FilterForesight,
    ) -> None:
        self.trials = trials
        """Runs scripts for show."""
        self.foresight = foresight
        """Says what a script would do with mail that is there."""
        self._policy = policy
        self._store = store
        self._keyring = keyring
        self._hints = hints
        self._clock = clock
        self._activity = activity

    # Reading

    async def language(self, actor: Actor) -> str:
        """Return the language that problems are told to this person in: `problem.sentence(language)`."""
        return (await self._store.account(actor.account_id)).language

    def extensions(self) -> tuple[str, ...]:
        """Return the names that `require` knows (ManageSieve SIEVE, JMAP sieveExtensions)."""
        return sieve.EXTENSIONS

    def check(self, content: bytes) -> tuple[sieve.Problem, ...]:
        """Return what is wrong with a script; empty when it compiles. Keeps nothing."""
        return sieve.check(content)

    async def state(self, actor: Actor, account_id: AccountId) -> int:
        """Return the filter version, which rises with every change of a script, of the active one, or of the absence."""
        rights.require(actor, account_id, "r")
        return (await self._store.filter_state(account_id)).version

    async def list_all(self, actor: Actor, account_id: AccountId) -> list[Script]:
        """Return all scripts by id."""
        rights.require(actor, account_id, "r")
        keys = await self._keyring.account_by_id(account_id)
        state = await self._store.filter_state(account_id)
        return [_script(keys, row, state) for row in await self._store.scripts(account_id)]

    async def find(self, actor: Actor, account_id: AccountId, name: str) -> Script:
        """Return the script of a name. Raises NotFound."""
        wanted = unicodedata.normalize("NFC", name)
        for script in await self.list_all(actor, account_id):
            if script.name == wanted:
                return script
        raise NotFound("there is no script of this name")

    async def content(self, actor: Actor, account_id: AccountId, script_id: ScriptId) -> bytes:
        """Return a script's octets. Raises NotFound."""
        rights.require(actor, account_id, "r")
        keys = await self._keyring.account_by_id(account_id)
        for row in await self._store.scripts(account_id):
            if row.id == script_id:
                return keys.open(Kind.SCRIPT, row.sealed, CONTENT_SLOT)
        raise NotFound

    async def problem(self, actor: Actor, account_id: AccountId) -> RunProblem | None:
        """Return what went wrong in the last run that failed, None when none did since filters last changed."""
        rights.require(actor, account_id, "r")
        state = await self._store.filter_state(account_id)
        if state.sealed_problem is None:
            return None
        keys = await self._keyring.account_by_id(account_id)
        problem = decode_problem(keys.open(Kind.SCRIPT, state.sealed_problem, PROBLEM_SLOT))
        return RunProblem(problem, state.problem_at)

    async def have_space(self, actor: Actor, account_id: AccountId, name: str, size: int) -> None:
        """Raise TooLarge, OverQuota or Invalid (name) when a script of this name and size could not be kept."""
        rights.require(actor, account_id, "r")
        keys = await self._keyring.account_by_id(account_id)
        _check_room(await self._store.scripts(account_id), _hash(keys, checked_name(name)), None, size)

    # Changing

    async def put(
        self, actor: Actor, account_id: AccountId, name: str, content: bytes, *, script_id: ScriptId | None = None
    ) -> Script:
        """Keep a script: a new one, the content of the one that has this name, or name and content of `script_id`.

        Raises ScriptRefused, Invalid (name), AlreadyExists (another script has the name), NotFound, TooLarge, OverQuota
        (TooManyScripts), PolicyRejected.
        """
        rights.require(actor, account_id, "w")
        await self._require_allowed(account_id)
        if len(content) > MAX_SCRIPT_OCTETS:
            raise TooLarge(
                f"a script has at most {MAX_SCRIPT_OCTETS} octets", reason="filter.long", most=MAX_SCRIPT_OCTETS
            )
        await self._require_good(actor, content)
        keys = await self._keyring.account_by_id(account_id)
        wanted = checked_name(name)
        name_hash, now = _hash(keys, wanted), self._clock.now()
        sealed_name, sealed = (
            keys.seal_text(Kind.SCRIPT, wanted, NAME_SLOT),
            keys.seal(Kind.SCRIPT, content, CONTENT_SLOT),
        )

        async def body(tx: MailTx) -> tuple[ScriptRow, FilterState]:
            rows = await tx.scripts()
            target = _target(rows, name_hash, script_id)
            _check_room(rows, name_hash, target, len(content))
            row = await tx.put_script(target, sealed_name, name_hash, sealed, len(content), now)
            await tx.audit(_record(actor, now, "filter.put", row.id))
            return row, await tx.filter_state()

        row, state = await self._store.write(account_id, body)
        await self._changed(account_id, state)
        return _script(keys, row, state)

    async def rename(self, actor: Actor, account_id: AccountId, script_id: ScriptId, name: str) -> Script:
        """Give a script another name. Raises NotFound, AlreadyExists, Invalid."""
        rights.require(actor, account_id, "w")
        keys = await self._keyring.account_by_id(account_id)
        wanted = checked_name(name)
        name_hash, now = _hash(keys, wanted), self._clock.now()

        async def body(tx: MailTx) -> tuple[ScriptRow, FilterState]:
            rows = await tx.scripts()
            row = next((one for one in rows if one.id == script_id), None)
            if row is None:
                raise NotFound
            if any(one.name_hash == name_hash and one.id != script_id for one in rows):
                raise AlreadyExists("another script has this name", reason="filter.taken")
            sealed_name = keys.seal_text(Kind.SCRIPT, wanted, NAME_SLOT)
            row = await tx.put_script(script_id, sealed_name, name_hash, row.sealed, row.size, now)
            await tx.audit(_record(actor, now, "filter.rename", row.id))
            return row, await tx.filter_state()

        row, state = await self._store.write(account_id, body)
        await self._changed(account_id, state)
        return _script(keys, row, state)

    async def delete(self, actor: Actor, account_id: AccountId, script_id: ScriptId) -> None:
        """Remove a script. Raises NotFound, ScriptInUse (the active one)."""
        rights.require(actor, account_id, "w")

        async def body(tx: MailTx) -> FilterState:
            if (await tx.filter_state()).active == script_id:
                raise ScriptInUse("the active script cannot be deleted")
            await tx.destroy_script(script_id)
            await tx.audit(_record(actor, self._clock.now(), "filter.delete", script_id))
            return await tx.filter_state()

        await self._changed(account_id, await self._store.write(account_id, body))

    async def activate(self, actor: Actor, account_id: AccountId, script_id: ScriptId | None) -> None:
        """Make a script the active one, or none.

        Raises NotFound, ScriptRefused (a script of an older version), PolicyRejected.
        """
        rights.require(actor, account_id, "w")
        if script_id is not None:
            await self._require_allowed(account_id)
            await self._require_good(actor, await self.content(actor, account_id, script_id))

        async def body(tx: MailTx) -> FilterState:
            state = await tx.activate_script(script_id, self._clock.now())
            await tx.audit(_record(actor, self._clock.now(), "filter.activate", script_id or ScriptId(0)))
            return state

        await self._changed(account_id, await self._store.write(account_id, body))

    # Absence (RFC 8621 §8)

    async def vacation(self, actor: Actor, account_id: AccountId) -> Vacation:
        """Return the reply during an absence; disabled when none was ever set."""
        rights.require(actor, account_id, "r")
        state = await self._store.filter_state(account_id)
        if state.sealed_vacation is None:
            return Vacation()
        keys = await self._keyring.account_by_id(account_id)
        return decode_vacation(keys.open(Kind.SCRIPT, state.sealed_vacation, VACATION_SLOT))

    async def set_vacation(self, actor: Actor, account_id: AccountId, vacation: Vacation) -> None:
        """Change it. Raises Invalid (too long, or the end before the begin), PolicyRejected (switched on)."""
        rights.require(actor, account_id, "w")
        account = await self._store.account(account_id)
        if vacation.is_enabled and not await self._policy.value(account, knobs.VACATION):
            raise PolicyRejected("policy has switched automatic answers off", reason="answer.off")
        vacation.require_sane()
        keys = await self._keyring.account_by_id(account_id)
        sealed = keys.seal(Kind.SCRIPT, encode_vacation(vacation), VACATION_SLOT)

        async def body(tx: MailTx) -> FilterState:
            state = await tx.put_vacation(sealed, self._clock.now(), enabled=vacation.is_enabled)
            await tx.audit(_record(actor, self._clock.now(), "filter.vacation", ScriptId(0)))
            return state

        await self._changed(account_id, await self._store.write(account_id, body))

    async def _require_allowed(self, account_id: AccountId) -> None:
        if not await self._policy.value(await self._store.account(account_id), knobs.SIEVE_SCRIPTS):
            raise PolicyRejected("policy does not allow filters of one's own", reason="filter.off")

    async def _require_good(self, actor: Actor, content: bytes) -> None:
        problems = sieve.check(content)
        if problems:
            raise ScriptRefused(problems, await self.language(actor))

    async def _changed(self, account_id: AccountId, state: FilterState) -> None:
        """Return when the change is in force wherever mail is delivered."""
        self._hints.account_changed(account_id)
        await self._activity.changed(account_id, state)


def checked_name(name: str) -> str:
    """Return the kept form of a script's name. Raises Invalid (RFC 5804 §1.6)."""
    name = unicodedata.normalize("NFC", name)
    if not name or len(name.encode("utf-8", "replace")) > MAX_SCRIPT_NAME_OCTETS:
        raise Invalid(
            f"a script's name has 1 to {MAX_SCRIPT_NAME_OCTETS} octets",
            reason="filter.name",
            most=MAX_SCRIPT_NAME_OCTETS,
        )
    if any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} for one in name):
        raise Invalid("a script's name has no control characters", reason="filter.control")
    return name


def _hash(keys: Sealer, name: str) -> bytes:
    return keys.hash(Purpose.SCRIPT_NAME, name.encode())


def _target(rows: list[ScriptRow], name_hash: bytes, script_id: ScriptId | None) -> ScriptId | None:
    """Return which script is replaced; None for a new one."""
    holder = next((row.id for row in rows if row.name_hash == name_hash), None)
    if script_id is None:
        return holder
    if all(row.id != script_id for row in rows):
        raise NotFound
    if holder not in {None, script_id}:
        raise AlreadyExists("another script has this name", reason="filter.taken")
    return script_id


def _check_room(rows: list[ScriptRow], name_hash: bytes, target: ScriptId | None, size: int) -> None:
    if size > MAX_SCRIPT_OCTETS:
        raise TooLarge(f"a script has at most {MAX_SCRIPT_OCTETS} octets", reason="filter.long", most=MAX_SCRIPT_OCTETS)
    others = [row for row in rows if row.name_hash != name_hash and row.id != target]
    if len(others) >= MAX_SCRIPTS:
        raise TooManyScripts(f"at most {MAX_SCRIPTS} scripts")
    if size + sum(row.size for row in others) > MAX_ALL_OCTETS:
        raise OverQuota(
            f"all scripts together have at most {MAX_ALL_OCTETS} octets", reason="filter.all", most=MAX_ALL_OCTETS
        )


def _script(keys: Sealer, row: ScriptRow, state: FilterState) -> Script:
    name = keys.open_text(Kind.SCRIPT, row.sealed_name, NAME_SLOT)
    return Script(row.id, name, row.size, row.id == state.active, row.updated_at, row.version)


def _record(actor: Actor, now: int, action: str, script_id: ScriptId) -> AuditRecord:
    return AuditRecord(
        now, f"account:{actor.account_id}", action, f"script:{script_id}", actor.origin.address, door=actor.origin.door
    )
