package server

import (
	"net/http"

	"github.com/tributary/tributary/graph/transport"
	"github.com/tributary/tributary/internal/reply"
)

// spoken lets what is refused before the API is reached come in the media type
// in which its client looks for errors: several take a 401 in plain JSON for a
// failure of the network.
func spoken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if media := transport.Media(r); media == transport.MediaResponse {
			w.Header().Set("Content-Type", media+"; charset=utf-8")
		}
		next.ServeHTTP(w, r)
	})
}

// refuse answers with a problem in the form of every refusal here.
func refuse(w http.ResponseWriter, err error) { reply.Refuse(w, err) }

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Cache-Control", "no-store")
	reply.JSON(w, status, body)
}

// answerPublic answers with what is the same for everybody.
func answerPublic(w http.ResponseWriter, body any) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	reply.JSON(w, http.StatusOK, body)
}
