output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Subnets of the nodes, one a zone."
  value       = [for zone in keys(local.zones) : aws_subnet.private[zone].id]
}

output "data_subnet_ids" {
  description = "Subnets of the database and the cache, one a zone, with no route to the internet."
  value       = [for zone in keys(local.zones) : aws_subnet.data[zone].id]
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, one a zone."
  value       = [for zone in keys(local.zones) : aws_subnet.public[zone].id]
}

output "edge_security_group_id" {
  description = "Security group for the load balancer of the gateway."
  value       = aws_security_group.edge.id
}

output "nat_addresses" {
  description = "Addresses from which the cluster speaks to the internet, for the allow lists of others."
  value       = [for address in aws_eip.nat : address.public_ip]
}

output "data_cidrs" {
  description = "Addresses of the data subnets, which the chart's network policies let the services reach."
  value       = [for zone in keys(local.zones) : aws_subnet.data[zone].cidr_block]
}
