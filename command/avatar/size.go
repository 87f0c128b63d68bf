package avatar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
)

// errWebP says that a file calls itself WebP and is none.
var errWebP = errors.New("avatar: malformed WebP")

func sized(decode func(io.Reader) (image.Config, error)) func([]byte) (image.Config, error) {
	return func(data []byte) (image.Config, error) { return decode(bytes.NewReader(data)) }
}

// webPHead is how many bytes there are before the content of a WebP file's first chunk: "RIFF", a size, "WEBP", the chunk's name
// and its size (RFC 9649, section 2).
const webPHead = 20

func isWebP(data []byte) bool {
	return len(data) >= webPHead && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// webPSize reads the size of the canvas, which stands in the first chunk, whichever of the three kinds it is.
func webPSize(data []byte) (c image.Config, err error) {
	size, chunk := binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[16:])
	body := data[webPHead:]
	if uint64(size)+8 > uint64(len(data)) || uint64(chunk) > uint64(len(body)) || chunk < 10 {
		return c, errWebP
	}
	switch string(data[12:16]) {
	case "VP8X":
		c.Width, c.Height = 1+little24(body[4:]), 1+little24(body[7:])
	case "VP8L":
		bits := binary.LittleEndian.Uint32(body[1:])
		if body[0] != 0x2f {
			return c, errWebP
		}
		c.Width, c.Height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
	case "VP8 ":
		if body[0]&1 != 0 || string(body[3:6]) != "\x9d\x01\x2a" { // not a key frame
			return c, errWebP
		}
		c.Width, c.Height = int(binary.LittleEndian.Uint16(body[6:])&0x3fff), int(binary.LittleEndian.Uint16(body[8:])&0x3fff)
	default:
		return c, errWebP
	}
	return c, nil
}

func little24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
