# What the application is connected to. It holds addresses and the name of the database's own secret,
# never a password.
resource "aws_secretsmanager_secret" "connection" {
  count = local.has_secret ? 1 : 0

  name        = "preview/${local.repository_slug}/${var.namespace}/connection"
  description = "Connection of ${local.name}"

  # Without this the name stays taken for 30 days, and reopening the pull request fails.
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "connection" {
  count = local.has_secret ? 1 : 0

  secret_id = aws_secretsmanager_secret.connection[0].id

  secret_string = jsonencode({
    database_host            = local.database_endpoint
    database_name            = "app"
    database_credentials_arn = one(aws_rds_cluster.database[*].master_user_secret[0].secret_arn)
    queue_url                = local.queue_url
    bucket                   = one(aws_s3_bucket.site[*].id)
  })
}

locals {
  database_endpoint = var.enable_database ? aws_rds_cluster.database[0].endpoint : var.shared_database_endpoint
  queue_url         = var.enable_queue ? aws_sqs_queue.work[0].url : var.shared_queue_url
}
