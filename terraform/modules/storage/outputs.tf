output "bucket" {
  description = "Name of the bucket of documents."
  value       = aws_s3_bucket.documents.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket of documents."
  value       = aws_s3_bucket.documents.arn
}
