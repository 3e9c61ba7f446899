# The control plane: its secrets under our key, its logs kept, and people let in by access entries alone.

resource "aws_cloudwatch_log_group" "control_plane" {
  #checkov:skip=CKV_AWS_338:How long to keep the logs is a variable; production keeps a year.
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_eks_cluster" "this" {
  #checkov:skip=CKV_AWS_39:Whether the API answers outside the VPC, and to whom, is public_endpoint_cidrs; empty turns it off.
  #checkov:skip=CKV_AWS_38:public_endpoint_cidrs refuses 0.0.0.0/0.
  name     = var.name
  version  = var.kubernetes_version
  role_arn = aws_iam_role.control_plane.arn

  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = length(var.public_endpoint_cidrs) > 0
    public_access_cidrs     = length(var.public_endpoint_cidrs) > 0 ? var.public_endpoint_cidrs : null
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = var.key_arn
    }
  }

  upgrade_policy {
    support_type = var.support_type
  }

  depends_on = [
    aws_cloudwatch_log_group.control_plane,
    aws_iam_role_policy_attachment.control_plane,
  ]
}

resource "aws_iam_role" "control_plane" {
  name = "${var.name}-control-plane"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "control_plane" {
  role       = aws_iam_role.control_plane.name
  policy_arn = "${local.managed_policies}/AmazonEKSClusterPolicy"
}

data "aws_partition" "current" {}

locals {
  partition        = data.aws_partition.current.partition
  managed_policies = "arn:${local.partition}:iam::aws:policy"
  access_policies  = "arn:${local.partition}:eks::aws:cluster-access-policy"

  access = merge(
    { for arn in var.viewers : arn => "AmazonEKSViewPolicy" },
    { for arn in var.administrators : arn => "AmazonEKSClusterAdminPolicy" },
  )
}

resource "aws_eks_access_entry" "people" {
  for_each = local.access

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.key
}

resource "aws_eks_access_policy_association" "people" {
  for_each = local.access

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.people[each.key].principal_arn
  policy_arn    = "${local.access_policies}/${each.value}"

  access_scope {
    type = "cluster"
  }
}
