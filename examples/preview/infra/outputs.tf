output "url" {
  description = "Address of the environment."
  value       = module.preview_env.url
}

output "cdn_domain" {
  description = "Domain name of the CDN distribution, or null."
  value       = module.preview_env.cdn_domain
}

output "distribution_id" {
  description = "Id of the CDN distribution, or null."
  value       = module.preview_env.distribution_id
}

output "database_endpoint" {
  description = "Host name of the database: its own, or the shared one."
  value       = module.preview_env.database_endpoint
}

output "queue_url" {
  description = "URL of the queue: its own, or the shared one."
  value       = module.preview_env.queue_url
}

output "bucket" {
  description = "Name of the bucket, or null."
  value       = module.preview_env.bucket
}

output "secret_name" {
  description = "Name of the secrets-manager entry that tells the application what it is connected to, or null."
  value       = module.preview_env.secret_name
}
