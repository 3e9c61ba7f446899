terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # Bucket and region come from backend.hcl, which is yours: terraform init -backend-config=backend.hcl
  backend "s3" {
    key          = "plotlot/prod/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project     = "plotlot"
      Environment = "plotlot-prod"
      ManagedBy   = "terraform"
    }
  }
}

# Of its own, because what makes passwords cannot be mocked, and the tests mock the other.
provider "aws" {
  alias  = "passwords"
  region = var.region
}
