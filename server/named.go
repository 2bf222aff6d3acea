package server

import (
	"bytes"
	"regexp"
	"sync"
)

// named remembers of what class documents are that clients name by their hash: the
// hash is in the body, what it stands for is not. The hash is of the text, so what
// is known of it holds for everybody. One that has not been seen here yet is taken
// for writing: better a question too many than an order too few.
type named struct {
	mu      sync.Mutex
	classes map[string]class
}

// namedMost bounds what is remembered. Beyond it all is forgotten, and known again
// after one request each.
const namedMost = 1 << 14

// hashForm is a SHA-256 in hexadecimal, as a body holds it.
var hashForm = regexp.MustCompile(`"(?:sha256:)?([0-9a-fA-F]{64})"`)

// note is told of a document that was found by its hash, in lower case.
func (n *named) note(hash, text string) {
	c := classOfText([]byte(text))
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.classes == nil || len(n.classes) >= namedMost {
		n.classes = map[string]class{}
	}
	n.classes[hash] = c
}

// of finds the class of the document that a body names.
func (n *named) of(body []byte) class {
	found := hashForm.FindSubmatch(body)
	if found == nil {
		return reading // it asks for nothing that can be found
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if c, known := n.classes[string(bytes.ToLower(found[1]))]; known {
		return c
	}
	return writing
}
