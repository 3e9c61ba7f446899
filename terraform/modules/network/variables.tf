variable "name" {
  description = "Name of the environment, e.g. plotlot-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,24}$", var.name))
    error_message = "name: 3 to 25 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "cidr" {
  description = "Addresses of the VPC: a /16 that no peer uses."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "cidr: an IPv4 block of /16, e.g. 10.20.0.0/16."
  }
}

variable "zone_count" {
  description = "Availability zones to spread over."
  type        = number
  default     = 3

  validation {
    condition     = contains([2, 3, 4], var.zone_count)
    error_message = "zone_count: 2, 3 or 4; EKS and RDS need two."
  }
}

variable "nat_gateways" {
  description = "Gateways to the internet. single: one for all zones, whose zone takes them down with it; per_zone: one in each."
  type        = string

  validation {
    condition     = contains(["single", "per_zone"], var.nat_gateways)
    error_message = "nat_gateways: single or per_zone."
  }
}

variable "interface_endpoints" {
  description = "AWS services reached without the NAT gateway, e.g. ecr.api. Each is paid by the hour and the zone."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9.-]+$", service))])
    error_message = "interface_endpoints: names of services as AWS has them after the region, e.g. ecr.dkr."
  }
}

variable "edge_cidrs" {
  description = "Who may reach the load balancer."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.edge_cidrs) > 0 && alltrue([for block in var.edge_cidrs : can(cidrhost(block, 0))])
    error_message = "edge_cidrs: at least one IPv4 block."
  }
}

variable "edge_ports" {
  description = "Ports of the load balancer; 80 only to redirect."
  type        = list(number)
  default     = [80, 443]

  validation {
    condition     = length(var.edge_ports) > 0 && alltrue([for port in var.edge_ports : contains([80, 443], port)])
    error_message = "edge_ports: 80 and 443 are the only ports of the public door."
  }
}

variable "flow_log_traffic" {
  description = "What the flow logs record: REJECT, ACCEPT or ALL. ALL is paid by the volume of traffic."
  type        = string
  default     = "REJECT"

  validation {
    condition     = contains(["REJECT", "ACCEPT", "ALL"], var.flow_log_traffic)
    error_message = "flow_log_traffic: REJECT, ACCEPT or ALL."
  }
}

variable "flow_log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.flow_log_retention_days)
    error_message = "flow_log_retention_days: a period that CloudWatch offers, e.g. 7, 30, 90 or 365."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts the flow logs."
  type        = string

  validation {
    condition     = startswith(var.key_arn, "arn:")
    error_message = "key_arn: an ARN."
  }
}
