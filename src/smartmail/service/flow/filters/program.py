"""Programs of accounts: loaded from sealed scripts, compiled once per version, kept in memory.

LIMITS    MAX_PROGRAMS per process, some 50 KB each; the ones not used for longest go first.
FAILURE   A script that does not compile (one of an older version of this program) gives a problem instead of a program;
          mail is then kept.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from smartmail.domain.filters import ScriptRow
from smartmail.domain.ids import AccountId
from smartmail.formats.seal import Kind
from smartmail.ports.store_filters import FilterStore
from smartmail.proto import sieve
from smartmail.proto.sieve import Code, Include, Problem, Program
from smartmail.service.flow.filters.sealing import CONTENT_SLOT, NAME_SLOT, VACATION_SLOT
from smartmail.service.flow.filters.vacation import Vacation, decode_vacation
from smartmail.service.kernel.keyring import Keyring, Sealer

MAX_PROGRAMS = 1_000
SMALL_OCTETS = 16 << 10
MAX_INCLUDED = 50
"""Scripts that one program may be made of."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an account's filters are. No program: no active script, or `problem` says why it cannot run."""

    program: Program | None
    vacation: Vacation | None
    problem: Problem | None = None


class Programs:
    """(account, version) → what runs."""

    def __init__(self, store: FilterStore, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring
        self._kept: OrderedDict[tuple[AccountId, int], Loaded] = OrderedDict()

    async def load(self, account_id: AccountId, version: int) -> Loaded:
        """Return the filters of an account in a version or a later one. Raises NotFound, Unavailable, SealError."""
        key = (account_id, version)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = await self._load(account_id)
            while len(self._kept) > MAX_PROGRAMS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    async def _load(self, account_id: AccountId) -> Loaded:
        keys = await self._keyring.account_by_id(account_id)
        state = await self._store.filter_state(account_id)
        vacation = None
        if state.has_vacation and state.sealed_vacation is not None:
            vacation = decode_vacation(keys.open(Kind.SCRIPT, state.sealed_vacation, VACATION_SLOT))
        if state.active is None:
            return Loaded(None, vacation)
        rows = await self._store.scripts(account_id)
        active = next((row for row in rows if row.id == state.active), None)
        if active is None:
            return Loaded(None, vacation)
        code, problems = await _compiled(keys.open(Kind.SCRIPT, active.sealed, CONTENT_SLOT))
        if code is None:
            return Loaded(None, vacation, problems[0])
        return Loaded(Program(code, _included(keys, rows, code)), vacation)

    async def with_included(self, account_id: AccountId, code: Code) -> Program:
        """Return the program of a script that is not (yet) one of the account's, with those of its own that it includes."""
        keys = await self._keyring.account_by_id(account_id)
        return Program(code, _included(keys, await self._store.scripts(account_id), code))


async def _compiled(octets: bytes) -> tuple[Code | None, tuple[Problem, ...]]:
    """Compile in a thread what takes longer than the loop should wait."""
    if len(octets) <= SMALL_OCTETS:
        return sieve.compile_script(octets)
    return await asyncio.to_thread(sieve.compile_script, octets)


def _included(keys: Sealer, rows: list[ScriptRow], main: Code) -> dict[Include, Code]:
    """Compile the personal scripts that are included, however deep; one that does not compile is as if missing.

    There are no global scripts: an organisation's rules are policies, not Sieve.
    """
    found: dict[Include, Code] = {}
    waiting = list(main.includes)
    if not waiting:
        return found
    names = {keys.open_text(Kind.SCRIPT, row.sealed_name, NAME_SLOT): row for row in rows}
    while waiting and len(found) < MAX_INCLUDED:
        include = waiting.pop()
        row = names.get(include.name) if include.location == "personal" else None
        if include in found or row is None:
            continue
        code, _problems = sieve.compile_script(keys.open(Kind.SCRIPT, row.sealed, CONTENT_SLOT))
        if code is not None:
            found[include] = code
            waiting += code.includes
    return found
