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
}

variables {
  name = "plotlot-test"
}

run "the_key_turns_and_is_slow_to_go" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "Rotated every year, and thirty days to regret its deletion."
  }
}

run "services_of_aws_use_it_for_this_account_alone" {
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this.policy).Statement :
      can(statement.Condition) if can(statement.Principal.Service)
    ])
    error_message = "Each statement for a service has a condition."
  }
}
