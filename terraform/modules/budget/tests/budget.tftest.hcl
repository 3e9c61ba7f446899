mock_provider "aws" {}

variables {
  name        = "plotlot-test"
  emails      = ["platform@example.com"]
  monthly_usd = 350
}

run "warns_before_and_when_the_money_is_gone" {
  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "350" && aws_budgets_budget.monthly.limit_unit == "USD"
    error_message = "The month's limit."
  }
  assert {
    condition = toset([
      for notification in aws_budgets_budget.monthly.notification : notification.threshold if notification.notification_type == "ACTUAL"
    ]) == toset([50, 80, 100])
    error_message = "At half, at four fifths, and when it is spent."
  }
  assert {
    condition     = length([for notification in aws_budgets_budget.monthly.notification : 1 if notification.notification_type == "FORECASTED"]) == 1
    error_message = "And when the forecast exceeds it."
  }
  assert {
    condition     = length(aws_budgets_budget.monthly.cost_filter) == 0
    error_message = "The whole account, unless a tag is known to be active."
  }
}

run "counts_one_environment_by_its_tag" {
  variables {
    cost_tag = { key = "Environment", value = "plotlot-test" }
  }
  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).values == tolist(["user:Environment$plotlot-test"])
    error_message = "The filter is written as AWS reads it."
  }
}

run "refuses_a_budget_that_tells_nobody" {
  command = plan
  variables {
    emails = []
  }
  expect_failures = [var.emails]
}
