"""A host on SQLAlchemy: its models and the queue lie in one database, SQLite or PostgreSQL."""
