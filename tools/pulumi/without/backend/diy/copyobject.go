package diy

// copyObjectInput is in the place of the request of AWS's SDK, which bucket.go edits for buckets of AWS.
type copyObjectInput struct{ CopySource *string }
