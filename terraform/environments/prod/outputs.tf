output "chart" {
  description = "What the chart's values need from here; docs/aws.md says where each goes."
  value       = module.platform.chart
}

output "cluster" {
  description = "How to reach the cluster."
  value       = module.platform.cluster
}

output "database" {
  description = "Where Postgres is, and the secret with its complete address."
  value       = module.platform.database
}

output "cache" {
  description = "Where Valkey is, and the secret with its complete address."
  value       = module.platform.cache
}

output "edge" {
  description = "What the load balancer of the gateway is made with."
  value       = module.platform.edge
}

output "documents_bucket" {
  description = "Bucket of ordinances as they were fetched."
  value       = module.platform.documents_bucket
}

output "role_arns" {
  description = "Role of each service account that may call AWS."
  value       = module.platform.role_arns
}

output "alarm_topic_arn" {
  description = "Topic of all alarms."
  value       = module.platform.alarm_topic_arn
}

output "nat_addresses" {
  description = "Addresses from which the cluster speaks to the internet."
  value       = module.platform.nat_addresses
}

output "safeguards" {
  description = "How the environment's data and money are guarded."
  value       = module.platform.safeguards
}
