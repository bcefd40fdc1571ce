terraform {
  # 1.9 is the first version whose variable validations may look at other variables.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 5.62 is the first version that reads default tags from the environment (see main.tf).
      version = "~> 5.62"
    }
  }

  # One state for each environment: eod passes the bucket, region, key and lock settings of
  # `.github/eod.yml` to `init` as `-backend-config`.
  backend "s3" {}
}
