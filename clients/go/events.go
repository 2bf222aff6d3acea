package tributary

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"
)

// silence is how long a feed may say nothing: the server gives a sign of life every 15 s.
const silence = 45 * time.Second

// Events follows what happens, each event once and in order, through cuts and
// restarts, until ctx ends or the reader does. after is the cursor of the last event
// dealt with, empty for the beginning of what is kept; nil begins now, and what
// happens before its first event is lost if that is preceded by a cut. Errors, after
// which nothing comes: *Error for what coming back cannot mend, and ctx's own.
func (c *Client) Events(ctx context.Context, after *string, types ...string) iter.Seq2[Happening, error] {
	return func(yield func(Happening, error) bool) {
		variables := func() any { return &__EventsInput{After: after, Types: types} }
		err := follow(ctx, c, Events_Operation, variables, func(data *EventsResponse) bool {
			after = &data.Events.Cursor
			return yield(data.Events.Happening, nil)
		})
		if err != nil {
			yield(Happening{}, err)
		}
	}
}

// LiveStats follows the totals of a program, an affiliate or, both nil, of all:
// after a cut it goes on with fresh ones. Errors: those of Events.
func (c *Client) LiveStats(ctx context.Context, programID, affiliateID *string) iter.Seq2[LiveStatsLiveStats, error] {
	return func(yield func(LiveStatsLiveStats, error) bool) {
		variables := func() any { return &__LiveStatsInput{ProgramId: programID, AffiliateId: affiliateID} }
		err := follow(ctx, c, LiveStats_Operation, variables, func(data *LiveStatsResponse) bool {
			return yield(data.LiveStats, nil)
		})
		if err != nil {
			yield(LiveStatsLiveStats{}, err)
		}
	}
}

// errEnough ends a stream whose reader has ended.
var errEnough = errors.New("the reader has ended")

// follow opens a subscription, and opens it anew when it is cut.
func follow[T any](ctx context.Context, c *Client, document string, variables func() any, next func(*T) bool) error {
	for fruitless := 1; ; fruitless++ {
		opened, err := c.stream(ctx, &graphql.Request{Query: document, Variables: variables()}, func(said []byte) error {
			var data T
			if err := decode(said, &data); err != nil {
				return err
			}
			fruitless = 0
			if !next(&data) {
				return errEnough
			}
			return nil
		})
		switch {
		case errors.Is(err, errEnough):
			return nil
		case err != nil && !passes(err, opened):
			return err
		}
		if err := pause(ctx, err, fruitless); err != nil {
			return err
		}
	}
}

// passes tells what the next try may not meet. A token that ends while the stream is
// open may have a successor; one that is refused at the door has none.
func passes(err error, opened bool) bool {
	return isOne(err, CodeUnavailable, codeRateLimited, codeDeadline) || opened && isOne(err, CodeUnauthenticated)
}

// stream reads one stream of graphql-sse, distinct connections: only what has come
// whole is given to next. It tells whether the server took the request.
func (c *Client) stream(ctx context.Context, req *graphql.Request, next func([]byte) error) (bool, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return false, err
	}
	alive, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := time.AfterFunc(silence, cancel)
	defer watch.Stop()
	res, err := c.send(alive, body, "text/event-stream")
	if err != nil {
		return false, cmp.Or(ctx.Err(), err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	var event, data string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return true, cut(ctx, err)
		}
		watch.Reset(silence)
		switch name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); {
		case name == "event":
			event = strings.TrimSpace(value)
		case name == "data":
			data = strings.TrimSpace(value)
		case name == "" && event == "next" && data != "":
			if err := next([]byte(data)); err != nil {
				return true, err
			}
			event, data = "", ""
		}
	}
}
