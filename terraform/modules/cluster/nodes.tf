# Two managed groups: one for the services, and one with GPUs that is empty until a pod asks for a GPU.

locals {
  # Inference pods carry the toleration; the autoscaler reads the same labels and taint from the tags of the empty group.
  gpu_label = { key = "plotlot.dev/nodes", value = "gpu" }
  gpu_taint = { key = "nvidia.com/gpu", value = "present" }

  gpu_scale_from_zero_tags = {
    "k8s.io/cluster-autoscaler/node-template/label/${local.gpu_label.key}"              = local.gpu_label.value
    "k8s.io/cluster-autoscaler/node-template/taint/${local.gpu_taint.key}"              = "${local.gpu_taint.value}:NoSchedule"
    "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu"                  = tostring(var.gpu_nodes.gpus_per_node)
    "k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage"               = "${var.gpu_nodes.disk_gib}Gi"
    "k8s.io/cluster-autoscaler/node-template/autoscaling-options/scaledownunneededtime" = "15m0s"
  }
}

resource "aws_eks_node_group" "services" {
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "services-"
  node_role_arn          = aws_iam_role.nodes.arn
  subnet_ids             = var.subnet_ids
  ami_type               = var.service_nodes.ami_type
  instance_types         = var.service_nodes.instance_types
  capacity_type          = var.service_nodes.capacity_type
  labels                 = { "plotlot.dev/nodes" = "services" }

  launch_template {
    id      = aws_launch_template.nodes["services"].id
    version = aws_launch_template.nodes["services"].latest_version
  }

  scaling_config {
    min_size     = var.service_nodes.min
    desired_size = var.service_nodes.min
    max_size     = var.service_nodes.max
  }

  update_config {
    max_unavailable = 1
  }

  node_repair_config {
    enabled = true
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [scaling_config[0].desired_size] # the autoscaler decides
  }

  depends_on = [aws_iam_role_policy_attachment.nodes, aws_eks_addon.before_nodes]
}

resource "aws_eks_node_group" "gpu" {
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "gpu-"
  node_role_arn          = aws_iam_role.nodes.arn
  subnet_ids             = var.subnet_ids
  ami_type               = "BOTTLEROCKET_x86_64_NVIDIA" # carries the driver and the device plugin
  instance_types         = var.gpu_nodes.instance_types
  capacity_type          = var.gpu_nodes.capacity_type
  labels                 = { (local.gpu_label.key) = local.gpu_label.value }

  launch_template {
    id      = aws_launch_template.nodes["gpu"].id
    version = aws_launch_template.nodes["gpu"].latest_version
  }

  scaling_config {
    min_size     = 0
    desired_size = 0
    max_size     = var.gpu_nodes.max
  }

  update_config {
    max_unavailable = 1
  }

  taint {
    key    = local.gpu_taint.key
    value  = local.gpu_taint.value
    effect = "NO_SCHEDULE"
  }

  node_repair_config {
    enabled = true
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [scaling_config[0].desired_size]
  }

  depends_on = [aws_iam_role_policy_attachment.nodes, aws_eks_addon.before_nodes]
}

# EKS does not pass the tags of a node group on to its scaling group, where the autoscaler looks for them.
resource "aws_autoscaling_group_tag" "gpu" {
  for_each = local.gpu_scale_from_zero_tags

  autoscaling_group_name = aws_eks_node_group.gpu.resources[0].autoscaling_groups[0].name

  tag {
    key                 = each.key
    value               = each.value
    propagate_at_launch = false
  }
}

locals {
  # Bottlerocket keeps images and pods on its second disk.
  disks = {
    services = { "/dev/xvda" = var.service_nodes.disk_gib }
    gpu      = { "/dev/xvda" = 4, "/dev/xvdb" = var.gpu_nodes.disk_gib }
  }
}

resource "aws_launch_template" "nodes" {
  #checkov:skip=CKV_AWS_341:The agent of Container Insights reads the metadata from a pod, one hop away; without it the limit is 1.
  for_each = local.disks

  name_prefix            = "${var.name}-${each.key}-"
  update_default_version = true

  # One hop: the node itself reads its credentials, a pod on it does not.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = var.container_insights ? 2 : 1
  }

  dynamic "block_device_mappings" {
    for_each = each.value

    content {
      device_name = block_device_mappings.key

      ebs {
        volume_type           = "gp3"
        volume_size           = block_device_mappings.value
        encrypted             = true
        delete_on_termination = true
      }
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])

    content {
      resource_type = tag_specifications.value
      tags          = { Name = "${var.name}-${each.key}" }
    }
  }
}

resource "aws_iam_role" "nodes" {
  name = "${var.name}-nodes"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"])

  role       = aws_iam_role.nodes.name
  policy_arn = "${local.managed_policies}/${each.key}"
}
