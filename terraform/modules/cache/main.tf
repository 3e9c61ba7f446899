# Valkey for what may be lost: cached vectors and answers, and counts of requests. TLS and a password, no backups.

# ElastiCache has no write-only argument for its password. So it is written to a secret, write-only, and read back from
# there: the state holds what was read, which is a reason, with others, to close the state's bucket to most people.
resource "aws_secretsmanager_secret" "password" {
  #checkov:skip=CKV2_AWS_57:Renewed by password_version, when an operator can restart the pods that hold the old one.
  name                    = "${var.secret_prefix}/redis-password"
  description             = "Password of the cache of ${var.name}"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "password" {
  secret_id                = aws_secretsmanager_secret.password.id
  secret_string_wo         = var.password
  secret_string_wo_version = var.password_version
}

data "aws_secretsmanager_secret_version" "password" {
  secret_id  = aws_secretsmanager_secret.password.id
  version_id = aws_secretsmanager_secret_version.password.version_id
}

locals {
  password = data.aws_secretsmanager_secret_version.password.secret_string
}

# What the chart asks for: one string that a service can connect with.
resource "aws_secretsmanager_secret" "url" {
  #checkov:skip=CKV2_AWS_57:Follows the secret of the password.
  name                    = "${var.secret_prefix}/redis-url"
  description             = "Address of the cache of ${var.name}, password included"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "url" {
  secret_id     = aws_secretsmanager_secret.url.id
  secret_string = "rediss://:${local.password}@${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0"
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV2_AWS_50:A replica that takes over is the variable replicas; production has one.
  replication_group_id = var.name
  description          = "Cache of ${var.name}"
  engine               = "valkey"
  engine_version       = var.engine_version
  node_type            = var.node_type
  port                 = 6379

  num_cache_clusters         = 1 + var.replicas
  automatic_failover_enabled = var.replicas > 0
  multi_az_enabled           = var.replicas > 0

  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token                 = local.password
  auth_token_update_strategy = "ROTATE" # the password before the last stays valid until the next change

  subnet_group_name    = aws_elasticache_subnet_group.this.name
  security_group_ids   = [aws_security_group.this.id]
  parameter_group_name = aws_elasticache_parameter_group.this.name

  snapshot_retention_limit   = 0
  maintenance_window         = "sun:09:30-sun:10:30"
  auto_minor_version_upgrade = true
  apply_immediately          = true
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-valkey${split(".", var.engine_version)[0]}"
  family      = "valkey${split(".", var.engine_version)[0]}"
  description = "Cache of ${var.name}: full means that the least used goes"

  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name_prefix = "${var.name}-cache-"
  description = "Valkey of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-cache" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "Valkey from the pods"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}
