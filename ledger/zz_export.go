package ledger

var Explainable = []string{balancesSQL + ` AND a.owner_key <> '' ORDER BY a.owner_key, a.currency`,
`SELECT t.id, t.created_at, t.kind, t.subject_id, t.memo, a.kind, e.amount_minor`+affiliateEntries+
		`AND t.created_at >= $4 AND t.created_at < $5 ORDER BY t.created_at, t.id, e.id`}
