# All of an environment. The environments differ by the values of the variables and by nothing else.

locals {
  name          = "${var.project}-${var.environment}"
  secret_prefix = "${var.project}/${var.environment}"
}

module "encryption" {
  source = "../encryption"

  name = local.name
}

module "network" {
  source = "../network"

  name                    = local.name
  cidr                    = var.network.cidr
  zone_count              = var.network.zone_count
  nat_gateways            = var.network.nat_gateways
  interface_endpoints     = var.network.interface_endpoints
  edge_cidrs              = var.network.edge_cidrs
  flow_log_traffic        = var.network.flow_log_traffic
  flow_log_retention_days = var.log_retention_days
  key_arn                 = module.encryption.key_arn
}

module "cluster" {
  source = "../cluster"

  name                  = local.name
  kubernetes_version    = var.cluster.kubernetes_version
  support_type          = var.cluster.support_type
  subnet_ids            = module.network.private_subnet_ids
  key_arn               = module.encryption.key_arn
  public_endpoint_cidrs = var.cluster.public_endpoint_cidrs
  administrators        = var.administrators
  viewers               = var.viewers
  service_nodes         = var.cluster.service_nodes
  gpu_nodes             = var.cluster.gpu_nodes
  container_insights    = var.cluster.container_insights
  container_logs        = var.cluster.container_logs
  log_retention_days    = var.log_retention_days
}

module "database" {
  source = "../database"

  name                     = local.name
  key_arn                  = module.encryption.key_arn
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.cluster.security_group_id
  engine_version           = var.database.engine_version
  instance_class           = var.database.instance_class
  storage_gib              = var.database.storage_gib
  max_storage_gib          = var.database.max_storage_gib
  multi_az                 = var.database.multi_az
  backup_retention_days    = var.database.backup_retention_days
  deletion_protection      = var.protect_data
  final_snapshot           = var.protect_data
  apply_immediately        = !var.protect_data
  performance_insights     = var.database.performance_insights
  monitoring_seconds       = var.database.monitoring_seconds
  parameters               = var.database.parameters
  password                 = var.database_password
  password_version         = var.database_password_version
  secret_prefix            = local.secret_prefix
  secret_recovery_days     = var.protect_data ? 30 : 0
  log_retention_days       = var.log_retention_days
}

module "cache" {
  source = "../cache"

  name                     = local.name
  key_arn                  = module.encryption.key_arn
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.cluster.security_group_id
  engine_version           = var.cache.engine_version
  node_type                = var.cache.node_type
  replicas                 = var.cache.replicas
  password                 = var.cache_password
  password_version         = var.cache_password_version
  secret_prefix            = local.secret_prefix
  secret_recovery_days     = var.protect_data ? 30 : 0
}

module "registry" {
  source = "../registry"

  name         = local.name
  key_arn      = module.encryption.key_arn
  force_delete = !var.protect_data
}

module "storage" {
  source = "../storage"

  name          = local.name
  key_arn       = module.encryption.key_arn
  force_destroy = !var.protect_data
}

module "identity" {
  source = "../identity"

  cluster_name         = module.cluster.name
  namespace            = var.namespace
  secret_arns          = [module.database.secret_arn, module.cache.secret_arn]
  documents_bucket_arn = module.storage.bucket_arn
  key_arn              = module.encryption.key_arn
}

module "observability" {
  source = "../observability"

  name               = local.name
  key_arn            = module.encryption.key_arn
  emails             = var.emails
  cluster_name       = module.cluster.name
  service_group_name = module.cluster.service_group_name
  container_insights = var.cluster.container_insights
  cache_node_ids     = module.cache.node_ids

  database = {
    identifier      = module.database.identifier
    connections     = var.database.connections_alarm
    free_memory_mib = var.database.free_memory_alarm_mib
  }
}

module "budget" {
  source = "../budget"

  name        = local.name
  emails      = var.emails
  monthly_usd = var.monthly_budget_usd
  cost_tag    = var.budget_by_tag ? { key = "Environment", value = local.name } : null
}
