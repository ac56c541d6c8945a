"""What a first start puts in: the door to the set-up wizard, the demo company, the accounts of the load tools.

Every seed can be run again: what exists is left as it is.
"""

import json
import os

from smartmail.app.demo import mail, people
from smartmail.app.node import Node
from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.ids import MailboxId, OrganizationId
from smartmail.domain.principal import Actor, system_actor
from smartmail.service.flow.directory import NewPerson
from smartmail.service.mailbox.mailstore.messages import MessageService

DEMO_FILE = "demo.json"
BENCH_DOMAIN = "bench.test"
BENCH_PASSWORD = "bench"  # noqa: S105 -- the load tools' own, loopback only
BENCH_LOGINS = (*(f"u{number}" for number in range(20)), "big", "idle0")


async def open_founding_door(node: Node) -> str | None:
    """Return the address where a browser makes the company and its first administrator; None when there is somebody."""
    token = await node.services.founding.open_door()
    if token is None:
        return None
    return f"https://{node.settings.file.names.admin}:{node.settings.ports()['https']}/setup#{token}"


async def seed_demo(node: Node) -> list[str]:
    """Make the demo company and its mail; write demo.json for scripts; return lines to print."""
    accounts = {account.login: account for account in await node.services.directory.accounts()}
    if people.ADMIN not in accounts:
        await _make_company(node)
        accounts = {account.login: account for account in await node.services.directory.accounts()}
        await _bring_mail(node, accounts[mail.HERO])
    _write_demo_file(node)
    lines = [f"{person.login}  {person.name} {person.title} ({person.department})" for person in people.PEOPLE]
    return ["demo accounts, password " + people.PASSWORD, *lines]


async def _make_company(node: Node) -> None:
    provisioning = node.services.provisioning
    organization_id = await provisioning.organization(people.ORGANIZATION)
    for name in people.DOMAINS:
        await _domain(node, name, organization_id)
        await node.services.signing.keys.create(name, organization_id)
    for one in people.PEOPLE:
        person = NewPerson(one.login, one.name, one.language, one.department, one.title, one.is_admin)
        await provisioning.person(person, people.PASSWORD)


async def _bring_mail(node: Node, account: Account) -> None:
    services = node.services
    actor = system_actor(account.id, account.organization_id)
    now = node.clock.now() // 1000
    for message in mail.messages(now):
        mailbox = await services.mailboxes.by_role(actor, account.id, message.mailbox_role)
        await _store(services.messages, actor, message, mailbox.row.id, now)


async def _store(
    messages: MessageService, actor: Actor, message: mail.DemoMessage, mailbox_id: MailboxId, now: int
) -> None:
    intake = await messages.begin(actor, actor.account_id)
    await intake.feed(message.octets)
    content = await intake.finish()
    received_at = (now - message.age_s) * 1000
    await messages.add(actor, actor.account_id, content, [mailbox_id], names=message.keywords, received_at=received_at)


def _write_demo_file(node: Node) -> None:
    """Write demo.json atomically: readers never see half of it."""
    settings = node.settings
    wanted = ("smtp", "lmtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "sieve", "https")
    ports = settings.ports()
    document = {
        "ca": os.path.join(settings.directory, "tls", "ca.pem"),
        "ports": {name: ports.get(name) for name in wanted},
        "accounts": [
            {"address": one.login, "password": people.PASSWORD, "admin": one.is_admin} for one in people.PEOPLE
        ],
    }
    path = os.path.join(settings.directory, DEMO_FILE)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
    os.replace(path + ".new", path)


async def seed_bench(node: Node) -> list[str]:
    """Make the accounts that the load tools use."""
    provisioning = node.services.provisioning
    organization_id = await provisioning.organization("bench")
    await _domain(node, BENCH_DOMAIN, organization_id)
    known = {account.login: account for account in await node.services.directory.accounts()}
    for name in BENCH_LOGINS:
        login = f"{name}@{BENCH_DOMAIN}"
        account = known.get(login) or await provisioning.person(NewPerson(login, name, "en"), None)
        if not account.auth_epoch:
            await node.services.auth.set_password(account.id, BENCH_PASSWORD, minimum=1)
    return [f"bench accounts u0…u19, big, idle0 @{BENCH_DOMAIN}; no TLS demanded on loopback"]


async def _domain(node: Node, name: str, organization_id: OrganizationId) -> None:
    try:
        await node.services.directory.add_domain(name, organization_id)
    except AlreadyExists:
        return
