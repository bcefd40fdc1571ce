"""Whether a change touches a database: migrations, SQL, models, seeds."""
