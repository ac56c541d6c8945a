"""Lists of allowed and blocked senders: of a person, a domain, an organisation, the installation.

NAME        sender lists
PURPOSE     The step before the learned filter that knows whom people and administrators let through or keep out: by
            address, domain (with all below it), network or country, by links and attached files; until a day; with hits.
STRATEGIES  A rule is found by keyed hashes of everything that a message could match under: one question to the store.
            Where the lists of all recipients say the same it is one reason among others, and outweighs them. Else each
            copy goes by itself: into Junk, or out of it. About one recipient the narrower place wins, but an
            administrator's block is not lifted by a person. A message that is held or refused for all is so for all.
LIMITS      `domain.quarantine.MAX_OWN_RULES` an owner; `MAX_PEOPLE` recipients are asked for, a circular has no person's.
SECURITY    An allowed address or domain counts only where nothing says that the message is forged (DMARC, or SPF where
            there is no DMARC), else anybody could write it into From. Allowing changes one weight: malware stays held and
            what DMARC refuses for a domain of ours stays refused, for those acts are demanded, not weighed.
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.inspection import Act, Reason
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.quarantine import (
    CONTENT_KINDS,
    MAX_OWN_RULES,
    MAX_RULES,
    RuleAct,
    RuleKind,
    RulePlace,
    SenderRule,
)
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.formats.links import Link
from smartmail.formats.links import parse as parse_link
from smartmail.formats.seal import Kind, Purpose, SealKey
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_quarantine import QuarantineStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.inspection.specimen import Findings, Specimen
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.protection.filtering.rules.evidence import gather


class _Store(AccountStore, DomainStore, OrganizationStore, QuarantineStore, Protocol): ...


ALLOW: Final = "list-allow"
BLOCK: Final = "list-block"
UNPROVED: Final = "list-unproved"
WEIGHT: Final = 100.0
MAX_PEOPLE: Final = 20
MAX_LINKS: Final = 50
FRESH_MS: Final = 10_000
MAX_STANDING: Final = 10_000
SYSTEM: Final = RulePlace("system")
_NARROW: Final = {"account": 4, "department": 3, "domain": 2, "organization": 1, "system": 0}
_SHORTEST: Final = {4: 8, 6: 16}
_COUNTRY_LETTERS: Final = 2
LONGEST_MS: Final = 10 * 366 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule, opened: whom it is about."""

    row: SenderRule
    subject: str


Key = tuple[RuleKind, str]


