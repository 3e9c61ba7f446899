# Who in the cluster may do what in AWS. One role a service account; everything else in the cluster may do nothing.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  ec2 = "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  elb = "arn:${data.aws_partition.current.partition}:elasticloadbalancing:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
}

module "external_secrets" {
  source = "../pod_role"

  cluster_name    = var.cluster_name
  namespace       = "external-secrets"
  service_account = "external-secrets"

  statements = [
    {
      Sid      = "TheseSecretsAndNoOthers"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = var.secret_arns
    },
    {
      Sid       = "ThroughSecretsManagerOnly"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.key_arn
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${data.aws_region.current.name}.amazonaws.com" } }
    },
  ]
}

module "ingestion" {
  source = "../pod_role"

  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.ingestion_service_account

  statements = [
    {
      Sid      = "Documents"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
      Resource = "${var.documents_bucket_arn}/*"
    },
    {
      Sid      = "ListOfDocuments"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
      Resource = var.documents_bucket_arn
    },
    {
      Sid       = "ThroughS3Only"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.key_arn
      Condition = { StringEquals = { "kms:ViaService" = "s3.${data.aws_region.current.name}.amazonaws.com" } }
    },
  ]
}

module "cluster_autoscaler" {
  source = "../pod_role"

  cluster_name    = var.cluster_name
  namespace       = "kube-system"
  service_account = "cluster-autoscaler"

  statements = [
    {
      Sid    = "Look"
      Effect = "Allow"
      Action = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
      ]
      Resource = "*"
    },
    {
      Sid      = "LookAtNodeGroups"
      Effect   = "Allow"
      Action   = "eks:DescribeNodegroup"
      Resource = "arn:${data.aws_partition.current.partition}:eks:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:nodegroup/${var.cluster_name}/*"
    },
    {
      Sid       = "ScaleThisClusterOnly"
      Effect    = "Allow"
      Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:ResourceTag/eks:cluster-name" = var.cluster_name } }
    },
  ]
}
