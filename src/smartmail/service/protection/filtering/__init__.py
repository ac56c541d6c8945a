"""Filtering: what speaks for and against a message, and what that comes to.

Rules and engines add reasons with weights; the learned model adds one more; `verdict` sums them into score, nature and
act, so that every verdict can be traced to rules and weights. `learning` takes in what people say about their mail.
Must not know replies of SMTP, mailboxes or the queue. Read first: verdict.py, content.py, learning.py.
"""
