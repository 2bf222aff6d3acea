package server_test

// treeStories are what staff and affiliates see of who recruited whom: ann
// recruited bob, bob Cid, and Cid nobody.
var treeStories = []scenario{{name: "C20 Q58 a tree of recruiters", steps: []step{
	{do: "affiliateUpdate", in: `{"id":"$bob","parentId":"$ann"}`, get: "affiliate { parentID }", want: `{"affiliateUpdate":{"affiliate":{"parentID":"$ann"}}}`, events: "affiliate.updated"},
	{do: "affiliateCreate", in: `{"name":"Cid Secret","email":"cid@$mail","parentId":"$bob"}`, get: "affiliate { id }", save: []string{"cid=affiliate.id"}, events: "affiliate.applied affiliate.approved"},
	{do: "affiliateUpdate", in: `{"id":"$ann","parentId":"$cid"}`, get: "affiliate { id }", user: []string{"input.parentId INVALID"}},
	{
		ask: `query($id: ID!) { node(id: $id) { ... on Affiliate { recruitCount recruits(first: 1) { hasMore endCursor places { level affiliateId recruiterId name hasRecruits affiliate { email } } } } } }`, vars: `{"id":"$ann"}`,
		want: `{"node":{"recruitCount":1,"recruits":{"hasMore":true,"places":[{"level":1,"affiliateId":"$bob","recruiterId":"$ann","hasRecruits":true,"name":"*","affiliate":{"email":"*"}}]}}}`,
		save: []string{"more=node.recruits.endCursor"},
	},
	{
		ask: `query($id: ID!) { node(id: $id) { ... on Affiliate { recruits(first: 1, after: "$more") { hasMore places { level affiliateId name status hasRecruits } } } } }`, vars: `{"id":"$ann"}`,
		want: `{"node":{"recruits":{"hasMore":false,"places":[{"level":2,"affiliateId":"$cid","name":"Cid Secret","status":"ACTIVE","hasRecruits":false}]}}}`,
	},
	{
		ask: `query($id: ID!) { node(id: $id) { ... on Affiliate { upline(first: 5) { hasMore places { level affiliateId name } } recruits(first: 5, levels: 1) { places { level } } } } }`, vars: `{"id":"$cid"}`,
		want: `{"node":{"upline":{"hasMore":false,"places":[{"level":1,"affiliateId":"$bob","name":"*"},{"level":2,"affiliateId":"$ann","name":"*"}]},"recruits":{"places":[]}}}`,
	},
	{
		as: "ann", ask: `{ viewer { affiliate { recruits(first: 5) { places { level affiliateId name affiliate { id } } } } } }`, absent: []string{"Cid Secret", "cid@$mail"},
		want: `{"viewer":{"affiliate":{"recruits":{"places":[{"level":1,"affiliateId":"$bob","name":"*","affiliate":null},{"level":2,"affiliateId":"$cid","name":null,"affiliate":null}]}}}}`,
	},
	{
		as: "bob", ask: `{ viewer { affiliate { upline(first: 5) { hasMore places { level affiliateId name affiliate { id } } } } } }`,
		want: `{"viewer":{"affiliate":{"upline":{"hasMore":false,"places":[{"level":1,"affiliateId":"$ann","name":null,"affiliate":null}]}}}}`,
	},
	{ask: `query($id: ID!) { node(id: $id) { ... on Affiliate { recruits(first: 5, levels: 0) { hasMore } } } }`, vars: `{"id":"$ann"}`, code: "INVALID"},
}}}
