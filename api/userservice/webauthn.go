package userservice

import (
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	commands "github.com/signet-iam/signet/command/user"
)

// browserOptions turns what a browser is to be asked from JSON to a message.
func browserOptions(options []byte) (*structpb.Struct, error) {
	out := &structpb.Struct{}
	if err := out.UnmarshalJSON(options); err != nil {
		return nil, fmt.Errorf("options for the browser: %w", err)
	}
	return out, nil
}

// browserResponse turns what a browser answered from a message to JSON.
func browserResponse(response *structpb.Struct) ([]byte, error) {
	out, err := response.MarshalJSON()
	if err != nil { // a number that JSON does not know
		return nil, commands.ErrUnreadableCredential.Because(err)
	}
	return out, nil
}
