locals {
  # Policies that AWS manages: an account may have twenty cache policies of its own, fewer than it
  # has previews. CachingOptimized keeps an object as long as its Cache-Control header says, up to a
  # year; CachingDisabled asks the origin each time.
  caching_optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  caching_disabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  all_viewer        = "216adef6-5c7f-47e4-b989-5492eafa07d3"

  has_api_origin = var.enable_load_balancer && var.shared_load_balancer_hostname != ""
}

resource "aws_cloudfront_origin_access_control" "site" {
  count = var.enable_cdn ? 1 : 0

  name                              = local.name
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "site" {
  count = var.enable_cdn ? 1 : 0

  enabled             = true
  comment             = substr("${local.name} ${var.pr_url}", 0, 128)
  aliases             = [var.hostname]
  default_root_object = "index.html"
  price_class         = "PriceClass_100"
  http_version        = "http2and3"
  is_ipv6_enabled     = true

  # Edge locations take minutes. A reviewer can use the load balancer meanwhile, so neither Terraform
  # nor the application waits for them.
  wait_for_deployment = false

  origin {
    origin_id                = "site"
    domain_name              = aws_s3_bucket.site[0].bucket_regional_domain_name
    origin_path              = "/pr-${var.pr_number}"
    origin_access_control_id = aws_cloudfront_origin_access_control.site[0].id
  }

  # CloudFront must be able to reach the load balancer: a public one that lets in CloudFront's prefix list
  # only, or an internal one through a VPC origin (then vpc_origin_config takes custom_origin_config's place).
  dynamic "origin" {
    for_each = local.has_api_origin ? [var.shared_load_balancer_hostname] : []

    content {
      origin_id   = "api"
      domain_name = origin.value

      custom_origin_config {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
      }
    }
  }

  # Pages: always fresh, so that a push shows at once.
  default_cache_behavior {
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS"]
    cached_methods         = ["GET", "HEAD"]
    compress               = true
    cache_policy_id        = local.caching_disabled
  }

  # Versioned assets: one year, as their Cache-Control header says (storage.tf).
  ordered_cache_behavior {
    path_pattern           = "/assets/*"
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    compress               = true
    cache_policy_id        = local.caching_optimized
  }

  # The application itself. The viewer's Host header goes along: the load balancer routes by it.
  dynamic "ordered_cache_behavior" {
    for_each = local.has_api_origin ? ["/api/*"] : []

    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = "api"
      viewer_protocol_policy   = "redirect-to-https"
      allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods           = ["GET", "HEAD"]
      cache_policy_id          = local.caching_disabled
      origin_request_policy_id = local.all_viewer
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
}

# The bucket is closed to the world; this one distribution may read it.
data "aws_iam_policy_document" "site" {
  count = var.enable_cdn ? 1 : 0

  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.site[0].arn}/pr-${var.pr_number}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.site[0].arn]
    }
  }
}

resource "aws_s3_bucket_policy" "site" {
  count = var.enable_cdn ? 1 : 0

  bucket = aws_s3_bucket.site[0].id
  policy = data.aws_iam_policy_document.site[0].json
}
