"""Operations: what an operator does to the system: backups, volumes checked, keys rotated, alarms, figures, updates.

NOUNS     task, backup, alarm, figure, trend, webhook, collector, update.
MAY ASK   every floor below: governance, flow, mailbox, identity, protection, kernel.
Must not know the people of a company but by their number.
"""
