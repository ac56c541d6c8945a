"""Whether a letter is to go as secure mail, and how: asked by its header, its subject, its submission, or policy.

NAME        wishes
PURPOSE     `wanted` is the one place that says so. A header field works from every mail program:

                X-SmartMail-Secure: yes; proof=password; days=7; views=5; each=2; download=no; print=no; reply=no

LIMITS      Bounds are those of policy (`bounded`); a control that is not understood is an error, never left out: a
            sender who asked for two views must not give any number of them.
Must not know how a letter comes in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from smartmail.domain.errors import Invalid
from smartmail.domain.secure_mail import SecureProof
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.service.kernel.clock import DAY
from smartmail.service.mailbox.big_files import places

FIELD: Final = "x-smartmail-secure"
USUAL_DAYS: Final = 30
MIN_PASSWORD: Final = 4
MAX_PASSWORD: Final = 200
MOST_VIEWS: Final = 999
MIN_MS: Final = 60 * 60_000
"""A letter can be opened for an hour at least."""
_TAG: Final = re.compile(
    r"^\s*(?:(?:re|fw|fwd)\s*:\s*)*\[(?:보안|보안메일|secure|secure mail|セキュア|安全邮件|安全郵件)\]\s*",
    re.IGNORECASE,
)
_YES: Final = frozenset({"yes", "true", "1", "on"})
_NO: Final = frozenset({"no", "false", "0", "off"})


@dataclass(frozen=True, slots=True)
class SecureOptions:
    """How a letter is to go. None: as policy has it; times in milliseconds; `most` views in all, `each` for a recipient, 0
    for any number; `password` "": one is made where `proof` asks for it.
    """

    proof: SecureProof | None = None
    password: str = ""
    opens_at: int = 0
    expires_at: int | None = None
    most: int = 0
    each: int | None = None
    downloads: bool = True
    printing: bool = True
    replies: bool = True
    watermark: bool = False
    notify: bool = True
    countries: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


_FLAGS: Final[dict[str, Callable[[SecureOptions, bool], SecureOptions]]] = {
    "download": lambda wish, on: replace(wish, downloads=on), "print": lambda wish, on: replace(wish, printing=on),
    "reply": lambda wish, on: replace(wish, replies=on), "watermark": lambda wish, on: replace(wish, watermark=on),
    "notify": lambda wish, on: replace(wish, notify=on),
}  # fmt: skip


def wanted(policy: PolicyView, field: str, subject: str, now: int) -> SecureOptions | None:
    """Return how a letter with this field and subject is to go, None for ordinary mail. Raises Invalid."""
    if not policy[knobs.SECURE_MAIL]:
        return None
    forced = policy[knobs.SECURE_MAIL_ALWAYS]
    if field.strip():
        wish = parse(field, now)
        if wish is not None or not forced:
            return wish
    if forced or (policy[knobs.SECURE_MAIL_SUBJECT_TAG] and _TAG.match(subject)):
        return SecureOptions()
    return None


def untagged(subject: str) -> str:
    """Return a subject without the tag that asked for secure mail."""
    found = _TAG.match(subject)
    return subject if found is None else subject[found.end() :]


def parse(field: str, now: int) -> SecureOptions | None:
    """Return what a field asks for, None for "no". Raises Invalid, naming the control."""
    head, *controls = (one.strip() for one in field.strip().strip(";").split(";"))
    word = head.casefold()
    if word in _NO:
        return None
    if word not in _YES:
        raise Invalid("X-SmartMail-Secure begins with yes or no", reason="secure.field", text=word[:40])
    wish = SecureOptions()
    for control in controls:
        name, _, value = control.partition("=")
        wish = _with(wish, name.strip().casefold(), value.strip().strip('"'), now)
    return wish


def _with(wish: SecureOptions, name: str, value: str, now: int) -> SecureOptions:
    try:
        if name == "proof":
            return replace(wish, proof=_proof(value.casefold()))
        if name in _FLAGS:
            return _FLAGS[name](wish, _flag(value.casefold()))
        if name == "views":
            return replace(wish, most=_count(value))
        if name == "each":
            return replace(wish, each=_count(value))
        if name == "days":
            return replace(wish, expires_at=now + _count(value) * DAY)
        if name == "from":
            return replace(wish, opens_at=_time(value))
        if name == "until":
            return replace(wish, expires_at=_time(value))
    except ValueError:
        raise Invalid(
            f"X-SmartMail-Secure: {name}={value[:40]} is not understood",
            reason="secure.field",
            text=f"{name}={value[:40]}",
        ) from None
    raise Invalid(f"X-SmartMail-Secure: {name[:40]} is not known", reason="secure.field", text=name[:40])


def _proof(value: str) -> SecureProof:
    for known in ("code", "password", "link"):
        if value == known:
            return known
    raise ValueError(value)


def _flag(value: str) -> bool:
    if value in _YES | _NO:
        return value in _YES
    raise ValueError(value)


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= len(value) <= 4):
        raise ValueError(value)
    return int(value)


def _time(value: str) -> int:
    """Return a time of ISO 8601 with its zone."""
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    return int(at.timestamp() * 1000)


def wrong_password() -> Invalid:
    """Return the error of a password that is too short or too long."""
    return Invalid(
        f"a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters",
        reason="secure.password", least=MIN_PASSWORD, most=MAX_PASSWORD,
    )  # fmt: skip


def bounded(policy: PolicyView, wish: SecureOptions, now: int) -> SecureOptions:
    """Return a wish with everything told, within policy. Raises Invalid."""
    proof = stricter_proof(policy, "password" if wish.password and wish.proof is None else wish.proof)
    if wish.password and not MIN_PASSWORD <= len(wish.password) <= MAX_PASSWORD:
        raise wrong_password()
    expires_at = end_of(policy, wish.expires_at, now)
    if wish.opens_at >= expires_at:
        raise Invalid("a letter cannot be opened after its end", reason="secure.order")
    return replace(
        wish, proof=proof, password=wish.password if proof == "password" else "", expires_at=expires_at,
        most=views_of(policy, wish.most, bound=False), each=views_of(policy, wish.each),
        countries=places.countries(wish.countries), networks=places.networks(wish.networks),
    )  # fmt: skip


def stricter_proof(policy: PolicyView, asked: SecureProof | None) -> SecureProof:
    """Return the proof that is asked for: policy says the least. A password may stand for a code, which is no less."""
    least = policy[knobs.SECURE_MAIL_PROOF]
    if asked is None or (asked == "link" and least != "link"):
        return least
    return asked


def end_of(policy: PolicyView, asked: int | None, now: int) -> int:
    """Return when a letter ends. Raises Invalid beyond the policy."""
    longest = policy[knobs.SECURE_MAIL_DAYS]
    if asked is None:
        return now + min(longest, USUAL_DAYS) * DAY
    if not now + MIN_MS <= asked <= now + longest * DAY + DAY // 2:
        raise Invalid(
            f"a secure letter can be opened for an hour to {longest} days", reason="secure.days", most=longest
        )
    return asked


def views_of(policy: PolicyView, asked: int | None, *, bound: bool = True) -> int:
    """Return how many views there may be; `bound`: policy has a say. Raises Invalid."""
    most = policy[knobs.SECURE_MAIL_VIEWS] if bound else 0
    count = most if asked is None else asked
    if not 0 <= count <= MOST_VIEWS or (most and not 1 <= count <= most):
        raise Invalid(f"1 to {most or MOST_VIEWS} views", reason="secure.views", most=most or MOST_VIEWS)
    return count
