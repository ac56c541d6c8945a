"""Trying a script on a message: what it would do, and how it comes to that. Nothing is stored, sent or noted."""

from dataclasses import dataclass

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.proto import sieve
from smartmail.service.flow.filters.arrival import environment
from smartmail.service.flow.filters.effects import ZONES
from smartmail.service.flow.filters.program import Programs
from smartmail.service.flow.filters.surroundings import Surveyor
from smartmail.service.kernel import rights
from smartmail.service.kernel.clock import SECOND

MAX_MESSAGE_OCTETS = 16 << 20


@dataclass(frozen=True, slots=True)
class Trial:
    """What would happen. `problems` instead of an outcome: the script does not compile.

    `outcome.steps` explains; `unknown` names mailboxes that the actions file into and the account does not have.
    """

    outcome: sieve.Outcome | None
    problems: tuple[sieve.Problem, ...] = ()
    unknown: tuple[str, ...] = ()


class FilterTrials:
    """Runs scripts for show."""

    def __init__(self, store: AccountStore, programs: Programs, surveyor: Surveyor, clock: Clock) -> None:
        self._store = store
        self._programs = programs
        self._surveyor = surveyor
        self._clock = clock

    async def run(
        self, actor: Actor, account_id: AccountId, script: bytes, message: bytes, *, sender: str, recipient: str
    ) -> Trial:
        """Run a script on a message as if it came now. `sender` "" is the null reverse-path. Raises Invalid (too large)."""
        rights.require(actor, account_id, "r")
        if len(message) > MAX_MESSAGE_OCTETS:
            raise Invalid(
                f"a message to try has at most {MAX_MESSAGE_OCTETS} octets",
                reason="file.octets",
                most=MAX_MESSAGE_OCTETS,
            )
        code, problems = sieve.compile_script(script)
        if code is None:
            return Trial(None, problems)
        account = await self._store.account(account_id)
        program = await self._programs.with_included(account_id, code)
        known = await self._surveyor.survey(account, program.uses)
        facts = sieve.Facts(self._clock.now() // SECOND, ZONES.get(account.language, 0), environment())
        envelope = sieve.Envelope(sender, recipient or account.login)
        outcome = sieve.run_program(program, sieve.WholeMessage.of(message), envelope, facts, known)
        places = [one.place for one in outcome.actions if isinstance(one, sieve.Store)]
        unknown = [one.mailbox for one in places if not one.create and not known.mailbox_exists(one.mailbox)]
        return Trial(outcome, (), tuple(dict.fromkeys(unknown)))
