mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_db_instance" {
    defaults = { address = "plotlot-test.abc.us-east-1.rds.amazonaws.com" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:plotlot/test/database-url" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-database" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/monitoring" }
  }
}

variables {
  name                     = "plotlot-test"
  key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/test"
  vpc_id                   = "vpc-test"
  subnet_ids               = ["subnet-a", "subnet-b"]
  client_security_group_id = "sg-nodes"
  instance_class           = "db.m7g.large"
  storage_gib              = 100
  max_storage_gib          = 500
  multi_az                 = true
  backup_retention_days    = 14
  deletion_protection      = true
  monitoring_seconds       = 60
  password                 = "abcdefghijklmnopqrstuvwxyz012345"
  secret_prefix            = "plotlot/test"
}

run "is_private_and_encrypted" {
  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted
    error_message = "No public address, and storage encrypted."
  }
  assert {
    condition     = aws_db_instance.this.kms_key_id == var.key_arn && aws_secretsmanager_secret.url.kms_key_id == var.key_arn
    error_message = "Under our key."
  }
}

run "takes_connections_from_the_pods_alone_and_over_tls" {
  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-nodes" &&
      aws_vpc_security_group_ingress_rule.clients.cidr_ipv4 == null &&
      aws_vpc_security_group_ingress_rule.clients.from_port == 5432
    )
    error_message = "One rule: Postgres, from the group of the nodes."
  }
  assert {
    condition     = one([for p in aws_db_parameter_group.this.parameter : p.value if p.name == "rds.force_ssl"]) == "1"
    error_message = "Connections without TLS are refused."
  }
}

run "outlives_a_mistake" {
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups
    error_message = "Deletion is refused, and leaves a snapshot and the backups."
  }
  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.backup_retention_period == 14
    error_message = "A standby, and fourteen days to go back."
  }
}

run "is_a_postgres_with_its_own_parameters" {
  assert {
    condition     = aws_db_instance.this.engine_version == "18" && aws_db_parameter_group.this.family == "postgres18"
    error_message = "The family follows the version."
  }
}

run "the_password_is_in_no_state" {
  assert {
    condition     = aws_db_instance.this.password == null && aws_db_instance.this.password_wo_version == 1
    error_message = "Only the number of the password is kept."
  }
  assert {
    condition     = aws_secretsmanager_secret_version.url.secret_string == null || aws_secretsmanager_secret_version.url.secret_string == ""
    error_message = "The address with the password is written and never read."
  }
  assert {
    condition     = output.secret_name == "plotlot/test/database-url"
    error_message = "The name that the chart's values give."
  }
}

run "refuses_plain_connections" {
  command = plan
  variables {
    parameters = { "rds.force_ssl" = "0" }
  }
  expect_failures = [var.parameters]
}

run "refuses_a_password_that_breaks_the_address" {
  command = plan
  variables {
    password = "with@an/at-sign-and-a-slash-in-it"
  }
  expect_failures = [var.password]
}
