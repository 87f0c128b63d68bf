// Package webauthnjson translates what servers and browsers say to each other about credentials (WebAuthn level 3, sections
// 5.1.8 to 5.1.10) between JSON, as browsers and commands know it, and google.protobuf.Struct, as the contracts do.
package webauthnjson
