// Package gcsblob opens no bucket: the lab's state lies in a folder.
package gcsblob

// Scheme of the addresses that it would open.
const Scheme = "gs"
