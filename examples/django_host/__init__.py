"""A host on Django: its models and the queue lie in one database, SQLite or PostgreSQL."""
