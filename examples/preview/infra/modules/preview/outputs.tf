output "url" {
  description = "Address of the environment."
  value       = "https://${var.hostname}"
}

output "cdn_domain" {
  description = "Domain name of the CDN distribution, or null."
  value       = one(aws_cloudfront_distribution.site[*].domain_name)
}

output "distribution_id" {
  description = "Id of the CDN distribution, or null."
  value       = one(aws_cloudfront_distribution.site[*].id)
}

output "database_endpoint" {
  description = "Host name of the database: its own, or the shared one."
  value       = local.database_endpoint

  # An endpoint without an instance behind it answers nobody.
  depends_on = [aws_rds_cluster_instance.database]
}

output "queue_url" {
  description = "URL of the queue: its own, or the shared one."
  value       = local.queue_url
}

output "bucket" {
  description = "Name of the bucket, or null."
  value       = one(aws_s3_bucket.site[*].id)
}

output "secret_name" {
  description = "Name of the secrets-manager entry with the connection, or null."
  value       = one(aws_secretsmanager_secret.connection[*].name)
}
