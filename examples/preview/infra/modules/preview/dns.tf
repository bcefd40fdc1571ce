# With a wildcard record for *.<domain> that points at the load balancer, only environments with a
# CDN of their own need a record at all.
resource "aws_route53_record" "cdn" {
  for_each = var.enable_dns && var.enable_cdn ? toset(["A", "AAAA"]) : toset([])

  zone_id = var.shared_zone_id
  name    = var.hostname
  type    = each.value

  alias {
    name                   = aws_cloudfront_distribution.site[0].domain_name
    zone_id                = aws_cloudfront_distribution.site[0].hosted_zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "load_balancer" {
  count = var.enable_dns && !var.enable_cdn ? 1 : 0

  zone_id = var.shared_zone_id
  name    = var.hostname
  type    = "CNAME"
  ttl     = 60
  records = [var.shared_load_balancer_hostname]
}
