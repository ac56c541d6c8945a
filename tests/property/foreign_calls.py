"""Random calls of everything that administrators may call, with ids of another company and with ids of nothing.

`targets` finds the calls by their signatures (first argument `actor`), `Maker` makes arguments for them. The same call is
made twice from one seed, once in the `foreign` world and once in the `absent` one; what comes back must not differ.
For calls by HTTP take `WORDS` of both worlds: what stands for an id of each kind.
"""

import dataclasses
import datetime
import inspect
import random
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from smartmail.domain.account import Account, DomainRow, Group
from smartmail.domain.audit import AuditQuery
from smartmail.domain.cases import Wave
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.quarantine import RulePlace
from smartmail.service.catalogue import Services

World = dict[str, Any]
"""What stands for an id of each kind: parameter name → value."""

OWN = frozenset({
    # What belongs to a person's own mail: service.kernel.rights judges it (tests/property/test_sharing_property.py).
    "mailboxes", "messages", "carrying", "keywords", "reading", "views", "metadata", "maildrops", "vault", "emptying",
    "detaching", "tags", "queries", "asking", "search", "identities", "uploads", "blob_lookup", "submissions", "receipts",
    "delivery", "filters", "findings", "states", "push_subscriptions", "imports", "exports", "work", "presence",
    "sending", "rights", "principals", "smime", "saving", "witness",
    # The judge itself, which tests/flows/test_roles.py asks.
    "authority",
})  # fmt: skip
SPARED = frozenset({
    "proposals.needs_consent", "proposals.do", "proposals.propose",  # told which act; asks for it itself
    "addressing.allowances.ask",  # a sender's
    "cases.report",  # a person's own mail
    "organization.absences.go", "organization.absences.back",  # done by people.perform, which has asked
    "sharing.dismiss", "sharing.named", "sharing.name_of",  # a person's own notices
})  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One call: its name, how it is found in the services, its parameters after `actor`."""

    name: str
    path: tuple[str, ...]
    parameters: tuple[inspect.Parameter, ...]
    hints: dict[str, Any]

    def method(self, services: Services) -> Callable[..., Any]:
        found: Any = services
        for step in self.path:
            found = getattr(found, step)
        return found


class UnmakeableError(Exception):
    """No argument can be made for a parameter."""


def targets() -> list[Target]:
    """Return every call that names something by id, by name."""
    found: list[Target] = []
    for name, kind in typing.get_type_hints(Services).items():
        if inspect.isclass(kind) and name not in OWN:
            found += _of((name,), kind)
    return sorted((one for one in found if one.name not in SPARED and _names_something(one)), key=lambda one: one.name)


def _of(path: tuple[str, ...], kind: type, depth: int = 0) -> list[Target]:
    found = []
    for name, function in inspect.getmembers(kind, inspect.iscoroutinefunction):
        parameters = list(inspect.signature(function).parameters.values())
        if not name.startswith("_") and len(parameters) > 1 and parameters[1].name == "actor":
            full = (*path, name)
            found.append(Target(".".join(full), full, tuple(parameters[2:]), _hints(function)))
    parts = dict(_hints(kind)) if dataclasses.is_dataclass(kind) else {}
    if path == ("roles",):
        from smartmail.service.governance.roles import RoleBook  # noqa: PLC0415

        parts["book"] = RoleBook
    for name, part in parts.items():
        if inspect.isclass(part) and part.__module__.startswith("smartmail.service") and depth < 2:
            found += _of((*path, name), part, depth + 1)
    return found


def _hints(thing: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(thing)
    except NameError:
        return {}


def _names_something(target: Target) -> bool:
    return any(_kind_of(one, target.hints.get(one.name)) for one in target.parameters)


def _kind_of(parameter: inspect.Parameter, hint: Any) -> str:
    """Return which entry of a world a parameter takes, "" for none."""
    for kind, name in TYPES.items():
        if hint is kind:
            return name
    return parameter.name if parameter.name in WORDS and hint is not None else ""


TYPES: dict[Any, str] = {
    Account: "account", DomainRow: "domain_row", Group: "group", Scope: "scope", PolicyRule: "rule",
    RulePlace: "owner", AuditQuery: "query",
}  # fmt: skip
WORDS = frozenset({
    "account_id", "organization_id", "group_id", "appointment_id", "proposal_id", "role_id", "relay_id", "case_id",
    "purge_id", "item_id", "entry_id", "entry_ids", "department_id", "title_id", "change_id", "rule_id", "pass_id",
    "approval_id", "webhook_id", "key_id", "job_id", "domain", "address", "addresses", "login", "reviewer", "seen_by",
})  # fmt: skip


class Maker:
    """Makes arguments; the same seed makes the same ones in both worlds, but for what names something."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)  # noqa: S311 -- a test's

    def arguments(self, target: Target) -> dict[str, Any]:
        """Return arguments by name. Raises UnmakeableError."""
        return {one.name: self._argument(target, one) for one in target.parameters if self._wanted(target, one)}

    def _wanted(self, target: Target, one: inspect.Parameter) -> bool:
        named = bool(_kind_of(one, target.hints.get(one.name)))
        return named or one.default is inspect.Parameter.empty or self._random.random() < 0.2  # noqa: PLR2004

    def _argument(self, target: Target, one: inspect.Parameter) -> Any:
        hint = target.hints.get(one.name)
        kind = _kind_of(one, hint)
        if not kind:
            return self._value(hint, one.name)
        value = self._world[kind]
        return self._random.choice(value) if isinstance(value, list) and kind in CHOSEN else value

    def _value(self, hint: Any, name: str) -> Any:
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal:
            return self._random.choice(inner)
        if origin in {typing.Union, types.UnionType}:
            chosen = self._random.choice(inner)
            return None if chosen is type(None) else self._value(chosen, name)
        if hint is bool:
            return self._random.random() < 0.5  # noqa: PLR2004
        if hint is int or getattr(hint, "__supertype__", None) is int:
            return self._random.choice((0, 1, 7, 1 << 40))
        if hint is str:
            return self._random.choice(("word", "사유가 있는 긴 문장입니다", "2026-10", "ghi@a.example"))
        if hint is bytes:
            return b"octets"
        if hint is datetime.date:
            return datetime.date(2026, 10, self._random.randint(1, 31))
        if hint is Wave:
            return Wave(senders=("x@x.test",), reason="word")
        if origin is not None and inner:
            value = self._value(inner[0], name)
            return {} if origin in {dict, typing.get_origin(typing.Mapping[str, str])} else (value,)
        return self._struct(hint)

    def _struct(self, hint: Any) -> Any:
        """Make a value class of its fields, with the ids of this world where its fields are called so."""
        if not inspect.isclass(hint):
            raise UnmakeableError(str(hint))
        if dataclasses.is_dataclass(hint):
            fields = {one.name: one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
                      for one in dataclasses.fields(hint) if one.init}  # fmt: skip
        elif issubclass(hint, msgspec.Struct):
            fields = {one.name: one.required for one in msgspec.structs.fields(hint)}
        else:
            raise UnmakeableError(str(hint))
        hints = _hints(hint)
        made = {name: self._field(hints[name], name) for name, needed in fields.items() if needed or name in WORDS}
        return hint(**made)

    def _field(self, hint: Any, name: str) -> Any:
        if hint in TYPES:
            value = self._world[TYPES[hint]]
            return self._random.choice(value) if TYPES[hint] in CHOSEN else value
        return self._world[name] if name in WORDS else self._value(hint, name)


