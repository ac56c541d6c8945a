"""Rehearsal of leak rules: what rules would have said of the mail that people sent in the last days. Nothing follows from it.

NAME        leak dry run
PURPOSE     An officer names rules that would begin, end or be turned on; the mail that is still there is judged twice, by the
            rules in force and by those, and the differences are counted.
STRATEGIES  What was sent is read from mailboxes (past); it is judged by the judge of live mail (protection.leaks); counts are
            plain values that a job keeps (tally), so that another process goes on where one ended (running).
FAILURE     What cannot be judged any more is counted by its reason.
Must not know HTTP, nor write anything but its own count.
"""

from smartmail.service.flow.leak_dry_run.past import PastMail
from smartmail.service.flow.leak_dry_run.running import LEAK_DRY_RUN, LeakDryRun, Wish
from smartmail.service.flow.leak_dry_run.tally import Asked, Tally

__all__ = ["LEAK_DRY_RUN", "Asked", "LeakDryRun", "PastMail", "Tally", "Wish"]
