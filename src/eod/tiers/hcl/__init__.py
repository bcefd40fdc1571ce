"""Terraform, OpenTofu and Terragrunt by meaning: which blocks were added, removed, changed, and where in them."""
