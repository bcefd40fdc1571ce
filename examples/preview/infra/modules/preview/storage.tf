resource "aws_s3_bucket" "site" {
  count = local.has_bucket ? 1 : 0

  # Bucket names are global: the account's number keeps ours apart from everybody else's.
  bucket        = "${local.name}-${data.aws_caller_identity.current.account_id}"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "site" {
  count = local.has_bucket ? 1 : 0

  bucket                  = aws_s3_bucket.site[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "site" {
  count = local.has_bucket ? 1 : 0

  bucket = aws_s3_bucket.site[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# The last net: whatever the application uploads is gone a day after the environment should be.
resource "aws_s3_bucket_lifecycle_configuration" "site" {
  count = local.has_bucket ? 1 : 0

  bucket = aws_s3_bucket.site[0].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = local.expires_after
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

# The site's files, under the origin path of this pull request. Files under assets/ carry their
# content's hash in their name and may be kept for a year; everything else is asked for again each
# time. So a push needs no invalidation.
resource "aws_s3_object" "site" {
  for_each = local.has_bucket ? fileset(var.site_directory, "**") : toset([])

  bucket = aws_s3_bucket.site[0].id
  key    = "pr-${var.pr_number}/${each.value}"
  source = "${var.site_directory}/${each.value}"
  etag   = filemd5("${var.site_directory}/${each.value}")

  cache_control = (
    startswith(each.value, "assets/") ? "public, max-age=31536000, immutable" : "no-cache"
  )
  content_type = lookup(local.content_types, reverse(split(".", each.value))[0], "application/octet-stream")

  # An object can carry ten tags only, and goes with its bucket.
  override_provider {
    default_tags {
      tags = {}
    }
  }
}

locals {
  content_types = {
    css  = "text/css; charset=utf-8"
    html = "text/html; charset=utf-8"
    js   = "text/javascript; charset=utf-8"
    json = "application/json"
    svg  = "image/svg+xml"
  }
}
