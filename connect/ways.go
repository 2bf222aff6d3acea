package connect

import (
	"maps"
	"slices"
)

// ProviderWays are the ways to connect the accounts of one provider.
type ProviderWays struct {
	Provider string
	Ways
}

// Table lists what can be connected, by name. A provider that only sends messages
// has no ways.
func (s *Service) Table() []*ProviderWays {
	all := make([]*ProviderWays, 0, len(s.providers))
	for _, name := range slices.Sorted(maps.Keys(s.providers)) {
		row := &ProviderWays{Provider: name}
		if account, called := s.providers[name].(Account); called {
			row.Ways = account.Ways()
		}
		all = append(all, row)
	}
	return all
}
