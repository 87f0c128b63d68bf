// Package tokensservice implements signet.tokens.v1.TokensService: whoever calls keeps the own personal access tokens. Those of
// others are kept by signet.user.v2.UserService.
package tokensservice
