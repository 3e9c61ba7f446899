mock_provider "aws" {}

variables {
  name    = "plotlot-test"
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/test"
}

run "a_tag_means_one_image" {
  assert {
    condition     = aws_ecr_repository.this["plotlot"].image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this["plotlot"].name == "plotlot-test/plotlot"
    error_message = "Tags are immutable."
  }
  assert {
    condition     = aws_ecr_repository.this["plotlot"].image_scanning_configuration[0].scan_on_push
    error_message = "Images are scanned when pushed."
  }
  assert {
    condition     = aws_ecr_repository.this["plotlot"].encryption_configuration[0].kms_key == var.key_arn
    error_message = "Under our key."
  }
  assert {
    condition     = !aws_ecr_repository.this["plotlot"].force_delete
    error_message = "Images are not deleted by accident."
  }
}

run "old_images_go" {
  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["plotlot"].policy).rules : rule.selection.countNumber] == [7, 50]
    error_message = "Untagged ones after a week, and the newest fifty stay."
  }
}

run "refuses_to_keep_too_few_to_roll_back" {
  command = plan
  variables {
    images_kept = 2
  }
  expect_failures = [var.images_kept]
}
