"""A host on SQLAlchemy: its models and the queue are in one database, SQLite or PostgreSQL."""
