package server_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tributary/tributary/server"
)

var sessionStories = []scenario{
	{name: "S72 an owner proves the address before money is released", steps: []step{
		{ask: `{ viewer { account { email emailVerified secondFactor } } }`, want: `{"viewer":{"account":{"email":"owner@$mail","emailVerified":false,"secondFactor":false}}}`},
		forbidden("owner", release)[0],
		{do: "memberAdd", in: `{"email":"x@$mail","role":"ANALYST"}`, get: "invited", code: "FORBIDDEN"},
		{as: "nobody", do: "emailVerify", in: `{"code":"$missing"}`, get: "verified", user: []string{"input.code INVALID"}},
	}, walk: func(s *stage) {
		s.verifyOwner()
		s.play(
			step{ask: `{ viewer { account { emailVerified } } }`, want: `{"viewer":{"account":{"emailVerified":true}}}`},
			step{do: release.do, in: release.in, get: release.get, user: []string{"input.id NOT_FOUND"}},
			step{ask: `mutation { emailVerificationSend { sent userErrors { field code } } }`, want: `{"emailVerificationSend":{"sent":false}}`, user: []string{"WRONG_STATE"}},
		)
	}},
	{name: "K01 an invited person chooses the password", walk: invitation},
	{name: "R2 a forgotten password is set anew by mail", walk: forgotten},
	{name: "K02 a second factor is asked for and cannot be replayed", walk: secondFactor},
	{name: "R2 a person sees and ends own sessions", walk: ownSessions},
	{name: "S72 people leave and roles change, the last owner stays", walk: departures},
	{name: "K01 one person is affiliate of several merchants and staff of another", walk: oneOfMany},
	{name: "a lost claim is made again, once there is no log-in", steps: []step{
		{do: "affiliateClaimReissue", in: `{"id":"$bob"}`, get: "claimToken", want: `{"affiliateClaimReissue":{"claimToken":"*"}}`, save: []string{"anew=claimToken"}},
		{as: "nobody", do: "affiliateClaim", in: `{"claimToken":"$bobClaim","password":"` + password + `"}`, get: "accessToken", code: "UNAUTHENTICATED"},
		{as: "nobody", do: "affiliateClaim", in: `{"claimToken":"$anew","password":"` + password + `"}`, get: "accessToken", want: `{"affiliateClaim":{"accessToken":"*"}}`},
		{do: "affiliateClaimReissue", in: `{"id":"$bob"}`, get: "claimToken", user: []string{"input.id WRONG_STATE"}},
		{do: "affiliateClaimReissue", in: `{"id":"$foreignBob"}`, get: "claimToken", user: []string{"input.id NOT_FOUND"}},
		{as: "analyst", do: "affiliateClaimReissue", in: `{"id":"$ann"}`, get: "claimToken", code: "FORBIDDEN"},
	}},
}

// letter is the newest mail to an address that says something.
func (s *stage) letter(to, saying string) (text string) {
	s.Helper()
	to, saying = s.text(to), s.text(saying)
	s.eventually("a letter to "+to, func() bool {
		all, err := filepath.Glob(filepath.Join(s.dir, server.MailFolder, "*.eml")) // by time: ids are
		if err != nil {
			s.Fatal(err)
		}
		for _, path := range all {
			raw, err := os.ReadFile(path)
			if err != nil {
				s.Fatal(err)
			}
			if strings.Contains(string(raw), "To: <"+to+">") && strings.Contains(string(raw), saying) {
				text = string(raw)
			}
		}
		return text != ""
	})
	return text
}

var mailedCode = regexp.MustCompile(`(?m)^    ([a-z2-7]{32})\r?$`)

// mailed keeps the code of a letter as a name.
func (s *stage) mailed(name, to, saying string) {
	s.Helper()
	text := s.letter(to, saying)
	code := mailedCode.FindStringSubmatch(text)
	if code == nil {
		s.Fatalf("no code in %s", text)
	}
	s.withNames(map[string]string{name: code[1]})
}

func (s *stage) verifyOwner() {
	s.Helper()
	s.mailed("proof", "owner@$mail", "Confirm your e-mail address")
	s.play(step{as: "nobody", do: "emailVerify", in: `{"code":"$proof"}`, get: "verified", want: `{"emailVerify":{"verified":true}}`})
}

// enter lets a viewer act with the token that is kept under a name.
func (s *stage) enter(as, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[as] = s.names[name]
}

func invitation(s *stage) {
	s.verifyOwner()
	s.play(
		step{do: "memberAdd", in: `{"email":"fin@$mail","name":"Fin","role":"FINANCE"}`, get: "invited membership { id role }", want: `{"memberAdd":{"invited":true,"membership":{"role":"FINANCE"}}}`},
		step{as: "nobody", do: "logIn", in: `{"email":"fin@$mail","password":"` + password + `"}`, get: "accessToken", code: "UNAUTHENTICATED"},
	)
	s.mailed("invited", "fin@$mail", "invited to Acme")
	s.play(
		step{as: "nobody", do: "passwordReset", in: `{"code":"$invited","password":"short"}`, get: "reset", user: []string{"input.password INVALID"}},
		step{as: "nobody", do: "passwordReset", in: `{"code":"$invited","password":"` + password + `"}`, get: "reset", want: `{"passwordReset":{"reset":true}}`},
		step{as: "nobody", do: "passwordReset", in: `{"code":"$invited","password":"` + password + `"}`, get: "reset", user: []string{"input.code INVALID"}},
		step{as: "nobody", do: "logIn", in: `{"email":"fin@$mail","password":"` + password + `"}`, get: "accessToken merchantId", want: `{"logIn":{"merchantId":"$merchant"}}`},
	)
}

