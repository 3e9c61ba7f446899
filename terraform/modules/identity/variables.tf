variable "cluster_name" {
  description = "Name of the EKS cluster."
  type        = string

  validation {
    condition     = length(var.cluster_name) > 0
    error_message = "cluster_name: the name of a cluster."
  }
}

variable "namespace" {
  description = "Namespace that the chart is installed into."
  type        = string
  default     = "plotlot"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace: a Kubernetes name."
  }
}

variable "ingestion_service_account" {
  description = "Service account of ingestion, as the chart names it."
  type        = string
  default     = "plotlot-ingestion"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,36}[a-z0-9])?$", var.ingestion_service_account))
    error_message = "ingestion_service_account: a Kubernetes name of at most 38 characters."
  }
}

variable "secret_arns" {
  description = "Secrets that External Secrets may read."
  type        = list(string)

  validation {
    condition     = length(var.secret_arns) > 0 && alltrue([for arn in var.secret_arns : startswith(arn, "arn:") && !strcontains(arn, "*")])
    error_message = "secret_arns: at least one, each a full ARN without a star."
  }
}

variable "documents_bucket_arn" {
  description = "ARN of the bucket of documents."
  type        = string

  validation {
    condition     = startswith(var.documents_bucket_arn, "arn:")
    error_message = "documents_bucket_arn: an ARN."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts what is kept here."
  type        = string

  validation {
    condition     = startswith(var.key_arn, "arn:")
    error_message = "key_arn: an ARN."
  }
}
