"""Misdelivery guard (오발송 방지): asks `policy.misdelivery` about a letter with what this installation knows of it.

NAME        misdelivery
PURPOSE     A sender is asked "Is this the Kim you mean?" before a letter has left: the webmail asks before it sends, a letter of any
            other program waits for the answer (programs).
STRATEGIES  Facts: who of the recipients is one of us (directory: name, department, title), what the sender wrote to whom before (one
            sealed row), whether the company has written to a domain (`Acquaintances`), who had part in what is answered. Every
            letter that leaves teaches the row, whatever program it came from, also where nobody is asked; one that waits for its
            sender when the answer is there.
LIMITS      `policy.misdelivery.MAX_RECIPIENTS` recipients are looked up. Of two letters of one account that teach at once, one that
            loses twice teaches nothing.
SECURITY    The memory is text and sealed under the account's key (Kind.CORRESPONDENCE); it ends with the account. Nobody but its
            owner is told anything out of it, administrators neither.
FAILURE     What cannot be asked is not held back: a warning helps the sender and protects nothing by itself.
Must not know how a letter came in, nor what a screen shows.
"""

from smartmail.service.flow.misdelivery.guard import Draft, MisdeliveryGuard
from smartmail.service.flow.misdelivery.memory import Memory
from smartmail.service.flow.misdelivery.programs import ProgramQuestions, parties

__all__ = ["Draft", "Memory", "MisdeliveryGuard", "ProgramQuestions", "parties"]