func forgotten(s *stage) {
	const next = "a new horse battery"
	s.token("manager")
	ask := func(email string) step {
		return step{as: "nobody", do: "passwordResetRequest", in: `{"email":"` + email + `"}`, get: "accepted", want: `{"passwordResetRequest":{"accepted":true,"userErrors":[]}}`}
	}
	s.play(ask("stranger@$mail"), ask("manager@$mail"))
	s.mailed("code", "manager@$mail", "Set a new password")
	s.play(
		step{as: "nobody", do: "passwordReset", in: `{"code":"$code","password":"` + next + `"}`, get: "reset", want: `{"passwordReset":{"reset":true}}`},
		step{as: "nobody", do: "logIn", in: `{"email":"manager@$mail","password":"` + password + `"}`, get: "accessToken", code: "UNAUTHENTICATED"},
		step{as: "nobody", do: "logIn", in: `{"email":"manager@$mail","password":"` + next + `"}`, get: "accessToken", want: `{"logIn":{"accessToken":"*"}}`, save: []string{"fresh=accessToken"}},
	)
	if a := s.ask("manager", `{ viewer { id } }`, "null"); a.status != 401 {
		s.Errorf("the old session lives: %s", a.text)
	}
	s.enter("manager", "fresh")
	s.play(
		step{as: "manager", do: "passwordChange", in: `{"current":"` + password + `","password":"` + next + `"}`, get: "changed", user: []string{"input.current INVALID"}},
		step{as: "manager", do: "passwordChange", in: `{"current":"` + next + `","password":"` + password + `"}`, get: "changed", want: `{"passwordChange":{"changed":true}}`},
		step{as: "manager", ask: `{ viewer { role } }`, want: `{"viewer":{"role":"MANAGER"}}`},
		step{as: "token LINK_READ", do: "passwordChange", in: `{"current":"` + next + `","password":"` + password + `"}`, get: "changed", code: "UNAUTHENTICATED"},
	)
}

func secondFactor(s *stage) {
	in := step{as: "nobody", do: "logIn", in: `{"email":"finance@$mail","password":"` + password + `"}`, get: "accessToken challenge", want: `{"logIn":{"accessToken":null,"challenge":"*"}}`, save: []string{"challenge=challenge"}}
	s.token("finance")
	s.mailed("proof", "finance@$mail", "Confirm your e-mail address")
	s.play(step{as: "finance", do: "secondFactorBegin", in: `{"password":"` + password + `"}`, get: "secret", user: []string{"WRONG_STATE"}},
		step{as: "nobody", do: "emailVerify", in: `{"code":"$proof"}`, get: "verified"})
	s.play(step{as: "finance", do: "secondFactorBegin", in: `{"password":"` + password + `"}`, get: "secret uri", save: []string{"secret=secret"}})
	codeAhead(0)(s)
	s.play(step{as: "finance", do: "secondFactorConfirm", in: `{"code":"$code"}`, get: "recoveryCodes"}, in)
	with := func(what string) step {
		return step{as: "nobody", do: "logInSecondFactor", in: `{"challenge":"$challenge",` + what + `}`, get: "accessToken"}
	}
	again := with(`"code":"$code"`)
	again.user = []string{"input.code INVALID"}
	s.play(again)
	codeAhead(30)(s) // the next step, which the server takes for a clock that is ahead
	right := with(`"code":"$code"`)
	right.want = `{"logInSecondFactor":{"accessToken":"*"}}`
	s.play(right, step{as: "nobody", do: "logInSecondFactor", in: `{"challenge":"$challenge","code":"$code"}`, get: "accessToken", code: "UNAUTHENTICATED"},
		step{as: "finance", do: "secondFactorRemove", in: `{"password":"` + password + `","code":"$code"}`, get: "removed", user: []string{"input.code INVALID"}},
		step{as: "finance", ask: `{ viewer { account { secondFactor } } }`, want: `{"viewer":{"account":{"secondFactor":true}}}`},
	)
}

