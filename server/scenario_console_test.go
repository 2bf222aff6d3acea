package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
)

// consoleSession: the console works by cookies that no script reads, and nobody
// else does. Without fromConsole in cookieBearer the foreign page's row is let in.
func consoleSession(s *stage) {
	s.set("nobody", "logIn", `{"email":"owner@$mail","password":"`+password+`"}`, "refreshToken", "refresh=refreshToken")
	console := []string{"X-Tributary-Console", "1", "Sec-Fetch-Site", "same-origin", "Content-Type", "application/json"}
	begin := func(text string, headers ...string) (int, string, []*http.Cookie) {
		res := s.http(http.MethodPost, "/session", text, headers...)
		answer := body(s, res)
		return res.StatusCode, answer, res.Cookies()
	}
	if status, answer, cookies := begin(s.text(`{"refreshToken":"$refresh"}`), "Content-Type", "application/json"); status != 403 || len(cookies) > 0 {
		s.Errorf("a page that is not ours: %d %s", status, answer)
	}
	status, answer, cookies := begin(s.text(`{"refreshToken":"$refresh"}`), console...)
	if status != 200 || len(cookies) != 2 || strings.Contains(answer, "trb_") {
		s.Fatalf("%d %s %v", status, answer, cookies)
	}
	sent := ""
	for _, c := range cookies {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge < 800 {
			s.Errorf("%v", c)
		}
		sent += c.Name + "=" + c.Value + "; "
	}
	kind := func(headers ...string) string {
		res := s.http(http.MethodPost, "/graphql", `{"query":"{ viewer { kind } }"}`, append([]string{"Content-Type", "application/json", "Cookie", sent}, headers...)...)
		return body(s, res)
	}
	for _, row := range []struct {
		name, want string
		headers    []string
	}{
		{"the console", `"USER"`, []string{"X-Tributary-Console", "1", "Sec-Fetch-Site", "same-origin"}},
		{"an older browser", `"USER"`, []string{"X-Tributary-Console", "1", "Origin", s.URL()}},
		{"without the header", `"viewer":null`, []string{"Sec-Fetch-Site", "same-origin"}},
		{"a listed page", `"viewer":null`, []string{"X-Tributary-Console", "1", "Sec-Fetch-Site", "cross-site", "Origin", appOrigin}},
		{"a foreign page", `FORBIDDEN`, []string{"X-Tributary-Console", "1", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}},
		{"nobody knows where from", `"viewer":null`, []string{"X-Tributary-Console", "1"}},
	} {
		if got := kind(row.headers...); !strings.Contains(got, row.want) {
			s.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
	res := s.http(http.MethodOptions, "/graphql", "", "Origin", appOrigin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-tributary-console")
	if _ = body(s, res); res.Header.Get("Access-Control-Allow-Headers") != "" {
		s.Errorf("a foreign page may send the console's header: %v", res.Header)
	}
	status, answer, fresh := begin("", append(console, "Cookie", sent)...)
	if status != 200 || len(fresh) != 2 {
		s.Fatalf("by its own cookie: %d %s", status, answer)
	}
	res = s.http(http.MethodDelete, "/session", "", append(console, "Cookie", sent)...)
	var out struct{ Ended bool }
	if err := json.Unmarshal([]byte(body(s, res)), &out); err != nil || !out.Ended || len(res.Cookies()) != 2 || res.Cookies()[0].MaxAge != -1 {
		s.Errorf("logging out: %v %v", err, res.Cookies())
	}
	s.eventually("the session's end", func() bool {
		return strings.Contains(kind("X-Tributary-Console", "1", "Sec-Fetch-Site", "same-origin"), "UNAUTHENTICATED")
	})
}
