mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/plotlot-test-reader" }
  }
}

variables {
  cluster_name    = "plotlot-test"
  namespace       = "plotlot"
  service_account = "reader"
  statements      = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::bucket/*" }]
}

run "is_taken_by_one_service_account" {
  assert {
    condition = (
      aws_eks_pod_identity_association.this.namespace == "plotlot" &&
      aws_eks_pod_identity_association.this.service_account == "reader" &&
      aws_eks_pod_identity_association.this.role_arn == aws_iam_role.this.arn
    )
    error_message = "The association names one namespace and one service account."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.Service == "pods.eks.amazonaws.com"
    error_message = "Pods take it, through EKS, and nobody else."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource == "arn:aws:s3:::bucket/*"
    error_message = "The statements are the policy."
  }
}

run "refuses_a_name_too_long_for_a_role" {
  command = plan
  variables {
    service_account = "a-service-account-whose-name-is-too-long-for-this"
  }
  expect_failures = [var.service_account]
}
