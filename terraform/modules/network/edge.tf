# The only group that the internet may reach. The load balancer controller attaches it to the load balancer of the
# gateway, and opens the nodes to this group alone.

resource "aws_security_group" "edge" {
  #checkov:skip=CKV2_AWS_5:Attached to the load balancer by an annotation of the Service, in the cluster.
  name_prefix = "${var.name}-edge-"
  description = "Load balancer in front of the gateway"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-edge" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  #checkov:skip=CKV_AWS_260:Port 80 answers with a redirect to 443; it is the public door.
  for_each = {
    for pair in setproduct(var.edge_ports, var.edge_cidrs) : "${pair[0]}-${pair[1]}" => { port = pair[0], cidr = pair[1] }
  }

  security_group_id = aws_security_group.edge.id
  description       = "Port ${each.value.port} of the public door"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  security_group_id = aws_security_group.edge.id
  description       = "To the pods of the gateway"
  cidr_ipv4         = aws_vpc.this.cidr_block
  ip_protocol       = "tcp"
  from_port         = 1024
  to_port           = 65535
}
