// Package jsonpath reads decoded JSON along a path, and writes paths: accounts[0].name.
package jsonpath

import (
	"strconv"
)

// At is the value at a path, and nil when the path leads nowhere. A step is a key of an object or, in digits, the index of an element.
func At(value any, path ...string) any {
	for _, step := range path {
		switch inside := value.(type) {
		case map[string]any:
			value = inside[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(inside) {
				return nil
			}
			value = inside[i]
		default:
			return nil
		}
	}
	return value
}

// Object is the object at a path. Where there is none it is an empty one, which belongs to nothing: what is written to it is lost.
func Object(value any, path ...string) map[string]any {
	if object, ok := At(value, path...).(map[string]any); ok && object != nil {
		return object
	}
	return map[string]any{}
}

// Text is the string at a path, and empty where there is none.
func Text(value any, path ...string) string {
	text, _ := At(value, path...).(string)
	return text
}

// List is the array at a path, and nil where there is none.
func List(value any, path ...string) []any {
	list, _ := At(value, path...).([]any)
	return list
}

// Objects are the objects of the array at a path.
func Objects(value any, path ...string) []map[string]any {
	return every[map[string]any](List(value, path...))
}

// Texts are the strings of the array at a path.
func Texts(value any, path ...string) []string { return every[string](List(value, path...)) }

func every[T any](list []any) []T {
	out := make([]T, 0, len(list))
	for _, item := range list {
		if one, ok := item.(T); ok {
			out = append(out, one)
		}
	}
	return out
}

// Key is the path of a member of the value at a path.
func Key(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// Index is the path of an element of the array at a path.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
