output "chart" {
  description = "What the chart's values need from here; docs/aws.md says where each goes."
  value = {
    image_repository = module.registry.repository_urls["plotlot"]
    database_secret  = module.database.secret_name
    redis_secret     = module.cache.secret_name
    store_cidrs      = module.network.data_cidrs
    gpu_scheduling   = module.cluster.gpu_scheduling
  }
}

output "cluster" {
  description = "How to reach the cluster."
  value = {
    name     = module.cluster.name
    endpoint = module.cluster.endpoint
  }
}

output "database" {
  description = "Where Postgres is, and the secret with its complete address."
  value = {
    host       = module.database.host
    port       = module.database.port
    name       = module.database.database_name
    secret_arn = module.database.secret_arn
  }
}

output "cache" {
  description = "Where Valkey is, and the secret with its complete address."
  value = {
    host       = module.cache.host
    secret_arn = module.cache.secret_arn
  }
}

output "edge" {
  description = "What the load balancer of the gateway is made with."
  value = {
    vpc_id            = module.network.vpc_id
    subnet_ids        = module.network.public_subnet_ids
    security_group_id = module.network.edge_security_group_id
  }
}

output "documents_bucket" {
  description = "Bucket of ordinances as they were fetched."
  value       = module.storage.bucket
}

output "role_arns" {
  description = "Role of each service account that may call AWS."
  value       = module.identity.role_arns
}

output "alarm_topic_arn" {
  description = "Topic of all alarms."
  value       = module.observability.topic_arn
}

output "nat_addresses" {
  description = "Addresses from which the cluster speaks to the internet."
  value       = module.network.nat_addresses
}

output "safeguards" {
  description = "How the environment's data and money are guarded."
  value = {
    database           = module.database.safeguards
    cache_replicas     = var.cache.replicas
    documents_deleted  = !var.protect_data
    monthly_budget_usd = var.monthly_budget_usd
    budget             = module.budget.name
    nat_gateways       = length(module.network.nat_addresses)
  }
}
