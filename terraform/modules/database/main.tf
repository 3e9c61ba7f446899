# Postgres with pgvector. The password is write-only: it goes to RDS and to Secrets Manager, and no state or plan holds it.

locals {
  major = split(".", var.engine_version)[0]
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_157:Several zones is the variable multi_az; production has it.
  #checkov:skip=CKV_AWS_293:Deletion protection is a variable; production has it.
  #checkov:skip=CKV_AWS_118:Enhanced monitoring is a variable; production has it.
  #checkov:skip=CKV_AWS_353:Performance Insights is a variable; the smallest classes lack it.
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class

  db_name             = var.database_name
  username            = var.username
  password_wo         = var.password
  password_wo_version = var.password_version

  storage_type          = "gp3"
  allocated_storage     = var.storage_gib
  max_allocated_storage = var.max_storage_gib
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  multi_az               = var.multi_az
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period   = var.backup_retention_days
  backup_window             = "07:00-08:00"
  maintenance_window        = "sun:08:30-sun:09:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.deletion_protection
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = var.final_snapshot ? "${var.name}-final" : null

  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  apply_immediately           = var.apply_immediately

  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
  performance_insights_enabled        = var.performance_insights
  performance_insights_kms_key_id     = var.performance_insights ? var.key_arn : null
  monitoring_interval                 = var.monitoring_seconds
  monitoring_role_arn                 = var.monitoring_seconds > 0 ? aws_iam_role.monitoring[0].arn : null

  depends_on = [aws_cloudwatch_log_group.this]
}

# RDS would make these by itself, to be kept for ever and without our key.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:How long to keep the logs is a variable.
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

# What the chart asks for: one string that a service can connect with.
resource "aws_secretsmanager_secret" "url" {
  #checkov:skip=CKV2_AWS_57:Renewed by password_version, when an operator can restart the pods that hold the old one.
  name                    = "${var.secret_prefix}/database-url"
  description             = "Address of the database of ${var.name}, password included"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "url" {
  secret_id = aws_secretsmanager_secret.url.id
  secret_string_wo = join("", [
    "postgresql://", var.username, ":", var.password, "@", aws_db_instance.this.address, ":5432/", var.database_name,
    "?sslmode=require",
  ])
  secret_string_wo_version = var.password_version
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-postgres${local.major}-"
  family      = "postgres${local.major}"
  description = "PlotLot on Postgres ${local.major}"

  dynamic "parameter" {
    for_each = merge(local.parameters, var.parameters)

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(local.static_parameters, parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  static_parameters = ["shared_preload_libraries", "max_connections", "shared_buffers"]

  parameters = {
    "rds.force_ssl"                       = "1"
    "shared_preload_libraries"            = "pg_stat_statements"
    "log_min_duration_statement"          = "1000"
    "log_connections"                     = "0"
    "idle_in_transaction_session_timeout" = "60000"
    "random_page_cost"                    = "1.1"
  }
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name_prefix = "${var.name}-database-"
  description = "Postgres of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-database" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "Postgres from the pods"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

data "aws_partition" "current" {}

resource "aws_iam_role" "monitoring" {
  count = var.monitoring_seconds > 0 ? 1 : 0

  name = "${var.name}-database-monitoring"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  count = var.monitoring_seconds > 0 ? 1 : 0

  role       = aws_iam_role.monitoring[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
