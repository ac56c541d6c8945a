"""Asks the methods of the webmail's API for a page: the same rights, policy, audit and limits, no second way to mail."""

from html import escape
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.errors import (
    Forbidden,
    Invalid,
    MailError,
    NotFound,
    OverQuota,
    PolicyRejected,
    RateLimited,
    TooLarge,
)
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.api import Api
from smartmail.edge.httpd.basic.clocks import PageClock
from smartmail.edge.httpd.basic.looks import Words
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.wire import Request
from smartmail.proto.jmap.envelope import Invocation
from smartmail.proto.jmap.envelope import Request as Calls
from smartmail.service.catalogue import Services

Result = dict[str, Any]


def sentence(error: MailError, language: str) -> str:
    """Return what to tell a reader of an error: in their language, with what a policy says of itself."""
    if isinstance(error, Told):
        return error.public
    text = translate(language, f"problem.{error.code}")
    return f"{text} ({error.public})" if isinstance(error, PolicyRejected) and error.public else text


class Told(Invalid):
    """Something is wrong that the reader can mend; `public` is in the reader's language."""


_KINDS: Final[dict[str, type[MailError]]] = {
    "notFound": NotFound, "accountNotFound": NotFound, "blobNotFound": NotFound, "forbidden": Forbidden,
    "forbiddenFrom": Forbidden, "forbiddenMailFrom": Forbidden, "accountReadOnly": Forbidden,
    "forbiddenToSend": PolicyRejected, "rateLimit": RateLimited, "limit": RateLimited, "tooLarge": TooLarge,
    "overQuota": OverQuota,
}  # fmt: skip


class Reader:
    """Somebody who is signed in and looks at a page."""

    def __init__(
        self, services: Services, api: Api, request: Request, actor: Actor, words: Words, clock: PageClock
    ) -> None:
        self.services = services
        self.request = request
        self.actor = actor
        self.words = words
        self.clock = clock
        self.account = ids.show(ids.ACCOUNT, actor.account_id)
        self.mail = request.query("of")[:40] or self.account
        """Whose mail the page is about: the reader's own, or that of an account that is shared with them."""
        self._api = api

    def place(self, path: str, **query: str) -> str:
        """Return an address of ours that stays with the mail on the page."""
        kept = {"of": self.mail} if self.mail != self.account else {}
        asked = urlencode({**kept, **query})
        return f"{path}?{asked}" if asked else path

    def link(self, path: str, **query: str) -> str:
        """Return it as markup."""
        return escape(self.place(path, **query))

    async def ask(self, *calls: tuple[str, dict[str, Any]], own: bool = False) -> list[Result]:
        """Return the answer of each call, about the mail on the page or the reader's `own`; calls are named 0, 1, … for
        references. Raises MailError.
        """
        account = self.account if own else self.mail
        invocations = tuple(
            Invocation(name, {"accountId": account, **arguments}, str(at)) for at, (name, arguments) in enumerate(calls)
        )
        asked = Calls(frozenset(self._api.capabilities), invocations, None)
        told = msgspec.json.decode(await self._api.answer(self.actor, asked, self.request.base))["methodResponses"]
        found: dict[str, Result] = {}
        for name, result, call in told:
            if name == "error":
                raise refusal(result)
            found.setdefault(call, result)
        return [found[str(at)] for at in range(len(calls))]

    async def get(self, kind: str, one: str, properties: list[str], *, own: bool = False, **more: Any) -> Result:
        """Return one object. Raises NotFound."""
        (result,) = await self.ask((f"{kind}/get", {"ids": [one], "properties": properties, **more}), own=own)
        if not result["list"]:
            raise NotFound
        return dict(result["list"][0])


def refusal(error: Result, words: Words | None = None) -> MailError:
    """Return the error of a call or of one object as one of ours; what its reader can mend is told in `words`."""
    kind = error.get("type", "")
    if words is not None and kind == "invalidRecipients":
        bad = ", ".join(error.get("invalidRecipients") or ())
        return Told(words.raw("bad-recipients", addresses=bad[:500]))
    if words is not None and kind == "tooManyRecipients":
        return Told(words.raw("too-many"))
    return _KINDS.get(kind, Invalid)(error.get("description") or "")
