"""AWS beside Terraform: what exists by tag, and content delivery at teardown."""
