mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"] }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:flow" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/flow" }
  }
  mock_resource "aws_vpc" {
    defaults = { cidr_block = "10.20.0.0/16" }
  }
}

variables {
  name         = "plotlot-test"
  cidr         = "10.20.0.0/16"
  nat_gateways = "single"
  key_arn      = "arn:aws:kms:us-east-1:123456789012:key/test"
}

run "spreads_over_three_zones_behind_one_nat_gateway" {
  assert {
    condition     = length(aws_subnet.private) == 3 && length(aws_subnet.public) == 3 && length(aws_subnet.data) == 3
    error_message = "Three subnets of each kind."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 3
    error_message = "One NAT gateway, and a route to it from each private subnet."
  }
  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway"
    error_message = "The free endpoint only, unless others are asked for."
  }
}

run "nothing_but_the_door_is_open_to_the_internet" {
  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.edge :
      contains([80, 443], rule.from_port) && rule.from_port == rule.to_port && rule.ip_protocol == "tcp"
    ])
    error_message = "The door has ports 80 and 443."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.edge) == 2
    error_message = "One rule for each port."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == "10.20.0.0/16"
    error_message = "Endpoints answer within the VPC."
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "No instance gets a public address by itself."
  }
  assert {
    condition     = length(aws_default_security_group.unused.ingress) == 0 && length(aws_default_security_group.unused.egress) == 0
    error_message = "The default group allows nothing."
  }
}

run "data_subnets_have_no_way_out" {
  assert {
    condition = (
      alltrue([for route in aws_route.nat : route.route_table_id != aws_route_table.data.id]) &&
      aws_route.internet.route_table_id != aws_route_table.data.id
    )
    error_message = "No route leads from the data subnets to the internet."
  }
  assert {
    condition     = alltrue([for association in aws_route_table_association.data : association.route_table_id == aws_route_table.data.id])
    error_message = "Data subnets use the table without routes."
  }
}

run "subnets_do_not_overlap" {
  assert {
    condition     = length(distinct(concat([for s in aws_subnet.private : s.cidr_block], [for s in aws_subnet.public : s.cidr_block], output.data_cidrs))) == 9
    error_message = "Nine different blocks."
  }
  assert {
    condition     = output.data_cidrs == ["10.20.248.0/24", "10.20.249.0/24", "10.20.250.0/24"]
    error_message = "The blocks that the network policies of the chart are given."
  }
}

run "a_nat_gateway_in_each_zone_where_asked" {
  variables {
    nat_gateways        = "per_zone"
    interface_endpoints = ["ecr.api", "ecr.dkr"]
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(distinct([for route in aws_route.nat : route.nat_gateway_id])) == 3
    error_message = "Each zone leaves through its own gateway."
  }
  assert {
    condition     = aws_vpc_endpoint.interface["ecr.dkr"].service_name == "com.amazonaws.us-east-1.ecr.dkr"
    error_message = "The endpoint of the registry in this region."
  }
}

run "refuses_an_open_port_other_than_80_and_443" {
  command = plan
  variables {
    edge_ports = [443, 22]
  }
  expect_failures = [var.edge_ports]
}

run "refuses_a_network_that_is_too_small" {
  command = plan
  variables {
    cidr = "10.20.0.0/24"
  }
  expect_failures = [var.cidr]
}
