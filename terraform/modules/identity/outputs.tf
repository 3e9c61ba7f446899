output "role_arns" {
  description = "ARN of the role of each service account."
  value = {
    external_secrets         = module.external_secrets.role_arn
    ingestion                = module.ingestion.role_arn
    cluster_autoscaler       = module.cluster_autoscaler.role_arn
    load_balancer_controller = module.load_balancer_controller.role_arn
  }
}
