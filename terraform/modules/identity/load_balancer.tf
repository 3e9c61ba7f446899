# The load balancer controller, for network load balancers of Services alone: the door is a Gateway API gateway behind one,
# so listeners with certificates, web firewalls and user pools are not for it to touch. It changes only what it tagged.

locals {
  load_balancer_cluster_tag = "elbv2.k8s.aws/cluster"
}

module "load_balancer_controller" {
  source = "../pod_role"

  cluster_name    = var.cluster_name
  namespace       = "kube-system"
  service_account = "aws-load-balancer-controller"

  statements = [
    {
      Sid    = "Look"
      Effect = "Allow"
      Action = [
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeIpamPools",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeVpcs",
        "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListenerCertificates",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeSSLPolicies",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeTrustStores",
      ]
      Resource = "*"
    },
    {
      Sid       = "ServiceLinkedRole"
      Effect    = "Allow"
      Action    = "iam:CreateServiceLinkedRole"
      Resource  = "*"
      Condition = { StringEquals = { "iam:AWSServiceName" = "elasticloadbalancing.amazonaws.com" } }
    },
    {
      Sid       = "CreateWithTheTag"
      Effect    = "Allow"
      Action    = ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:RequestTag/${local.load_balancer_cluster_tag}" = var.cluster_name } }
    },
    {
      Sid    = "TagWhileCreating"
      Effect = "Allow"
      Action = "elasticloadbalancing:AddTags"
      Resource = [
        "${local.elb}:loadbalancer/net/*",
        "${local.elb}:targetgroup/*",
        "${local.elb}:listener/net/*",
      ]
      Condition = {
        StringEquals = { "elasticloadbalancing:CreateAction" = ["CreateLoadBalancer", "CreateTargetGroup", "CreateListener"] }
      }
    },
    {
      Sid    = "ChangeWhatIsTagged"
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:DeregisterTargets",
        "elasticloadbalancing:ModifyCapacityReservation",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyListenerAttributes",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:RemoveTags",
        "elasticloadbalancing:SetIpAddressType",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetSubnets",
      ]
      Resource  = "*"
      Condition = { StringEquals = { "aws:ResourceTag/${local.load_balancer_cluster_tag}" = var.cluster_name } }
    },
    {
      # The door's own group is made by the network module; the controller opens the group of the nodes to it.
      Sid       = "OpenTheNodesToTheDoor"
      Effect    = "Allow"
      Action    = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
      Resource  = "${local.ec2}:security-group/*"
      Condition = { StringEquals = { "aws:ResourceTag/kubernetes.io/cluster/${var.cluster_name}" = "owned" } }
    },
    {
      # The controller makes one group to stand for all its load balancers in the rules of the nodes.
      Sid      = "SharedGroup"
      Effect   = "Allow"
      Action   = "ec2:CreateSecurityGroup"
      Resource = ["${local.ec2}:security-group/*", "${local.ec2}:vpc/*"]
    },
    {
      Sid      = "TagSharedGroup"
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = "${local.ec2}:security-group/*"
      Condition = {
        StringEquals = {
          "ec2:CreateAction"                                  = "CreateSecurityGroup"
          "aws:RequestTag/${local.load_balancer_cluster_tag}" = var.cluster_name
        }
      }
    },
    {
      Sid    = "ChangeSharedGroup"
      Effect = "Allow"
      Action = [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:DeleteSecurityGroup",
        "ec2:RevokeSecurityGroupIngress",
      ]
      Resource  = "${local.ec2}:security-group/*"
      Condition = { StringEquals = { "aws:ResourceTag/${local.load_balancer_cluster_tag}" = var.cluster_name } }
    },
  ]
}
