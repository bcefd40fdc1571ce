# A queue and where its messages go that nobody could handle. For topics on a shared Kafka cluster
# instead, see variants/kafka-topics.md.
resource "aws_sqs_queue" "dead_letters" {
  count = var.enable_queue ? 1 : 0

  name                      = "${local.name}-dead-letters"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "work" {
  count = var.enable_queue ? 1 : 0

  name                       = local.name
  visibility_timeout_seconds = 60
  message_retention_seconds  = 4 * 24 * 3600
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[0].arn
    maxReceiveCount     = 5
  })
}