class SenderLists:
    """Keeps rules and finds those that a message matches."""

    def __init__(self, store: _Store, keyring: Keyring, clock: Clock, authority: Authority) -> None:
        self._authority = authority
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._content = False
        self._standing: dict[AccountId, tuple[int, tuple[RulePlace, ...]]] = {}
        self._asked_at = 0

    # --- what people and administrators do ---

    async def rules(self, owner: RulePlace) -> list[Listed]:
        """Return an owner's rules, the newest first. Raises NotFound, SealError."""
        sealer = await self._sealer(owner)
        return [Listed(row, _open(sealer, row)) for row in await self._store.sender_rules(owner)]

    async def put(
        self, actor: Actor, owner: RulePlace, act: RuleAct, subject: str, kind: RuleKind | None = None,
        expires_at: int | None = None,
    ) -> Listed:  # fmt: skip
        """Allow or block; about the same subject the newer word holds. Raises Invalid, Forbidden, NotFound, OverQuota."""
        await self._require(actor, owner)
        found_kind, text = subject_of(subject, kind)
        if act == "allow" and found_kind in CONTENT_KINDS:
            raise Invalid("a link or a file is only ever kept out", reason="list.kept")
        now, sealer = self._clock.now(), await self._sealer(owner)
        if expires_at is not None and not now < expires_at <= now + LONGEST_MS:
            raise Invalid("the end lies in the future, within ten years", reason="list.end")
        key = _hash(sealer, owner, (found_kind, text))
        rule = SenderRule(
            0, owner, act, found_kind, key, sealer.seal_text(Kind.SENDER_RULE, text, key), actor.named, now, expires_at
        )
        audit = AuditRecord(
            now, actor.named, f"sender.{act}", _about(owner), actor.origin.address, door=actor.origin.door
        )
        most = MAX_OWN_RULES if owner.level == "account" else MAX_RULES
        self._asked_at = 0
        return Listed(await self._store.put_sender_rule(rule, most, audit), text)

    async def remove(self, actor: Actor, owner: RulePlace, rule_id: int) -> None:
        """Forget a rule. Raises NotFound, Forbidden."""
        await self._require(actor, owner)
        audit = AuditRecord(
            self._clock.now(), actor.named, "sender.forget", _about(owner), actor.origin.address, door=actor.origin.door
        )
        await self._store.remove_sender_rule(owner, rule_id, audit)

    async def drop_old(self) -> int:
        """Forget rules that have ended; a job of each day."""
        return await self._store.drop_sender_rules(self._clock.now())

    async def _require(self, actor: Actor, owner: RulePlace) -> None:
        """Raises Forbidden for who is neither the owner nor an administrator of its organisation."""
        if owner.level == "account" and actor.account_id and owner.place == str(int(actor.account_id)):
            return
        await self._authority.require(actor, "spam.change", Scope(owner.level, owner.place), "no such list here")

    async def _organization(self, owner: RulePlace) -> OrganizationId:
        """Return the organisation that an owner belongs to, 0 for the installation. Raises NotFound."""
        if owner.level == "system":
            return OrganizationId(0)
        if owner.level == "account":
            return (await self._store.account(AccountId(int(owner.place)))).organization_id
        if owner.level == "organization":
            return OrganizationId(int(owner.place))
        if owner.level == "department":
            number, _, code = owner.place.partition(":")
            home = OrganizationId(int(number)) if number.isdecimal() else OrganizationId(0)
            if not any(one.code == code for one in await self._store.departments(home)):
                raise NotFound(f"no department {code} here")
            return home
        for row in await self._store.domains():
            if row.name == owner.place:
                return row.organization_id
        raise NotFound(f"no domain {owner.place} here")

    # --- what a message matches ---

    async def matching(self, specimen: Specimen) -> dict[AccountId, list[Listed]]:
        """Return for each recipient of ours the rules in force that match. Raises Unavailable, SealError."""
        accounts = list({one.id: one for one in specimen.accounts if one is not None}.values())
        keys = keys_of(specimen) + (await content_keys(specimen) if await self._wants_content() else [])
        circular = len(accounts) > MAX_PEOPLE
        asked: dict[bytes, tuple[RulePlace, Key]] = {}
        scopes: dict[AccountId, set[RulePlace]] = {}
        sealers: dict[RulePlace, Sealer] = {}
        for account in accounts:
            mine = [*_places(account, circular=circular), *await self._departments(account)]
            scopes[account.id] = set(mine)
            for place in mine:
                if place not in sealers:
                    sealers[place] = await self._sealer_for(place, account)
                    asked |= {_hash(sealers[place], place, key): (place, key) for key in keys}
        if not asked:
            return {}
        now = self._clock.now()
        rows = [
            Listed(row, asked[row.hash][1][1])
            for row in await self._store.find_sender_rules(list(asked))
            if row.owner == asked[row.hash][0] and (row.expires_at is None or row.expires_at > now)
        ]
        return {number: [one for one in rows if one.row.owner in mine] for number, mine in scopes.items()}

    async def _departments(self, account: Account) -> tuple[RulePlace, ...]:
        """Return the departments that an account belongs to, with all above: as of seconds ago, a circular asks for hundreds."""
        now = self._clock.now()
        at, known = self._standing.get(account.id, (0, ()))
        if at <= now < at + FRESH_MS:
            return known
        if len(self._standing) >= MAX_STANDING:
            self._standing.clear()
        codes = (await self._store.standing(account.id)).departments
        places = tuple(RulePlace("department", f"{int(account.organization_id)}:{code}") for code in codes)
        self._standing[account.id] = (now, places)
        return places

    async def _wants_content(self) -> bool:
        """Say whether anybody blocks links or files: only then a message is read for them."""
        now = self._clock.now()
        if not self._asked_at <= now < self._asked_at + FRESH_MS:
            self._content, self._asked_at = await self._store.has_sender_kinds(CONTENT_KINDS), now
        return self._content

    async def note(self, rules: Iterable[Listed]) -> None:
        """Count hits. A count that fails is lost."""
        numbers = {one.row.id for one in rules}
        if not numbers:
            return
        try:
            await self._store.note_sender_hits(sorted(numbers), self._clock.now())
        except MailError as error:
            log.event("filter.forgotten", count=len(numbers), error=type(error).__name__)

    # --- keys ---

    async def _sealer_for(self, place: RulePlace, account: Account) -> Sealer:
        if place.level == "account":
            return await self._keyring.account(account)
        return await (
            self._sealer(place) if place.level == "system" else self._keyring.organization(account.organization_id)
        )

    async def _sealer(self, owner: RulePlace) -> Sealer:
        if owner.level == "system":
            return Sealer(SealKey(self._keyring.installation_mac(Purpose.SENDER_RULE, b"lists")), 0, self._clock)
        if owner.level == "account":
            return await self._keyring.account_by_id(AccountId(int(owner.place)))
        return await self._keyring.organization(await self._organization(owner))


