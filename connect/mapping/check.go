package mapping

import (
	"fmt"
	"strconv"

	"github.com/tributary/tributary/internal/problem"
)

// Check finds what is wrong with a document, each with its path in it, such as
// fields.3.transforms.0.do. There is nothing when it can be used.
func Check(d Document, c Catalogue) (faults []*problem.Error) {
	written := map[string]bool{} // fields that are written, by side
	for i, f := range d.Fields {
		at := checking{at: []string{"fields", strconv.Itoa(i)}}
		at.field(f, c)
		for _, one := range []struct{ way, name string }{{"target", "out " + f.Target}, {"source", "in " + f.Source}} {
			goes := one.way == "target" && f.Direction.goes(Out) || one.way == "source" && f.Direction.goes(In)
			if goes && written[one.name] {
				at.fault("is written by a field before", one.way)
			}
			written[one.name] = written[one.name] || goes
		}
		faults = append(faults, at.faults...)
	}
	return faults
}

// checking is a field that is looked at.
type checking struct {
	at     []string
	faults []*problem.Error
}

func (k *checking) fault(words string, path ...string) {
	p := problem.New(problem.Invalid, "%s", words)
	p.Field = append(append([]string{}, k.at...), path...)
	k.faults = append(k.faults, p)
}

func (k *checking) field(f Field, c Catalogue) {
	source, here := c.Ours[f.Source]
	target, there := c.Theirs[f.Target]
	if !here {
		k.fault("there is no such field", "source")
	}
	if !there {
		k.fault("there is no such field", "target")
	}
	switch {
	case f.Direction != Out && f.Direction != In && f.Direction != Both:
		k.fault("must be OUT, IN or BOTH", "direction")
	case here && f.Direction.goes(In) && source.Locked:
		k.fault("cannot be written", "source")
	case there && f.Direction.goes(Out) && target.Locked:
		k.fault("cannot be written", "target")
	}
	k.policy(f)
	if !here || !there {
		return
	}
	kind, sound := k.transforms(f, source.Kind)
	switch {
	case !sound:
	case kind != target.Kind:
		k.fault(fmt.Sprintf("is %s, and %s comes to it", target.Kind, kind), "target")
	case f.Default != nil:
		if v, err := parse(target.Kind, *f.Default); err != nil || !target.takes(v) {
			k.fault("is none that the target takes", "default")
		}
	}
}

// transforms follows the kind through the transforms.
func (k *checking) transforms(f Field, kind Kind) (Kind, bool) {
	sound := true
	for i, t := range f.Transforms {
		at := []string{"transforms", strconv.Itoa(i)}
		d, known := deeds[t.Do]
		words := ""
		switch {
		case !known:
			words = "is not known"
		case d.from != kind:
			words = fmt.Sprintf("takes %s, and %s comes to it", d.from, kind)
		case d.sound != nil && d.sound(t) != "":
			words = d.sound(t)
		case f.Direction.goes(In) && (d.back == nil || t.Do == Table && !t.injective()):
			words = "has no way back"
		}
		if words != "" {
			k.fault(words, append(at, "do")...)
			return kind, false
		}
		kind = d.to
	}
	return kind, sound
}

// policy looks at whose value stands.
func (k *checking) policy(f Field) {
	switch {
	case f.Policy == "":
	case !f.Direction.goes(In):
		k.fault("says nothing of a field that does not come in", "policy")
	case f.Policy == Manual:
		k.fault("cannot be MANUAL: there is no list of tasks that a person could decide from", "policy")
	case f.Policy != Platform && f.Policy != Remote && f.Policy != Latest:
		k.fault("must be PLATFORM, REMOTE or LATEST", "policy")
	}
}