func ownSessions(s *stage) {
	in := step{as: "nobody", do: "logIn", in: `{"email":"manager@$mail","password":"` + password + `"}`, get: "accessToken", save: []string{"other=accessToken"}}
	s.token("manager")
	s.play(in)
	s.enter("other", "other")
	list := step{as: "other", ask: `{ sessions { id merchantId current createdAt refreshedAt expiresAt } }`, want: `{"sessions":[{"id":"*","merchantId":"$merchant","current":true},{"id":"*","current":false}]}`}
	s.play(list)
	a := s.ask("manager", `{ sessions { id current } }`, "null")
	sessions, _ := dig(a.data, "sessions").([]any)
	s.withNames(map[string]string{"newest": dig(sessions[0], "id").(string)})
	s.play(
		step{as: "owner", do: "sessionEnd", in: `{"id":"$newest"}`, get: "ended", user: []string{"input.id NOT_FOUND"}},
		step{as: "manager", do: "sessionEnd", in: `{"id":"$newest"}`, get: "ended", want: `{"sessionEnd":{"ended":true}}`},
	)
	if a := s.ask("other", `{ viewer { id } }`, "null"); a.status != 401 {
		s.Errorf("an ended session lives: %s", a.text)
	}
	s.play(in, step{as: "manager", ask: `mutation { logOutEverywhere { ended userErrors { field code } } }`, want: `{"logOutEverywhere":{"ended":2}}`},
		step{as: "nobody", ask: `{ sessions { id } }`, code: "UNAUTHENTICATED"})
	if a := s.ask("manager", `{ viewer { id } }`, "null"); a.status != 401 {
		s.Errorf("an ended session lives: %s", a.text)
	}
}

func departures(s *stage) {
	s.token("manager")
	a := s.ask("owner", `{ memberships(first: 5) { edges { node { id role } } } }`, "null")
	edges, _ := dig(a.data, "memberships", "edges").([]any)
	s.withNames(map[string]string{"mine": dig(edges[0], "node", "id").(string)})
	s.play(
		step{do: "memberEnd", in: `{"id":"$mine"}`, get: "membership { id }", user: []string{"input.id WRONG_STATE"}},
		step{do: "memberRoleChange", in: `{"id":"$mine","role":"MANAGER"}`, get: "membership { id }", user: []string{"input.id WRONG_STATE"}},
		step{as: "manager", do: "memberEnd", in: `{"id":"$mine"}`, get: "membership { id }", code: "FORBIDDEN"},
		step{do: "memberRoleChange", in: `{"id":"$managerMember","role":"ANALYST"}`, get: "membership { role }", want: `{"memberRoleChange":{"membership":{"role":"ANALYST"}}}`},
	)
	if a := s.ask("manager", `{ viewer { id } }`, "null"); a.status != 401 {
		s.Errorf("a session has a role that is no more: %s", a.text)
	}
	s.play(
		step{do: "memberEnd", in: `{"id":"$managerMember"}`, get: "membership { endedAt }", want: `{"memberEnd":{"membership":{"endedAt":"*"}}}`},
		step{as: "nobody", do: "logIn", in: `{"email":"manager@$mail","password":"` + password + `"}`, get: "accessToken", code: "FORBIDDEN"},
	)
}

// oneOfMany: pat is an affiliate of two merchants and works for a third.
func oneOfMany(s *stage) {
	for _, m := range []string{"two", "three"} {
		s.set("nobody", "signUp", `{"email":"`+m+`@$mail","password":"`+password+`","merchantName":"`+m+`","currency":"USD"}`, "accessToken merchantId", m+"Session=accessToken", m+"=merchantId")
		s.enter(m, m+"Session")
	}
	claim := func(as string) step {
		return step{as: "nobody", do: "affiliateClaim", in: `{"claimToken":"$` + as + `Claim","password":"` + password + `"}`, get: "accessToken merchantId", save: []string{"pat=accessToken"}}
	}
	entered := "affiliate.applied affiliate.approved"
	join := func(as, events string) step {
		return step{as: as, do: "affiliateCreate", in: `{"name":"Pat","email":"pat@$mail"}`, get: "affiliate { id } claimToken", save: []string{as + "Claim=claimToken"}, events: events}
	}
	s.play(join("owner", entered), join("two", ""), claim("owner"), claim("two"),
		step{as: "three", do: "memberAdd", in: `{"email":"pat@$mail","role":"FINANCE"}`, get: "membership { id }", user: []string{"input.email WRONG_STATE"}})
	s.mailed("pats", "pat@$mail", "Confirm your e-mail address")
	s.play(step{as: "nobody", do: "emailVerify", in: `{"code":"$pats"}`, get: "verified"},
		step{as: "three", do: "memberAdd", in: `{"email":"pat@$mail","role":"FINANCE"}`, get: "membership { id } invited", want: `{"memberAdd":{"invited":false}}`})
	s.enter("pat", "pat")
	s.play(
		step{as: "pat", ask: `{ viewer { role memberships { merchantId role } } }`, want: `{"viewer":{"role":"AFFILIATE","memberships":[{"merchantId":"$merchant","role":"AFFILIATE"},{"merchantId":"$two","role":"AFFILIATE"},{"merchantId":"$three","role":"FINANCE"}]}}`},
		step{as: "pat", do: "sessionSwitch", in: `{"merchantId":"$three"}`, get: "accessToken merchantId", want: `{"sessionSwitch":{"merchantId":"$three"}}`, save: []string{"staff=accessToken"}},
	)
	s.enter("staff", "staff")
	s.play(step{as: "staff", ask: `{ viewer { role } affiliates(first: 5) { totalCount } }`, want: `{"viewer":{"role":"FINANCE"},"affiliates":{"totalCount":0}}`})
}
