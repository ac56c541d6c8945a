"""Ready rules: a set that a company may install by one act (개인정보 기본). They only log until they are turned on.

Numbers of people and cards as they leave a Korean office; the thresholds are those above which a letter is more than one
customer's own number. No fresh installation has any of them. Must not know the store.
"""

from typing import Any, Final

from smartmail.base.i18n import translate
from smartmail.domain.leaks import LeakAction, LeakRule
from smartmail.domain.policy import Scope

_PEOPLE: Final = ["kr.rrn", "kr.frn"]
_CONDITIONS: Final[tuple[tuple[str, Any, LeakAction], ...]] = (
    ("resident", {"fact": "finding", "in": _PEOPLE}, LeakAction("approve")),
    ("residents", {"fact": "finding", "in": _PEOPLE, "least": 10, "distinct": True}, LeakAction("block")),
    ("card", {"fact": "finding", "in": ["card"], "confidence": "high"}, LeakAction("approve")),
    (
        "business",
        {"all": [
            {"fact": "finding", "in": ["kr.brn"], "confidence": "high", "least": 5, "distinct": True},
            {"fact": "recipient", "in": ["free"]},
        ]},
        LeakAction("warn"),
    ),
    ("unread", {"all": [{"fact": "uninspectable", "is": True}, {"fact": "recipient", "in": ["free"]}]}, LeakAction("approve")),
)  # fmt: skip


def ready_rules(scope: Scope, language: str) -> list[LeakRule]:
    """Return the set for a scope, named in a language."""
    return [
        LeakRule(scope, translate(language, f"leaks.ready.{name}"), condition, (action,), priority=number * 10)
        for number, (name, condition, action) in enumerate(_CONDITIONS, 1)
    ]
