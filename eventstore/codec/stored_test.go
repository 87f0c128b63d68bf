package codec_test

import (
	"encoding/hex"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

func goldenClient() *eventv1.Client { return &eventv1.Client{Ip: "192.0.2.1", Agent: "curl/8"} }

// What parts are bound to is stored for ever, in their authentication: an event that was sealed once must open with
// every later version.
func TestSealedEventsOpenForEver(t *testing.T) {
	t.Parallel()
	ring, err := vault.ParseRing("golden:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")
	if err != nil {
		t.Fatal(err)
	}
	rows := &table{rows: map[[2]string][]byte{{tenant, "u1"}: unhex(t, "0106676f6c64656e4c4f32b1f967de05ffbe29974dec9ed4fb7e45dd0f4a98c7b92a9f953a01590002857ec8ffaced66"+
		"3253d9afe292004311934ed1e9b446986418a39c5c361e1a")}}
	v, err := vault.New(ring, rows)
	if err != nil {
		t.Fatal(err)
	}
	c, err := codec.New(v)
	if err != nil {
		t.Fatal(err)
	}
	ev := eventstore.Event{
		ID: uuid.MustParse("0198c0de-0000-7000-8000-000000000001"), Stream: streamOf("u1"), Type: "user.human.added",
		Revision: 1, Subject: "u1", Actor: "a1", Correlate: "r1",
		Payload: unhex(t, "0a026f31"),
		Personal: unhex(t, "01320bf9803edcbe29feebcebf857b575a3639a4ef07b430819a726289d330adfc502e7382fcb000a519cf2baaa103e2"+
			"05ad8949b18677d50bde762d394b969247a1b4c428cc1357fe5a"),
		Client: unhex(t, "01320bf980dd24c6892ed5f2e521e71f68ce11328d56ea3a5d5ff3a93dbb6b8dddedcc7afae891ddcc20964c7416f642"+
			"0a3c0998"),
	}
	got, err := c.Decode(t.Context(), &ev, codec.Personal)
	wantMessage(t, got, err, ada(), false)
	client, err := c.OpenClient(t.Context(), &ev)
	if err != nil || !proto.Equal(client, goldenClient()) {
		t.Errorf("OpenClient = %v, %v", client, err)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
