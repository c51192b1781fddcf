// Package s3 has the one type by which the engine would know a request for S3.
package s3

// CopyObjectInput is what a copy in S3 is asked with.
type CopyObjectInput struct{ CopySource *string }
