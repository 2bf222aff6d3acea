package connect

import "context"

// Turn claims what the next turn of as many workers has, and names whose it is.
func (s *Service) Turn(ctx context.Context, free int, before string) (whose []string, turn string, err error) {
	claimed, turn, err := s.claim(ctx, free, before)
	for _, r := range claimed {
		whose = append(whose, r.IntegrationID)
	}
	return whose, turn, err
}

// Looks is how often the database was asked for those who watch.
func (s *Service) Looks() int64 { return s.healths.looks.Load() }

// Watched is how many integrations are looked at.
func (s *Service) Watched() int {
	s.healths.mu.Lock()
	defer s.healths.mu.Unlock()
	return len(s.healths.watches)
}
