# What EKS installs and patches itself. No version is named: a cluster gets the one that AWS tested with its version.

locals {
  before_nodes = {
    # Without this the NetworkPolicies of the chart are accepted and enforce nothing.
    "vpc-cni"                = jsonencode({ enableNetworkPolicy = "true" })
    "kube-proxy"             = null
    "eks-pod-identity-agent" = null
  }

  after_nodes = {
    "coredns"        = null
    "metrics-server" = null
  }
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.before_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.after_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_node_group.services]
}

locals {
  addons_with_role = merge(
    {
      "aws-ebs-csi-driver" = {
        service_account = "ebs-csi-controller-sa"
        policies        = ["service-role/AmazonEBSCSIDriverPolicy"]
        configuration   = jsonencode({ defaultStorageClass = { enabled = true } })
      }
    },
    var.container_insights ? {
      "amazon-cloudwatch-observability" = {
        service_account = "cloudwatch-agent"
        policies        = ["CloudWatchAgentServerPolicy"]
        configuration   = jsonencode({ containerLogs = { enabled = var.container_logs } })
      }
    } : {},
  )

  addon_policies = {
    for pair in flatten([
      for addon, settings in local.addons_with_role : [
        for policy in settings.policies : { addon = addon, policy = policy }
      ]
    ]) : "${pair.addon}/${pair.policy}" => pair
  }
}

resource "aws_eks_addon" "with_role" {
  for_each = local.addons_with_role

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value.configuration
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  pod_identity_association {
    service_account = each.value.service_account
    role_arn        = aws_iam_role.addons[each.key].arn
  }

  depends_on = [
    aws_eks_node_group.services,
    aws_eks_addon.before_nodes,
    aws_iam_role_policy_attachment.addons,
  ]
}

resource "aws_iam_role" "addons" {
  for_each = local.addons_with_role

  name = "${var.name}-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "addons" {
  for_each = local.addon_policies

  role       = aws_iam_role.addons[each.value.addon].name
  policy_arn = "${local.managed_policies}/${each.value.policy}"
}
