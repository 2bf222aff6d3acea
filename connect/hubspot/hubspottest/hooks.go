package hubspottest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// AppID is the number of the app that listens and writes.
const AppID = 4711

// Event is what the account tells of a change.
type Event struct {
	EventID          int64  `json:"eventId"`
	SubscriptionID   int64  `json:"subscriptionId"`
	PortalID         int64  `json:"portalId"`
	AppID            int64  `json:"appId"`
	OccurredAt       int64  `json:"occurredAt"`
	SubscriptionType string `json:"subscriptionType"`
	AttemptNumber    int    `json:"attemptNumber"`
	ObjectID         int64  `json:"objectId"`
	PropertyName     string `json:"propertyName"`
	PropertyValue    string `json:"propertyValue"`
	ChangeSource     string `json:"changeSource"`
	SourceID         string `json:"sourceId,omitempty"`
}

// Edit plays a person who changes a property of a contact, and gives the event of it.
func (p *Portal) Edit(contact, name, value string) (e Event) {
	p.Do(func() {
		if _, known := p.properties["contacts"][name]; !known {
			panic("the account has no property " + name)
		}
		e = p.change("contacts", p.objects["contacts"][contact], name, value, Event{ChangeSource: "CRM_UI", SourceID: "userId:7"})
	})
	return e
}

// change changes a value. That it has changed is told when somebody listens; that it was
// written and is the same is not.
func (p *Portal) change(object string, o *Object, name, value string, e Event) Event {
	if o.Properties[name] == value {
		return e
	}
	if o.Properties[name] = value; value == "" {
		delete(o.Properties, name)
	}
	if object != "contacts" || !slices.Contains(p.Listens, name) {
		return e
	}
	p.said++
	id, _ := strconv.ParseInt(o.ID, 10, 64)
	account, _ := strconv.ParseInt(Account, 10, 64)
	e.EventID, e.PortalID, e.AppID, e.ObjectID, e.OccurredAt = p.said, account, AppID, id, p.Now().UnixMilli()
	e.SubscriptionID, e.SubscriptionType, e.PropertyName, e.PropertyValue = 1, "contact.propertyChange", name, value
	p.events = append(p.events, e)
	select {
	case p.happened <- struct{}{}:
	default:
	}
	return e
}

// Happened takes the events that were not sent yet.
func (p *Portal) Happened() (all []Event) {
	p.Do(func() { all, p.events = p.events, nil })
	return all
}

// Send posts events as one signed body, and gives the status of the answer; 0 when there
// was none.
func (p *Portal) Send(ctx context.Context, address string, events []Event) int {
	return p.SendBy(ctx, address, address, events)
}

// SendBy is Send to an address behind which a proxy has another one.
func (p *Portal) SendBy(ctx context.Context, address, proxied string, events []Event) int {
	body, err := json.Marshal(events)
	if err != nil {
		panic(err)
	}
	ms := strconv.FormatInt(p.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(Secret))
	mac.Write([]byte("POST" + address + string(body) + ms))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, proxied, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-HubSpot-Request-Timestamp", ms)
	r.Header.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// Deliver sends events as they happen, a hundred at a time, until ctx ends. What is not
// taken is sent again.
func (p *Portal) Deliver(ctx context.Context, address string) {
	for ctx.Err() == nil {
		all := p.Happened()
		for len(all) > 0 && ctx.Err() == nil {
			n := min(100, len(all))
			if status := p.Send(ctx, address, all[:n]); status >= 200 && status < 300 {
				all = all[n:]
			}
		}
		select {
		case <-ctx.Done():
		case <-p.happened:
		}
	}
}
