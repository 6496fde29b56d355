"""Records loaded from Procore, which the command uses in place of a host application."""
