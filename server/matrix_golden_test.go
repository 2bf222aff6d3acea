package server_test

// What the matrix cannot read off the schema is typed by hand here.

// seen is what a table's rows are to an affiliate.
const (
	everybodys = "everybody's" // every member may read it
	ownersOnly = "its own"     // the affiliate it belongs to
	staffs     = "staff's"     // no affiliate
)

// nodeRule is who may open a row by its id.
type nodeRule struct {
	table string
	owner string // SQL for the affiliate it belongs to; "" for nobody's
	scope string // "" when it has no node: it is read behind another row only
	seen  string
}

// nodeRules: a type with an id that is not here fails the matrix.
var nodeRules = map[string]nodeRule{
	"Merchant":           {"merchants", "", "PROGRAM_READ", everybodys},
	"Program":            {"programs", "", "PROGRAM_READ", everybodys},
	"Host":               {"hosts", "", "PROGRAM_READ", everybodys},
	"Affiliate":          {"affiliates", "id", "AFFILIATE_READ", ownersOnly},
	"AffiliateGroup":     {"affiliate_groups", "", "AFFILIATE_READ", staffs},
	"Enrollment":         {"enrollments", "affiliate_id", "AFFILIATE_READ", ownersOnly},
	"Link":               {"links", "affiliate_id", "LINK_READ", ownersOnly},
	"Coupon":             {"coupons", "affiliate_id", "COUPON_READ", ownersOnly},
	"Click":              {"clicks", "affiliate_id", "CLICK_READ", ownersOnly},
	"Customer":           {"customers", "", "CUSTOMER_READ", staffs},
	"Conversion":         {"conversions", "(SELECT max(k.affiliate_id) FROM commissions k WHERE k.conversion_id = r.id)", "CONVERSION_READ", ownersOnly},
	"AttributionPolicy":  {"attribution_policies", "", "PLAN_READ", everybodys},
	"CommissionPlan":     {"commission_plans", "", "PLAN_READ", everybodys},
	"Commission":         {"commissions", "affiliate_id", "COMMISSION_READ", ownersOnly},
	"Dispute":            {"disputes", "affiliate_id", "DISPUTE_READ", ownersOnly},
	"DisputeComment":     {"dispute_comments", "affiliate_id", "DISPUTE_READ", ownersOnly},
	"PayoutMethod":       {"payout_methods", "affiliate_id", "PAYOUT_READ", ownersOnly},
	"Payout":             {"payouts", "affiliate_id", "PAYOUT_READ", ownersOnly},
	"PayoutBatch":        {"payout_batches", "", "PAYOUT_READ", staffs},
	"Integration":        {"integrations", "", "INTEGRATION_READ", staffs},
	"WebhookReceipt":     {"webhook_receipts", "", "INTEGRATION_READ", staffs},
	"WebhookEndpoint":    {"webhook_endpoints", "", "INTEGRATION_READ", staffs},
	"WebhookDelivery":    {"webhook_deliveries", "", "INTEGRATION_READ", staffs},
	"WebhookAttempt":     {"webhook_attempts", "", "INTEGRATION_READ", staffs},
	"Membership":         {"memberships", "affiliate_id", "MEMBER_READ", ownersOnly},
	"ApiToken":           {"api_tokens", "affiliate_id", "TOKEN_READ", ownersOnly},
	"AuditRecord":        {"audit_records", "", "AUDIT_READ", staffs},
	"PersistedOperation": {"persisted_operations", "", "OPERATION_READ", staffs},
	"Attribution":        {table: "attributions", owner: "affiliate_id"},
	"ConversionLine":     {table: "conversion_lines"},
	"LedgerAccount":      {"ledger_accounts", "affiliate_id", "LEDGER_READ", ownersOnly},
	"LedgerEntry":        {table: "ledger_entries"},
	"LedgerTransaction":  {"ledger_transactions", "", "LEDGER_READ", staffs},
	"LedgerLock":         {"ledger_locks", "", "LEDGER_READ", staffs},
	"PlanVersion":        {table: "plan_versions"},
	"Refund":             {table: "refunds"},
	"User":               {},

	"Simulation":           {"simulations", "", "PLAN_READ", staffs},
	"SimulationDifference": {"simulation_differences", "", "PLAN_READ", staffs},
	"SimulationAffiliate":  {"simulation_affiliates", "", "PLAN_READ", staffs},
}

