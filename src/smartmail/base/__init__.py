"""Text, messages in the reader's language, log façade. Nothing about mail."""
