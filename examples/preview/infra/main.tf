# No tag is set anywhere in this configuration. eod gives every resource its cost-allocation tags
# (`environment.on-demand/name`, `/owner`, `/pr`, `/repository` and what `aws: {tags: …}` adds) through
# the provider's `TF_AWS_DEFAULT_TAGS_*` environment variables; teardown and its proof find resources by them.
# To run this by hand against an environment that eod made, export the same variables first:
# without them the plan would take the tags off again.
provider "aws" {
  region = var.region
}

module "preview_env" {
  source = "./modules/preview"

  environment = var.environment
  namespace   = var.namespace
  repository  = var.repository
  pr_number   = var.pr_number
  pr_url      = var.pr_url
  ttl_hours   = var.ttl_hours

  hostname       = coalesce(var.hostname, "pr-${var.pr_number}.${var.domain}")
  site_directory = "${path.root}/../app/web"

  enable_database      = var.enable_database
  enable_queue         = var.enable_queue
  enable_storage       = var.enable_storage
  enable_cdn           = var.enable_cdn
  enable_dns           = var.enable_dns
  enable_load_balancer = var.enable_load_balancer

  shared_database_endpoint      = var.shared_database_endpoint
  shared_queue_url              = var.shared_queue_url
  shared_zone_id                = var.shared_zone_id
  shared_load_balancer_hostname = var.shared_load_balancer_hostname

  certificate_arn             = var.certificate_arn
  database_subnet_group       = var.database_subnet_group
  database_security_group_ids = var.database_security_group_ids
}
