package server

import "net/http"

// recorder remembers what was answered, for log, metrics and traces.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the first final status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts bytes.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Flush for streams that ask the writer itself.
func (w *recorder) Flush() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if f, ok := w.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap for response controllers and upgrades.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answered is the status, 200 for a handler that wrote nothing.
func (w *recorder) answered() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
