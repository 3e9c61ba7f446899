mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/test" }
  }
}

variables {
  cluster_name         = "plotlot-test"
  secret_arns          = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:plotlot/test/database-url-AbCdEf"]
  documents_bucket_arn = "arn:aws:s3:::plotlot-test-documents"
  key_arn              = "arn:aws:kms:us-east-1:123456789012:key/test"
}

run "one_role_for_each_service_account" {
  assert {
    condition     = toset(keys(output.role_arns)) == toset(["external_secrets", "ingestion", "cluster_autoscaler", "load_balancer_controller"])
    error_message = "Four roles, and no other."
  }
}

run "refuses_to_hand_out_every_secret" {
  command = plan
  variables {
    secret_arns = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:*"]
  }
  expect_failures = [var.secret_arns]
}
