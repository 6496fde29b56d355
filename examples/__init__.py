"""Small hosts, each a project of its own; run them from the root of the repository."""
