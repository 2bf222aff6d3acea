package plan

// Bases gives what lines are commissioned on under the terms, in their order.
func (t *Terms) Bases(lines []LineIn) []int64 {
	in := Input{Lines: append([]LineIn(nil), lines...)}
	t.keep(&in)
	bases := make([]int64, len(lines))
	for i := range in.Lines {
		bases[i] = in.Lines[i].base()
	}
	return bases
}