class ListInspector:
    """The step."""

    name = "sender-lists"

    def __init__(self, lists: SenderLists) -> None:
        self._lists = lists

    async def examine(self, specimen: Specimen) -> None:
        """Add what the lists say: as one reason where all recipients' say the same, else for each copy by itself.

        Raises Unavailable, SealError.
        """
        found = await self._lists.matching(specimen)
        if not any(found.values()):
            return
        findings = specimen.findings
        forged = is_forged(findings)
        for one in {rule.row.id: rule for rules in found.values() for rule in rules}.values():
            if _is_claim(one) and forged:
                findings.reasons.append(Reason(UNPROVED, 0.0, (one.subject,)))
        words = {account_id: _word(rules, forged=forged) for account_id, rules in found.items()}
        said = {account_id: word for account_id, word in words.items() if word is not None}
        if len(said) == len(words) and len({word.row.act for word in said.values()}) == 1:
            word = next(iter(said.values()))
            rule, weight = (ALLOW, -WEIGHT) if word.row.act == "allow" else (BLOCK, WEIGHT)
            findings.reasons.append(Reason(rule, weight, (word.subject,)))
        for account_id, word in said.items() if len(said) < len(words) or len(words) > 1 else ():
            act: tuple[Act, str] = ("deliver", ALLOW) if word.row.act == "allow" else ("junk", BLOCK)
            findings.personal[account_id] = (act[0], Reason(act[1], 0.0, (word.subject,)))
        await self._lists.note(said.values())


def _is_claim(one: Listed) -> bool:
    """Say whether a rule lets somebody through by a name that anybody could write."""
    return one.row.act == "allow" and one.row.kind in {"address", "domain"}


def _word(rules: Sequence[Listed], *, forged: bool) -> Listed | None:
    """Return the rule that holds for one recipient: an administrator's block, else the narrowest; a block on a tie."""
    usable = [one for one in rules if not (forged and _is_claim(one))]
    if any(one.row.act == "block" and one.row.owner.level != "account" for one in usable):
        # A person's allow does not lift an administrator's block; an administrator's own exception does.
        usable = [one for one in usable if one.row.act == "block" or one.row.owner.level != "account"]
    return max(
        usable, key=lambda one: (_NARROW[one.row.owner.level], one.row.act == "block", -one.row.id), default=None
    )


def is_forged(findings: Findings) -> bool:
    """Say whether authentication speaks against the message's author."""
    if findings.aligned:
        return False
    results = {one.method: one.result for one in findings.authentication}
    if results.get("dmarc", "none") not in {"none", "pass"}:
        return True
    return results.get("spf") in {"fail", "softfail"} and results.get("dkim") != "pass"


def keys_of(specimen: Specimen) -> list[Key]:
    """Return everything that a rule about this message could name."""
    addresses = [normalize(one.address) for one in specimen.summary.from_[:5] if one.address]
    if specimen.reverse_path:
        addresses.append(normalize(specimen.reverse_path))
    found: dict[Key, None] = {}
    for address in dict.fromkeys(addresses):
        found["address", address] = None
        labels = domain_to_ascii(split_address(address)[1]).lower().split(".")
        for start in range(max(0, len(labels) - 6), len(labels)):
            found["domain", ".".join(labels[start:])] = None
    for network in _networks(specimen.source.address):
        found["network", network] = None
    if specimen.findings.country.isalpha():
        found["country", specimen.findings.country.upper()] = None
    return list(found)


