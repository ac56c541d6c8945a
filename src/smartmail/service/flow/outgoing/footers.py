"""The company's footer (하단 고지문): policy says whose mail carries which, and it is put on when the mail is sent.

STRATEGIES  On the server, so that no program can leave it out: mail of programs while it is taken in, mail of the webmail
            while it is handed to the queue. The sender's own copy stays as it was written.
LIMITS      Only the texts of a letter are read and written anew; its attachments go from blob to blob.
FAILURE     What cannot carry it (signed, encrypted, unreadable) leaves without it.
Must not know the queue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.formats import footer
from smartmail.formats.footer import MAX_BODY, Edit, Footer
from smartmail.formats.mime.parts import Part
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.kernel.intake import Content
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.rewriting import Read, reader_of, rewritten
from smartmail.service.kernel.sealed_blobs import SealedBlobs


@dataclass(frozen=True, slots=True)
class Below:
    """What stands below one mail. `once`: not where it stands already, as in a quoted answer."""

    footer: Footer
    once: bool

    async def edits(self, parts: Sequence[Part], header: bytes, read: Read) -> dict[int, tuple[bytes, Edit]]:
        """Return the texts that change, by their index in the table of parts, each with its own header."""
        if not footer.may_change(header, parts):
            return {}
        found = {}
        for index in footer.places(parts):
            part = parts[index]
            if part.octets > 2 * MAX_BODY:
                continue
            own = await read(part.header_start, part.body_start - part.header_start)
            new = footer.edit(part, own, await read(part.body_start, part.octets), self.footer, once=self.once)
            if new is not None:
                found[index] = (own, new)
        return found


def below(policy: PolicyView, language: str, *, outside: bool) -> Below | None:
    """Return what policy puts below mail in somebody's language, None where nothing."""
    if policy[knobs.FOOTER_WHERE] not in {"all", "outside" if outside else "inside"}:
        return None
    words = words_of(policy[knobs.FOOTER_TEXT])
    own = words.get(language) or next((words[one] for one in LANGUAGES if words.get(one)), "")
    made = footer.footer_of(own)
    return None if made is None else Below(made, policy[knobs.FOOTER_ONCE])


def told(policy: PolicyView, language: str) -> dict[str, object] | None:
    """Return what a composer shows of it; None where no mail carries one."""
    found = below(policy, language, outside=policy[knobs.FOOTER_WHERE] != "inside")
    if found is None:
        return None
    return {"where": policy[knobs.FOOTER_WHERE], "text": found.footer.text, "once": found.once}


def words_of(lines: Sequence[str]) -> Mapping[str, str]:
    """Return a footer's words by language; lines as the knob holds them (smartmail.policy.kinds.Texts)."""
    found: dict[str, list[str]] = {}
    own: list[str] = []
    for line in lines:
        if line.startswith("[") and line.endswith("]") and line[1:-1] in LANGUAGES:
            own = found.setdefault(line[1:-1], [])
        else:
            own.append(line)
    return {language: "\n".join(words) for language, words in found.items()}


class Footers:
    """Asks policy, and puts them on."""

    def __init__(self, store: AccountStore, blobs: SealedBlobs, policy: PolicyService) -> None:
        self._store = store
        self._blobs = blobs
        self._policy = policy

    async def of(self, account_id: AccountId, *, outside: bool) -> Below | None:
        """Return what stands below mail of an account; `outside`: somebody elsewhere gets it. Raises NotFound."""
        account = await self._store.account(account_id)
        policy = await self._policy.of(account)
        return below(policy, account.language or policy[knobs.LANGUAGE], outside=outside)

    async def put(
        self, contents: dict[OrganizationId, Content], account_id: AccountId, *, outside: bool
    ) -> dict[OrganizationId, Content]:
        """Return a message on its way in with its footer, for each organisation that holds it.

        Raises NotFound, StorageFull, Unavailable.
        """
        wish = await self.of(account_id, outside=outside)
        if wish is None:
            return contents
        return {home: await self._below(content, wish) for home, content in contents.items()}

    async def _below(self, content: Content, wish: Below) -> Content:
        blob, summary = content.blob, content.summary
        read = reader_of(self._blobs, blob)
        header = await read(0, summary.header_size)
        edits = await wish.edits(summary.parts, header, read)
        if not edits:
            return content
        new = footer.pieces(summary.parts, edits, blob.row.size, header)
        return await rewritten(self._blobs, blob.organization_id, read, new)
