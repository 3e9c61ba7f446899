# The modules that a local double of AWS (moto's server) covers, applied for real against it by terraform/tests/rehearse.py.
# The double knows no add-ons, access entries and pod identities of EKS, and no parameter groups of ElastiCache: the modules
# cluster, identity and cache are tested with mocks and planned, and first meet a real AWS.

terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

locals {
  name = "plotlot-rehearsal"
}

module "encryption" {
  source = "../../modules/encryption"

  name = local.name
}

module "network" {
  source = "../../modules/network"

  name                = local.name
  cidr                = "10.20.0.0/16"
  nat_gateways        = "single"
  interface_endpoints = ["ecr.api"]
  key_arn             = module.encryption.key_arn
}

module "password" {
  source = "../../modules/password"
}

module "database" {
  source = "../../modules/database"

  name                     = local.name
  key_arn                  = module.encryption.key_arn
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.network.edge_security_group_id # stands for the nodes' group
  instance_class           = "db.t4g.small"
  storage_gib              = 20
  max_storage_gib          = 50
  multi_az                 = false
  backup_retention_days    = 1
  performance_insights     = false
  deletion_protection      = false
  final_snapshot           = false
  password                 = module.password.value
  password_version         = var.password_version
  secret_prefix            = "plotlot/rehearsal"
  secret_recovery_days     = 0
}

module "registry" {
  source = "../../modules/registry"

  name         = local.name
  key_arn      = module.encryption.key_arn
  force_delete = true
}

module "storage" {
  source = "../../modules/storage"

  name          = local.name
  key_arn       = module.encryption.key_arn
  force_destroy = true
}

module "observability" {
  source = "../../modules/observability"

  name               = local.name
  key_arn            = module.encryption.key_arn
  emails             = ["platform@example.com"]
  database           = { identifier = module.database.identifier, connections = 150 }
  cache_node_ids     = ["plotlot-rehearsal-001"]
  cluster_name       = local.name
  service_group_name = "eks-services"
  container_insights = true
}

variable "password_version" {
  description = "Number of the database's password."
  type        = number
  default     = 1

  validation {
    condition     = var.password_version >= 1
    error_message = "password_version: a whole number from 1."
  }
}

output "database_host" {
  description = "Host name of Postgres."
  value       = module.database.host
}
