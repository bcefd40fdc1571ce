"""What happens to the records; the REST routes and the Python control both go through here."""