// queryArguments are values for arguments that a query demands, or that name a
// row. A demanded argument or an id that is not here fails the matrix.
var queryArguments = map[string]string{
	"node":                  `{"id":"$program"}`,
	"nodes":                 `{"ids":["$program"]}`,
	"auditRecords":          `{"first":50,"subjectId":"$ann","actorId":"$token"}`,
	"webhookReceipts":       `{"first":50,"integrationId":"$integration"}`,
	"fieldMap":              `{"integrationId":"$crm","kind":"DEAL"}`,
	"fieldMapTry":           `{"integrationId":"$crm","kind":"DEAL","recordId":"$annSale"}`,
	"syncHealth":            `{"integrationId":"$crm"}`,
	"reconciliationReport":  `{"integrationId":"$shoes","from":"2026-01-01T00:00:00Z","to":"2027-01-01T00:00:00Z"}`,
	"webhookDeliveries":     `{"first":50,"endpointId":"$endpoint"}`,
	"commissions":           `{"first":50,"affiliateId":"$ann","programId":"$program"}`,
	"commissionPlans":       `{"first":50,"programId":"$program"}`,
	"disputes":              `{"first":50,"affiliateId":"$ann","programId":"$program"}`,
	"disputeReport":         `{"programId":"$program","from":"2026-01-01T00:00:00Z","to":"2027-01-01T00:00:00Z"}`,
	"balances":              `{"affiliateId":"$ann"}`,
	"statement":             `{"affiliateId":"$ann","currency":"USD","from":"2026-01-01T00:00:00Z","to":"2027-01-01T00:00:00Z"}`,
	"ledgerAccounts":        `{"first":50,"affiliateId":"$ann"}`,
	"ledgerTransactions":    `{"first":50,"subjectId":"$annCommission","causeId":"$annConversion"}`,
	"payouts":               `{"first":50,"affiliateId":"$ann","batchId":"$batch"}`,
	"payoutBatchCsv":        `{"id":"$batch"}`,
	"stats":                 `{"input":{"from":"2026-01-01","to":"2026-12-31","programId":"$program","affiliateId":"$ann"}}`,
	"report":                `{"input":{"from":"2026-01-01","to":"2026-12-31","dateBasis":"CONVERSION","dimensions":["PROGRAM","AFFILIATE","LINK"],"only":[{"dimension":"PROGRAM","values":["$program"]},{"dimension":"AFFILIATE","values":["$ann"]}]}}`,
	"affiliates":            `{"first":50,"groupId":"$group","programId":"$program"}`,
	"enrollments":           `{"first":50,"programId":"$program","affiliateId":"$ann"}`,
	"hosts":                 `{"first":50,"programId":"$program"}`,
	"links":                 `{"first":50,"affiliateId":"$ann","programId":"$program"}`,
	"coupons":               `{"first":50,"affiliateId":"$ann","programId":"$program"}`,
	"clicks":                `{"first":50,"affiliateId":"$ann","linkId":"$annLink"}`,
	"conversions":           `{"first":50,"programId":"$program"}`,
	"conversionByOrder":     `{"programId":"$program","externalId":"order-ann"}`,
	"attributionPolicies":   `{"first":50,"programId":"$program"}`,
	"simulations":           `{"first":50,"programId":"$program"}`,
	"export":                `{"id":"$export"}`,
	"exportProgress":        `{"id":"$export"}`,
	"liveStats":             `{"programId":"$program","affiliateId":"$ann"}`,
	"planLint":              `{"input":{"planId":"$plan","rules":[{"level":"AFFILIATE","targetId":"$ann","kind":"PERCENT","percent":"5","when":{"affiliateIds":["$ann"],"groupIds":["$group"],"all":[{"affiliateIds":["$ann"],"groupIds":["$group"]}],"any":[{"affiliateIds":["$ann"],"groupIds":["$group"]}],"not":{"affiliateIds":["$ann"],"groupIds":["$group"]}}}],"clicks":[{"level":"AFFILIATE","targetId":"$ann","amount":{"amount":"0.01","currency":"USD"}}]}}`,
	"attributionComparison": `{"programId":"$program","from":"2026-01-01T00:00:00Z","to":"2027-01-01T00:00:00Z"}`,
}

