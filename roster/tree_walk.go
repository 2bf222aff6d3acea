package roster

import "context"

// walk goes through a tree depth first and stops when it has enough.
type walk struct {
	q        ask
	merchant string
	levels   int
	want     int
	open     []span // the last is walked first
	places   []Place
}

// span is the recruits of an affiliate that are still to be walked.
type span struct {
	parent, after string
	level         int     // of the recruits
	known         []child // read already
	lonely        bool    // the parent is an only recruit: perhaps in a long chain
}

// resume opens what comes after the first of the way, whose last is the root.
func (w *walk) resume(way []step) {
	depth := len(way) - 1
	for i := depth - 1; i >= 0; i-- {
		if way[i].later {
			w.open = append(w.open, span{parent: way[i].parent, after: way[i].id, level: depth - i})
		}
	}
	if depth < w.levels {
		w.open = append(w.open, span{parent: way[0].id, level: depth + 1})
	}
}

func (w *walk) run(ctx context.Context) ([]Place, error) {
	for len(w.open) > 0 && len(w.places) < w.want {
		top := w.open[len(w.open)-1]
		w.open = w.open[:len(w.open)-1]
		if err := w.enter(ctx, top); err != nil {
			return nil, err
		}
	}
	return w.places, nil
}

// enter walks a span. Recruits are read a span at a time, which suits a tree that
// is broad; below an only recruit the first recruits of all levels are read at
// once, else a chain would cost a question for each of its links.
func (w *walk) enter(ctx context.Context, s span) (err error) {
	left := w.want - len(w.places)
	if s.lonely {
		down, err := dive(ctx, w.q, w.merchant, s.parent, min(left, w.levels-s.level+1))
		w.descend(s, down)
		return err
	}
	if s.known == nil {
		s.known, err = recruitsOf(ctx, w.q, w.merchant, s.parent, s.after, left)
	}
	w.take(s)
	return err
}

// take walks a span's recruits until one has recruits of its own: these come
// first, and the rest of the span after them.
func (w *walk) take(s span) {
	for i, c := range s.known {
		if len(w.places) == w.want {
			return
		}
		w.places = append(w.places, Place{AffiliateID: c.id, RecruiterID: s.parent, Level: s.level, HasRecruits: c.recruits})
		if c.recruits && s.level < w.levels {
			if rest := s.known[i+1:]; len(rest) > 0 {
				w.open = append(w.open, span{parent: s.parent, level: s.level, known: rest})
			}
			w.open = append(w.open, span{parent: c.id, level: s.level + 1, lonely: len(s.known) == 1})
			return
		}
	}
}

// descend takes the first recruits of all levels, and leaves the later ones for
// afterwards.
func (w *walk) descend(s span, down []step) {
	for i, one := range down {
		w.places = append(w.places, Place{AffiliateID: one.id, RecruiterID: one.parent, Level: s.level + i, HasRecruits: one.recruits})
		if one.later {
			w.open = append(w.open, span{parent: one.parent, after: one.id, level: s.level + i})
		}
	}
}
