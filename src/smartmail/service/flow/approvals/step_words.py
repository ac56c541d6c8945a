"""Steps of approval lines in words, as administrators type them: `manager:2 need=all escalate=4 decide=16 end=reject`.

WHO    manager | manager:LEVELS | manager:LEVELS:DUTY | post:ADDRESS | people:ADDRESS,ADDRESS | group:ID | administrators |
       system:NAME (another system, by the API)
then, in any order, `need` (any, all, a number), `escalate` and `decide` (hours, 0: never), `end` (approve, reject, keep), and
`to` (WHO it is escalated to). Must not know how a step is decided.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from smartmail.domain.approving import Step, Who
from smartmail.domain.errors import Invalid
from smartmail.formats.address import normalize

_OPTIONS: Final = {
    "need": "need", "escalate": "escalate_after", "decide": "decide_after", "end": "at_end", "to": "escalate",
}  # fmt: skip


def addresses_in(text: str) -> list[str]:
    """Return the addresses that a step names, to be looked up."""
    words = [text.split(maxsplit=1)[0]] if text.split() else []
    words += [word.removeprefix("to=") for word in text.split() if word.startswith("to=")]
    named = [word.partition(":")[2] for word in words if word.startswith(("post:", "people:"))]
    return [normalize(one) for group in named for one in group.split(",") if one]


def read_step(text: str, accounts: Mapping[str, int]) -> Step:
    """Return the step that words say; `accounts`: the accounts of `addresses_in`. Raises Invalid."""
    first, *rest = text.split() or [""]
    given: dict[str, Any] = {"who": _who(first, accounts)}
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in _OPTIONS or not equals or _OPTIONS[name] in given:
            raise _wrong(word)
        given[_OPTIONS[name]] = _who(value, accounts) if name == "to" else int(value) if value.isdecimal() else value
    try:
        return msgspec.convert(given, Step)
    except msgspec.ValidationError:
        raise _wrong(text) from None


def show_step(step: Step, logins: Mapping[int, str]) -> str:
    """Return a step in words; `logins`: addresses of the accounts that it names."""
    words = [_show(step.who, logins)]
    plain = Step(step.who)
    for word, name in _OPTIONS.items():
        value = getattr(step, name)
        if value != getattr(plain, name):
            words.append(f"{word}={_show(value, logins) if isinstance(value, Who) else value}")
    return " ".join(words)


def _who(text: str, accounts: Mapping[str, int]) -> Who:
    kind, _, rest = text.partition(":")
    try:
        if kind == "manager":
            levels, _, duty = rest.partition(":")
            return msgspec.convert({"kind": "manager", "levels": int(levels or 1), "duty": duty}, Who)
        if kind in {"post", "people"} and rest:
            found = tuple(accounts[normalize(one)] for one in rest.split(",") if one)
            return (
                Who("post", post=found[0])
                if kind == "post"
                else msgspec.convert({"kind": "people", "people": found}, Who)
            )
        if kind == "group" and rest.isdecimal() and int(rest) < 1 << 62:
            return Who("group", group=int(rest))
        if kind == "system" and rest:
            return msgspec.convert({"kind": "external", "system": rest}, Who)
        if text == "administrators":
            return Who("administrators")
    except (KeyError, IndexError, ValueError, msgspec.ValidationError):
        pass
    raise _wrong(text)


def _show(who: Who, logins: Mapping[int, str]) -> str:
    if who.kind == "manager":
        return (
            f"manager:{who.levels}:{who.duty}" if who.duty else f"manager:{who.levels}" if who.levels > 1 else "manager"
        )
    if who.kind == "post":
        return f"post:{logins.get(who.post, who.post)}"
    if who.kind == "people":
        return f"people:{','.join(str(logins.get(one, one)) for one in who.people)}"
    return {"group": f"group:{who.group}", "external": f"system:{who.system}"}.get(who.kind, who.kind)


def _wrong(text: str) -> Invalid:
    return Invalid(f"not a step of an approval line: {text[:100]!r}", reason="approval.step", text=text[:100])