// mutationInputs are a value for each mutation's input, with one for every id in
// it. A mutation or an id that is not here fails the matrix.
var mutationInputs = map[string]string{
	"sessionSwitch":           `{"merchantId":"$merchant"}`,
	"logIn":                   `{"email":"manager@$mail","password":"` + password + `","merchantId":"$merchant"}`,
	"apiTokenCreate":          `{"name":"t","kind":"SECRET","scopes":["LINK_READ"],"affiliateId":"$ann"}`,
	"apiTokenRevoke":          `{"id":"$token"}`,
	"operationRetire":         `{"id":"$operation"}`,
	"apiTokenUpdate":          `{"id":"$token","name":"n","addresses":["198.51.100.0/24"]}`,
	"apiTokenRotate":          `{"id":"$token","overlapSeconds":60}`,
	"integrationCreate":       `{"programId":"$program","provider":"SHOPIFY","name":"n","secret":"a-secret-of-the-shop"}`,
	"integrationRotateSecret": `{"id":"$integration","secret":"another-secret-of-the-shop"}`,
	"integrationDisable":      `{"id":"$integration"}`,
	"integrationConnect":      `{"programId":"$program","provider":"SHOPIFY","name":"n","account":"shoes"}`,
	"integrationSetKeys":      `{"id":"$shoes","keys":[{"name":"accessToken","value":"v"}]}`,
	"integrationAuthorize":    `{"id":"$shoes","clientId":"i","clientSecret":"s","redirectUrl":"https://app.example/back"}`,
	"integrationAuthorized":   `{"query":"$brought"}`,
	"integrationTest":         `{"id":"$shoes"}`,
	"integrationDisconnect":   `{"id":"$shoes"}`,
	"fieldMapSet":             `{"id":"$crm","kind":"CUSTOMER","fields":[{"source":"customer.id","target":"firstname"}]}`,
	"integrationSync":         `{"id":"$crm","all":true}`,
	"integrationReconcile":    `{"id":"$shoes","from":"$dayAgo","to":"$justNow"}`,
	"webhookReceiptReplay":    `{"receiptId":"$receipt","integrationId":"$integration"}`,

	"webhookEndpointCreate":       `{"url":"https://hooks.example/x","programId":"$program","affiliateId":"$ann"}`,
	"webhookEndpointUpdate":       `{"id":"$endpoint","programId":"$program","affiliateId":"$ann","types":["webhook_endpoint.disabled"]}`,
	"webhookEndpointDelete":       `{"id":"$endpoint"}`,
	"webhookEndpointSecretRotate": `{"id":"$endpoint"}`,
	"webhookEndpointTest":         `{"id":"$endpoint"}`,
	"webhookRedeliver":            `{"deliveryId":"$delivery","endpointId":"$endpoint"}`,

	"exportCreate":              `{"query":"{ links { edges { node { id } } } }","format":"CSV"}`,
	"conversionRecord":          `{"programId":"$program","externalId":"matrix","total":{"amount":"5.00","currency":"USD"},"customer":{"externalId":"c-1"}}`,
	"conversionCancel":          `{"programId":"$program","externalId":"order-ann"}`,
	"chargebackOpen":            `{"programId":"$program","orderExternalId":"order-ann","externalId":"cb-1","amount":{"amount":"1.00","currency":"USD"}}`,
	"chargebackEnd":             `{"programId":"$program","orderExternalId":"order-ann","externalId":"cb-1","won":true}`,
	"conversionReattribute":     `{"conversionId":"$annSale","affiliateId":"$ann","shares":[{"affiliateId":"$ann","parts":1}],"reason":"r"}`,
	"refundRecord":              `{"programId":"$program","orderExternalId":"order-ann","externalId":"r-2","amount":{"amount":"1.00","currency":"USD"}}`,
	"commissionApprove":         `{"ids":["$annCommission"]}`,
	"commissionReject":          `{"id":"$annCommission","reason":"r"}`,
	"commissionAdjust":          `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"1.00","currency":"USD"},"reason":"r"}`,
	"commissionAdjustReverse":   `{"id":"$annCommission","reason":"r"}`,
	"disputeOpen":               `{"programId":"$program","affiliateId":"$ann","conversionId":"$annSale","clickId":"$annTouched","evidence":"e"}`,
	"disputeComment":            `{"id":"$annDispute","text":"t"}`,
	"disputeWithdraw":           `{"id":"$annDispute"}`,
	"disputeAccept":             `{"id":"$annDispute","reason":"r","effect":"REATTRIBUTE","conversionId":"$annSale"}`,
	"disputeDecline":            `{"id":"$annDispute","reason":"r"}`,
	"commissionPlanCreate":      `{"programId":"$program","name":"Second"}`,
	"commissionPlanActivate":    `{"planId":"$plan","rules":[{"level":"AFFILIATE","targetId":"$ann","kind":"PERCENT","percent":"5","when":{"affiliateIds":["$ann"],"groupIds":["$group"],"all":[{"affiliateIds":["$ann"],"groupIds":["$group"]}],"any":[{"affiliateIds":["$ann"],"groupIds":["$group"]}],"not":{"affiliateIds":["$ann"],"groupIds":["$group"]}}}],"clicks":[{"level":"AFFILIATE","targetId":"$ann","amount":{"amount":"0.01","currency":"USD"}}],"acceptFindings":["CONDITION_NEVER_HOLDS"]}`,
	"planSimulate":              `{"programId":"$program","planVersionId":"$version","terms":{"planId":"$plan","rules":[{"level":"AFFILIATE","targetId":"$ann","kind":"PERCENT","percent":"5","when":{"affiliateIds":["$ann"],"groupIds":["$group"],"all":[{"affiliateIds":["$ann"],"groupIds":["$group"]}],"any":[{"affiliateIds":["$ann"],"groupIds":["$group"]}],"not":{"affiliateIds":["$ann"],"groupIds":["$group"]}}}],"clicks":[{"level":"AFFILIATE","targetId":"$ann","amount":{"amount":"0.01","currency":"USD"}}]},"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z"}`,
	"simulationApply":           `{"simulationId":"$simulation","reason":"r"}`,
	"ledgerLock":                `{"until":"2026-01-01T00:00:00Z","reason":"r"}`,
	"payoutMethodSet":           `{"affiliateId":"$ann","rail":"MANUAL","details":{"email":"pay@$mail"}}`,
	"payoutBatchCreate":         `{"batchKey":"k2","currency":"USD","affiliateIds":["$ann"]}`,
	"payoutBatchApprove":        `{"id":"$batch"}`,
	"payoutBatchCancel":         `{"id":"$batch","reason":"r"}`,
	"payoutSettle":              `{"id":"$annPayout"}`,
	"payoutFail":                `{"id":"$annPayout","reason":"r"}`,
	"payoutReturn":              `{"id":"$annPayout","reason":"r","returnedOn":"2026-01-01"}`,
	"programUpdate":             `{"id":"$program","name":"Mine"}`,
	"programArchive":            `{"id":"$program"}`,
	"affiliateApply":            `{"programId":"$program","name":"Cid","email":"cid@$mail"}`,
	"affiliateCreate":           `{"name":"Dan","email":"dan@$mail","groupId":"$group","parentId":"$ann","programIds":["$program"]}`,
	"affiliateApprove":          `{"id":"$ann"}`,
	"affiliateReject":           `{"id":"$ann"}`,
	"affiliateSuspend":          `{"id":"$ann"}`,
	"affiliateReinstate":        `{"id":"$ann"}`,
	"affiliateArchive":          `{"id":"$ann"}`,
	"affiliateMerge":            `{"fromId":"$ann","intoId":"$bob","reason":"r"}`,
	"affiliateUpdate":           `{"id":"$ann","groupId":"$group","parentId":"$bob"}`,
	"affiliateGroupUpdate":      `{"id":"$group","name":"Silver"}`,
	"enrollmentCreate":          `{"programId":"$program","affiliateId":"$ann"}`,
	"enrollmentEnd":             `{"id":"$annEnrollment"}`,
	"hostAdd":                   `{"programId":"$program","name":"other.example"}`,
	"hostRemove":                `{"id":"$host"}`,
	"linkCreate":                `{"programId":"$program","affiliateId":"$ann","hostId":"$tracking","destination":"https://shop.example/x"}`,
	"linkUpdate":                `{"id":"$annLink","destination":"https://shop.example/y"}`,
	"linkArchive":               `{"id":"$annLink"}`,
	"couponCreate":              `{"programId":"$program","affiliateId":"$ann","code":"MATRIX"}`,
	"couponArchive":             `{"id":"$annCoupon"}`,
	"affiliateClaimReissue":     `{"id":"$ann"}`,
	"memberEnd":                 `{"id":"$member"}`,
	"memberRoleChange":          `{"id":"$member","role":"ANALYST"}`,
	"sessionEnd":                `{"id":"$session"}`,
	"attributionPolicyActivate": `{"programId":"$program","windowDays":7,"affiliateWindows":[{"affiliateId":"$ann","windowDays":7}]}`,

	// These name no row.
	"memberAdd":            `{"email":"x@$mail","role":"ANALYST","password":"` + password + `"}`,
	"merchantUpdate":       `{"name":"Mine"}`,
	"programCreate":        `{"name":"Second","fallbackUrl":"https://shop.example/closed"}`,
	"affiliateGroupCreate": `{"name":"Bronze"}`,
	"operationRegister":    `{"document":"query Mine { programs(first: 1) { nodes: edges { node { id } } } }"}`,
	"clockAdvance":         `{"bySeconds":60}`,
}

// unasked are mutations that the matrix does not send, with the reason. None of
// them names a row.
var unasked = map[string]string{
	"signUp":         "makes a merchant of one's own",
	"sessionRefresh": "is answered by the token it is given, whoever sends it",
	"affiliateClaim": "is answered by the claim it is given, whoever sends it",
	"logOut":         "ends the session of who sends it",

	"logOutEverywhere":      "ends the sessions of who sends it",
	"emailVerify":           "is answered by the code it is given, whoever sends it",
	"emailVerificationSend": "mails who sends it",
	"logInSecondFactor":     "is answered by the challenge it is given, whoever sends it",
	"passwordResetRequest":  "answers everybody alike, and mails the person",
	"passwordReset":         "is answered by the code it is given, whoever sends it",
	"passwordChange":        "changes the password of who sends it",
	"secondFactorBegin":     "is about who sends it",
	"secondFactorConfirm":   "is about who sends it",
	"secondFactorRemove":    "is about who sends it",
}
