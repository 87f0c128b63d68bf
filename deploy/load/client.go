package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
)

// connection sends unary calls in the Connect protocol over one connection of HTTP/1.1, one after the
// other. net/http would cost several times the processor time, which the server would lack.
type connection struct {
	net    net.Conn
	reader *bufio.Reader
	prefix []byte // what all requests begin with, after the procedure and before the token
	token  string
	out    []byte
	body   []byte
	answer []byte
}

// callPatience is how long an answer may take. A server that needs longer has failed.
const callPatience = 30 * time.Second

// callError is a refusal of the server.
type callError struct {
	procedure string
	status    int
	Code      string `json:"code"`
	Message   string `json:"message"`
}

func (e *callError) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.procedure, e.status, e.Code, e.Message)
}

func dial(ctx context.Context, address, token string) (*connection, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	prefix := " HTTP/1.1\r\nHost: " + address +
		"\r\nUser-Agent: signet-load\r\nConnect-Protocol-Version: 1\r\nContent-Type: application/proto\r\nAuthorization: Bearer "
	return &connection{net: c, reader: bufio.NewReaderSize(c, 64<<10), prefix: []byte(prefix), token: token}, nil
}

func (c *connection) close() { c.net.Close() }

// call sends a request to the procedure of the user service, or to the procedure at an absolute path, and decodes the answer; a nil answer is read and dropped. It returns the answer's size in bytes.
func (c *connection) call(procedure string, request, answer proto.Message) (int, error) {
	if err := c.send(procedure, request); err != nil {
		return 0, err
	}
	status, err := c.receive()
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s: %w", procedure, err)
	case status != http.StatusOK:
		refusal := &callError{procedure: procedure, status: status}
		_ = json.Unmarshal(c.answer, refusal) // what is not JSON leaves code and message empty
		return 0, refusal
	case answer == nil:
		return len(c.answer), nil
	}
	return len(c.answer), proto.Unmarshal(c.answer, answer)
}

func (c *connection) send(procedure string, request proto.Message) error {
	var err error
	if c.body, err = (proto.MarshalOptions{}).MarshalAppend(c.body[:0], request); err != nil {
		return err
	}
	c.out = append(c.out[:0], "POST "...)
	if !strings.HasPrefix(procedure, "/") {
		c.out = append(c.out, "/"+userv2connect.UserServiceName+"/"...)
	}
	c.out = append(c.out, procedure...)
	c.out = append(c.out, c.prefix...)
	c.out = append(c.out, c.token...)
	c.out = append(c.out, "\r\nContent-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(c.body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, c.body...)
	if err = c.net.SetDeadline(time.Now().Add(callPatience)); err != nil {
		return err
	}
	_, err = c.net.Write(c.out)
	return err
}

// receive reads one response and leaves its body in answer.
func (c *connection) receive() (status int, err error) {
	line, err := c.line()
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("not a response: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, err := c.headers()
	if err != nil {
		return 0, err
	}
	c.answer = c.answer[:0]
	if length >= 0 {
		return status, c.take(length)
	}
	return status, c.chunks()
}

// headers reads up to the empty line and returns the body's length, -1 if it comes in chunks.
func (c *connection) headers() (length int, err error) {
	length, chunked := -1, false
	for {
		line, err := c.line()
		if err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		case bytes.EqualFold(name, []byte("Connection")) && bytes.Contains(value, []byte("close")):
			return 0, errors.New("the server closes the connection")
		}
	}
	if length < 0 && !chunked {
		return 0, errors.New("a response without a length")
	}
	return length, nil
}

func (c *connection) chunks() error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(line), 16, 32)
		if err != nil {
			return err
		}
		if err := c.take(int(size)); err != nil {
			return err
		}
		if _, err := c.line(); err != nil || size == 0 {
			return err
		}
	}
}

func (c *connection) take(n int) error {
	at := len(c.answer)
	c.answer = append(c.answer, make([]byte, n)...)
	_, err := io.ReadFull(c.reader, c.answer[at:])
	return err
}

func (c *connection) line() ([]byte, error) {
	line, err := c.reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
