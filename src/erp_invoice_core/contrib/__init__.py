"""Optional packages that no other part of the core needs."""
