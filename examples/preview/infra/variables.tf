# The first part is passed by eod, the second part by the team (`terraform.variables` in
# `.github/eod.yml`). eod passes only what is declared here: take out what you do not need.

variable "pr_number" {
  description = "Number of the pull request."
  type        = number
}

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

variable "pr_url" {
  description = "Address of the pull request; shown where AWS lets a resource carry a comment."
  type        = string
  default     = ""
}

variable "region" {
  description = "AWS region of everything but the CDN, which is global. Null means AWS_REGION."
  type        = string
  default     = null
}

variable "domain" {
  description = "Domain under which previews answer, for instance preview.example.com."
  type        = string
}

variable "hostname" {
  description = "Host name of this environment. Null means pr-<number>.<domain>."
  type        = string
  default     = null
}

variable "ttl_hours" {
  description = "Hours the environment lives. Uploaded objects expire one day later, whatever happens."
  type        = number
  default     = 24

  validation {
    condition     = var.ttl_hours > 0
    error_message = "ttl_hours must be more than 0."
  }
}

variable "enable_database" {
  description = "A database cluster of its own; otherwise the shared one is used."
  type        = bool
  default     = false
}

variable "enable_queue" {
  description = "A queue of its own; otherwise the shared one is used."
  type        = bool
  default     = false
}

variable "enable_storage" {
  description = "An object storage bucket of its own."
  type        = bool
  default     = false
}

variable "enable_cdn" {
  description = "A CDN distribution of its own, in front of the bucket (made for it if need be)."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_cdn || var.certificate_arn != ""
    error_message = "enable_cdn needs certificate_arn: CloudFront serves a host name only with its certificate."
  }
}

variable "enable_dns" {
  description = "A DNS record in the shared zone: to the CDN if there is one, else to the load balancer."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_dns || var.shared_zone_id != ""
    error_message = "enable_dns needs shared_zone_id, the hosted zone that holds the domain."
  }

  validation {
    condition     = !var.enable_dns || var.enable_cdn || var.shared_load_balancer_hostname != ""
    error_message = "enable_dns without enable_cdn needs shared_load_balancer_hostname to point at."
  }
}

variable "enable_load_balancer" {
  description = "Requests reach the application through the load balancer; behind a CDN, those for /api/*."
  type        = bool
  default     = false
}

variable "shared_database_endpoint" {
  description = "Host name of the database that environments without one of their own share."
  type        = string
  default     = ""
}

variable "shared_queue_url" {
  description = "URL of the queue that environments without one of their own share."
  type        = string
  default     = ""
}

variable "shared_zone_id" {
  description = "Id of the Route 53 hosted zone that holds the domain."
  type        = string
  default     = ""
}

variable "shared_load_balancer_hostname" {
  description = "Host name of the load balancer that all previews' Ingresses share."
  type        = string
  default     = ""
}

variable "certificate_arn" {
  description = "ACM certificate for *.<domain>, in us-east-1: CloudFront takes certificates from there only."
  type        = string
  default     = ""
}

variable "database_subnet_group" {
  description = "DB subnet group for databases of previews. Null means the account's default group."
  type        = string
  default     = null
}

variable "database_security_group_ids" {
  description = "Security groups that let the cluster's pods reach a preview's database."
  type        = list(string)
  default     = []
}
