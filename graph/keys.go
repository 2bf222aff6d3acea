package graph

import "github.com/tributary/tributary/graph/model"

// keysOf gives keys by their names.
func keysOf(list []*model.IntegrationKeyInput) map[string]string {
	keys := make(map[string]string, len(list))
	for _, k := range list {
		keys[k.Name] = k.Value
	}
	return keys
}
