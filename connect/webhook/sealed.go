package webhook

import (
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/seal"
)

// Columns of sealed values of an endpoint.
const (
	columnURL    = "url_sealed"
	columnSecret = "secret_sealed"
	columnPrior  = "prior_secret_sealed"
)

func endpointPlace(merchantID, endpointID, column string) seal.AAD {
	return seal.AAD{Merchant: merchantID, Table: "webhook_endpoints", Column: column, Row: endpointID}
}

func answerPlace(merchantID, attemptID string) seal.AAD {
	return seal.AAD{Merchant: merchantID, Table: "webhook_attempts", Column: "answer_sealed", Row: attemptID}
}

func (s *Service) seal(row *ent.WebhookEndpoint, column string, plain []byte) ([]byte, error) {
	return s.store.Keys().Seal(plain, endpointPlace(row.MerchantID, row.ID, column))
}

// URL gives an endpoint's address, "" for one that is deleted.
func (s *Service) URL(row *ent.WebhookEndpoint) (string, error) {
	if len(row.URLSealed) == 0 {
		return "", nil
	}
	plain, err := s.store.Keys().Open(row.URLSealed, endpointPlace(row.MerchantID, row.ID, columnURL))
	return string(plain), err
}

// Answer gives the beginning of what was answered to a try.
func (s *Service) Answer(row *ent.WebhookAttempt) (string, error) {
	if len(row.AnswerSealed) == 0 {
		return "", nil
	}
	plain, err := s.store.Keys().Open(row.AnswerSealed, answerPlace(row.MerchantID, row.ID))
	return string(plain), err
}
