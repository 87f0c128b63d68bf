// Package api puts the services of Signet on one handler: Connect, gRPC and gRPC-web under the services' own names and
// under the names of the systems whose wire shape they have, REST under the routes of their definitions, and beside them
// reflection, health, and the inbox page.
//
// Handlers live in one package per service and only translate: request to command or query, result to answer. Everything
// that decides sits behind them; everything all requests share sits in front of them, in package interceptor.
package api
