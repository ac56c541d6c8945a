"""Named extension points for customer work; each is shipped with a plug-in that uses it."""
