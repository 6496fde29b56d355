"""A host on psycopg 3: its bills and the queue lie in one PostgreSQL database."""
