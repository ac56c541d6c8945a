"""Manages companies of this installation: add, list, rename, close, titles, order, sight; claim and prove domains.

Companies are outside to each other. `sight A B` lets company B look people of A up; it shares nothing else. `titles`
shows the tables of positions (직위), duties (직책), grades (직급) and honorifics (호칭); `order KIND WORD…` sets one, the
highest first: every list of people is in the order of positions. A company proves a domain by a TXT record (`proof`,
`prove`); what is added here with `domain add` needs none. `move-domain OLD NEW` gives everybody in OLD a login
in NEW, lists and aliases too. `merge NAME DOMAIN` brings all people of a company to another one.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.cli.person import day
from smartmail.app.node import Node
from smartmail.domain.account import Organization
from smartmail.domain.organization import TITLE_KINDS

HELP = "companies: names, titles, domains to be proved, who sees whom"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "add", "make a company with keys of its own", "NAME")
    add_act(acts, "list", "show all companies with their domains and claims")
    add_act(acts, "rename", "call a company something else", "NAME", "NEW")
    close = add_act(acts, "close", "no mail and no logins for a whole company; data stay", "NAME")
    close.add_argument("--sure", action="store_true", help="yes, the whole company")
    add_act(acts, "close-domain", "no mail for a domain of which all accounts are closed; its lists go", "DOMAIN")
    sight = add_act(acts, "sight", "let company OTHER look people of NAME up", "NAME", "OTHER")
    sight.add_argument("--end", action="store_true", help="no more")
    add_act(acts, "titles", "show positions, duties, grades and honorifics", "NAME")
    order = add_act(acts, "order", "set the words of a table, the highest first", "KIND", "WORDS…")
    order.add_argument("--organization", metavar="NAME", help="whose table, where there are several companies")
    for act, text in (("claim", "say that a domain is a company's"), ("proof", "show the record that proves a domain"),
                      ("prove", "look for the record; the domain serves mail from then on"),
                      ("unclaim", "claim a domain no more")):  # fmt: skip
        add_act(acts, act, text, "NAME", "DOMAIN")
    move = add_act(acts, "move-domain", "give everybody in OLD a login in NEW", "OLD", "NEW")
    move.add_argument("--months", type=int, default=6, help="how long old addresses stay (6)")
    move.add_argument("--apply", action="store_true", help="do it; without it the plan is shown")

    merge = add_act(acts, "merge", "bring all people of company NAME into a domain of another one", "NAME", "DOMAIN")
    merge.add_argument("--months", type=int, default=6, help="how long old addresses stay (6)")
    merge.add_argument("--without-mail", action="store_true", help="mailboxes stay with the old company")
    merge.add_argument("--on", metavar="DAY", help="wait for that day (2026-12-01), Seoul time")
    merge.add_argument("--apply", action="store_true", help="do it; without it the plan is shown")
    add_act(acts, "mergers", "show how far planned mergers of company NAME are", "NAME")
    add_act(acts, "unmerge", "take back the transfers into DOMAIN that wait", "NAME", "DOMAIN")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


async def _company(node: Node, name: str | None) -> Organization:
    return await node.services.organization.companies.named(CLI, name)


async def _add(node: Node, options: argparse.Namespace) -> int:
    made = await node.services.organization.companies.create(CLI, options.name)
    lines = [f"{made.name} is company {made.id}. Next: ./smartmail domain add DOMAIN --organization {made.name}"]
    opening.show(options, {"id": made.id, "name": made.name}, lines)
    return 0


async def _merge(node: Node, options: argparse.Namespace) -> int:
    organization = node.services.organization
    source = await _company(node, options.name)
    plan = await organization.mergers.plan(
        CLI, source.id, options.domain, mailbox=not options.without_mail, months=options.months
    )
    at = day(options.on) if options.on else None
    merged = await organization.mergers.apply(CLI, plan, at) if options.apply else None
    document = {
        "people": len(plan.steps), "done": merged.done if merged else 0,
        "clashes": [{"login": old, "becomes": new} for old, new in plan.clashes], "numbers": list(plan.numbers),
        "staying": list(plan.staying), "errors": [list(one) for one in merged.errors] if merged else [],
    }  # fmt: skip
    lines = [f"{old} becomes {new}: the name is taken" for old, new in plan.clashes]
    lines += [f"{login}: the employee number is somebody's there" for login in plan.numbers]
    lines += [f"{login} stays: it is no person" for login in plan.staying]
    if merged is None:
        lines.append(
            f"{len(plan.steps)} people would go to {options.domain}. To do it: --apply, on a day: --on DAY --apply"
        )
    else:
        lines += [f"{login}: {why}" for login, why in merged.errors]
        lines.append(f"{merged.done} people {'will go' if at else 'went'} to {options.domain}.")
    opening.show(options, document, lines)
    return 1 if merged is not None and merged.errors else 0


async def _close_domain(node: Node, options: argparse.Namespace) -> int:
    row = await node.services.organization.domains.close(CLI, options.domain)
    opening.show(options, {"domain": row.name, "state": row.state}, [f"{row.name} is closed; data stay."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    organization = node.services.organization
    domains = await node.services.directory.domains()
    document, rows = [], []
    for one in await organization.companies.list_all(CLI):
        own = [row.name for row in domains if row.organization_id == one.id]
        claims = [claim.name for claim in await organization.domains.claims(CLI, one.id)]
        document.append({"id": one.id, "name": one.name, "state": one.state, "domains": own, "claims": claims})
        rows.append((str(one.id), one.name, one.state, " ".join(own), " ".join(claims)))
    opening.show(options, document, opening.table(("ID", "NAME", "STATE", "DOMAINS", "CLAIMS"), rows))
    return 0


async def _rename(node: Node, options: argparse.Namespace) -> int:
    one = await _company(node, options.name)
    made = await node.services.organization.companies.rename(CLI, one.id, options.new)
    opening.show(options, {"id": made.id, "name": made.name}, [f"{one.name} is called {made.name} now."])
    return 0


async def _close(node: Node, options: argparse.Namespace) -> int:
    one = await _company(node, options.name)
    if not options.sure:
        raise opening.CommandError(f"This closes every account of {one.name}. To do it: --sure")
    count = await node.services.organization.companies.close(CLI, one.id)
    opening.show(options, {"id": one.id, "closed": count}, [f"{one.name} is closed, and {count} accounts with it."])
    return 0


async def _sight(node: Node, options: argparse.Namespace) -> int:
    one, other = await _company(node, options.name), await _company(node, options.other)
    await node.services.organization.companies.set_sight(CLI, one.id, other.id, on=not options.end)
    told = "does not see" if options.end else "sees"
    opening.show(options, {"company": one.id, "seenBy": other.id}, [f"{other.name} {told} the people of {one.name}."])
    return 0


async def _titles(node: Node, options: argparse.Namespace) -> int:
    one = await _company(node, options.name)
    found = await node.services.organization.titles.list_all(CLI, one.id)
    document = [{"id": title.id, "kind": title.kind, "name": title.name, "position": title.position} for title in found]
    rows = [(title.kind, title.name, str(title.id)) for title in found]
    opening.show(options, document, opening.table(("KIND", "NAME", "ID"), rows))
    return 0


async def _order(node: Node, options: argparse.Namespace) -> int:
    if options.kind not in TITLE_KINDS:
        raise opening.CommandError(f"{options.kind} is no kind of title: {', '.join(TITLE_KINDS)}.")
    one = await _company(node, options.organization)
    made = await node.services.organization.titles.set_order(CLI, one.id, options.kind, options.words)
    names = [title.name for title in made]
    opening.show(options, names, [f"{options.kind}: {' > '.join(names)}"])
    return 0


async def _claim(node: Node, options: argparse.Namespace) -> int:
    one, domains = await _company(node, options.name), node.services.organization.domains
    if options.act == "claim":
        # The command line needs no proof; it claims here on behalf of the company, which has to prove.
        await domains.claim(CLI, options.domain, one.id)
    if options.act == "unclaim":
        await domains.drop_claim(CLI, options.domain, one.id)
        opening.show(options, {"domain": options.domain}, [f"{options.domain} is claimed no more by {one.name}."])
        return 0
    if options.act == "prove":
        row = await domains.prove(CLI, options.domain, one.id)
        opening.show(options, {"domain": row.name, "state": "active"}, [f"{row.name} is {one.name}'s and serves mail."])
        return 0
    proof = domains.proof(options.domain, one.id)
    lines = [
        f'{proof.name}. IN TXT "{proof.text}"',
        f"; then: ./smartmail organization prove {one.name} {options.domain}",
    ]
    opening.show(options, {"name": proof.name, "text": proof.text}, lines)
    return 0


async def _move(node: Node, options: argparse.Namespace) -> int:
    domains = node.services.organization.domains
    plan = await domains.plan_rename(CLI, options.old, options.new, options.months)
    done = await domains.rename(CLI, plan) if options.apply else 0
    document = {
        "accounts": len(plan.renamings), "done": done, "lists": [list(one) for one in plan.moves],
        "clashes": [{"login": old, "becomes": new} for old, new in plan.clashes],
    }  # fmt: skip
    lines = [f"{old} becomes {new}: the name is taken" for old, new in plan.clashes]
    lines += [f"{old} moves to {new}" for old, new in plan.moves]
    lines.append(f"{done} accounts have logins in {options.new}; old addresses stay {options.months} months."
                 if options.apply else
                 f"{len(plan.renamings)} accounts would move, {len(plan.clashes)} under another name. To do it: --apply"
                 )  # fmt: skip
    opening.show(options, document, lines)
    return 0


async def _mergers(node: Node, options: argparse.Namespace) -> int:
    source = await _company(node, options.name)
    found = await node.services.organization.mergers.standings(CLI, source.id)
    document = [
        {"domain": one.domain, "at": one.effective_at, "waiting": one.waiting, "done": one.done, "failed": one.failed,
         "cancelled": one.cancelled}
        for one in found
    ]  # fmt: skip
    rows = [
        (one.domain, shown(one.effective_at), str(one.waiting), str(one.done), str(one.failed), str(one.cancelled))
        for one in found
    ]
    head = ("DOMAIN", "DAY", "WAITING", "DONE", "FAILED", "CANCELLED")
    opening.show(options, document, opening.table(head, rows) if rows else ["No merger is planned."])
    return 0


async def _unmerge(node: Node, options: argparse.Namespace) -> int:
    source = await _company(node, options.name)
    taken = await node.services.organization.mergers.cancel(CLI, source.id, options.domain)
    opening.show(options, {"people": taken}, [f"{taken} people stay where they are."])
    return 0


_ACTS = {
    "add": _add, "list": _list, "rename": _rename, "close": _close, "close-domain": _close_domain, "sight": _sight, "titles": _titles,
    "order": _order, "claim": _claim, "proof": _claim, "prove": _claim, "unclaim": _claim, "move-domain": _move,
    "merge": _merge, "mergers": _mergers, "unmerge": _unmerge,
}  # fmt: skip
