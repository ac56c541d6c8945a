"""The commands of ./smartmail, one file a command."""
