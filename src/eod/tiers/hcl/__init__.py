"""Terraform, OpenTofu and Terragrunt by meaning: which resources a change touches, and in what."""
