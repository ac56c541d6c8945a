"""SearchSnippet/get (RFC 8621 §5): where the words of a filter stand in subject and text, as HTML with `<mark>`."""

from html import escape
from typing import Any

from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, numbers
from smartmail.edge.httpd.jmap.queries import not_indexed, parse_email_filter, tree_of
from smartmail.formats.search.excerpt import Excerpt, Marked
from smartmail.proto.jmap.emails import SearchSnippet, SnippetAnswer, SnippetArguments
from smartmail.proto.jmap.searching import OwnSearchSnippet, OwnSnippetAnswer
from smartmail.proto.jmap.session import OWN
from smartmail.service.mailbox.mailstore.conditions import Tree


async def snippets(call: Call, arguments: SnippetArguments) -> SnippetAnswer:
    """SearchSnippet/get; who names our capability learns the file of a match and why it was found."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_get(len(arguments.email_ids))
    tree = await tree_of(call, account_id, parse_email_filter(call, arguments.filter))
    found, missing = numbers(ids.EMAIL, arguments.email_ids)
    asked = [MessageId(number) for number in found]
    excerpts = await call.context.services.queries.snippets(call.context.actor, account_id, tree, asked)
    there = [one for one in asked if one in excerpts]
    missing += [found[one] for one in asked if one not in excerpts]
    if OWN in call.using:
        listed = await _own_snippets(call, account_id, tree, {one: (found[one], excerpts[one]) for one in there})
        return OwnSnippetAnswer(
            account_id=arguments.account_id,
            list=listed,
            not_found=missing or None,
            not_indexed=await not_indexed(call, account_id, tree),
        )
    plain = [SearchSnippet(found[one], _html(excerpts[one].subject), _html(excerpts[one].text)) for one in there]
    return SnippetAnswer(account_id=arguments.account_id, list=plain, not_found=missing or None)


async def _own_snippets(
    call: Call, account_id: AccountId, tree: Tree | None, those: dict[MessageId, tuple[str, Excerpt]]
) -> list[SearchSnippet]:
    queries, actor = call.context.services.queries, call.context.actor
    hows = await queries.explain(actor, account_id, tree, list(those))
    listed: list[SearchSnippet] = []
    for one, (email_id, found) in those.items():
        by: list[Any] = sorted(hows.get(one, ()))
        listed.append(OwnSearchSnippet(email_id, _html(found.subject), _html(found.text), _html(found.file), by))
    return listed


def _html(marked: Marked | None) -> str | None:
    """Return HTML with the matches in `<mark>`, None for none."""
    if marked is None:
        return None
    out, end = [], 0
    for start, stop in marked.spans:
        out += [escape(marked.text[end:start]), "<mark>", escape(marked.text[start:stop]), "</mark>"]
        end = stop
    return "".join([*out, escape(marked.text[end:])])
