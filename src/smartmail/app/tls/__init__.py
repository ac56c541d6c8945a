"""TLS of the listeners: which certificate is served, to whom, and who may come with old versions."""
