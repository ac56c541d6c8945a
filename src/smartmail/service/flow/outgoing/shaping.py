"""Shaping: what a letter's readers get: the company's footer below it, and links where its attachments are too big.

FAILURE   Every form is durable before one is given to anybody.
Must not know how a letter came, nor the queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.service.flow.outgoing.footers import Footers
from smartmail.service.kernel.intake import Content
from smartmail.service.mailbox.big_files.converting import BigAttachments

Contents = dict[OrganizationId, Content]
"""A letter as each organisation that holds it has it."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a letter and who gets it, by their number in the envelope."""

    numbers: tuple[int, ...]
    contents: Contents


class Shaper:
    """Puts footers on and takes big attachments out."""

    def __init__(self, footers: Footers, big_attachments: BigAttachments) -> None:
        self._footers = footers
        self._big = big_attachments

    async def footed(self, contents: Contents, owner: AccountId, *, outside: bool) -> Contents:
        """Return a letter with the footer of the account that it is sent for. Raises NotFound, StorageFull, Unavailable."""
        return await self._footers.put(contents, owner, outside=outside)

    async def one_form(self, actor: Actor, contents: Contents, *, outside: bool) -> Contents:
        """Return a letter that waits as one: all recipients get the same link. Raises as `forms`."""
        conversion = await self._big.begin(actor, next(iter(contents.values())), outside=outside)
        return contents if conversion is None else await self._big.rewritten(conversion, contents, "")

    async def forms(self, actor: Actor, contents: Contents, recipients: Sequence[tuple[str, bool]]) -> list[Form]:
        """Return who gets which form; `recipients`: each address, and whether it is outside.

        Raises OverQuota, TooLarge, StorageFull, Unavailable.
        """
        everybody = range(len(recipients))
        inside = tuple(number for number in everybody if not recipients[number][1])
        outside = tuple(number for number in everybody if recipients[number][1])
        big, first = self._big, next(iter(contents.values()))
        conversion = await big.begin(actor, first, outside=bool(outside))
        if conversion is None:
            return [Form(tuple(everybody), contents)]
        forms = [Form(inside, await big.rewritten(conversion, contents, "") if conversion.inside else contents)]
        groups = [(number,) for number in outside] if conversion.per_recipient else [outside]
        for group in groups if outside else ():
            named = recipients[group[0]][0] if len(group) == 1 else ""
            forms.append(Form(group, await big.rewritten(conversion, contents, named)))
        return [form for form in forms if form.numbers]
