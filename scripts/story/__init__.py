"""The demo: a small language client that has a file filled and rewritten, and shows it."""
