"""Brings the database to the newest migration. Runs before the application starts, in a Job."""

import logging
import os
from pathlib import Path

LOG = logging.getLogger("migrate")
MIGRATIONS = Path(__file__).parent / "migrations"


def pending(applied: set[str]) -> list[Path]:
    """The migrations that have not run yet, in order of their numbers."""
    return [file for file in sorted(MIGRATIONS.glob("*.sql")) if file.name not in applied]


def main() -> None:
    """Run all pending migrations or none; two Jobs at once wait for each other."""
    database_url = os.environ.get("DATABASE_URL")
    if not database_url:
        LOG.info("no DATABASE_URL: nothing to migrate")
        return
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table if not exists migrations (name text primary key)")
        with connection.transaction():
            connection.execute("lock table migrations in exclusive mode")
            applied = {name for (name,) in connection.execute("select name from migrations")}
            for file in pending(applied):
                connection.execute(file.read_text("utf-8").encode())
                connection.execute("insert into migrations values (%s)", (file.name,))
                LOG.info("applied %s", file.name)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
