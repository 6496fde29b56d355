"""A host on Django: its models and the queue are in one database, SQLite or PostgreSQL."""