async def content_keys(specimen: Specimen) -> list[Key]:
    """Return what rules about links and files could name. Raises what reading the message raises."""
    evidence = await gather(specimen)
    links = [one for one in evidence.links if one.host][:MAX_LINKS]
    found: dict[Key, None] = {("url", one.host): None for one in links}
    found |= {("url", indicator(one)): None for one in links}
    found |= {("file", hashlib.sha256(one.octets).hexdigest()): None for one in evidence.files if one.whole}
    return list(found)


def indicator(link: Link) -> str:
    """Return a link as an indicator: without what names its recipient (query and fragment)."""
    return f"{link.scheme or 'http'}://{link.host}{link.path.partition('?')[0].partition('#')[0]}"[:500]


def _networks(host: str) -> list[str]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return []
    address = getattr(address, "ipv4_mapped", None) or address
    lengths = range(_SHORTEST[address.version], address.max_prefixlen + 1)
    return [str(ipaddress.ip_network((address, length), strict=False)) for length in lengths]


def subject_of(text: str, kind: RuleKind | None = None) -> Key:
    """Return kind and canonical text of what somebody typed. Raises Invalid."""
    word = text.strip()
    kind = kind or _guess(word)
    if kind == "network":
        try:
            network = ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise Invalid(f"not a network: {word!r}", reason="network.form", text=word) from None
        if network.prefixlen < _SHORTEST[network.version]:
            raise Invalid("too large a network: at least /8, or /16 of IPv6", reason="network.large")
        return kind, str(network)
    if kind == "country":
        if len(word) != _COUNTRY_LETTERS or not (word.isascii() and word.isalpha()):
            raise Invalid(f"not a country: {word!r} (two letters, such as KR)", reason="country.form", text=word)
        return kind, word.upper()
    if kind == "url":
        link = parse_link(word if "//" in word else f"http://{word}")
        if not link.host or "." not in link.host:
            raise Invalid(f"not a link: {word!r}", reason="link.form", text=word)
        return kind, indicator(link) if "//" in word else link.host
    if kind == "file":
        if not re.fullmatch("[0-9A-Fa-f]{64}", word):
            raise Invalid(f"not a SHA-256: {word!r}", reason="hash.sha", text=word)
        return kind, word.lower()
    if kind == "domain":
        name = domain_to_ascii(word.lower().removeprefix("@").removeprefix("*.").strip(".")).lower()
        if not name or any(mark in name for mark in " @/") or len(name) > 253:
            raise Invalid(f"not a domain: {word!r}", reason="domain.form", domain=word)
        return kind, name
    local, domain = split_address(word)
    if not local or "." not in domain or " " in domain or len(word) > 320:
        raise Invalid(f"not an address: {word!r}", reason="address.form", address=word)
    return kind, normalize(word)


def _guess(word: str) -> RuleKind:
    if "://" in word:
        return "url"
    if re.fullmatch("[0-9A-Fa-f]{64}", word):
        return "file"
    if "@" in word.strip("@"):
        return "address"
    try:
        ipaddress.ip_network(word, strict=False)
    except ValueError:
        return "country" if len(word) == _COUNTRY_LETTERS else "domain"
    return "network"


def _places(account: Account, *, circular: bool) -> list[RulePlace]:
    wide = [SYSTEM, RulePlace("organization", str(int(account.organization_id)))]
    wide.append(RulePlace("domain", domain_to_ascii(split_address(account.login)[1]).lower()))
    return wide if circular else [*wide, own_place(account.id)]


def own_place(account_id: AccountId) -> RulePlace:
    """Return the place of a person's own rules."""
    return RulePlace("account", str(int(account_id)))


def _hash(sealer: Sealer, owner: RulePlace, key: Key) -> bytes:
    return sealer.hash(
        Purpose.SENDER_RULE,
        owner.level.encode(),
        owner.place.encode(),
        key[0].encode(),
        key[1].encode("utf-8", "replace"),
    )


def _open(sealer: Sealer, row: SenderRule) -> str:
    return sealer.open_text(Kind.SENDER_RULE, row.sealed, row.hash)


def _about(owner: RulePlace) -> str:
    return f"{owner.level}:{owner.place}" if owner.place else owner.level
