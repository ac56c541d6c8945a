"""Shaping: what a letter's readers get: the company's footer below it, links where its attachments are too big, and the
notice of a secure letter where people outside shall read it on a page of ours.

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
from smartmail.service.mailbox.secure_mail import SecureLetters, SecureOptions

Contents = dict[OrganizationId, Content]
"""A letter as each organisation that holds it has it."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a letter and who gets it, by their number in the envelope. `ticket`: it is the notice of a secure letter,
    in place of `original`; `secure`: how the letter, which waits, will leave as secure mail.
    """

    numbers: tuple[int, ...]
    contents: Contents
    ticket: bytes = b""
    original: Contents | None = None
    secure: bytes = b""


class Shaper:
    """Puts footers on and takes big attachments out."""

    def __init__(self, footers: Footers, big_attachments: BigAttachments, secure_letters: SecureLetters) -> None:
        self._footers = footers
        self._big = big_attachments
        self._secure = secure_letters

    async def secure_wish(self, account_id: AccountId, field: str, subject: str) -> SecureOptions | None:
        """Return how a letter is to go as secure mail, None for ordinary mail. Raises Invalid (it asks for what is not known)."""
        return await self._secure.wanted(account_id, field, subject)

    async def may_secure(self, account_id: AccountId) -> bool:
        """Say whether an account may send secure mail at all."""
        return await self._secure.may(account_id)

    async def may_link(self, account_id: AccountId) -> bool:
        """Say whether an account may have links in place of attachments. Raises NotFound."""
        return await self._big.may(account_id)

    async def withdraw(self, actor: Actor, ticket_id: bytes) -> None:
        """End the secure letter of a notice that was cancelled before it left."""
        await self._secure.withdraw(actor, ticket_id)

    async def footed(self, contents: Contents, owner: AccountId, *, outside: bool) -> Contents:
        """Return a letter with the footer of the account that it is sent for. Raises NotFound, StorageFull, Unavailable."""
        return await self._footers.put(contents, owner, outside=outside)

    async def waiting(
        self, actor: Actor, contents: Contents, recipients: Sequence[tuple[str, bool]], wish: SecureOptions | None
    ) -> Form:
        """Return a letter that waits as one. As secure mail it waits as its writer has it: who decides reads what it says, and
        notices are made when it leaves. Raises as `forms`.
        """
        everybody, outside = (
            tuple(range(len(recipients))),
            [address for address, is_outside in recipients if is_outside],
        )
        if wish is None or not outside:
            return Form(everybody, await self.one_form(actor, contents, outside=bool(outside)))
        return Form(everybody, contents, secure=await self._secure.waits(actor.account_id, wish, outside))

    async def one_form(self, actor: Actor, contents: Contents, *, outside: bool) -> Contents:
        """Return a letter that waits as one: all recipients get the same link. Raises as `forms`."""
        conversion = await self._big.begin(actor, next(iter(contents.values())), outside=outside)
        return contents if conversion is None else await self._big.rewritten(conversion, contents, "")

    async def forms(
        self,
        actor: Actor,
        contents: Contents,
        recipients: Sequence[tuple[str, bool]],
        wish: SecureOptions | None = None,
    ) -> list[Form]:
        """Return who gets which form; `recipients`: each address, and whether it is outside; `wish`: as secure mail.

        Raises OverQuota, TooLarge, Invalid (a wish beyond the policy), StorageFull, Unavailable.
        """
        everybody = range(len(recipients))
        inside = tuple(number for number in everybody if not recipients[number][1])
        outside = tuple(number for number in everybody if recipients[number][1])
        if wish is not None and outside:
            within = await self.one_form(actor, contents, outside=False) if inside else contents
            return [Form(inside, within)][: len(inside)] + await self._secured(
                actor, contents, recipients, outside, wish
            )
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

    async def _secured(
        self, actor: Actor, contents: Contents, recipients: Sequence[tuple[str, bool]], outside: Sequence[int],
        wish: SecureOptions,
    ) -> list[Form]:  # fmt: skip
        """Return the notice of each recipient outside, all of one letter that is put aside."""
        [(home, content)] = contents.items()  # with recipients outside the sender's organisation seals it for everybody
        made = await self._secure.make(actor, content, wish, [recipients[number][0] for number in outside])
        return [
            Form(
                (number,), {home: await self._secure.notice(made, at, content)}, made.tickets[at][0].id, contents,
            )
            for at, number in enumerate(outside)
        ]  # fmt: skip
