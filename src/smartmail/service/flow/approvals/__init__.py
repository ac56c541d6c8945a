"""Approvals: outgoing mail that waits for a person's yes (승인메일).

NAME       approvals
PURPOSE    A held entry of the queue is decided about by the people whom its approval line (결재선) names: moderators of a list,
           administrators beyond a limit, managers and others for what leak prevention holds.
STATES     domain.approving: waiting (step by step), held (nobody was found), then approved, rejected, expired, withdrawn, released.
STRATEGIES The states are pure. A change is worked out from a version of the approval and made where it is still at that version,
           else worked out again: the votes, what follows for the held mail and who is told are one commit.
FAILURE    Killed before the commit nothing happened, after it all has. Two who decide at once: one after the other.
SECURITY   A decision is bound to the digest of the held message. Nobody decides on their own mail, unless the line says that it is
           sent first. Deputies use the right of one person, whose history tells it. What an administrator decides is told as such.
           Comments and what is seen of the mail are sealed. Letters carry no link that decides. Authors outside are told nothing.
PARTS      service (ask, decide, withdraw, lists), moving (one change, one commit), finding (who a step names), timing, passing_time
           (the job), lines, foreseeing, deputies, reading (the held letter), texts.
Must not know why a mail is held, nor how lists and limits work.
"""

from smartmail.service.flow.approvals.service import ApprovalService, held_id
from smartmail.service.flow.approvals.texts import Approval

__all__ = ["Approval", "ApprovalService", "held_id"]
