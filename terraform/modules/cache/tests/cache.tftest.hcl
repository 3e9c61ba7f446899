mock_provider "aws" {
  mock_data "aws_secretsmanager_secret_version" {
    defaults = { secret_string = "abcdefghijklmnopqrstuvwxyz012345" }
  }
  mock_resource "aws_elasticache_replication_group" {
    defaults = { primary_endpoint_address = "plotlot-test.abc.use1.cache.amazonaws.com" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:plotlot/test/redis-url" }
  }
}

variables {
  name                     = "plotlot-test"
  key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/test"
  vpc_id                   = "vpc-test"
  subnet_ids               = ["subnet-a", "subnet-b"]
  client_security_group_id = "sg-nodes"
  node_type                = "cache.t4g.micro"
  replicas                 = 1
  password                 = "abcdefghijklmnopqrstuvwxyz012345"
  secret_prefix            = "plotlot/test"
}

run "is_encrypted_and_asks_for_a_password" {
  assert {
    condition = (
      aws_elasticache_replication_group.this.transit_encryption_enabled &&
      aws_elasticache_replication_group.this.transit_encryption_mode == "required" &&
      aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" &&
      aws_elasticache_replication_group.this.kms_key_id == var.key_arn
    )
    error_message = "TLS on the wire, our key on the disk."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.auth_token == "abcdefghijklmnopqrstuvwxyz012345"
    error_message = "The password that the secret holds."
  }
  assert {
    condition     = aws_secretsmanager_secret_version.url.secret_string == "rediss://:abcdefghijklmnopqrstuvwxyz012345@plotlot-test.abc.use1.cache.amazonaws.com:6379/0"
    error_message = "The address that a service connects with, by TLS."
  }
}

run "takes_connections_from_the_pods_alone" {
  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-nodes" &&
      aws_vpc_security_group_ingress_rule.clients.cidr_ipv4 == null &&
      aws_vpc_security_group_ingress_rule.clients.to_port == 6379
    )
    error_message = "One rule: Valkey, from the group of the nodes."
  }
}

run "a_replica_takes_over" {
  assert {
    condition = (
      aws_elasticache_replication_group.this.num_cache_clusters == 2 &&
      aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled
    )
    error_message = "Two nodes in two zones."
  }
  assert {
    condition     = output.node_ids == ["plotlot-test-001", "plotlot-test-002"]
    error_message = "The ids by which CloudWatch knows them."
  }
}

run "one_node_alone_does_not_fail_over" {
  variables {
    replicas = 0
  }
  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 1 && !aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "ElastiCache refuses failover without a replica."
  }
}
