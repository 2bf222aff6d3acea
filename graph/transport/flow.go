package transport

import "context"

// Flow is how what answers a subscription tells the transport that the response
// after this one is here already: the two are then sent together. It belongs to
// the goroutine that asks for responses.
type Flow struct{ more bool }

type flowKey struct{}

func withFlow(ctx context.Context, f *Flow) context.Context {
	return context.WithValue(ctx, flowKey{}, f)
}

// FlowOf gives the flow of the operation under way; one that nobody looks at
// outside of a subscription.
func FlowOf(ctx context.Context) *Flow {
	if f, here := ctx.Value(flowKey{}).(*Flow); here {
		return f
	}
	return &Flow{}
}

// More says, before a response is returned, whether asking for the next will not
// have to wait.
func (f *Flow) More(more bool) { f.more = more }
