"""Authentication of mail from outside: SPF, DKIM, ARC and DMARC put together, judged and obeyed.

The arithmetic is proto.mailauth; here are the questions to the name service (bounded, remembered), the settings, and
the inspector that writes what was found out on top of the message. Must not know SMTP replies or mailboxes.
"""
