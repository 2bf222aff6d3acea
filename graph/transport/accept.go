package transport

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Media types of answers.
const (
	MediaResponse = "application/graphql-response+json"
	mediaJSON     = "application/json"
	mediaStream   = "text/event-stream"
)

// Media is the type of an answer that is no stream: the better of the two JSON
// types for this client, or plain JSON when it takes neither.
func Media(r *http.Request) string {
	if media := accept(r.Header.Values("Accept")).once; media != "" {
		return media
	}
	return mediaJSON
}

// accepted is what a client takes.
type accepted struct {
	once        string // the better of the two JSON types; empty when it takes neither
	stream      bool   // it takes a stream
	streamFirst bool   // and would rather have one
}

// accept reads Accept headers: by weight, the closest range deciding. Who names
// neither type of JSON but takes anything gets application/json, and who sends
// no header takes nothing else.
func accept(headers []string) accepted {
	header := strings.Join(headers, ",")
	if strings.Trim(header, " ,\t") == "" {
		return accepted{once: mediaJSON}
	}
	var plain, response, stream weight
	for _, text := range strings.Split(header, ",") {
		kind, q, ok := mediaRange(text)
		if !ok {
			continue
		}
		plain.weigh(kind, q, mediaJSON)
		response.weigh(kind, q, MediaResponse)
		stream.weigh(kind, q, mediaStream)
	}
	a := accepted{stream: stream.q > 0, streamFirst: stream.q > max(plain.q, response.q)}
	switch {
	case response.q > plain.q, response.q == plain.q && response.q > 0 && response.close == 3:
		a.once = MediaResponse
	case plain.q > 0:
		a.once = mediaJSON
	}
	return a
}

// weight is how much a type is wanted, by the closest range that covers it.
type weight struct {
	q     float64
	close int // 3 the type itself, 2 its family, 1 anything, 0 nothing
}

func (w *weight) weigh(kind string, q float64, media string) {
	family, _, _ := strings.Cut(media, "/")
	at := 0
	switch kind {
	case media:
		at = 3
	case family + "/*":
		at = 2
	case "*/*":
		at = 1
	}
	if at > w.close || at == w.close && at > 0 && q > w.q {
		w.q, w.close = q, at
	}
}

// mediaRange reads one range. What cannot be read, and any charset but ours,
// covers nothing.
func mediaRange(text string) (kind string, q float64, ok bool) {
	kind, rest, err := mime.ParseMediaType(text)
	if err != nil {
		return "", 0, false
	}
	if charset, said := rest["charset"]; said && !strings.EqualFold(charset, "utf-8") {
		return "", 0, false
	}
	q = 1
	if said, there := rest["q"]; there {
		if q, err = strconv.ParseFloat(said, 64); err != nil || !(q >= 0 && q <= 1) {
			return "", 0, false
		}
	}
	return kind, q, true
}
