// Package avatar judges the pictures that users show of themselves.
//
// A picture is PNG, JPEG, GIF or WebP by what its bytes say; what its sender calls it does not count. It has at most [MaxBytes]
// and [MaxSide] pixels on a side: who shows it decodes what somebody else has made, and a small file can hold a huge picture.
// Only the header is looked at, so that judging a picture costs no more than reading it.
//
// Refusals are *failure.Error of kind invalid argument: [ErrTooLarge], [ErrFormat], [ErrSides].
package avatar
