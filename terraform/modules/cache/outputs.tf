output "host" {
  description = "Host name of the node that takes writes."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "secret_arn" {
  description = "Secret that holds the complete address, password included."
  value       = aws_secretsmanager_secret.url.arn
}

output "secret_name" {
  description = "Name of that secret, for the chart."
  value       = aws_secretsmanager_secret.url.name
}

output "node_ids" {
  description = "Ids of the nodes, by which CloudWatch knows them."
  value       = [for index in range(1 + var.replicas) : format("%s-%03d", var.name, index + 1)]
}
