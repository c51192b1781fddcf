// Package v3 has the fields of a service's description that the engine looks at.
package v3

import (
	"github.com/pb33f/libopenapi/datamodel/high/base"
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Document describes a service.
type Document struct {
	Info       *Info
	Paths      *Paths
	Components *Components
}

// Info is of which version it is.
type Info struct{ Version string }

// Paths are its places.
type Paths struct {
	PathItems *orderedmap.Map[string, *PathItem]
}

// Components are what descriptions share.
type Components struct {
	Schemas *orderedmap.Map[string, *base.SchemaProxy]
}

// PathItem is what can be done at a place.
type PathItem struct {
	Get, Post, Put, Delete, Patch, Head *Operation
}

// Operation is one of these.
type Operation struct {
	OperationId, Summary, Description string
	Tags                              []string
	Parameters                        []*Parameter
	RequestBody                       *RequestBody
	Responses                         *Responses
	Deprecated                        *bool
	Extensions                        *orderedmap.Map[string, *yaml.Node]
}

// Parameter of an operation.
type Parameter struct {
	Name, In, Description string
	Required              *bool
	Schema                *base.SchemaProxy
}

// RequestBody of an operation.
type RequestBody struct {
	Content *orderedmap.Map[string, *MediaType]
}

// Responses by their status.
type Responses struct {
	Codes   *orderedmap.Map[string, *Response]
	Default *Response
}

// Response of an operation.
type Response struct {
	Description string
	Content     *orderedmap.Map[string, *MediaType]
}

// MediaType is a body's form.
type MediaType struct{ Schema *base.SchemaProxy }
