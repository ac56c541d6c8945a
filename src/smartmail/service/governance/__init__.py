"""Governance: what a company decides and proves: staged policy, roles, cases, what is emptied by rule.

NOUNS     rule, epoch, role, case, purge.
MAY ASK   flow, mailbox, identity, protection, kernel.
Must not know how the machine is kept running.
"""
