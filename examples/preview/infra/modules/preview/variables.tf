variable "environment" {
  description = "Name of the environment, for instance pr-123."
  type        = string
}

variable "namespace" {
  description = "Kubernetes namespace that the application runs in."
  type        = string
}

variable "repository" {
  description = "Repository of the pull request as owner/name."
  type        = string
}

variable "pr_number" {
  description = "Number of the pull request: the CDN's origin path is pr-<number>."
  type        = number
}

variable "pr_url" {
  description = "Address of the pull request."
  type        = string
}

variable "ttl_hours" {
  description = "Hours the environment lives."
  type        = number
}

variable "hostname" {
  description = "Host name of the environment."
  type        = string
}

variable "site_directory" {
  description = "Folder with the site's static files; those under assets/ are versioned by name."
  type        = string
}

variable "enable_database" {
  description = "A database cluster of its own."
  type        = bool
}

variable "enable_queue" {
  description = "A queue of its own."
  type        = bool
}

variable "enable_storage" {
  description = "A bucket of its own."
  type        = bool
}

variable "enable_cdn" {
  description = "A CDN distribution of its own, and the bucket behind it."
  type        = bool
}

variable "enable_dns" {
  description = "A DNS record in the shared zone."
  type        = bool
}

variable "enable_load_balancer" {
  description = "Requests for /api/* go through the CDN to the load balancer."
  type        = bool
}

variable "shared_database_endpoint" {
  description = "Host name of the database to use without one of its own."
  type        = string
}

variable "shared_queue_url" {
  description = "URL of the queue to use without one of its own."
  type        = string
}

variable "shared_zone_id" {
  description = "Id of the hosted zone for the DNS record."
  type        = string
}

variable "shared_load_balancer_hostname" {
  description = "Host name of the load balancer that all previews share."
  type        = string
}

variable "certificate_arn" {
  description = "ACM certificate of the host name, in us-east-1."
  type        = string
}

variable "database_subnet_group" {
  description = "DB subnet group of the database; null means the account's default group."
  type        = string
}

variable "database_security_group_ids" {
  description = "Security groups of the database."
  type        = list(string)
}
