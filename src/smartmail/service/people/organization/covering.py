"""Covering: who may let another person have the mail of somebody who is away, and who is told of it.

NAME        covering
STRATEGIES  Whoever says that the mail of an absent person goes to somebody decides for a person who sees nothing of it. So
            nobody says so for themselves, nor for an account that they have had a hand on (service.kernel.independence): another
            administrator does it, who is the second person then. The command line has the master key: it is not asked.
            The person is told by a mail of the house that lies in their mailbox, which stays theirs whatever is forwarded.
FAILURE     A notice that cannot be sent is logged; the absence stands.
Must not know how absences are kept, nor where mail goes.
"""

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.notifications import Notices

UNASKED = frozenset({"cli", "system"})


class Covering:
    """Judges and tells."""

    def __init__(self, independence: Independence, notices: Notices) -> None:
        self._independence = independence
        self._notices = notices

    async def check(self, actor: Actor, beneficiary: AccountId) -> None:
        """Raise Forbidden where an actor would get somebody's mail, by its own account or one it has had a hand on."""
        if actor.origin.door in UNASKED or not beneficiary:
            return
        if beneficiary == actor.account_id or actor.account_id in await self._independence.behind(beneficiary):
            raise Forbidden(
                "another administrator has to say that mail goes there: it is your own account, or one that you made,"
                " whose password you set or to which you gave a role within the time that admin.independence-days says",
                reason="covering.own",
            )

    async def tell(self, actor: Actor, account: Account, substitute: Account) -> None:
        """Tell a person that somebody has their mail too, and who said so."""
        language = account.language or "ko"
        values = {"who": actor.login or actor.named, "substitute": f"{substitute.name} <{substitute.login}>"}
        subject = translate(language, "absence.forwarded.subject", **values)
        text = translate(language, "absence.forwarded.text", **values)
        try:
            await self._notices.send(account, subject, text)
        except MailError as error:
            log.event("person.notify_failed", account=account.id, error=type(error).__name__)
