package avatar

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"github.com/signet-iam/signet/eventstore/failure"
)

// Limits of a picture.
const (
	MaxBytes = 512 << 10
	MaxSide  = 4096 // pixels
)

// The refusals.
var (
	ErrTooLarge = failure.Newf(failure.InvalidArgument, "USER_AVATAR_TOO_LARGE", "a picture has at most %d KiB", MaxBytes>>10)
	ErrFormat   = failure.New(failure.InvalidArgument, "USER_AVATAR_FORMAT_INVALID", "a picture is PNG, JPEG, GIF or WebP")
	ErrSides    = failure.Newf(failure.InvalidArgument, "USER_AVATAR_DIMENSIONS_INVALID", "a picture has 1 to %d pixels on a side", MaxSide)
)

// Picture is one that may be shown.
type Picture struct {
	ContentType string // media type
	SHA256      [sha256.Size]byte
	Data        []byte
}

// format is a kind of picture that is taken.
type format struct {
	contentType string
	is          func(data []byte) bool
	size        func(data []byte) (image.Config, error)
}

func formats() [4]format {
	return [...]format{
		{"image/png", begins("\x89PNG\r\n\x1a\n"), sized(png.DecodeConfig)},
		{"image/jpeg", begins("\xff\xd8\xff"), sized(jpeg.DecodeConfig)},
		{"image/gif", func(data []byte) bool { return begins("GIF87a")(data) || begins("GIF89a")(data) }, sized(gif.DecodeConfig)},
		{"image/webp", isWebP, webPSize},
	}
}

// Inspect returns the picture that data are.
func Inspect(data []byte) (Picture, error) {
	if len(data) > MaxBytes {
		return Picture{}, ErrTooLarge
	}
	for _, f := range formats() {
		if !f.is(data) {
			continue
		}
		size, err := f.size(data)
		switch {
		case err != nil:
			return Picture{}, ErrFormat.Because(err)
		case size.Width < 1 || size.Height < 1 || size.Width > MaxSide || size.Height > MaxSide:
			return Picture{}, ErrSides
		}
		return Picture{ContentType: f.contentType, SHA256: sha256.Sum256(data), Data: data}, nil
	}
	return Picture{}, ErrFormat
}

func begins(with string) func([]byte) bool {
	return func(data []byte) bool { return bytes.HasPrefix(data, []byte(with)) }
}
