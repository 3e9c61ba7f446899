variable "name" {
  description = "Name of the cluster, e.g. plotlot-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,24}$", var.name))
    error_message = "name: 3 to 25 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes version of the control plane. One minor version up at a time."
  type        = string
  default     = "1.34"

  validation {
    condition     = can(regex("^1\\.(3[4-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version: 1.34 or later; the chart uses the sleep action of container hooks."
  }
}

variable "support_type" {
  description = "At the end of standard support: STANDARD upgrades the cluster by itself, EXTENDED pays six times the price."
  type        = string
  default     = "EXTENDED"

  validation {
    condition     = contains(["STANDARD", "EXTENDED"], var.support_type)
    error_message = "support_type: STANDARD or EXTENDED."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the nodes and of the control plane's interfaces, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids: at least two, in different zones."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts the cluster's secrets and logs."
  type        = string

  validation {
    condition     = startswith(var.key_arn, "arn:")
    error_message = "key_arn: an ARN."
  }
}

variable "public_endpoint_cidrs" {
  description = "Who may reach the Kubernetes API from outside the VPC. Empty: nobody, the API answers in the VPC alone."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for block in var.public_endpoint_cidrs : can(cidrhost(block, 0)) && !endswith(block, "/0")
    ])
    error_message = "public_endpoint_cidrs: IPv4 blocks of your own networks; not the whole internet."
  }
}

variable "administrators" {
  description = "ARNs of the IAM roles or users who administer the cluster."
  type        = set(string)

  validation {
    condition     = length(var.administrators) > 0
    error_message = "administrators: at least one, for the creator of the cluster gets no access by itself."
  }

  validation {
    condition     = alltrue([for arn in var.administrators : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "administrators: ARNs of IAM roles or users, not of sessions (sts)."
  }
}

variable "viewers" {
  description = "ARNs of the IAM roles or users who may look at everything but secrets."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.viewers : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "viewers: ARNs of IAM roles or users, not of sessions (sts)."
  }
}

variable "service_nodes" {
  description = "Nodes of the services. min is also the number at the start; the autoscaler moves between min and max."
  type = object({
    instance_types = list(string)
    min            = number
    max            = number
    disk_gib       = optional(number, 50)
    capacity_type  = optional(string, "ON_DEMAND")
    ami_type       = optional(string, "AL2023_x86_64_STANDARD")
  })

  validation {
    condition     = var.service_nodes.min >= 1 && var.service_nodes.max >= var.service_nodes.min
    error_message = "service_nodes: min at least 1, max at least min."
  }

  validation {
    condition     = contains(["ON_DEMAND", "SPOT"], var.service_nodes.capacity_type)
    error_message = "service_nodes.capacity_type: ON_DEMAND or SPOT."
  }

  validation {
    condition     = contains(["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD"], var.service_nodes.ami_type)
    error_message = "service_nodes.ami_type: AL2023_x86_64_STANDARD or AL2023_ARM_64_STANDARD."
  }

  validation {
    condition     = length(var.service_nodes.instance_types) > 0 && var.service_nodes.disk_gib >= 20
    error_message = "service_nodes: at least one instance type, and disks of 20 GiB or more."
  }
}

variable "gpu_nodes" {
  description = "Nodes with GPUs for vLLM or SGLang. None run until a pod asks for nvidia.com/gpu."
  type = object({
    instance_types = list(string)
    max            = number
    gpus_per_node  = optional(number, 1)
    disk_gib       = optional(number, 100)
    capacity_type  = optional(string, "ON_DEMAND")
  })

  validation {
    condition     = var.gpu_nodes.max >= 1 && var.gpu_nodes.gpus_per_node >= 1
    error_message = "gpu_nodes: max and gpus_per_node at least 1; EKS refuses a group of at most 0."
  }

  validation {
    condition     = contains(["ON_DEMAND", "SPOT"], var.gpu_nodes.capacity_type)
    error_message = "gpu_nodes.capacity_type: ON_DEMAND or SPOT."
  }

  validation {
    condition     = length(var.gpu_nodes.instance_types) > 0 && var.gpu_nodes.disk_gib >= 50
    error_message = "gpu_nodes: at least one instance type, and disks of 50 GiB or more (an engine's image takes 15)."
  }
}

variable "container_insights" {
  description = "Whether CloudWatch collects metrics of nodes and pods, which the alarm on failed nodes needs. Paid by the metric."
  type        = bool
  default     = false
}

variable "container_logs" {
  description = "Whether Container Insights also ships the logs of all pods. Paid by the gigabyte."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days that the logs of the control plane are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "log_retention_days: a period that CloudWatch offers, e.g. 7, 30, 90 or 365."
  }
}
