// Package base has the fields of a schema that the engine looks at.
package base

import (
	"errors"

	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Schema is the description of a value.
type Schema struct {
	Type                          []string
	AllOf, OneOf, AnyOf           []*SchemaProxy
	Properties                    *orderedmap.Map[string, *SchemaProxy]
	AdditionalProperties, Items   *SchemaOrBool
	Required                      []string
	Discriminator                 *Discriminator
	Description, Format, Pattern  string
	MinLength, MaxLength          *int64
	Minimum, Maximum, MultipleOf  *float64
	Default                       *yaml.Node
	Enum                          []*yaml.Node
	Nullable, ReadOnly, WriteOnly *bool
	Deprecated                    *bool
	Extensions                    *orderedmap.Map[string, *yaml.Node]
}

// Source is where a schema was read from.
type Source struct{}

// Hash is zero: the engine then looks for no circles.
func (*Source) Hash() uint64 { return 0 }

// GoLow is where the schema was read from: nowhere.
func (*Schema) GoLow() *Source { return nil }

// MarshalJSONInline writes no schema.
func (*Schema) MarshalJSONInline() ([]byte, error) {
	return nil, errors.New("the lab's build of pulumi has no OpenAPI library")
}

// SchemaProxy stands for a schema elsewhere.
type SchemaProxy struct{}

// Schema is none.
func (*SchemaProxy) Schema() *Schema { return nil }

// SchemaOrBool is one of the two.
type SchemaOrBool struct{ A *SchemaProxy }

// IsA tells whether it is a schema.
func (*SchemaOrBool) IsA() bool { return false }

// Discriminator tells variants of a schema apart.
type Discriminator struct {
	PropertyName string
	Mapping      *orderedmap.Map[string, string]
}
