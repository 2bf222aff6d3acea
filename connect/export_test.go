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
