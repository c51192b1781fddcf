// Package orderedmap has a map that stays empty.
package orderedmap

import "iter"

// Map holds nothing.
type Map[K comparable, V any] struct{}

// New makes a map.
func New[K comparable, V any]() *Map[K, V] { return &Map[K, V]{} }

// Len is none.
func Len[K comparable, V any](*Map[K, V]) int { return 0 }

// Set takes nothing.
func (*Map[K, V]) Set(K, V) (old V, was bool) { return old, false }

// Delete has nothing to take out.
func (*Map[K, V]) Delete(K) (old V, was bool) { return old, false }

// Get finds nothing.
func (*Map[K, V]) Get(K) (value V, found bool) { return value, false }

// GetOrZero finds nothing.
func (*Map[K, V]) GetOrZero(K) (value V) { return value }

// FromOldest goes over nothing.
func (*Map[K, V]) FromOldest() iter.Seq2[K, V] { return func(func(K, V) bool) {} }

// KeysFromOldest goes over nothing.
func (*Map[K, V]) KeysFromOldest() iter.Seq[K] { return func(func(K) bool) {} }
