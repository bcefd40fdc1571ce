data "aws_caller_identity" "current" {}

locals {
  # Several repositories share an account, and every one of them has a pull request 12.
  repository_slug = trim(substr(replace(lower(basename(var.repository)), "/[^a-z0-9]+/", "-"), 0, 24), "-")
  name            = "preview-${local.repository_slug}-${var.environment}"

  has_bucket    = var.enable_storage || var.enable_cdn
  has_secret    = var.enable_database || var.enable_queue || var.enable_storage
  expires_after = ceil(var.ttl_hours / 24) + 1
}
