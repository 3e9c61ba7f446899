output "name" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

output "endpoint" {
  description = "URL of the Kubernetes API."
  value       = aws_eks_cluster.this.endpoint
}

output "security_group_id" {
  description = "Security group that EKS gives to all nodes, and so to all pods."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "service_group_name" {
  description = "Name of the scaling group of the services' nodes."
  value       = aws_eks_node_group.services.resources[0].autoscaling_groups[0].name
}

output "gpu_scheduling" {
  description = "What inference pods must carry to be placed on the GPU nodes."
  value = {
    node_selector = { (local.gpu_label.key) = local.gpu_label.value }
    toleration    = { key = local.gpu_taint.key, operator = "Equal", value = local.gpu_taint.value, effect = "NoSchedule" }
  }
}
