mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::plotlot-test-documents-123456789012" }
  }
}

variables {
  name    = "plotlot-test"
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/test"
}

run "is_closed_to_the_public" {
  assert {
    condition = (
      aws_s3_bucket_public_access_block.documents.block_public_acls && aws_s3_bucket_public_access_block.documents.block_public_policy &&
      aws_s3_bucket_public_access_block.documents.ignore_public_acls && aws_s3_bucket_public_access_block.documents.restrict_public_buckets
    )
    error_message = "All four blocks."
  }
  assert {
    condition     = jsondecode(aws_s3_bucket_policy.documents.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "Requests without TLS are denied."
  }
}

run "keeps_what_was_read" {
  assert {
    condition     = aws_s3_bucket_versioning.documents.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.documents.force_destroy
    error_message = "Versions are kept, and a full bucket is not deleted."
  }
  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.documents.rule :
      rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.key_arn
    ])
    error_message = "Under our key."
  }
}
