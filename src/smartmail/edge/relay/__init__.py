"""Outbound SMTP agents: lease from the queue, speak to the next hop, report each recipient."""
