// Package sim is a small market that talks to a running Tributary over HTTP
// only: a merchant that sets up a program, affiliates who share links, visitors
// who click and a shop that reports orders by signed webhooks.
//
// It means: what the demo shows and the end-to-end tests walk is done through
// the same doors every client has. It owns a tiny GraphQL client, a shop that
// signs as Shopify does, and the market's random but seeded behaviour. It
// refuses every shortcut: no package of the server is imported here.
package sim
