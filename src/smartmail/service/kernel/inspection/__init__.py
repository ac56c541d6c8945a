"""Inspection: everything that is found out about a message from outside before it is committed.

A chain of inspectors, each in a package of its own beside this one, looks at one `Specimen` and writes into its
`Findings`; service.flow.delivery then does what the findings say. Must not know replies of SMTP, the queue or mailboxes.
"""
