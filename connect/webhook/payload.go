package webhook

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// Message is the body that is sent: what Standard Webhooks asks for, and who it is
// about. Its fields are only ever added to; what the facts mean has a version.
type Message struct {
	ID        string    `json:"id"` // of the delivery, as in the header webhook-id
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // when it happened
	Data      Data      `json:"data"`
}

// Data is what happened.
type Data struct {
	EventID     string            `json:"eventId"`
	Version     int               `json:"version"`
	Sequence    int64             `json:"sequence"` // counts the events for this endpoint: what has a lower number happened before
	SubjectID   string            `json:"subjectId"`
	ProgramID   string            `json:"programId"`
	AffiliateID string            `json:"affiliateId"`
	Facts       map[string]string `json:"facts"` // ids, hashes and amounts, the amounts in minor units
}

// message gives the body of a delivery: the same bytes for each try.
func message(d store.ClaimedDelivery) []byte {
	m := Message{ID: d.ID, Type: d.Type, Timestamp: d.MadeAt.UTC(), Data: Data{Version: 1, Sequence: d.Sequence, Facts: map[string]string{}}}
	if e := d.Event; e != nil {
		m.Timestamp = e.At
		m.Data.EventID, m.Data.Version, m.Data.SubjectID, m.Data.ProgramID, m.Data.AffiliateID = e.ID, e.Version, e.Subject, e.ProgramID, e.AffiliateID
		if e.Facts != nil {
			m.Data.Facts = e.Facts
		}
	}
	body, _ := json.Marshal(m) // of texts and numbers: nothing that could fail
	return body
}

// deliveryID makes the id of an event's delivery to an endpoint: the same for the
// same two, and in the order of the events.
func deliveryID(eventID, endpointID string) string {
	_, event, err := id.Parse(eventID)
	if err != nil {
		event = [16]byte{}
	}
	sum := sha256.Sum256([]byte(eventID + " " + endpointID))
	u := [16]byte(sum[:16])
	copy(u[:6], event[:6]) // its millisecond
	u[6], u[8] = u[6]&0x0f|0x70, u[8]&0x3f|0x80
	return id.FromUUID(id.Delivery, u)
}
