variable "length" {
  description = "Letters and digits of the password."
  type        = number
  default     = 40

  validation {
    condition     = var.length >= 24 && var.length <= 128
    error_message = "length: 24 to 128."
  }
}

variable "generate" {
  description = "Whether to make a password; otherwise the given one is used."
  type        = bool
  default     = true
}

variable "given" {
  description = "Password to use where none is made."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}
