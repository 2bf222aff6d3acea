package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust/auth"
)

// The console's session is in two cookies that no script can read. The browser
// takes them from this host alone, over https (or from this machine), and sends
// them with our own pages' requests only.
const (
	sessionPath   = "/session"
	sessionBody   = 4 << 10
	accessCookie  = "__Host-tributary-access"
	refreshCookie = "__Host-tributary-refresh"
	// consoleHeader must stand beside the cookies: a form or an image of a foreign
	// page cannot set it, and a script of one would have to ask first and is told no.
	consoleHeader = "X-Tributary-Console"
)

// fromConsole reports whether a request comes from one of our own pages: it says
// so, and so does the browser.
func (p *Program) fromConsole(r *http.Request) bool {
	if r.Header.Get(consoleHeader) == "" {
		return false
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && origin.Host != "" && origin.Host == r.Host
}

// cookieBearer is the access token of the console's session, where it counts.
func (p *Program) cookieBearer(r *http.Request) string {
	c, err := r.Cookie(accessCookie)
	if err != nil || !p.fromConsole(r) {
		return ""
	}
	return c.Value
}

// withCookie gives a request of the console the token in its cookie, as if it had
// sent it. A request with a credential of its own is left alone.
func (p *Program) withCookie(r *http.Request) *http.Request {
	bearer := p.cookieBearer(r)
	if bearer == "" || r.Header.Get("Authorization") != "" {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+bearer)
	return r
}

// sessions serves the console's session: POST puts a refresh token, which the
// page has from logging in, or the cookie's own, into fresh cookies; DELETE logs
// out and takes them away.
func (p *Program) sessions() http.Handler {
	start := bounded(sessionBody, http.HandlerFunc(p.startSession))
	end := known(p.rooms.auth.Authenticate, p.endAnyway, http.HandlerFunc(p.endSession))
	return p.limiter.admit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !p.fromConsole(r):
			refuse(w, problem.New(problem.Forbidden, "only the console has a session in cookies"))
		case r.Method == http.MethodPost:
			start.ServeHTTP(w, r)
		default:
			end.ServeHTTP(w, p.withCookie(r))
		}
	}))
}

func (p *Program) startSession(w http.ResponseWriter, r *http.Request) {
	var in struct {
		RefreshToken string `json:"refreshToken"`
	}
	if r.ContentLength != 0 && (!strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || json.NewDecoder(r.Body).Decode(&in) != nil) {
		refuse(w, problem.New(problem.Invalid, "the body is not a request in JSON"))
		return
	}
	if c, err := r.Cookie(refreshCookie); err == nil && in.RefreshToken == "" {
		in.RefreshToken = c.Value
	}
	out, err := p.rooms.auth.Refresh(r.Context(), auth.RefreshInput{RefreshToken: in.RefreshToken})
	if err != nil {
		refuse(w, err)
		return
	}
	now := p.cfg.Clock()
	setCookie(w, accessCookie, out.AccessToken, out.AccessExpiresAt.Sub(now))
	setCookie(w, refreshCookie, out.RefreshToken, out.RefreshExpiresAt.Sub(now))
	answerJSON(w, http.StatusOK, map[string]any{"merchantId": out.MerchantID, "expiresAt": out.AccessExpiresAt})
}

func (p *Program) endSession(w http.ResponseWriter, r *http.Request) {
	if err := p.rooms.auth.LogOut(r.Context()); problem.CodeOf(err) != problem.Unauthenticated && err != nil {
		refuse(w, err)
		return
	}
	p.endAnyway(w, r, nil)
}

// endAnyway takes the cookies of a session away that has ended by itself.
func (p *Program) endAnyway(w http.ResponseWriter, _ *http.Request, _ error) {
	setCookie(w, accessCookie, "", -1)
	setCookie(w, refreshCookie, "", -1)
	answerJSON(w, http.StatusOK, map[string]any{"ended": true})
}

func setCookie(w http.ResponseWriter, name, value string, lasts time.Duration) {
	age := int(lasts.Seconds())
	if lasts < 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}
