"""Drafts of an account that several people write for: gone on with on a page, kept there again, sent once.

STRATEGIES  As the webmail does: a letter that is sent is one of the writer's own account. It is made there, then the team's draft
            is taken away, then it is handed in: who takes the draft away sends it, and whoever comes second is told.
FAILURE     Stopped in between, the letter is among the writer's own drafts. Refused, it is the team's draft again.
"""

from typing import Any

from smartmail.domain.errors import Forbidden, MailError, NotFound
from smartmail.edge.httpd.basic.asking import Reader, Result, Told, refusal, sentence
from smartmail.edge.httpd.basic.mail import mailboxes

Parts = list[dict[str, Any]]


class Taken(Told):
    """The draft on the page is not the team's any more; `draft` is what lies in its place, "" for nothing."""

    def __init__(self, public: str, draft: str = "") -> None:
        super().__init__(public)
        self.draft = draft


def part(one: Result, blob: str) -> dict[str, Any]:
    """Return a file of a letter for another one."""
    return {"blobId": blob, "type": one["type"], "name": one["name"], "disposition": "attachment"}


async def copied(reader: Reader, files: Parts, *, own: bool) -> Parts:
    """Return files for a letter of the other account (RFC 8620 §6.3): of the mail on the page for one of the reader's own, or
    the other way round. Raises Forbidden where one cannot be had there.
    """
    if not files:
        return []
    source = reader.mail if own else reader.account
    wanted = {"fromAccountId": source, "blobIds": list({one["blobId"] for one in files})}
    (told,) = await reader.ask(("Blob/copy", wanted), own=own)
    found = told.get("copied") or {}
    if any(one["blobId"] not in found for one in files):
        raise Forbidden("a file of the letter could not be copied")
    return [part(one, found[one["blobId"]]) for one in files]


async def keep(reader: Reader, email: dict[str, Any], before: Result, added: Parts) -> None:
    """Put a letter into the place of a draft of the team; `added` are files of the reader's. Raises Taken: it lies beside
    what a colleague has made of it.
    """
    kept = [part(one, one["blobId"]) for one in before["attachments"] if one["blobId"]]
    letter = {**email, "attachments": kept + await copied(reader, added, own=False)}
    _, was_there = await _put(reader, letter, before, destroy=[before["id"]])
    if not was_there:
        raise Taken(reader.words.raw("team.beside"))


async def send(reader: Reader, email: dict[str, Any], before: Result, submission: dict[str, Any]) -> None:
    """Send a letter of the reader's own account in place of a draft of the team. Raises Taken: it was not sent."""
    (made,) = await reader.ask(("Email/set", {"create": {"letter": email}}), own=True)
    if made.get("notCreated"):
        raise refusal(made["notCreated"]["letter"], reader.words)
    mine = made["created"]["letter"]["id"]
    (told,) = await reader.ask(("Email/set", {"destroy": [before["id"]]}))
    if before["id"] not in (told.get("destroyed") or ()):
        await reader.ask(("Email/set", {"destroy": [mine]}), own=True)
        raise Taken(reader.words.raw("team.taken"))
    create = {"sending": {**submission["create"]["sending"], "emailId": mine}}
    (submitted,) = await reader.ask(("EmailSubmission/set", {**submission, "create": create}), own=True)
    if submitted.get("notCreated"):
        error = refusal(submitted["notCreated"]["sending"], reader.words)
        raise await _given_back(reader, email, before, mine, error)


async def _given_back(reader: Reader, email: dict[str, Any], before: Result, mine: str, error: MailError) -> Taken:
    letter = {**email, "attachments": await copied(reader, email["attachments"], own=False)}
    draft, _ = await _put(reader, letter, before)
    await reader.ask(("Email/set", {"destroy": [mine]}), own=True)
    return Taken(sentence(error, reader.words.language), draft)


async def _put(reader: Reader, letter: dict[str, Any], before: Result, **more: Any) -> tuple[str, bool]:
    """Put a letter among the team's drafts, with the Message-ID by which its drafts are known; return (its id, whether what
    was to be destroyed was there).
    """
    drafts = next((one["id"] for one in await mailboxes(reader) if one["role"] == "drafts"), None)
    if drafts is None:
        raise NotFound
    create = {**letter, "mailboxIds": {drafts: True}, "messageId": before["messageId"]}
    (told,) = await reader.ask(("Email/set", {"create": {"letter": create}, **more}))
    if told.get("notCreated"):
        raise refusal(told["notCreated"]["letter"], reader.words)
    return told["created"]["letter"]["id"], not told.get("notDestroyed")
