"""The database: tables, the engine, and queries that more than one verb asks."""
