mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_secretsmanager_secret_version" {
    defaults = { secret_string = "abcdefghijklmnopqrstuvwxyz012345" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/test" }
  }
  mock_resource "aws_vpc" {
    defaults = { id = "vpc-test" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/test" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:test" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }
  mock_resource "aws_eks_cluster" {
    defaults = { vpc_config = { cluster_security_group_id = "sg-cluster" } }
  }
  mock_resource "aws_eks_node_group" {
    defaults = { resources = [{ autoscaling_groups = [{ name = "eks-group" }], remote_access_security_group_id = "" }] }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-test" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:test" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::plotlot-documents" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:alarms" }
  }
}

# The real one, which is asked for nothing here: a mock provider refuses ephemeral resources even where there are none.
provider "aws" {
  alias                       = "passwords"
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  account_id     = "123456789012"
  administrators = ["arn:aws:iam::123456789012:role/admin"]
  emails         = ["platform@example.com"]

  generate_passwords = false
  passwords          = { database = "abcdefghijklmnopqrstuvwxyz012345", cache = "abcdefghijklmnopqrstuvwxyz012345" }
}

run "data_outlives_mistakes" {
  assert {
    condition = output.safeguards.database == {
      deletion_protection   = true
      final_snapshot        = true
      backup_retention_days = 14
      multi_az              = true
      encrypted             = true
      public                = false
    }
    error_message = "The database of prod is protected, standing by, encrypted and private."
  }
  assert {
    condition     = !output.safeguards.documents_deleted && output.safeguards.cache_replicas >= 1
    error_message = "Documents stay at teardown, and the cache has a replica."
  }
}

run "a_zone_may_fail" {
  assert {
    condition     = output.safeguards.nat_gateways == 3
    error_message = "A NAT gateway in each zone."
  }
}

run "money_is_watched" {
  assert {
    condition     = output.safeguards.monthly_budget_usd > 0 && output.safeguards.budget == "plotlot-prod-monthly"
    error_message = "A budget."
  }
}

run "the_chart_gets_what_it_needs" {
  assert {
    condition     = output.chart.database_secret == "plotlot/prod/database-url" && output.chart.redis_secret == "plotlot/prod/redis-url"
    error_message = "The keys that values-eks.yaml gives to External Secrets."
  }
  assert {
    condition     = length(output.chart.store_cidrs) == 3 && output.chart.gpu_scheduling.toleration.key == "nvidia.com/gpu"
    error_message = "Addresses of the stores, and how to reach the GPUs."
  }
}
