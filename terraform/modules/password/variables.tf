variable "length" {
  description = "Letters and digits of the password."
  type        = number
  default     = 40

  validation {
    condition     = var.length >= 24 && var.length <= 128
    error_message = "length: 24 to 128."
  }
}
