// Package avatar takes and shows the pictures of users over plain HTTP.
//
//	PUT  /assets/v1/users/me/avatar            the caller's picture: the body is the file
//	GET  /assets/v1/users/{id}/avatar/{digest}
//
// A picture is PNG, JPEG, GIF or WebP of at most 512 KiB and 4096 pixels on a side; what is wrong with one is judged by package
// command/avatar, whatever the request calls it. An upload needs a bearer token and answers, like its refusals, in JSON.
//
// The address of a picture holds its SHA-256, so that it changes with the picture, may be kept by browsers, and cannot be guessed:
// whoever knows it may see the picture, because pages show pictures without tokens. An address that is not of the present picture is
// not found. Pictures come with their media type, and with headers that let browsers take them for nothing else.
package avatar
