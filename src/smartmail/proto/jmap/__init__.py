"""JMAP envelope, result references, patch and error shapes (RFC 8620)."""
