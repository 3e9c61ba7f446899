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

run "is_private_and_encrypted_though_small" {
  assert {
    condition = (
      output.safeguards.database.encrypted && !output.safeguards.database.public &&
      !output.safeguards.database.deletion_protection && !output.safeguards.database.multi_az
    )
    error_message = "Small, and as closed as prod."
  }
  assert {
    condition     = output.safeguards.nat_gateways == 1
    error_message = "One NAT gateway."
  }
}

run "names_differ_from_those_of_prod" {
  assert {
    condition     = output.chart.database_secret == "plotlot/dev/database-url" && output.safeguards.budget == "plotlot-dev-monthly"
    error_message = "Both environments fit into one account."
  }
}

run "refuses_an_account_that_is_none" {
  command = plan
  variables {
    account_id = "my-account"
  }
  expect_failures = [var.account_id]
}
