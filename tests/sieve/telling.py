"""An outcome of a run as the lines that cases write it in."""

from smartmail.proto import sieve
from smartmail.proto.sieve import Fcc, Notify, Outcome, Place, Redirect, Reject, Reply, Store


def lines_of(outcome: Outcome, wanted: list[str]) -> list[str]:
    """Return the lines of an outcome; variables and notes only where the case asks for them."""
    found = [_action(one) for one in outcome.actions] or ["discard"]
    if outcome.problem is not None:
        found.append(f"problem {outcome.problem.line}:{outcome.problem.column} {outcome.problem.key}")
    for line in wanted:
        if line.startswith("var "):
            name = line[4:].partition("=")[0]
            found.append(f"var {name}={quoted(outcome.variables.get(name, ''))}")
    if any(line.startswith("remember ") for line in wanted):
        found += [f"remember {one.key.replace(chr(0), '|')} {one.seconds}s" for one in outcome.remembered]
    return found


def _action(one: sieve.Action) -> str:
    match one:
        case Store(place, flags, edition, implicit):
            words = ["implicit keep" if implicit else "keep"] if place == sieve.INBOX else ["fileinto", *_place(place)]
            return _joined(*words, *_flags(flags), _edition(edition))
        case Redirect(address, edition, to_list):
            return _joined("redirect", address, "list" if to_list else "", _edition(edition))
        case Reject(reason, in_protocol):
            return _joined("ereject" if in_protocol else "reject", quoted(reason))
        case Reply():
            return _reply(one)
        case Notify():
            return _notify(one)


def _reply(one: Reply) -> str:
    return _joined(
        "vacation", quoted(one.reason), f"{one.period}s",
        f"subject={quoted(one.subject)}" if one.subject else "", f"from={quoted(one.from_)}" if one.from_ else "",
        f"addresses={','.join(one.addresses)}" if one.addresses else "", "mime" if one.mime else "",
        "" if "\0" in one.handle else f"handle={quoted(one.handle)}", *_fcc(one.fcc),
    )  # fmt: skip


def _notify(one: Notify) -> str:
    return _joined(
        "notify", one.method, f"message={quoted(one.message)}" if one.message else "",
        f"from={quoted(one.from_)}" if one.from_ else "", f"importance={one.importance}" if one.importance != 2 else "",
        f"options={','.join(one.options)}" if one.options else "", *_fcc(one.fcc),
    )  # fmt: skip


def _place(place: Place) -> list[str]:
    return [
        quoted(place.mailbox), "create" if place.create else "", place.special_use,
        f"id={place.mailbox_id}" if place.mailbox_id else "",
    ]  # fmt: skip


def _fcc(fcc: Fcc | None) -> list[str]:
    return [] if fcc is None else ["fcc", *_place(fcc.place), *_flags(fcc.flags)]


def _flags(flags: tuple[str, ...]) -> list[str]:
    return ["flags " + " ".join(flags)] if flags else []


def _edition(number: int) -> str:
    return f"edition {number}" if number else ""


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


def quoted(text: str) -> str:
    """Return text in quotation marks, on one line."""
    for plain, written in (("\\", "\\\\"), ('"', '\\"'), ("\r\n", "\\n"), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(plain, written)
    return f'"{text}"'
