package graph

import "context"

// pointers hands a room's values on as the generated code wants them. It ends
// with ctx, so that no goroutine outlives its subscription.
func pointers[T any](ctx context.Context, in <-chan T) <-chan *T {
	if in == nil {
		return nil
	}
	out := make(chan *T)
	go func() {
		defer close(out)
		for v := range in {
			select {
			case out <- &v:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// from is where a subscription begins: after its cursor, else from now on.
func (r *Resolver) from(ctx context.Context, after *string) (string, error) {
	if after != nil {
		return *after, nil
	}
	return r.Report.Now(ctx)
}

// addresses gives the values of a list as the generated code wants them.
func addresses[T any](in []T) []*T {
	out := make([]*T, len(in))
	for i := range in {
		out[i] = &in[i]
	}
	return out
}
