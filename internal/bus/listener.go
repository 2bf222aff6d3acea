package bus

import "sync"

// listener runs one subscriber's function on its own goroutine, so that a slow
// one delays nobody.
type listener struct {
	fn    func([]byte)
	inbox chan []byte
	lost  chan struct{} // a token: values were missed
	quit  chan struct{}
	ended chan struct{}
	once  sync.Once
}

func newListener(fn func([]byte)) *listener {
	l := &listener{
		fn: fn, inbox: make(chan []byte, listenerRoom), lost: make(chan struct{}, 1),
		quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go l.run()
	return l
}

func (l *listener) run() {
	defer close(l.ended)
	for {
		select {
		case <-l.quit:
			return
		case data := <-l.inbox:
			l.fn(data)
		case <-l.lost:
			l.fn(nil)
		}
	}
}

// offer hands a value over, or notes that it was lost.
func (l *listener) offer(data []byte) {
	select {
	case l.inbox <- data:
	default:
		hint(l.lost)
	}
}

func (l *listener) stop() {
	l.once.Do(func() { close(l.quit) })
	<-l.ended
}
