"""Leak prevention (내부정보유출방지): what must not leave is refused, held or asked about before it does.

NAME        leaks
PURPOSE     Every exit shows its letter (`OutgoingLetter`) to `LeakJudge`, gets a verdict with every rule that was tried, and does
            what it says in its own way. Letters of people and machines do so in service.flow.outgoing.
STRATEGIES  The rules of the epoch in force (book); what a letter holds, read once (reading, searching); a verdict (judging,
            policy.leaks); what an officer looks at (incidents, exceptions); rules as acts of administrators (rules, proposing, ready).
FAILURE     What cannot be looked into is held, never let go. Without readable rules nothing leaves.
Must not know the queue, approvals, or how an exit tells its sender.
"""

from smartmail.service.protection.leaks.automatic import AutomaticLeaks
from smartmail.service.protection.leaks.book import LeakBook
from smartmail.service.protection.leaks.changing import UNCHANGED, Changes, LeakChanger
from smartmail.service.protection.leaks.exceptions import ExceptedValues, LeakException, LeakExceptions
from smartmail.service.protection.leaks.files import ANYONE, summary_of_file
from smartmail.service.protection.leaks.incidents import Incident, Incidents
from smartmail.service.protection.leaks.judging import LeakJudge
from smartmail.service.protection.leaks.letter import OutgoingLetter, exit_of, reason_of
from smartmail.service.protection.leaks.proposing import LeakProposals
from smartmail.service.protection.leaks.reading import LetterReader
from smartmail.service.protection.leaks.ready import ready_rules
from smartmail.service.protection.leaks.rules import LeakRules
from smartmail.service.protection.leaks.searching import KNOWN as DETECTORS
from smartmail.service.protection.leaks.service import LeakPrevention
from smartmail.service.protection.leaks.trying import LeakTrial

__all__ = [
    "ANYONE", "DETECTORS", "UNCHANGED", "AutomaticLeaks", "Changes", "ExceptedValues", "Incident", "Incidents", "LeakBook",
    "LeakChanger", "LeakException", "LeakExceptions", "LeakJudge", "LeakPrevention", "LeakProposals", "LeakRules", "LeakTrial",
    "LetterReader", "OutgoingLetter", "exit_of", "ready_rules", "reason_of", "summary_of_file",
]  # fmt: skip
