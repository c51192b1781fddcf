// Package azureblob opens no container: the lab's state lies in a folder.
package azureblob

import (
	"context"
	"errors"
	"net/url"

	"gocloud.dev/blob"
)

// Scheme of the addresses that it would open.
const Scheme = "azblob"

// URLOpener refuses every address.
type URLOpener struct {
	MakeClient        func()
	ServiceURLOptions ServiceURLOptions
}

// OpenBucketURL refuses every address.
func (*URLOpener) OpenBucketURL(context.Context, *url.URL) (*blob.Bucket, error) {
	return nil, errors.New("the lab's build of pulumi has no azblob:// backend; use a released pulumi")
}

// ServiceURLOptions are none.
type ServiceURLOptions struct{}

// NewDefaultServiceURLOptions are none.
func NewDefaultServiceURLOptions() *ServiceURLOptions { return &ServiceURLOptions{} }

// NewDefaultClient is not called.
func NewDefaultClient() {}
