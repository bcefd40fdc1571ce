"""The user's repository: its changes, its commits checked out, its files; by the plain `git` command."""
