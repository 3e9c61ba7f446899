mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/test" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }
  mock_resource "aws_eks_cluster" {
    defaults = { vpc_config = { cluster_security_group_id = "sg-cluster" } }
  }
  mock_resource "aws_eks_node_group" {
    defaults = { resources = [{ autoscaling_groups = [{ name = "eks-group" }], remote_access_security_group_id = "" }] }
  }
}

variables {
  name           = "plotlot-test"
  subnet_ids     = ["subnet-a", "subnet-b"]
  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/test"
  administrators = ["arn:aws:iam::123456789012:role/admin"]
  viewers        = ["arn:aws:iam::123456789012:role/viewer"]
  service_nodes  = { instance_types = ["m7i.large"], min = 2, max = 4 }
  gpu_nodes      = { instance_types = ["g6.xlarge"], max = 2 }
}

run "gpu_nodes_start_from_none" {
  assert {
    condition     = aws_eks_node_group.gpu.scaling_config[0].min_size == 0 && aws_eks_node_group.gpu.scaling_config[0].desired_size == 0
    error_message = "No GPU runs until a pod asks for one."
  }
  assert {
    condition     = one(aws_eks_node_group.gpu.taint).key == "nvidia.com/gpu" && one(aws_eks_node_group.gpu.taint).effect == "NO_SCHEDULE"
    error_message = "Other pods stay away."
  }
}

run "the_autoscaler_knows_the_empty_group" {
  assert {
    condition = (
      aws_autoscaling_group_tag.gpu["k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu"].tag[0].value == "1" &&
      aws_autoscaling_group_tag.gpu["k8s.io/cluster-autoscaler/node-template/taint/nvidia.com/gpu"].tag[0].value == "present:NoSchedule" &&
      aws_autoscaling_group_tag.gpu["k8s.io/cluster-autoscaler/node-template/label/plotlot.dev/nodes"].tag[0].value == aws_eks_node_group.gpu.labels["plotlot.dev/nodes"]
    )
    error_message = "The tags say what a node would have, and agree with the group's taint and labels."
  }
  assert {
    condition     = output.gpu_scheduling.toleration.value == one(aws_eks_node_group.gpu.taint).value
    error_message = "The toleration handed to the chart fits the taint."
  }
}

run "secrets_are_encrypted_and_logs_kept" {
  assert {
    condition = (
      aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.key_arn &&
      contains(aws_eks_cluster.this.encryption_config[0].resources, "secrets")
    )
    error_message = "Secrets of the cluster are under our key."
  }
  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5
    error_message = "All five logs."
  }
}

run "the_api_answers_in_the_vpc_alone_by_default" {
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "No public endpoint unless somebody is named."
  }
}

run "people_come_in_by_access_entries" {
  assert {
    condition = (
      aws_eks_cluster.this.access_config[0].authentication_mode == "API" &&
      !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    )
    error_message = "Whoever runs Terraform is no administrator by accident."
  }
  assert {
    condition     = aws_eks_access_policy_association.people["arn:aws:iam::123456789012:role/viewer"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    error_message = "Viewers view."
  }
}

run "nodes_hide_their_credentials_from_pods" {
  assert {
    condition = alltrue([
      for template in aws_launch_template.nodes :
      template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1
    ])
    error_message = "Session tokens, and one hop."
  }
  assert {
    condition = alltrue(flatten([
      for template in aws_launch_template.nodes : [for disk in template.block_device_mappings : disk.ebs[0].encrypted == "true"]
    ]))
    error_message = "Disks are encrypted."
  }
}

run "network_policies_are_enforced" {
  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "Without this the policies of the chart do nothing."
  }
}

run "refuses_an_api_open_to_the_world" {
  command = plan
  variables {
    public_endpoint_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.public_endpoint_cidrs]
}

run "refuses_a_cluster_that_nobody_can_enter" {
  command = plan
  variables {
    administrators = []
  }
  expect_failures = [var.administrators]
}

run "refuses_an_old_kubernetes" {
  command = plan
  variables {
    kubernetes_version = "1.29"
  }
  expect_failures = [var.kubernetes_version]
}
