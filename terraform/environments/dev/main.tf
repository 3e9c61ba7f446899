# For trying things out: one zone's NAT gateway, spot nodes, the smallest stores, nothing kept at teardown.

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

  environment        = "dev"
  protect_data       = false
  administrators     = var.administrators
  viewers            = var.viewers
  emails             = var.emails
  monthly_budget_usd = 350
  log_retention_days = 7

  network = {
    cidr         = "10.10.0.0/16"
    nat_gateways = "single"
  }

  cluster = {
    kubernetes_version    = "1.34"
    support_type          = "STANDARD"
    public_endpoint_cidrs = var.public_endpoint_cidrs

    service_nodes = {
      instance_types = ["t3a.large", "t3.large", "m6a.large"]
      min            = 2
      max            = 4
      capacity_type  = "SPOT"
    }

    gpu_nodes = {
      instance_types = ["g6.xlarge", "g5.xlarge"]
      max            = 1
      capacity_type  = "SPOT"
    }
  }

  database = {
    instance_class        = "db.t4g.small"
    storage_gib           = 20
    max_storage_gib       = 50
    multi_az              = false
    backup_retention_days = 1
    performance_insights  = false
    connections_alarm     = 150
    free_memory_alarm_mib = 128
  }

  database_password         = module.database_password.value
  database_password_version = var.database_password_version

  cache = {
    node_type = "cache.t4g.micro"
    replicas  = 0
  }

  cache_password         = module.cache_password.value
  cache_password_version = var.cache_password_version
}
