"""Everything that is said to GitHub and to the runner. PyGithub is imported when a client is first used."""
