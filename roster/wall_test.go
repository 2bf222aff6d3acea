package roster_test

import (
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

// Every verb that takes an id is given one of another merchant, one that never
// was and one that is no id: the answers are alike and nothing is written.
func TestWall_ForeignIdsAndUnknownOnesAnswerAlike(t *testing.T) {
	h := open(t)
	n := h.neighbour()
	theirs := n.affiliate("t@example.com", n.program("OPEN"))
	group, err := n.GroupCreate(n.ctx, roster.GroupCreateInput{Name: "Gold"})
	must(t, err)
	foreign := map[string]string{"aff": theirs.AffiliateID, "enr": theirs.EnrollmentIDs[0], "grp": group.GroupID, "prg": n.program("OPEN")}
	mine := h.affiliate("m@example.com", h.program("OPEN"))
	before := len(n.said())
	for _, v := range h.takers(mine.AffiliateID) {
		for _, id := range []string{foreign[v.kind], v.kind + "_00000000000000000000000000", "nonsense", ""} {
			if id == "" && v.optional {
				continue
			}
			err := v.call(id)
			refused(t, err, problem.NotFound, v.field)
		}
	}
	if got := n.said(); len(got) != before {
		t.Fatalf("the neighbour's journal grew by %v", got[before:])
	}
}

type taker struct {
	kind, field string
	optional    bool
	call        func(id string) error
}

func fails[T any](_ T, err error) error { return err }

func (h house) takers(mine string) []taker {
	prg := h.program("OPEN")
	list := []taker{
		{"prg", "id", false, func(id string) error { return fails(h.ProgramUpdate(h.ctx, roster.ProgramUpdateInput{ID: id})) }},
		{"prg", "id", false, func(id string) error { return fails(h.ProgramArchive(h.ctx, roster.ProgramArchiveInput{ID: id})) }},
		{"prg", "programId", false, func(id string) error { return fails(h.AffiliateApply(h.form(), application(id))) }},
		{"prg", "programId", false, func(id string) error {
			return fails(h.Enroll(h.ctx, roster.EnrollInput{AffiliateID: mine, ProgramID: id}))
		}},
		{"prg", "programIds.0", false, func(id string) error {
			return fails(h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "N", Email: "n@example.com", ProgramIDs: []string{id}}))
		}},
		{"aff", "affiliateId", false, func(id string) error {
			return fails(h.Enroll(h.ctx, roster.EnrollInput{AffiliateID: id, ProgramID: prg}))
		}},
		{"aff", "parentId", true, func(id string) error { return h.recruit(mine, id) }},
		{"aff", "parentId", true, func(id string) error {
			return fails(h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "N", Email: "n@example.com", ParentID: id}))
		}},
		{"aff", "id", false, func(id string) error { return h.recruit(id, mine) }},
		{"grp", "groupId", true, func(id string) error {
			return fails(h.AffiliateUpdate(h.ctx, roster.AffiliateUpdateInput{ID: mine, GroupID: &id}))
		}},
		{"grp", "groupId", true, func(id string) error {
			return fails(h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "N", Email: "n@example.com", GroupID: id}))
		}},
		{"grp", "id", false, func(id string) error { return fails(h.GroupUpdate(h.ctx, roster.GroupUpdateInput{ID: id})) }},
		{"enr", "id", false, func(id string) error {
			return fails(h.EnrollmentEnd(h.ctx, roster.EnrollmentEndInput{ID: id}))
		}},
	}
	for n := range told {
		list = append(list, taker{"aff", "id", false, func(id string) error {
			return fails(h.verb(n)(h.ctx, roster.StandingInput{ID: id, Reason: "because"}))
		}})
	}
	return list
}
