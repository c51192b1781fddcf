// Package operations finds no logs: `pulumi logs` knows services of AWS and Google Cloud alone.
package operations

import (
	"context"
	"errors"
	"time"

	"github.com/pulumi/pulumi/pkg/v3/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

// LogEntry is a line of a log.
type LogEntry struct {
	ID        string
	Timestamp int64
	Message   string
}

// ResourceFilter names a resource.
type ResourceFilter string

// LogQuery says which lines are wanted; Pulumi's own service takes the tags.
type LogQuery struct {
	StartTime      *time.Time      `url:"startTime,unix"`
	EndTime        *time.Time      `url:"endTime,unix"`
	ResourceFilter *ResourceFilter `url:"resourceFilter"`
}

// Provider finds logs.
type Provider interface {
	GetLogs(ctx context.Context, query LogQuery) (*[]LogEntry, error)
}

// Resource stands for all of a stack.
type Resource struct{}

// NewResourceTree stands for the resources.
func NewResourceTree([]*resource.State) *Resource { return &Resource{} }

// OperationsProvider refuses to look for logs.
func (*Resource) OperationsProvider(map[config.Key]string) Provider { return none{} }

type none struct{}

func (none) GetLogs(context.Context, LogQuery) (*[]LogEntry, error) {
	return nil, errors.New("the lab's build of pulumi reads no logs; use a released pulumi")
}
