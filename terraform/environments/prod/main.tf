# For users: a NAT gateway, a standby and a replica in other zones, on-demand nodes, and data that outlives mistakes.

module "database_password" {
  source    = "../../modules/password"
  providers = { aws = aws.passwords }

  generate = var.generate_passwords
  given    = try(var.passwords.database, null)
}

module "cache_password" {
  source    = "../../modules/password"
  providers = { aws = aws.passwords }

  generate = var.generate_passwords
  given    = try(var.passwords.cache, null)
}

module "platform" {
  source = "../../modules/platform"

  environment        = "prod"
  protect_data       = true
  administrators     = var.administrators
  viewers            = var.viewers
  emails             = var.emails
  monthly_budget_usd = 2000
  log_retention_days = 365

  network = {
    cidr                = "10.20.0.0/16"
    nat_gateways        = "per_zone"
    interface_endpoints = ["ecr.api", "ecr.dkr"]
  }

  cluster = {
    kubernetes_version    = "1.34"
    support_type          = "EXTENDED"
    public_endpoint_cidrs = var.public_endpoint_cidrs
    container_insights    = true

    service_nodes = {
      instance_types = ["m7i.large"]
      min            = 3
      max            = 9
    }

    gpu_nodes = {
      instance_types = ["g6.xlarge"]
      max            = 4
    }
  }

  database = {
    instance_class        = "db.m7g.large"
    storage_gib           = 100
    max_storage_gib       = 500
    multi_az              = true
    backup_retention_days = 14
    monitoring_seconds    = 60
    connections_alarm     = 700
    free_memory_alarm_mib = 512
  }

  database_password         = module.database_password.value
  database_password_version = var.database_password_version

  cache = {
    node_type = "cache.t4g.small"
    replicas  = 1
  }

  cache_password         = module.cache_password.value
  cache_password_version = var.cache_password_version
}
