// Package s3blob opens no bucket: the lab's state lies in a folder.
package s3blob
