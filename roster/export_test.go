package roster

// Questions are the recursive statements, for a look at their plans.
var Questions = map[string]string{"above": above, "below": below, "children": children, "spine": spine, "direct": direct}
