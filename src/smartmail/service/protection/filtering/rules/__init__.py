"""Rule checks: each looks at one side of a message and tells what it found as reasons with weights.

A check never judges: `service.protection.filtering.verdict` adds up. What cannot be known, for want of a name server, is left out.
Must not know mailboxes, replies of SMTP, or each other. Read first: table.py (all rules and weights), evidence.py (what
they look at), inspector.py (who runs them).
"""
