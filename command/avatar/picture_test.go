package avatar_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/command/avatar"
)

// canvas is a picture of one color.
func canvas(width, height int) image.Image {
	return image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White})
}

func asPNG(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, png.Encode(&out, canvas(width, height)))
	return out.Bytes()
}

func asJPEG(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, jpeg.Encode(&out, canvas(width, height), nil))
	return out.Bytes()
}

func asGIF(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, gif.Encode(&out, canvas(width, height), nil))
	return out.Bytes()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// webP is a file of one chunk.
func webP(chunk string, body ...byte) []byte {
	out := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(12+len(body)))...)
	out = append(append(out, "WEBP"...), chunk...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
	return append(out, body...)
}

func lossy(width, height uint16) []byte {
	return webP("VP8 ", 0x10, 0, 0, 0x9d, 0x01, 0x2a, byte(width), byte(width>>8), byte(height), byte(height>>8))
}

func lossless(width, height uint32) []byte {
	bits := binary.LittleEndian.AppendUint32(nil, width-1|(height-1)<<14)
	return webP("VP8L", append(append([]byte{0x2f}, bits...), 0, 0, 0, 0, 0)...)
}

func extended(width, height uint32) []byte {
	w, h := width-1, height-1
	return webP("VP8X", 0, 0, 0, 0, byte(w), byte(w>>8), byte(w>>16), byte(h), byte(h>>8), byte(h>>16))
}

func TestInspect(t *testing.T) {
	t.Parallel()
	padded := func(data []byte, size int) []byte { return append(data, make([]byte, size-len(data))...) }
	for _, c := range []struct {
		name string
		data []byte
		kind string
		err  error
	}{
		{"PNG", asPNG(t, 3, 2), "image/png", nil},
		{"JPEG", asJPEG(t, 3, 2), "image/jpeg", nil},
		{"GIF", asGIF(t, 3, 2), "image/gif", nil},
		{"WebP, lossy", lossy(3, 2), "image/webp", nil},
		{"WebP, lossless", lossless(3, 2), "image/webp", nil},
		{"WebP, extended", extended(3, 2), "image/webp", nil},
		{"the longest sides", asPNG(t, avatar.MaxSide, 1), "image/png", nil},
		{"the largest file", padded(asPNG(t, 3, 2), avatar.MaxBytes), "image/png", nil},

		{"nothing", nil, "", avatar.ErrFormat},
		{"a text", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "", avatar.ErrFormat},
		{"a page", []byte("<!doctype html><script>alert(1)</script>"), "", avatar.ErrFormat},
		{"a byte too much", padded(asPNG(t, 3, 2), avatar.MaxBytes+1), "", avatar.ErrTooLarge},
		{"only the beginning of PNG", asPNG(t, 3, 2)[:12], "", avatar.ErrFormat},
		{"only the beginning of JPEG", asJPEG(t, 3, 2)[:12], "", avatar.ErrFormat},
		{"only the beginning of GIF", asGIF(t, 3, 2)[:8], "", avatar.ErrFormat},
		{"only the beginning of WebP", lossy(3, 2)[:24], "", avatar.ErrFormat},
		{"WebP of an unknown kind", webP("ALPH", make([]byte, 10)...), "", avatar.ErrFormat},
		{"WebP that is no key frame", webP("VP8 ", 0x11, 0, 0, 0x9d, 0x01, 0x2a, 1, 0, 1, 0), "", avatar.ErrFormat},
		{"WebP without its signature", webP("VP8L", make([]byte, 10)...), "", avatar.ErrFormat},
		{"WebP without height", lossy(3, 0), "", avatar.ErrSides},
		{"too wide", asPNG(t, avatar.MaxSide+1, 1), "", avatar.ErrSides},
		{"too high", asGIF(t, 1, avatar.MaxSide+1), "", avatar.ErrSides},
		{"too wide in WebP, lossy", lossy(avatar.MaxSide+1, 1), "", avatar.ErrSides},
		{"too high in WebP, lossless", lossless(1, avatar.MaxSide+1), "", avatar.ErrSides},
		{"a small file of a huge picture", extended(1<<24, 1<<24), "", avatar.ErrSides},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := avatar.Inspect(c.data)
			if !errors.Is(err, c.err) || got.ContentType != c.kind {
				t.Fatalf("%q, %v", got.ContentType, err)
			}
			if err == nil && (got.SHA256 != sha256.Sum256(c.data) || !bytes.Equal(got.Data, c.data)) {
				t.Error("the picture is another")
			}
		})
	}
}

// Whatever comes is judged; nothing makes the judgement fail.
func TestInspectAnything(t *testing.T) {
	t.Parallel()
	whole := [][]byte{asPNG(t, 3, 2), asJPEG(t, 3, 2), asGIF(t, 3, 2), lossy(3, 2), lossless(3, 2), extended(3, 2)}
	rapid.Check(t, func(t *rapid.T) {
		data := bytes.Clone(rapid.SampledFrom(whole).Draw(t, "picture"))
		data = data[:rapid.IntRange(0, len(data)).Draw(t, "length")]
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			if len(data) > 0 {
				data[rapid.IntRange(0, len(data)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
			}
		}
		if got, err := avatar.Inspect(data); err == nil && got.ContentType == "" {
			t.Fatal("a picture of no kind")
		}
	})
}
