"""Sockets and HTTP: feeds bytes to engines, turns engine events into service calls and results into replies.

Must not reach a port, an adapter or the policy engine. Read first: net.py, smtpd, imapd.
"""
