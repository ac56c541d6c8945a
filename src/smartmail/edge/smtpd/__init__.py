"""MX, submission and LMTP listeners over proto.smtp."""