CHOSEN = frozenset({"scope", "rule", "owner"})
"""Kinds of which a world has several."""


def world(
    account: Account, organization_id: int, group: Group, domain: str, code: str, numbers: dict[str, Any]
) -> World:
    """Return a world; `numbers`: what else has an id."""
    scopes = [
        Scope("account", str(account.id)), Scope("organization", str(organization_id)), Scope("domain", domain),
        Scope("group", str(group.id)), Scope("department", f"{organization_id}:{code}"),
    ]  # fmt: skip
    none = {name: 987_654 for name in WORDS if name.endswith("_id")}
    return {
        **none, "item_id": "f0f0f0-1", "entry_ids": (987_654,), "account_id": account.id, "account": account,
        "reviewer": account.id, "login": account.login, "organization_id": organization_id, "seen_by": organization_id,
        "group_id": group.id, "group": group, "domain": domain, "domain_row": DomainRow(domain, organization_id),
        "address": f"alias@{domain}", "addresses": (f"alias@{domain}",), "scope": scopes,
        "rule": [PolicyRule("vault.days", one, 40) for one in scopes if one.level != "account"],
        "owner": [RulePlace("account", str(account.id)), RulePlace("organization", str(organization_id)),
                  RulePlace("domain", domain)],
        "query": AuditQuery(organization_id=organization_id), **numbers,
    }  # fmt: skip


def nobody(account: Account, number: int) -> Account:
    """Return an account that is not there."""
    return replace(account, id=number, login="nobody@nowhere.example")
