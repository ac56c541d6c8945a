"""HTTP: JMAP, sign-in, set-up, webmail assets, blobs, push, health."""
