package email

import (
	"errors"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"

	"github.com/signet-iam/signet/notification/channel"
)

// connectFailure says what an error before MAIL means: nothing was sent, and the message is not to blame.
func connectFailure(err error) *channel.Error {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return channel.Temporary(reply.Code, err)
	}
	return channel.Temporary(0, err)
}

// sendFailure says what an error from MAIL on means.
func sendFailure(err error) *channel.Error {
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return channel.Uncertain(0, err)
	}
	code := failed.ErrorCode()
	switch failed.Reason {
	case gomail.ErrGetSender, gomail.ErrGetRcpts:
		return channel.Permanent(0, err)
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData:
		if code >= 500 {
			return channel.Permanent(code, err)
		}
		return channel.Temporary(code, err)
	case gomail.ErrSMTPDataClose:
		switch {
		case code >= 500:
			return channel.Permanent(code, err)
		case code >= 400:
			return channel.Temporary(code, err)
		}
		return channel.Uncertain(0, err) // the server may have taken it before the connection broke
	default:
		return channel.Temporary(code, err)
	}
}
