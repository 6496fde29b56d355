"""A host on psycopg 3: its bills and the queue are in one PostgreSQL database."""
